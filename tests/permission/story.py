"""How the world came about: everything that can happen to a record has happened to one, at the product's own door.

What belongs to `E1` and `I1` has its like with `E2` and `I2`, so that each side finds the other's in its way.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert

from domain.account.record import AccountLanguage
from domain.api_key.record import ApiKeyTerms
from domain.api_key.scope import ApiKeyScope
from domain.card import BindCardForm, CardCertificate
from domain.disposition.record import DispositionGround
from domain.notice import NoticeAudience
from domain.party import ANONYMOUS, THE_PRODUCT, Role, Viewer
from domain.passkey import RegisterPasskeyForm
from domain.password import WeighedPassword
from domain.quality_issue.record import QualitySeverity
from domain.record import Form
from domain.session import SignInMethod
from identity.api_key import hash_of
from storage.bell import ProcessBell
from storage.code import DESK as CODE_DESK
from storage.consequences import row_of
from storage.database import Database
from storage.desks import DESKS
from storage.history import write, written
from storage.organisation import ORGANISATION
from storage.pairing import ask
from storage.perform import Door, Request
from storage.seed.plant import _seeds, histories
from storage.session_token import hand_out, hash_of_token
from tests.clock import OPENING, Clock
from tests.keys import RING
from tests.permission import papers
from tests.permission.people import (
    KEY_OWNERS,
    MEMBERS,
    Member,
    organisation_id,
    organisations,
    prefix_of,
    secret_of,
)
from tests.person import token_of
from tests.world import UNENDING

DAY = timedelta(days=1)
TERMS = ApiKeyTerms(lasts_max=366 * DAY, rate_usual=60, rate_max=1_000_000, overlap=DAY)
WITH_THINGS_OF_THEIR_OWN = tuple(
    each for each in MEMBERS if each.organisation in ("E1", "I1", "C") or str(each) in ("E2 OPERATOR", "I2 ADMIN")
)
"""Who has a card, a passkey and whatever else is a person's: the columns of the grid, and two strangers."""


async def tell(url: str) -> None:
    """Fills a migrated database."""
    database = Database(url, RING)
    try:
        await _Story(database).tell()
    finally:
        await database.close()


