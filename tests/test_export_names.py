"""An export names other records as people call them: institutions by name, commissions and filings by number."""

import pytest

from domain.record import fields_of
from graph.export.columns import NAMES
from graph.listing import LISTS
from tests.office import Office
from tests.supervision import Supervision
from tests.test_export import sheet, table


@pytest.mark.manual(102)
async def test_an_export_names_other_records_by_their_numbers_as_far_as_the_reader_sees_them(office: Office) -> None:
    commission = await office.completed()
    supervision = Supervision(office)
    await supervision.raises(commissionId=commission["id"])
    await supervision.raises(content="另一问题")
    for person in (office.customs, office.institution):
        rows = await table(person, "quality-issues.csv")
        assert [row["相关业务委托"] for row in rows] == ["", commission["number"]]
    (english, _) = await sheet(
        office.customs.in_english(), "quality-issues.xlsx", orderBy={"field": "NUMBER", "direction": "ASC"}
    )
    assert english["Commission"] == commission["number"]


async def test_no_export_shows_an_id_that_nobody_reads() -> None:
    for listed in LISTS.values():
        for each in fields_of(listed.shelf.record).values():
            if each.says is not None and each.name != "id" and each.id_of is not None:
                assert each.id_of in NAMES, (listed.name, each.name)
