"""Why an upload was turned away. A refusal carries its sentence in both languages and the HTTP status of the answer."""

from enum import StrEnum


class UploadRefusalCode(StrEnum):
    """Every reason for turning an upload away; the value is what a client sees."""

    NOT_MULTIPART = "NOT_MULTIPART"
    BOUNDARY_MISSING = "BOUNDARY_MISSING"
    BODY_MALFORMED = "BODY_MALFORMED"
    BODY_TRUNCATED = "BODY_TRUNCATED"
    BODY_TOO_SLOW = "BODY_TOO_SLOW"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    HEADERS_TOO_LARGE = "HEADERS_TOO_LARGE"
    PART_MISPLACED = "PART_MISPLACED"
    PART_UNKNOWN = "PART_UNKNOWN"
    PART_REPEATED = "PART_REPEATED"
    PART_MISSING = "PART_MISSING"
    OPERATIONS_TOO_LARGE = "OPERATIONS_TOO_LARGE"
    OPERATIONS_MALFORMED = "OPERATIONS_MALFORMED"
    OPERATIONS_BATCHED = "OPERATIONS_BATCHED"
    MAP_TOO_LARGE = "MAP_TOO_LARGE"
    MAP_MALFORMED = "MAP_MALFORMED"
    PATH_UNKNOWN = "PATH_UNKNOWN"
    TOO_MANY_FILES = "TOO_MANY_FILES"
    FILE_TOO_LARGE = "FILE_TOO_LARGE"
    FILE_NAME_MALFORMED = "FILE_NAME_MALFORMED"


class UploadRefused(Exception):
    """The request as a whole is turned away: `code` for programs, `zh` and `en` for people, `status` for HTTP."""

    def __init__(self, code: UploadRefusalCode, *, zh: str, en: str, status: int = 400) -> None:
        super().__init__(f"{code.value}: {en}")
        self.code = code
        self.status = status
        self.zh = zh
        self.en = en
