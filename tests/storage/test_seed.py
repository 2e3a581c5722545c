"""The code tables of a new installation."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from domain.code import TABLES
from storage.seed import CodeItem, code_items, read_rows

ITEMS = list(code_items())


def _table(name: str) -> dict[str, CodeItem]:
    return {item.code: item for item in ITEMS if item.table == name}


def _is_latin(text: str) -> bool:
    # As far as Latin Extended-A, and the two apostrophes of "Côte d’Ivoire" and "Tongan Paʻanga".
    return all(ord(character) < 0x180 or character in "’ʻ" for character in text)


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


@pytest.mark.manual(87)
def test_every_drop_down_of_the_manual_has_its_table() -> None:
    assert {item.table for item in ITEMS} == set(TABLES)


def test_a_code_stands_once_in_its_table() -> None:
    repeated = [key for key, count in Counter((item.table, item.code) for item in ITEMS).items() if count > 1]
    assert repeated == []


def test_a_label_stands_once_in_its_table_so_that_people_can_choose() -> None:
    for language in ("label_zh", "label_en"):
        labels = Counter((item.table, getattr(item, language)) for item in ITEMS)
        assert [label for label, count in labels.items() if count > 1] == []


def test_every_code_has_a_chinese_and_an_english_label() -> None:
    assert [item for item in ITEMS if not _is_chinese(item.label_zh)] == []
    assert [item for item in ITEMS if not item.label_en.strip() or not _is_latin(item.label_en)] == []
    assert [
        item for item in ITEMS if item.label_zh != item.label_zh.strip() or item.label_en != item.label_en.strip()
    ] == []


def test_a_parent_comes_before_its_children() -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    for item in ITEMS:
        assert item.parent is None or item.parent in seen[item.table], item
        seen[item.table].add(item.code)


def test_a_code_that_has_an_end_began_before_it() -> None:
    assert all(item.valid_from <= item.valid_to for item in ITEMS if item.valid_from and item.valid_to)


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("0900", "大连海关"),
        ("2201", "上海浦江海关"),
        ("2248", "洋山港区"),
        ("2300", "南京海关"),
        ("2921", "义乌海关"),
        ("4300", "济南海关"),
        ("5204", "东莞海关"),
        ("5301", "皇岗海关"),
        ("5304", "蛇口海关"),
        ("5316", "大鹏海关"),
        ("5320", "文锦渡关"),
    ],
)
def test_the_customs_offices_have_their_four_digit_codes(code: str, label: str) -> None:
    assert _table("CUSTOMS_DISTRICT")[code].label_zh == label


def test_a_customs_office_belongs_to_the_district_of_its_first_two_digits() -> None:
    for item in _table("CUSTOMS_DISTRICT").values():
        assert len(item.code) == 4
        assert item.code.isdigit()
        assert item.parent == (None if item.code.endswith("00") else item.code[:2] + "00")


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("001", "台"),
        ("003", "辆"),
        ("006", "套"),
        ("007", "个"),
        ("008", "只"),
        ("011", "件"),
        ("012", "支"),
        ("030", "米"),
        ("035", "千克"),
        ("036", "克"),
        ("061", "千瓦"),
        ("070", "吨"),
        ("120", "箱"),
        ("121", "批"),
        ("163", "部"),
    ],
)
def test_the_units_have_their_three_digit_codes(code: str, label: str) -> None:
    assert _table("UNIT")[code].label_zh == label


def test_goods_may_be_for_sale_own_use_repair_remanufacture_lease_or_else() -> None:
    uses = {code: item.label_zh for code, item in _table("PRODUCT_USE").items()}
    assert uses == {
        "SALE": "销售",
        "OWN_USE": "企业自用",
        "REPAIR": "维修",
        "REMANUFACTURE": "再制造",
        "LEASE": "租赁",
        "OTHER": "其他",
    }


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("120100", "天津市市辖区"),
        ("330206", "宁波市北仑区"),
        ("310115", "上海市浦东新区"),
        ("320102", "南京市玄武区"),
        ("44019", "广州其他"),
        ("32013", "南京浦口高新技术外向型开发区"),
    ],
)
def test_the_destinations_that_the_manual_prints_can_be_chosen(code: str, label: str) -> None:
    assert _table("DESTINATION")[code].label_zh == label


def test_destinations_cover_the_mainland_with_division_codes() -> None:
    destinations = _table("DESTINATION")
    assert len(destinations) >= 120
    assert len([code for code in destinations if code.endswith("0000")]) == 31
    assert all(code.isdigit() and len(code) in {5, 6} for code in destinations)
    assert all(item.parent[:2] == item.code[:2] for item in destinations.values() if item.parent)


def test_ports_have_their_un_locode() -> None:
    ports = _table("PORT")
    assert len(ports) >= 40
    assert all(len(code) == 5 and code.startswith("CN") and code.isalpha() and code.isupper() for code in ports)
    assert (ports["CNNGB"].label_zh, ports["CNNGB"].label_en) == ("宁波", "Ningbo")


def test_countries_are_those_of_iso_3166_and_nothing_else() -> None:
    countries = _table("COUNTRY")
    assert len(countries) == 249
    assert not countries.keys() & {"EU", "UN", "XK", "ZZ", "001"}
    assert (countries["AU"].label_zh, countries["AU"].label_en) == ("澳大利亚", "Australia")


def test_regions_of_china_bear_the_names_of_the_customs_table() -> None:
    countries = _table("COUNTRY")
    assert [countries[code].label_zh for code in ("HK", "MO", "TW")] == ["中国香港", "中国澳门", "中国台湾"]


def test_currencies_are_those_that_one_can_pay_with_today() -> None:
    currencies = _table("CURRENCY")
    assert {"CNY", "USD", "EUR", "JPY", "HKD"} <= currencies.keys()
    assert not currencies.keys() & {"DEM", "HRK", "BGN", "XXX", "XAU"}
    assert currencies["CNY"].label_zh == "人民币"


def test_a_row_with_a_cell_too_many_is_told_by_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_tables").mkdir()
    (tmp_path / "broken_tables" / "__init__.py").touch()
    (tmp_path / "broken_tables" / "units.csv").write_text("code,label\n001,台\n003,辆,too much\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=r"units\.csv, line 3: 3 cells where the header has 2"):
        list(read_rows("broken_tables", "units.csv"))
