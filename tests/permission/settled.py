"""Accounts, and all that is a person's own: written down as if each had come through the door, which is quicker."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import uuid_utils.compat

from domain.account.record import AccountFacts, AccountLanguage, AddForm
from domain.card import BindCardForm, CardCertificate, CardFacts
from domain.delegation import DelegationFacts, GrantForm
from domain.pairing import PairingFacts, PairingRequest, ScanForm
from domain.party import THE_PRODUCT, Role, Viewer
from domain.passkey import PasskeyFacts, RegisterPasskeyForm
from domain.password import WeighedPassword
from domain.record import Form
from domain.session import Session, SessionForm, SignInMethod
from domain.sign_in_attempt import CountForm
from domain.totp import BeginTotpForm, TotpFacts
from storage.desks import DESKS
from storage.history import History, write, written
from storage.session_token import SESSION_TOKEN, first_tokens, hash_of_token
from storage.writing import Writing
from tests.clock import OPENING
from tests.permission.people import MEMBERS, Member, organisation_id, organisations
from tests.person import token_of
from tests.world import UNENDING

WITH_THINGS_OF_THEIR_OWN = tuple(
    each for each in MEMBERS if each.organisation in ("E1", "I1", "C") or str(each) in ("E2 OPERATOR", "I2 ADMIN")
)
"""Who has a card, a passkey and whatever else is a person's: the columns of the grid, and two strangers."""


async def settle(connection: Any) -> Mapping[str, Viewer]:
    """Everybody has an account, a session that does not end, and some have more. Returns who acts, by name."""
    book = _Book()
    for member in MEMBERS:
        book.enters(member)
    for member in WITH_THINGS_OF_THEIR_OWN:
        book.gives(member)
    for subject, histories in book.written.items():
        await write(connection, written(DESKS[subject], histories))
    writing = Writing()
    for member, session in zip(MEMBERS, book.written["session"], strict=True):
        assert isinstance(session.record, Session)
        token = hash_of_token(token_of(member.username))
        writing.insert(SESSION_TOKEN, first_tokens(session.record, token, None, UNENDING))
    await writing.put_down(connection)
    return book.people


@dataclass
class _Book:
    people: dict[str, Viewer] = field(default_factory=dict)
    accounts: dict[str, Any] = field(default_factory=dict)
    written: dict[str, list[History]] = field(default_factory=dict)

    def writes(self, subject: str, action: str, form: Form, facts: Any, actor: Viewer) -> Any:
        history = History(DESKS[subject], "", uuid_utils.compat.uuid7)
        history.then(action, form, facts, actor, OPENING)
        self.written.setdefault(subject, []).append(history)
        return history.record

    def enters(self, member: Member) -> None:
        organisation = next(each for each in organisations() if each.id == organisation_id(member.organisation))
        form = AddForm(
            organisation_id=organisation.id, username=member.username, display_name=str(member), role=member.role,
            language=AccountLanguage.ZH, email=f"{member.username}@people.example", mobile="13800000102",
            password=WeighedPassword("!"),
        )  # fmt: skip
        account = self.writes("account", "add", form, AccountFacts(organisation=organisation), THE_PRODUCT)
        self.accounts[str(member)] = account
        viewer = Viewer(
            kind=organisation.kind, user_id=account.id, organisation_id=organisation.id, role=member.role
        )  # fmt: skip
        self.people[str(member)] = viewer
        token = hash_of_token(token_of(member.username))
        opened = SessionForm(is_proved=True, token_hash=token, lasts=UNENDING.token)
        self.writes("session", "open", opened, None, viewer)

    def gives(self, member: Member) -> None:
        viewer = self.people[str(member)]
        for subject, action, form, facts in self._things(member, self.accounts[str(member)]):
            self.writes(subject, action, form, facts, viewer)
        account = self.accounts[str(member)]
        count = CountForm(
            account_id=account.id, organisation_id=account.organisation_id, username=account.username,
            method=SignInMethod.PASSWORD, times=1, address="203.0.113.0/24", address_count=1, attempted_at=OPENING,
        )  # fmt: skip
        self.writes("sign_in_attempt", "fail", count, None, THE_PRODUCT)

    def _things(self, member: Member, account: Any) -> Iterator[tuple[str, str, Form, Any]]:
        certificate = CardCertificate(
            serial="1", issuer="CN=issuer", subject="CN=holder", fingerprint=uuid4().hex * 2,
            valid_until=OPENING + timedelta(days=90),
        )  # fmt: skip
        bound = BindCardForm(account_id=account.id, certificate=certificate, is_proved=True)
        yield "card", "bind", bound, CardFacts(account=account)
        registered = RegisterPasskeyForm.of(name="手机", credential_id=uuid4().hex, public_key="pQ", sign_count=0)
        yield "passkey", "register", registered, PasskeyFacts(account=account)
        yield "totp", "begin", BeginTotpForm(secret="JBSWY3DPEHPK3PXP"), TotpFacts(account=account)
        asked = PairingRequest(
            id=uuid4(), number="37", device="browser", address="203.0.113.1", opened_at=OPENING,
            expires_at=OPENING + timedelta(minutes=2),
        )  # fmt: skip
        yield "pairing", "scan", ScanForm.of(code="code"), PairingFacts(request=asked)
        colleague = Role.OPERATOR if member.role is Role.VIEWER else Role.VIEWER
        substitute = self.accounts[str(Member(member.organisation, colleague))]
        granted = GrantForm.of(
            substitute_id=substitute.id, starts_on=date(2026, 9, 1), ends_on=date(2026, 9, 30), reason="休假"
        )
        yield "delegation", "grant", granted, DelegationFacts(delegator=account, substitute=substitute)
