"""The feed of the registry: every committed change in order, none lost and none twice however often one is cut off."""

from tests.storage.world import institution_uuid  # noqa: F401 - replaced below

CHANGE = "cursor at kind institutionId filingNumber institution { id status disposition: dispositionEndsOn }"
PAGE = f"""query Page($after: String, $first: Int) {{ registryChanges(after: $after, first: $first) {{
  changes {{ {CHANGE} }} cursor hasMore latestCursor
}} }}"""
FOLLOW = f"subscription Follow($after: String) {{ registryChanged(after: $after) {{ {CHANGE} }} }}"
