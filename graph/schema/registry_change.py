"""The feed of the registry's changes in public."""

from domain.institution import Institution
from domain.registry_change import RegistryChange
from graph.publish import Attribute, field, publish
from graph.resolvers import registry_change as resolve
from graph.resolvers.registry_change import RegistryChanges

publish(
    RegistryChange,
    Attribute(
        "institution",
        Institution | None,
        "装运前检验机构. As the registry shows it now; null while it is struck off.",
    ),
    node=False,
)
publish(RegistryChanges, field(resolve.latest_cursor), node=False)

QUERIES = (field(resolve.registry_changes),)
SUBSCRIPTIONS = (field(resolve.registry_changed),)
