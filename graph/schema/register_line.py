"""The register in public: its lines for the administrators of those whom they concern, and proving them."""

from typing import Any
from uuid import UUID

from domain.language import Language
from domain.party import OrganisationKind
from domain.record import says
from domain.register_line import (
    RegisterFlaw,
    RegisterLine,
    RegisterLineFilter,
    RegisterLineOrderField,
    RegisterVerdict,
    hashed_text,
    on_behalf_of,
    told,
)
from graph.listing import Worded, list_of
from graph.publish import field, publish, term
from graph.resolvers import register_line as resolve
from storage.register_line import LINE, REGISTER_LINES, register_lines

term(OrganisationKind)
publish(
    RegisterLine,
    field(resolve.subject_id),
    field(resolve.subject_label),
    field(resolve.subject_number),
    field(resolve.action_label),
    field(resolve.mutation),
    field(resolve.status_before_label),
    field(resolve.status_after_label),
    field(resolve.actor_account_id),
    field(resolve.actor_name),
    field(resolve.actor_kind),
    field(resolve.actor_organisation),
    field(resolve.on_behalf_of_account_id),
    field(resolve.on_behalf_of_name),
    field(resolve.hashed_text),
)
publish(RegisterFlaw, field(resolve.message), node=False)
publish(RegisterVerdict, field(resolve.flaws), node=False)


def _subject(line: Any, language: Language) -> str | None:
    return told(line.subject_type, line.action).subject(language)


def _action(line: Any, language: Language) -> str | None:
    return told(line.subject_type, line.action).words(language)


def _before(line: Any, language: Language) -> str | None:
    return told(line.subject_type, line.action).status(line.status_before, language)


def _after(line: Any, language: Language) -> str | None:
    return told(line.subject_type, line.action).status(line.status_after, language)


def _mutation(line: Any, _: Language) -> str | None:
    return told(line.subject_type, line.action).mutation


def _nothing(line: Any, _: Language) -> None:
    return None


def _record(line: Any) -> UUID | None:
    found: UUID = line.subject_id
    return found


def _actor(line: Any) -> UUID | None:
    found: UUID | None = line.user_id
    return found


def _organisation(line: Any) -> UUID | None:
    found: UUID | None = line.organisation_id
    return found


def _delegator(line: Any) -> UUID | None:
    return on_behalf_of(line.changes)


def _version(line: Any, _: Language) -> str:
    return str(line.version)


EXPORTED = (
    Worded("number", says("业务编号", "Official number."), _nothing, ("register_subject", _record)),
    Worded("version", says("版本", "Which of the record's lines it is."), _version),
    Worded("kind_of_record", says("业务类型名称", "Kind of record."), _subject),
    Worded("what_was_done", says("操作名称", "What was done."), _action),
    Worded("mutation", says("接口操作", "Name of the mutation."), _mutation),
    Worded("status_before_in_words", says("操作前状态名称", "The status before."), _before),
    Worded("status_after_in_words", says("操作后状态名称", "The status after."), _after),
    Worded("actor", says("操作人", "Who acted."), resolve.by_nobody, ("account", _actor)),
    Worded("organisation", says("操作单位", "Whose people acted."), _nothing, ("organisation", _organisation)),
    Worded("on_behalf_of", says("委托人", "By whose delegated power."), _nothing, ("account", _delegator)),
    Worded("hashed_text", says("散列原文", "The text that the hash is of."), lambda line, _: hashed_text(line)),
)

QUERIES = (
    list_of(
        REGISTER_LINES,
        "register_lines",
        "登记簿. Every action that was taken, for administrators: what the people of their organisation did, "
        "its accounts with all that lets them in, and its records; for customs all. 手册 第四篇 (manual).",
        register_lines,
        RegisterLineFilter,
        {RegisterLineOrderField.AT: LINE.c.at},
        worded=EXPORTED,
    ),
    field(resolve.register_verify),
)
