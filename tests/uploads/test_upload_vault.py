"""Files at rest, in a folder and on S3, and the sweep that clears away orphans."""

import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import anyio
import pytest

from tests.uploads.forms import content_of, kept_keys, put, staged_keys
from uploads.sweep import Swept, sweep
from uploads.vault import READ_WINDOW_BYTES, Vault, key_of, open_vault

BIG = os.urandom(1024) * (12 * 1024)  # 12 MiB: several parts on S3


async def test_a_staged_file_is_whole_and_becomes_kept_by_a_move(vault: Vault) -> None:
    staged, key = await put(vault, BIG), key_of(uuid4())
    assert await staged_keys(vault) == [staged]
    await vault.keep(staged, key)
    assert await content_of(vault, key) == BIG
    assert await vault.size(key) == len(BIG)
    assert await staged_keys(vault) == []
    assert await kept_keys(vault) == [key]


async def test_an_empty_file_can_be_kept(vault: Vault) -> None:
    staged, key = await put(vault, b""), key_of(uuid4())
    await vault.keep(staged, key)
    assert await vault.size(key) == 0
    assert await content_of(vault, key) == b""


@pytest.mark.parametrize("size", [10, 7 * 1024 * 1024])
async def test_a_file_that_was_given_up_leaves_nothing(vault: Vault, size: int) -> None:
    async def give_up() -> None:
        async with vault.stage() as staging:
            await staging.write(bytes(size))
            raise RuntimeError("given up")

    with pytest.raises(RuntimeError, match="given up"):
        await give_up()
    assert await staged_keys(vault) == []


async def test_a_file_dropped_while_it_is_being_finished_is_gone(vault: Vault) -> None:
    with anyio.CancelScope() as scope:
        async with vault.stage() as staging:
            await staging.write(BIG)
            scope.cancel()
    await vault.drop(staging.key)
    assert scope.cancelled_caught
    assert await staged_keys(vault) == []


async def test_any_range_is_read_in_bounded_windows(vault: Vault) -> None:
    key = await put(vault, BIG)
    windows = [window async for window in vault.read(key, 5, 3 * READ_WINDOW_BYTES)]
    assert b"".join(windows) == BIG[5 : 3 * READ_WINDOW_BYTES]
    assert max(len(window) for window in windows) <= READ_WINDOW_BYTES
    assert [window async for window in vault.read(key, 7, 7)] == []


async def test_dropping_twice_is_no_failure(vault: Vault) -> None:
    key = await put(vault, b"x")
    await vault.drop(key)
    await vault.drop(key)
    with pytest.raises(FileNotFoundError):
        await vault.size(key)


async def test_a_missing_file_cannot_be_kept(vault: Vault) -> None:
    with pytest.raises(FileNotFoundError):
        await vault.keep("incoming/" + "0" * 32, key_of(uuid4()))


@pytest.mark.parametrize(
    "key",
    [
        "../../etc/passwd",
        "kept/../../x",
        "kept/ab/" + "0" * 32,
        "incoming/报关单.pdf",
        "incoming/x/../y",
        "",
        "/etc/passwd",
    ],
)
async def test_a_key_that_the_vault_did_not_make_is_refused(folder_vault: Vault, key: str) -> None:
    staged = await put(folder_vault, b"x")
    for attempt in (folder_vault.keep(staged, key), folder_vault.drop(key), folder_vault.size(key)):
        with pytest.raises(ValueError, match="not a key"):
            await attempt
    with pytest.raises(ValueError, match="not a key"):
        await content_of(folder_vault, key)


async def test_kept_files_spread_over_folders() -> None:
    keys = [key_of(uuid4()) for _ in range(200)]
    assert all(key.split("/")[2].startswith(key.split("/")[1]) for key in keys)
    assert len({key.split("/")[1] for key in keys}) > 50


async def test_a_vault_is_opened_by_its_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for url in ("file:./uploads-data", f"file:{tmp_path}/b", f"file://{tmp_path}/c"):
        await put(open_vault(url), b"x")
    assert set(os.listdir(tmp_path)) == {"uploads-data", "b", "c"}
    for url in ("", "uploads-data", "file:", "file://", "s3://", "s3:bucket", "ftp://host/x"):
        with pytest.raises(ValueError, match="is no vault"):
            open_vault(url)


async def test_the_sweep_drops_what_nobody_names(vault: Vault) -> None:
    await put(vault, b"left behind")
    known, orphan = key_of(uuid4()), key_of(uuid4())
    for key in (known, orphan):
        await vault.keep(await put(vault, b"x"), key)
    asked: list[str] = []

    async def is_known(keys: Sequence[str]) -> set[str]:
        asked.extend(keys)
        return {known}

    assert await sweep(vault, is_known, timedelta(hours=1)) == Swept(0, 0, 0)
    assert asked == []
    assert await sweep(vault, is_known, timedelta(0)) == Swept(staged_dropped=1, kept_dropped=1, kept_known=1)
    assert set(asked) == {known, orphan}
    assert await staged_keys(vault) == []
    assert await kept_keys(vault) == [known]


async def test_the_sweep_asks_in_batches(folder_vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uploads.sweep.LOOK_UP_KEYS_MAX", 2)
    for _ in range(5):
        await folder_vault.keep(await put(folder_vault, b"x"), key_of(uuid4()))
    sizes: list[int] = []

    async def is_known(keys: Sequence[str]) -> set[str]:
        sizes.append(len(keys))
        return set(keys)

    assert (await sweep(folder_vault, is_known, timedelta(0))).kept_known == 5
    assert sizes == [2, 2, 1]


async def test_the_sweep_finds_what_a_killed_process_left_half_written(tmp_path: Path) -> None:
    vault = open_vault(f"file:{tmp_path}")
    (tmp_path / "incoming").mkdir()
    half = tmp_path / "incoming" / ("a" * 32 + "#1")
    half.write_bytes(b"half")
    stranger = tmp_path / "incoming" / "notes.txt"
    stranger.write_bytes(b"not ours")

    async def is_known(keys: Sequence[str]) -> set[str]:
        return set()

    assert (await sweep(vault, is_known, timedelta(0))).staged_dropped == 1
    assert not half.exists()
    assert stranger.exists()
