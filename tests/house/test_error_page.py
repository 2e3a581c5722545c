"""`docs/api/errors.md` is the catalogues of codes, printed: what a client reads is what the program answers."""

from pathlib import Path

from domain.refusal import RefusalCode
from graph.error_page import page
from graph.errors import ErrorCode
from uploads.refusal import UploadRefusalCode

PAGE = Path(__file__).parents[2] / "docs" / "api" / "errors.md"


def test_the_page_of_errors_says_what_the_catalogues_say() -> None:
    printed = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    assert printed == page(), "docs/api/errors.md differs from the catalogues: run `make errors` and read its diff"


def test_the_page_leaves_no_code_out() -> None:
    printed = page()
    for code in (*RefusalCode, *ErrorCode, *UploadRefusalCode):
        assert f"`{code.name}`" in printed
