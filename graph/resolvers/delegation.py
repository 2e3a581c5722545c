"""Which question answers which field of a delegation."""

from graph.relation import related
from storage.account import ACCOUNT_NAMED

delegator = related(ACCOUNT_NAMED, "delegator_id", name="delegator", words="委托人. Whose work it is.")


substitute = related(ACCOUNT_NAMED, "substitute_id", name="substitute", words="受托人. Who does it.")
