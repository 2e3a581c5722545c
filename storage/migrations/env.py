"""What Alembic runs first. It works on the connection, and in the transaction, that `storage.migrate` hands over.

The product's own column types are drafted in the words of `storage.migrations.columns`, which mean the same for ever.
"""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import String, Text
from sqlalchemy.types import TypeEngine

from storage.columns import Exact, Instant, LanguageType, TermType, TransactionNow
from storage.sealed import INDEX_LENGTH, BlindIndex, SealedText
from storage.tables import METADATA


def as_plain(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    """How a type or default stands in a drafted migration; False leaves it to Alembic."""
    if kind == "server_default" and isinstance(getattr(item, "arg", None), TransactionNow):
        return "transaction_now()"
    return _plain_type(item) if kind == "type" else False


def _plain_type(item: TypeEngine[Any]) -> str | Literal[False]:
    match item:
        case Instant():
            return "instant()"
        case Exact():
            return f"exact({item.places})"
        case TermType():
            return "sa.String(32)"
        case LanguageType():
            return "sa.String(2)"
        case SealedText():
            return "text()"
        case BlindIndex():
            return f"text({INDEX_LENGTH})"
        case Text():
            return "text()"
        case String():
            return f"text({item.length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_item=as_plain,
    # SQLite changes tables within a transaction as well as PostgreSQL does, once the driver does not interfere.
    transactional_ddl=True,
    render_as_batch=False,
)
with context.begin_transaction():
    context.run_migrations()
