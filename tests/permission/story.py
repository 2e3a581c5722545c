"""How the world came about: everything that can happen to a record has happened to one, at the product's own door.

What belongs to `E1` and `I1` has its like with `E2` and `I2`, so that each side finds the other's in its way.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update

from domain.api_key.record import ApiKeyTerms
from domain.api_key.scope import ApiKeyScope
from domain.disposition.record import DispositionGround
from domain.notice import NoticeAudience
from domain.party import THE_PRODUCT, Viewer
from domain.quality_issue.record import QualitySeverity
from domain.record import Form
from identity.api_key import hash_of
from storage.bell import ProcessBell
from storage.consequences import row_of
from storage.database import Database
from storage.delivery import DELIVERY
from storage.desks import DESKS
from storage.institution import institutions_of
from storage.organisation import ORGANISATION
from storage.perform import Door, Request, Transaction
from storage.question import Together
from storage.seed import code_items
from tests.clock import OPENING, Clock
from tests.keys import RING
from tests.permission import papers
from tests.permission.people import KEY_OWNERS, organisation_id, organisations, prefix_of, secret_of
from tests.permission.settled import settle

DAY = timedelta(days=1)
TERMS = ApiKeyTerms(lasts_max=366 * DAY, rate_usual=60, rate_max=1_000_000, overlap=DAY)


async def tell(url: str) -> None:
    """Fills a migrated database."""
    database = Database(url, RING)
    try:
        async with database.writing() as connection:
            await connection.execute(insert(ORGANISATION), [row_of(each) for each in organisations()])
            people = await settle(connection)
        await Door(database, ProcessBell(), Clock()).together(lambda transaction: _Story(transaction, people).tell())
    finally:
        await database.close()


class _Story:
    """All of it is told in one transaction, which is quick."""

    def __init__(self, transaction: Transaction, people: Mapping[str, Viewer]) -> None:
        self.transaction = transaction
        self.people = {"the product": THE_PRODUCT, **people}
        self.institutions: dict[str, UUID] = {}

    async def does(
        self, who: str, subject: str, action: str, on: Any = None, form: Form | None = None, **said: Any
    ) -> Any:
        """One action, by whoever is named so, on a record or to make one; returns the record after."""
        desk = DESKS[subject]
        wish = Request(form=form or desk.workflow[action].form.of(**said), subject_id=None if on is None else on.id)
        outcome = await self.transaction.perform(desk, action, wish, self.people[who])
        assert not outcome.refusals, (who, subject, action, [each.words.en for each in outcome.refusals])
        return outcome.record

    async def attaches(self, who: str, subject: str, record: Any) -> None:
        await self.does(who, subject, "attach", record, papers.A_FILE)

    async def tell(self) -> None:
        for each in (one for one in code_items() if (one.table, one.code) in papers.CODES):
            await self.does(
                "the product", "code", "add", table_name=each.table, code=each.code, label_zh=each.label_zh,
                label_en=each.label_en, parent=each.parent,
            )  # fmt: skip
        for scope, owner in KEY_OWNERS.items():
            await self._key(f"{owner} ADMIN", scope)
        await self._publish()
        for name in ("I1", "I2", "I3"):
            await self._file(name)
        for side in ("1", "2"):
            await self._commission(f"E{side}", f"I{side}")
            await self._supervise(f"I{side}")
            await self._report(f"I{side}")
        await self._strike_off()
        await self.transaction.connection.execute(update(DELIVERY).values(last_error="550 no such mailbox"))
        totps = await DESKS["totp"].shelf.seen_by(self.people["I2 ADMIN"]).all(self.transaction.connection)
        await self.does("C ADMIN", "totp", "revoke", totps[0])

    async def _key(self, who: str, scope: ApiKeyScope) -> None:
        await self.does(
            who, "api_key", "issue", name=scope.name, scopes=(scope,), expires_at=OPENING + 300 * DAY,
            rate_per_minute=TERMS.rate_max, prefix=prefix_of(scope), secret_hash=hash_of(secret_of(scope)), terms=TERMS,
        )  # fmt: skip

    # ── What is published ──────────────────────────────────────────────────────────────────────────────────────────

    async def _publish(self) -> None:
        told: dict[str, Any] = {"title_zh": "公告", "body_zh": "停机两小时。"}
        notices = [
            await self.does("C OPERATOR", "notice", "publish", audience=each, **told)
            for each in (*NoticeAudience, NoticeAudience.EVERYBODY)
        ]
        text: dict[str, Any] = {"title_zh": "办法", "body_zh": "规定检验。", "published_on": date(2020, 1, 1)}
        regulations = [await self.does("C OPERATOR", "regulation", "publish", **text) for _ in range(2)]
        for subject, some in (("notice", notices), ("regulation", regulations)):
            for each in some:
                await self.attaches("C OPERATOR", subject, each)
            await self.does("C OPERATOR", subject, "withdraw", some[-1])
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
        found = await institutions_of(Together(self.transaction.connection), [organisation_id(name)])
        self.institutions[name] = found[organisation_id(name)].id
        for at in (each for each in self.people if each.startswith(name)):
            self.people[at] = replace(self.people[at], institution_id=self.institutions[name])
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
