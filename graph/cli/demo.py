"""Loads the demonstration: the world and what customs does in it once, then commissions up to the number asked for."""

import hashlib
from collections.abc import Callable
from uuid import uuid4

from domain.party import THE_PRODUCT
from graph.settings import Settings
from identity.password import hash_of
from storage.bell import ProcessBell
from storage.commission import COMMISSIONS
from storage.database import Database
from storage.demo import DemoFile, annual_reports
from storage.demo.commissions import fill
from storage.demo.publications import publish
from storage.demo.supervision import supervise
from storage.demo.world import NO_FILE, is_there, settle
from storage.perform import Door
from uploads.vault import Vault, key_of, open_vault

PASSWORD = "preship-demo"
"""Of every demo account; `make run` prints it."""

_REPORT = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj
4 0 obj<</Length 65>>stream
BT /F1 18 Tf 72 760 Td (Demonstration: inspection report) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""


async def demonstrate(settings: Settings, commissions: int, progress: Callable[[int, int], None]) -> None:
    """Fills what is missing; with everything there it changes nothing."""
    database = Database(settings.database_url, settings.ring(), settings.connections)
    try:
        vault = open_vault(settings.uploads_url)
        file = NO_FILE if await is_there(database) else await _kept_report(vault)
        door = Door(database, ProcessBell())
        world = await settle(database, door, hash_of(PASSWORD), file)
        await annual_reports.fill(database, world, seed=0)
        await supervise(database, world)
        await publish(database, door)
        async with database.reading() as connection:
            there = await COMMISSIONS.seen_by(THE_PRODUCT).count(connection)
        missing = max(0, commissions - there)
        progress(0, missing)
        if missing:
            file = await _kept_report(vault) if file is NO_FILE else file
            async for done in fill(database, world, file, missing, seed=there):
                progress(done, missing)
    finally:
        await database.close()


async def _kept_report(vault: Vault) -> DemoFile:
    file_id = uuid4()
    async with vault.stage() as staging:
        await staging.write(_REPORT)
    await vault.keep(staging.key, key_of(file_id))
    return DemoFile(
        file_id=file_id,
        name="检验报告-演示.pdf",
        size_bytes=len(_REPORT),
        media_type="application/pdf",
        sha256=hashlib.sha256(_REPORT).hexdigest(),
    )
