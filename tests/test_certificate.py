"""Certificates: found by number and day by whoever sees the commission that they were issued for."""

from typing import Any

import pytest

from tests.office import Office
from tests.papers import institution_id
from tests.person import Person

LIST = """query Certificates($filter: CertificateFilter) { certificates(filter: $filter) {
  totalCount nodes { number issuedOn validUntil status institution { name } commission { number status } } } }"""


async def numbers(person: Person, **wanted: Any) -> list[str]:
    return [each["number"] for each in (await person.asks(LIST, filter=wanted))["certificates"]["nodes"]]


@pytest.mark.manual(101)
async def test_customs_sees_all_commissions_and_certificates_and_each_side_its_own(office: Office) -> None:
    completed = await office.completed("PSI-2026-0001")
    office.clock.moves(days=1)
    await office.completed("PSI-2026-0002")
    assert await numbers(office.customs) == ["PSI-2026-0002", "PSI-2026-0001"]
    assert await numbers(office.enterprise) == await numbers(office.institution) == await numbers(office.customs)
    for stranger in (office.other_enterprise, office.other_institution):
        assert await numbers(stranger) == []
    assert await office.anybody.is_told(LIST) == "UNAUTHENTICATED"
    (found,) = (await office.customs.asks(LIST, filter={"number": "PSI-2026-0001"}))["certificates"]["nodes"]
    assert found["commission"] == {"number": completed["number"], "status": "COMPLETED"}
    seen = await office.customs.asks("{ commissions { totalCount nodes { certificate { number } } } }")
    assert seen["commissions"]["totalCount"] == 2


async def test_certificates_are_found_by_number_institution_and_day(office: Office) -> None:
    await office.completed("PSI-2026-0001")
    office.clock.moves(days=10)
    await office.completed("PSI-2026-0002")
    customs = office.customs
    assert await numbers(customs, number="PSI-2026") == ["PSI-2026-0002", "PSI-2026-0001"]
    assert await numbers(customs, number="PSI-2026-0002") == ["PSI-2026-0002"]
    assert await numbers(customs, institutionId=institution_id("I02")) == []
    assert len(await numbers(customs, institutionId=institution_id("I01"))) == 2
    assert await numbers(customs, issuedTo="2026-06-01") == ["PSI-2026-0001"]
    assert await numbers(customs, issuedFrom="2026-06-02") == ["PSI-2026-0002"]
    assert await numbers(customs, validOn="2026-06-05") == ["PSI-2026-0001"]
    assert await numbers(customs, validOn="2027-05-31") == ["PSI-2026-0002", "PSI-2026-0001"]
    assert await numbers(customs, validOn="2027-06-01") == []
