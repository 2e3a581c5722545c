"""The demo world as tests find it: with a session for everybody, and on request with some hundred commissions."""

import hashlib
from datetime import timedelta

from argon2 import PasswordHasher

from domain.session import Session
from storage.bell import ProcessBell
from storage.database import Database
from storage.demo import DemoFile, demo_id, demo_users
from storage.demo.commissions import fill
from storage.demo.world import settle
from storage.perform import Door, Request
from storage.session import DESK as SESSION_DESK
from storage.session import account_by_name
from storage.session_token import SESSION_TOKEN, Lifetimes, first_tokens, hash_of_token
from storage.writing import Writing
from tests.clock import Clock
from tests.keys import RING
from tests.papers import PDF
from tests.person import token_of

PASSWORD = "correct horse battery staple"
QUICKLY = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""Hashes of the same kind as the product's, for no time to be lost on."""

BUSY = 240
UNENDING = Lifetimes(token=timedelta(days=36_500), idle=timedelta(days=20_000))


async def found_world(url: str) -> None:
    """The demo world without commissions, and for everybody a session that does not end."""
    database = Database(url, RING)
    try:
        door = Door(database, ProcessBell(), Clock())
        await settle(database, door, QUICKLY.hash(PASSWORD))
        form = SESSION_DESK.workflow["open"].form
        for each in demo_users():
            if each.status != "ACTIVE":
                continue
            async with database.reading() as connection:
                known = await account_by_name(connection, each.username, door.clock())
            assert known is not None
            token = hash_of_token(token_of(each.username))

            def write(session: Session, writing: Writing, token: str = token) -> None:
                writing.insert(SESSION_TOKEN, first_tokens(session, token, None, UNENDING))

            wish = Request(form=form.of(is_proved=True, token_hash=token, lasts=UNENDING.token), beside=write)
            outcome = await door.perform(SESSION_DESK, "open", wish, known[1])
            assert outcome.record is not None
    finally:
        await database.close()


async def fill_world(url: str) -> None:
    """Some hundred demo commissions on top; the one file that they show is in no vault."""
    database = Database(url, RING)
    try:
        world = await settle(database, Door(database, ProcessBell()), "")
        file = DemoFile(demo_id("file"), "检验报告.pdf", len(PDF), "application/pdf", hashlib.sha256(PDF).hexdigest())
        async for _ in fill(database, world, file, BUSY, seed=1):
            pass
    finally:
        await database.close()
