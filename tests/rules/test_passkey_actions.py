"""Registering and using passkeys, as far as that is decided by the rules alone."""

from typing import Any
from uuid import uuid4

import pytest

from domain import passkey as passkeys
from domain.party import ANONYMOUS, THE_PRODUCT, Viewer
from domain.record import Form
from domain.refusal import RefusalCode
from domain.workflow import Case, Decision, decide
from tests.rules import desk
from tests.rules.desk import codes, done, refused
from tests.rules.scene_card import account
from tests.rules.scene_passkey import passkey, registering


def decides(action: str, record: Any, actor: Viewer, form: Form, **facts: Any) -> Decision:
    """What becomes of an action on a passkey."""
    own = account(actor.user_id, actor.organisation_id) if actor.user_id else None
    known = passkeys.PasskeyFacts(**{"account": own} | facts)
    case = Case(record=record, facts=known, actor=actor, form=form, now=desk.NOW, new_id=uuid4)
    return decide(passkeys.WORKFLOW, passkeys.WORKFLOW[action], case, record=record)


def test_a_passkey_is_registered_for_whoever_is_signed_in() -> None:
    made = done(decides("register", None, desk.CUSTOMS, registering())).after
    assert (made.account_id, made.organisation_id) == (desk.CUSTOMS.user_id, desk.CUSTOMS.organisation_id)
    assert (made.name, made.credential_id, made.sign_count) == ("手机", "AAEC", 0)
    assert codes(decides("register", None, ANONYMOUS, registering())) == [RefusalCode.NOT_YOUR_ROLE]


def test_a_passkey_is_registered_once_has_a_name_and_there_is_room_for_ten() -> None:
    form = registering()
    assert refused(decides("register", None, desk.CUSTOMS, form, is_taken=True)) == [
        (RefusalCode.DUPLICATE, ("credential",))
    ]
    assert refused(decides("register", None, desk.CUSTOMS, form, held=10)) == [(RefusalCode.TOO_MANY, None)]
    assert refused(decides("register", None, desk.CUSTOMS, registering(name=None))) == [
        (RefusalCode.REQUIRED, ("name",))
    ]


@pytest.mark.parametrize(("before", "now"), [(0, 0), (0, 1), (7, 8), (7, 2**31 - 1)])
def test_a_count_that_goes_on_is_kept(before: int, now: int) -> None:
    form = passkeys.UsePasskeyForm(sign_count=now)
    used = done(decides("use", passkey(sign_count=before), THE_PRODUCT, form)).after
    assert (used.sign_count, used.last_used_at) == (now, desk.NOW)


@pytest.mark.parametrize(("before", "now"), [(7, 7), (7, 6), (7, 0)])
def test_a_count_that_does_not_go_on_gives_a_copy_away(before: int, now: int) -> None:
    form = passkeys.UsePasskeyForm(sign_count=now)
    assert refused(decides("use", passkey(sign_count=before), THE_PRODUCT, form)) == [
        (RefusalCode.SIGN_IN_FAILED, None)
    ]
