"""The scalars: what they take, what they refuse and how they are written."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from graphql import GraphQLError

from graph.schema.scalars import (
    parse_date,
    parse_datetime,
    parse_decimal,
    parse_upload,
    serialize_date,
    serialize_datetime,
    serialize_decimal,
)
from tests.transport.toy import ToyFile, toy_schema


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.50", "1.50"),
        ("-0", "0"),
        ("007", "7"),
        ("1e3", "1000"),
        ("12E-2", "0.12"),
        ("1" * 38, "1" * 38),
        ("0.00", "0.00"),
    ],
)
def test_a_decimal_comes_as_text_and_leaves_without_an_exponent(text: str, number: str) -> None:
    assert serialize_decimal(parse_decimal(text)) == number


@pytest.mark.parametrize(
    "value",
    [
        1,
        1.5,
        True,
        None,
        "",
        " 1",
        "1.",
        ".5",
        "NaN",
        "Infinity",
        "-sNaN",
        "1_000",
        "1,5",
        "１",
        "1e39",
        "1e-39",
        "1e999",
        "1" * 39,
        "9" * 100_000,
        "1\n",
    ],
)
def test_what_is_no_exact_decimal_text_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError):
        parse_decimal(value)


@pytest.mark.parametrize("value", [1.5, Decimal("NaN"), Decimal("Infinity"), "1", True])
def test_a_decimal_that_cannot_be_exact_is_never_answered(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        serialize_decimal(value)


def test_a_large_decimal_keeps_all_its_digits() -> None:
    assert (
        serialize_decimal(Decimal(12345678901234567890123456789012345678)) == "12345678901234567890123456789012345678"
    )
    assert serialize_decimal(Decimal("1E+5")) == "100000"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-03-01T16:30:00+08:00", "2026-03-01T08:30:00Z"),
        ("2026-03-01T08:30:00Z", "2026-03-01T08:30:00Z"),
        ("2026-03-01t08:30:00.120z", "2026-03-01T08:30:00.12Z"),
        ("2026-03-01T08:30:00.123456789Z", "2026-03-01T08:30:00.123456Z"),
        ("0987-01-01T00:00:00-00:30", "0987-01-01T00:30:00Z"),
    ],
)
def test_an_instant_is_taken_with_its_offset_and_written_in_utc(text: str, written: str) -> None:
    assert serialize_datetime(parse_datetime(text)) == written


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-01T08:30:00",
        "2026-03-01",
        "2026-03-01 08:30:00Z",
        "2026-03-01T08:30Z",
        "2026-13-01T08:30:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T08:30:60Z",
        "2026-03-01T08:30:00+24:00",
        "2026-03-01T08:30:00+08:60",
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-08:00",
        "20260301T083000Z",
        1_772_353_800,
        None,
    ],
)
def test_an_instant_without_offset_or_outside_the_calendar_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError):
        parse_datetime(value)


def test_an_instant_without_a_time_zone_is_never_answered() -> None:
    with pytest.raises(TypeError):
        serialize_datetime(datetime(2026, 3, 1))  # noqa: DTZ001
    east = timezone(timedelta(hours=8))
    assert serialize_datetime(datetime(2026, 3, 1, 8, tzinfo=east)) == "2026-03-01T00:00:00Z"


@pytest.mark.parametrize("value", ["2026-02-30", "20260301", "2026-W10-1", "2026-3-1", "2026-03-01T00:00:00Z", 5, None])
def test_what_is_no_day_of_the_calendar_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError):
        parse_date(value)


def test_a_day_goes_both_ways_and_an_instant_is_no_day() -> None:
    assert serialize_date(parse_date("2024-02-29")) == "2024-02-29"
    assert parse_date("2026-03-01") == date(2026, 3, 1)
    with pytest.raises(TypeError):
        serialize_date(datetime.now(UTC))


@pytest.mark.parametrize("value", ["x", 1, 1.5, True, None, [], {}, b"x"])
def test_json_is_never_a_file(value: object) -> None:
    with pytest.raises(GraphQLError):
        parse_upload(value)


def test_an_object_put_in_place_by_the_reader_is_a_file() -> None:
    file = ToyFile(5)
    assert parse_upload(file) is file


@pytest.mark.parametrize("name", ["Decimal", "Date", "DateTime", "Upload"])
def test_every_scalar_is_described_and_points_to_its_page(name: str) -> None:
    text = toy_schema().as_str()
    assert f'"""\nscalar {name} @specifiedBy(url: "https://' in text
