"""The register in public 登记簿: one line an action, for the administrators of those whom it concerns.

The surprise: a line carries the very text that its hash is of, so a copy can be proved without the product.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import orjson

from domain import marks
from domain.language import Language, Words
from domain.record import Form, Part, plain, says
from domain.term import Term
from domain.workflow import Action, Workflow
from domain.workflows import WORKFLOWS

FORMAT = 2
"""How lines are hashed now; a line says how it was, so the old ones still hold."""

_ACTION = (
    "format",
    "subject_type",
    "subject_id",
    "version",
    "action",
    "status_before",
    "status_after",
    "user_id",
    "organisation_id",
    "at",
)
HASHED: Mapping[int, tuple[str, ...]] = {
    1: (*_ACTION, "changes_digest", "record_digest", "previous_hash"),
    2: (*_ACTION, "changes_digest", "parts_digest", "record_digest", "previous_hash"),
}
"""What a line's hash covers by its format, in this order. In the first the record's digest was of its parts too."""

ON_BEHALF_OF = "on_behalf_of"
"""Among a line's changes: the user by whose delegated power it was done, where the actor's own did not suffice."""

ACTION_NAME_LENGTH_MAX = 100


@dataclass(frozen=True, kw_only=True)
class RegisterLine(Part):
    """One action that was taken, as the register holds it 登记记录."""

    at: Annotated[datetime, says("时间", "When it was done.")]
    subject_type: Annotated[str, says("业务类型", "Noun of the record, as in its mutations: `commission`.")]
    subject_id: UUID
    version: Annotated[int, says("版本", "Which of the record's lines it is, from 1; the record's version after it.")]
    action: Annotated[str, says("操作", "Verb of the action as the register keeps it: `save_draft`.")]
    status_before: Annotated[
        str | None, says("操作前状态", "Where the record stood; null where it was made, or has no status.")
    ]
    status_after: Annotated[str | None, says("操作后状态", "Where it stood then; null where it has no status.")]
    user_id: UUID | None
    organisation_id: UUID | None
    format: int
    changes: Annotated[
        str | None,
        says(
            "变更内容",
            "What the action changed, as JSON, without hidden or personal fields. Null where it was erased, or where "
            "the viewer may not see the contents: what others write or upload before they send it.",
        ),
    ]
    changes_digest: Annotated[str, says("变更摘要", "SHA-256 of `changes` in UTF-8, hexadecimal.")]
    parts_digest: Annotated[
        str | None,
        says(
            "组成部分摘要",
            "SHA-256 of all parts of the record (goods lines, attachments …) after the action, hexadecimal. Null in "
            "lines of format 1, whose `recordDigest` is of the parts too.",
        ),
    ] = None
    record_digest: Annotated[
        str, says("记录摘要", "SHA-256 of the whole record after the action, `partsDigest` included, hexadecimal.")
    ]
    previous_hash: Annotated[
        str, says("前一散列", "Hash of the line before, of the same record; 64 noughts before the first.")
    ]
    hash: Annotated[str, says("散列", "SHA-256 of `hashedText` in UTF-8, hexadecimal.")]


@dataclass(frozen=True, kw_only=True)
class RegisterLineFilter(Form):
    """Which lines are wanted; conditions given together must all hold."""

    subject_type: Annotated[str | None, says("业务类型", "Noun of the records, as `commission`.")] = None
    action: Annotated[
        str | None, says("操作", "The verb (`submit`, of any record) or the mutation (`commissionSubmit`).")
    ] = None
    actor_account_id: Annotated[UUID | None, says("操作账号", "Taken by this account."), marks.id_of("account")] = None
    subject_id: Annotated[
        UUID | None, says("记录标识", "Of this record, of whichever kind."), marks.id_of(marks.ANY_RECORD)
    ] = None
    at_from: Annotated[date | None, says("开始日期", "First day (China standard time).")] = None
    at_to: Annotated[date | None, says("结束日期", "Last day (China standard time).")] = None


class RegisterLineOrderField(Term):
    """What lines are sorted by."""

    AT = "时间", "When it was done."


@dataclass(frozen=True, kw_only=True)
class RegisterFlaw:
    """Something that the register does not bear out."""

    version: Annotated[int | None, says("版本", "Which line it is; null for the record itself.")]
    words: Words


@dataclass(frozen=True, kw_only=True)
class RegisterVerdict:
    """What became of holding the lines of one record against each other and against the record 核验结果."""

    sound: Annotated[bool, says("完好", "Whether nothing was found.")]
    line_count: Annotated[int, says("记录条数", "How many lines the record has.")]
    last_hash: Annotated[str | None, says("末条散列", "Hash of its last line; a copy of all lines ends with the same.")]
    flaws: tuple[RegisterFlaw, ...] = ()


@dataclass(frozen=True)
class Told:
    """What the tables say of a line's subject and action."""

    workflow: Workflow | None
    action: Action | None

    def subject(self, language: Language) -> str | None:
        return None if self.workflow is None else self.workflow.words.in_(language)

    def words(self, language: Language) -> str | None:
        return None if self.action is None else self.action.words.in_(language)

    def status(self, code: str | None, language: Language) -> str | None:
        statuses = None if self.workflow is None else self.workflow.statuses
        if code is None or statuses is None or code not in statuses.__members__:
            return None
        return statuses[code].label(language)

    @property
    def mutation(self) -> str | None:
        """The public name of the action; None where people take no part in it."""
        if self.workflow is None or self.action is None or self.action.is_the_products_own:
            return None
        return self.workflow.mutation(self.action)


_WORKFLOWS = {each.subject: each for each in WORKFLOWS}
_ACTIONS = {(each.subject, action.name): action for each in WORKFLOWS for action in each.actions}
BY_MUTATION = {each.mutation(action): (each.subject, action.name) for each in WORKFLOWS for action in each.actions}
"""Subject and verb of each mutation."""


def told(subject_type: str, action: str) -> Told:
    """What the tables say of a line; nothing of what they no longer know."""
    return Told(_WORKFLOWS.get(subject_type), _ACTIONS.get((subject_type, action)))


def hashed_of(line_format: int) -> tuple[str, ...]:
    """What the hash of a line of this format covers; of a format that never was, what it would cover today."""
    return HASHED.get(line_format, HASHED[FORMAT])


def hashed_text(line: RegisterLine) -> str:
    """The text that a line's hash is of: a JSON array of what it covers, without a space."""
    return orjson.dumps([plain(getattr(line, name)) for name in hashed_of(line.format)]).decode()


def on_behalf_of(changes: str | None) -> UUID | None:
    """By whose delegated power an action was taken, as far as its changes may be read."""
    if changes is None or ON_BEHALF_OF not in changes:
        return None
    found = orjson.loads(changes).get(ON_BEHALF_OF)
    return UUID(hex=found) if isinstance(found, str) else None
