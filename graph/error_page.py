"""Prints every code that an answer may carry as `docs/api/errors.md`, for those who write clients.

The surprise: three catalogues, because three things differ: what failed, what was refused, and how a file was sent.
"""

from collections.abc import Iterator

from domain.refusal import RefusalCode
from graph.errors import ErrorCode
from uploads.refusal import UploadRefusalCode

INTRODUCTION = """\
# 错误与拒绝 Errors and refusals

<!-- Printed from graph/errors.py, domain/refusal.py and uploads/refusal.py by `make errors`: change those instead. -->

Two things are kept apart:

- **拒绝 A refusal** is an answer: the request was understood, and the rules of the business do not allow it now. It
  comes in `userErrors` of the mutation, all reasons at once, each with `code`, `message` in the viewer's language and,
  where one field is the cause, its `field` path. Nothing was changed.
- **错误 An error** means that the request could not be worked on, or that something failed. It comes in the top-level
  `errors` with `extensions.code` and, where an answer has no data, with an HTTP status.

Programs decide by code alone; messages are for people and may be reworded (but for `PersistedQueryNotFound`, by which
clients know that they have to send the text too). New codes may be added: treat one that you
do not know as a refusal (in `userErrors`) or a failure (in `errors`) like any other.
"""

REFUSALS = """\
## 拒绝 Refusals: `userErrors[].code`

The first five are asked first and come alone, so that whoever may not see a record hears `NOT_FOUND` and nothing else;
all others come together.

| Code | 说明 | Meaning |
| --- | --- | --- |
"""

ERRORS = """\
## 错误 Errors: `errors[].extensions.code`

The status is that of an answer without data; `BAD_REQUEST` is 400 for what is no JSON and 422 for JSON that is no
request. Under `Accept: application/json` a well-formed request is answered with
200 even so, and only a malformed one with the status below. Under `application/graphql-response+json` the status always
says what became of it, and 294 stands for an answer with both `data` (perhaps null) and `errors`. `INTERNAL` carries
`extensions.reference`; quote it when asking for help.

| Code | HTTP | 说明 | Meaning |
| --- | --- | --- | --- |
"""

UPLOADS = """\
## 上传 Uploads: `errors[].extensions.reason` beside `UPLOAD_REFUSED`

The multipart request as a whole was turned away, and no file of it was kept. What is wrong with a file that did arrive
(empty, of a false type) is a refusal instead. The HTTP status is 400, or 408, 413, 415 or 431 where that says more.

"""


def page() -> str:
    """The whole page in Markdown."""
    return "".join(
        [
            INTRODUCTION + "\n",
            REFUSALS + "".join(_refusals()) + "\n",
            ERRORS + "".join(_errors()) + "\n",
            UPLOADS + ", ".join(f"`{code}`" for code in UploadRefusalCode) + ".\n",
        ]
    )


def _refusals() -> Iterator[str]:
    for code in RefusalCode:
        yield f"| `{code.name}` | {_cell(code.words.zh)} | {_cell(code.words.en)} |\n"


def _errors() -> Iterator[str]:
    for code in ErrorCode:
        yield f"| `{code.name}` | {code.status} | {_cell(code.zh)} | {_cell(code.en)} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    print(page(), end="")


if __name__ == "__main__":
    main()
