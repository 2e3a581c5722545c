"""x."""

from tests.office import Office

Q = """query($by:[CommissionDimension!]!, $filter: CommissionFilter){ statistics { commissions(by: $by, filter: $filter) { isComplete
 rows { ...f } total { ...f } } } }
fragment f on CommissionFigures { keys { dimension value label } count totalAmount totalQuantity lineCount averageAcceptanceHours maximumAcceptanceHours averageInspectionHours maximumInspectionHours }"""


async def test_x(busy_office: Office) -> None:
    for by in (
        [],
        ["PERIOD_YEAR", "STATUS"],
        ["PERIOD_QUARTER", "PERIOD_MONTH"],
        ["HS_CHAPTER"],
        ["COUNTRY", "HS_CHAPTER"],
        ["INSTITUTION"],
        ["PRODUCT_USE", "ENTRY_CUSTOMS"],
    ):
        d = await busy_office.customs.asks(Q, by=by, filter={"hsChapter": "84"} if "COUNTRY" in by else {})
        c = d["statistics"]["commissions"]
        print(by, len(c["rows"]), c["total"])
        [print("   ", [k["label"] for k in r["keys"]], [v for k, v in r.items() if k != "keys"]) for r in c["rows"][:5]]
    print(
        await busy_office.customs.asks(
            "{ statistics { institutions(by:[STATUS, COUNTRY]) { rows { keys {value label} count } total { count } } notices(by: [TYPE]) { total {count} rows {count} } } }"
        )
    )
    assert 0
