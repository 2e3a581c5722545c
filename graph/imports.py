"""Files that are imported: who may, how much is read, and the report of rejected rows as clients see it.

The file is read where it is staged and never kept: what it says goes through the actions of the records.
"""

from io import BytesIO
from typing import Any

from domain.refusal import Refusal, RefusalCode, refusal
from domain.workflow import out_of_place
from graph.context import Context
from graph.schema.scalars import Upload
from storage.desk import Desk
from uploads.receive import ReceivedFile

IMPORT_BYTES_MAX = 2 * 1024 * 1024
"""As much as one request can well carry through; the command line takes more."""


def refused(context: Context, desk: Desk[Any], action_name: str, file: Upload) -> tuple[Refusal, ...]:
    """Why this viewer may not import, or not this file."""
    misplaced = out_of_place(desk.workflow[action_name], None, context.signed_in())
    if misplaced is not None:
        return (misplaced,)
    assert isinstance(file, ReceivedFile)
    if file.size_bytes > IMPORT_BYTES_MAX:
        mib = IMPORT_BYTES_MAX // 1024**2
        return (
            refusal(
                RefusalCode.TOO_LONG,
                zh=f"导入文件不得大于{mib} MiB，请分次导入。",
                en=f"A file to import has at most {mib} MiB; import it in parts.",
                field="file",
            ),
        )
    return ()


async def content_of(context: Context, file: Upload) -> BytesIO:
    """The bytes of a staged file."""
    assert isinstance(file, ReceivedFile)
    return BytesIO(b"".join([window async for window in context.house.vault.read(file.staged_key)]))
