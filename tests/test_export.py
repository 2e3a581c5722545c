"""x."""

from tests.office import Office


async def test_x(busy_office: Office) -> None:
    for name in ("institutions", "rules", "notices"):
        for ending in ("csv", "xlsx"):
            a = await busy_office.client.get(f"/exports/{name}.{ending}", headers=busy_office.customs.headers)
            print(a.status_code, a.text[:500] if ending == "csv" else len(a.content))
    for q in (
        "filter=5",
        'filter={"status":["X"]}',
        "filter={",
        "foo=1",
        'filter={"hello":1}',
        'orderBy={"field":"X"}',
        'orderBy={"field":"NUMBER"}',
    ):
        a = await busy_office.client.get(f"/exports/commissions.csv?{q}", headers=busy_office.customs.headers)
        print(a.status_code, a.text[:300])
    assert 0
