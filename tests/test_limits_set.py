"""Limits that an operator sets: what is named holds, what is not stays, and what is none keeps all from starting."""

from typing import Any

import pytest
from pydantic import ValidationError

from graph.limits import Limits
from graph.settings import Settings
from uploads.limits import UploadLimits

DEEP = "{ commissions { nodes { id } } }"


async def test_a_limit_that_is_set_holds(open_office: Any) -> None:
    async with open_office(limits="depth_max=2, aliases_max=1") as office:
        assert await office.enterprise.is_told(DEEP) == "QUERY_TOO_DEEP"
        assert await office.enterprise.is_told("{ a: version b: version }") == "TOO_MANY_ALIASES"
        assert await office.enterprise.asks("{ a: version }")


def test_what_is_not_named_stays() -> None:
    settings = Settings(limits="socket_init_seconds_max=0.5", upload_limits="paths_max=7", files_max=3, cost_max=5)
    assert settings.request_limits == Limits(socket_init_seconds_max=0.5, cost_max=5)
    assert settings.limits_of_uploads == UploadLimits(paths_max=7, files_max=3)
    assert Settings().request_limits == Limits()


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("depth=3", "there is no limit depth; there are aliases_max, "),
        ("cost_max=3", "PRESHIP_COST_MAX"),
        ("depth_max=0", "a number above 0"),
        ("depth_max=-1", "a number above 0"),
        ("depth_max=1e999", "invalid literal"),
        ("depth_max", "invalid literal"),
        ("socket_init_seconds_max=nan", "a number above 0"),
        ("depth_max=3;aliases_max=3", "invalid literal"),
    ],
)
def test_what_is_no_limit_is_refused(written: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Settings(limits=written)
