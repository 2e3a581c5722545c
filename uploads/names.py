"""The names that a form gives to its parts and files. A file's name is for showing only: it never becomes a path, and
it is cleaned so that it cannot deceive the person who reads it."""

import re
import unicodedata
from urllib.parse import unquote

from uploads.refusal import UploadRefusalCode, UploadRefused

NAME_CHARACTERS_MAX = 200
EXTENSION_CHARACTERS_MAX = 20
NAMELESS = "unnamed"

_PARAMETER = re.compile(r""";[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[^;"]*)[ \t]*""")
_ESCAPED = re.compile(r'\\(["\\])')
# Cc control, Cf format (bidi overrides and joiners), Cs surrogates, Co private use, Cn unassigned, Zl and Zp line ends.
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def names_of_part(disposition: bytes) -> tuple[str, str | None]:
    """The field's name and the cleaned file name (None: the part is no file) from a Content-Disposition value.

    The value is UTF-8 (RFC 7578, 5.1.2) and no other encoding is guessed; `filename*` (RFC 5987) goes before
    `filename`, and percent-encoding is undone once in both, since browsers and libraries use it there.

    Raises UploadRefused: BODY_MALFORMED, FILE_NAME_MALFORMED.
    """
    try:
        text = disposition.decode("utf-8")
    except UnicodeDecodeError:
        raise UploadRefused(
            UploadRefusalCode.FILE_NAME_MALFORMED,
            zh="文件名必须采用 UTF-8 编码",
            en="File names must be encoded in UTF-8",
        ) from None
    kind, separator, _ = text.partition(";")
    parameters = _parameters(text[len(kind) :]) if separator else {}
    if kind.strip().lower() != "form-data" or parameters is None or "name" not in parameters:
        raise UploadRefused(
            UploadRefusalCode.BODY_MALFORMED,
            zh="每个部分都须带有 Content-Disposition: form-data 及其 name",
            en="Every part needs a well-formed Content-Disposition: form-data with a name",
        )
    return parameters["name"], _file_name(parameters)


def display_name(name: str) -> str:
    """A name fit to be shown: no folders, nothing invisible, NFC, at most NAME_CHARACTERS_MAX with its extension kept.

    What is left with nothing is called NAMELESS. Cleaning twice changes nothing.
    """
    last = re.split(r"[/\\]", name)[-1]
    visible = "".join(" " if character.isspace() else character for character in last if not _is_hidden(character))
    composed = " ".join(unicodedata.normalize("NFC", visible).split())
    stem, dot, extension = composed.rpartition(".")
    if not dot or not stem or len(extension) > EXTENSION_CHARACTERS_MAX:
        stem, dot, extension = composed, "", ""
    stem = stem[: NAME_CHARACTERS_MAX - len(dot + extension)]
    shortened = (stem + dot + extension).strip(" ")
    return NAMELESS if not shortened.strip(". ") else shortened


def _parameters(text: str) -> dict[str, str] | None:
    """The parameters, names in lower case; None if one is ill-formed or stands twice."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _PARAMETER.match(text, at)
        if match is None or match[1].lower() in found:
            return None
        value = match[2]
        if value.startswith('"'):
            # Only \" and \\ are escapes: other backslashes come from Windows paths that old clients send unescaped.
            value = _ESCAPED.sub(r"\1", value[1:-1])
        found[match[1].lower()] = value.strip()
        at = match.end()
    return found


def _file_name(parameters: dict[str, str]) -> str | None:
    extended = parameters.get("filename*")
    if extended is not None:
        charset, _, encoded = extended.partition("'")
        language_and_value = encoded.partition("'")
        try:
            if charset.lower() != "utf-8" or not language_and_value[1]:
                raise ValueError
            return display_name(unquote(language_and_value[2], errors="strict"))
        except ValueError:
            raise UploadRefused(
                UploadRefusalCode.FILE_NAME_MALFORMED,
                zh="filename* 必须写作 UTF-8''…（RFC 5987）",
                en="filename* must be written as UTF-8''… (RFC 5987)",
            ) from None
    plain = parameters.get("filename")
    if plain is None:
        return None
    try:
        return display_name(unquote(plain, errors="strict"))
    except UnicodeDecodeError:
        return display_name(plain)


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN_CATEGORIES and character not in "\t\n\r"