class _Story:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.door = Door(database, ProcessBell(), Clock())
        self.viewers: dict[str, Viewer] = {"the product": THE_PRODUCT, "nobody": ANONYMOUS}
        self.institutions: dict[str, UUID] = {}

    async def does(self, who: str, subject: str, action: str, on: Any = None, form: Form | None = None, **said: Any) -> Any:
        """One action, by whoever is named so, on a record or to make one; returns the record after."""
        desk = DESKS[subject]
        wish = Request(form=form or desk.workflow[action].form.of(**said), subject_id=None if on is None else on.id)
        outcome = await self.door.perform(desk, action, wish, self.viewers[who])
        assert not outcome.refusals, (who, subject, action, [each.words.en for each in outcome.refusals])
        return outcome.record

    async def attaches(self, who: str, subject: str, record: Any) -> None:
        await self.does(who, subject, "attach", record, papers.A_FILE)

    async def tell(self) -> None:
        await self._settle()
        await self._publish()
        for side in ("1", "2"):
            await self._file(f"I{side}")
        await self._file("I3")
        for side in ("1", "2"):
            await self._commission(f"E{side}", f"I{side}")
            await self._supervise(f"I{side}")
            await self._report(f"I{side}")
        await self._strike_off()
        for member in WITH_THINGS_OF_THEIR_OWN:
            await self._own_things(member)
        await self.does("C ADMIN", "totp", "revoke", self.totp_of_another)

    # ── Whoever is there ───────────────────────────────────────────────────────────────────────────────────────────

    async def _settle(self) -> None:
        async with self.database.writing() as connection:
            await connection.execute(insert(ORGANISATION), [row_of(each) for each in organisations()])
            codes = [each for each in _seeds() if (each.table_name, each.code) in papers.CODES]
            await write(connection, written(CODE_DESK, histories(codes, [], OPENING)))
        kinds = {each.id: each.kind for each in organisations()}
        for member in MEMBERS:
            account = await self.does(
                "the product", "account", "add", organisation_id=organisation_id(member.organisation),
                username=member.username, display_name=str(member), role=member.role, language=AccountLanguage.ZH,
                email=f"{member.username}@people.example", mobile="13800000102", password=WeighedPassword("!"),
            )  # fmt: skip
            viewer = Viewer(
                kind=kinds[account.organisation_id], user_id=account.id, organisation_id=account.organisation_id,
                role=member.role,
            )  # fmt: skip
            self.viewers[str(member)] = viewer
            token = hash_of_token(token_of(member.username))
            session = await self.does(
                str(member), "session", "open", is_proved=True, token_hash=token, lasts=UNENDING.token
            )
            async with self.database.writing() as connection:
                await hand_out(connection, session.id, token, None, UNENDING, session.opened_at)
        for scope, owner in KEY_OWNERS.items():
            await self._key(f"{owner} ADMIN", scope)

    async def _key(self, who: str, scope: ApiKeyScope) -> None:
        await self.does(
            who, "api_key", "issue", name=scope.name, scopes=(scope,), expires_at=OPENING + 300 * DAY,
            rate_per_minute=TERMS.rate_max, prefix=prefix_of(scope), secret_hash=hash_of(secret_of(scope)), terms=TERMS,
        )  # fmt: skip

    async def _own_things(self, member: Member) -> None:
        who, viewer = str(member), self.viewers[str(member)]
        certificate = CardCertificate(
            serial="1", issuer="CN=issuer", subject=f"CN={who}", fingerprint=uuid4().hex * 2, valid_until=OPENING + DAY
        )
        assert viewer.user_id is not None
        card = BindCardForm(account_id=viewer.user_id, certificate=certificate, is_proved=True)
        await self.does(who, "card", "bind", form=card)
        passkey = RegisterPasskeyForm.of(name="手机", credential_id=uuid4().hex, public_key="pQ", sign_count=0)
        await self.does(who, "passkey", "register", form=passkey)
        totp = await self.does(who, "totp", "begin", secret="JBSWY3DPEHPK3PXP")
        if who == "I2 ADMIN":
            self.totp_of_another = totp
        async with self.database.writing() as connection:
            asked = await ask(connection, "browser", "203.0.113.1", OPENING, 300 * DAY)
        assert asked is not None
        await self.does(who, "pairing", "scan", code=asked.code)
        await self.does(
            who, "delegation", "grant", substitute_id=self._colleague_of(member), starts_on=date(2026, 9, 1),
            ends_on=date(2026, 9, 30), reason="休假",
        )  # fmt: skip
        await self.does(
            "the product", "sign_in_attempt", "fail", account_id=viewer.user_id,
            organisation_id=viewer.organisation_id, username=member.username, method=SignInMethod.PASSWORD, times=1,
            address="203.0.113.0/24", address_count=1, attempted_at=OPENING,
        )  # fmt: skip

    def _colleague_of(self, member: Member) -> UUID | None:
        at = f"{member.organisation} {'OPERATOR' if member.role is Role.VIEWER else 'VIEWER'}"
        return self.viewers[at].user_id

    # ── What is published ──────────────────────────────────────────────────────────────────────────────────────────

    async def _publish(self) -> None:
        told = {"title_zh": "公告", "body_zh": "停机两小时。"}
        for audience in NoticeAudience:
            notice = await self.does("C OPERATOR", "notice", "publish", audience=audience, **told)
            await self.attaches("C OPERATOR", "notice", notice)
        await self.does("C OPERATOR", "notice", "withdraw", notice)
        text = {"title_zh": "办法", "body_zh": "规定检验。", "published_on": date(2020, 1, 1)}
        for _ in range(2):
            regulation = await self.does("C OPERATOR", "regulation", "publish", **text)
            await self.attaches("C OPERATOR", "regulation", regulation)
        await self.does("C OPERATOR", "regulation", "withdraw", regulation)
        rule = await self.does(
            "C OPERATOR", "rule", "announce", hs_code=papers.HS_CODE, name_zh="装载机", inspection_required=True,
            measure="检验", legal_basis="公告", valid_from=OPENING.date(),
        )  # fmt: skip
        await self.does("C OPERATOR", "rule", "replace", rule, measure="免检", valid_from=date(2027, 1, 1))

    # ── What organisations do with one another ─────────────────────────────────────────────────────────────────────

    async def _file(self, name: str) -> None:
        who = f"{name} {'ADMIN' if name in ('I3', 'I4') else 'OPERATOR'}"
        filing = await self._filed(name, who)
        await self.does("C REVIEWER", "filing", "accept", filing)
        async with self.database.reading() as connection:
            seen = DESKS["institution"].shelf.seen_by(THE_PRODUCT)
            institution = next(
                each for each in await seen.all(connection) if each.organisation_id == organisation_id(name)
            )
        self.institutions[name] = institution.id
        for at in (each for each in self.viewers if each.startswith(name)):
            self.viewers[at] = _of(self.viewers[at], institution.id)
        if name == "I3":
            return
        change = await self.does(
            who, "filing_change", "request", filing_id=filing.id, contact_fax="+81 45 123 4599",
            identity_card_number=papers.OTHER_ID_CARD,
        )  # fmt: skip
        await self.attaches(who, "filing_change", change)
        if name == "I2":
            await self.does("C REVIEWER", "filing_change", "approve", change)

    async def _filed(self, name: str, who: str) -> Any:
        filing = await self.does(
            who, "filing", "save_draft", name_zh=f"机构{name}", name_en=f"Institution {name}", **papers.FILING
        )
        await self.attaches(who, "filing", filing)
        return await self.does(who, "filing", "submit", filing)

    async def _commission(self, enterprise: str, institution: str) -> None:
        by, inspector = f"{enterprise} OPERATOR", f"{institution} OPERATOR"
        for target in ("COMPLETED", "PENDING", "DRAFT"):
            commission = await self.does(
                by, "commission", "save_draft", institution_id=self.institutions[institution], **papers.COMMISSION
            )
            await self.attaches(by, "commission", commission)
            if target != "DRAFT":
                await self.does(by, "commission", "submit", commission)
            if target == "COMPLETED":
                await self.does(inspector, "commission", "accept", commission)
                await self.attaches(inspector, "commission", commission)
                await self.does(
                    inspector, "commission", "complete", commission, certificate_number=f"PSI-{institution}",
                    valid_until=date(2027, 5, 31),
                )  # fmt: skip
                self.completed = commission

    async def _supervise(self, name: str) -> None:
        who, institution_id = f"{name} OPERATOR", self.institutions[name]
        issue = await self.does(
            "C OPERATOR", "quality_issue", "raise", institution_id=institution_id, content="照片与实物不符。",
            severity=QualitySeverity.SERIOUS, commission_id=self.completed.id, certificate_number=f"PSI-{name}",
        )  # fmt: skip
        await self.attaches("C OPERATOR", "quality_issue", issue)
        await self.attaches(who, "quality_issue", issue)
        await self.does(who, "quality_issue", "reply", issue, text="已更正。")
        await self.does("C OPERATOR", "quality_issue", "ask_again", issue, question="请补充照片。")
        check = await self._ordered("document", institution_id)
        await self.attaches(who, "check", check)
        await self.does(who, "check", "submit", check, explanation="已提交。")
        await self.does("C REVIEWER", "check", "fail", check, opinion="缺记录。")
        visited = await self._ordered("on_site", institution_id)
        await self.attaches("C OPERATOR", "check", visited)
        await self.does("C OPERATOR", "check", "fail_visit", visited, opinion="缺记录。", **papers.VISIT)
        disposition = await self.does(
            "C REVIEWER", "disposition", "order_rectification", institution_id=institution_id,
            ground=DispositionGround.MISCONDUCT, due_on=date(2026, 8, 31), **papers.DISPOSITION,
        )  # fmt: skip
        await self.attaches(who, "disposition", disposition)
        await self.does(who, "disposition", "submit", disposition, explanation="已校准。")
        await self.does("C REVIEWER", "disposition", "refuse", disposition, opinion="缺证书。")
        # Not sent yet, so that they are their uploader's own.
        for subject, record in (("quality_issue", issue), ("check", check), ("disposition", disposition)):
            await self.attaches(who, subject, record)

    async def _ordered(self, kind: str, institution_id: UUID) -> Any:
        return await self.does(
            "C OPERATOR", "check", f"order_{kind}", institution_id=institution_id, content="质量管理体系",
            due_on=date(2026, 6, 30),
        )  # fmt: skip

    async def _report(self, name: str) -> None:
        who = f"{name} OPERATOR"
        report = await self.does(
            "C OPERATOR", "annual_report", "start", institution_id=self.institutions[name], year=2025
        )
        await self.does(who, "annual_report", "save_draft", report, **papers.ANNUAL_REPORT)
        await self.attaches(who, "annual_report", report)
        if name == "I2":
            await self.does(who, "annual_report", "submit", report)

    async def _strike_off(self) -> None:
        """I3 goes, with a commission of E1 in its hands, and begins to file anew; I4 waits for its first filing."""
        commission = await self.does(
            "E1 OPERATOR", "commission", "save_draft", institution_id=self.institutions["I3"], **papers.COMMISSION
        )
        await self.does("E1 OPERATOR", "commission", "submit", commission)
        await self.does(
            "C REVIEWER", "disposition", "revoke", institution_id=self.institutions["I3"],
            ground=DispositionGround.MISCONDUCT, **papers.DISPOSITION,
        )  # fmt: skip
        await self.does("I3 ADMIN", "filing", "save_draft", name_zh="机构I3", name_en="Institution I3", **papers.FILING)
        await self._filed("I4", "I4 ADMIN")


def _of(viewer: Viewer, institution_id: UUID) -> Viewer:
    from dataclasses import replace

    return replace(viewer, institution_id=institution_id)
