"""The keys of personal data: a ring, whose first key seals and all of which open. Values are sealed with AES-256-GCM.

A sealed value is text: `1.<key id>.<base64url of a 96-bit random nonce, the ciphertext and its 128-bit tag>`. What it
is about (table, column, row) is authenticated with it, so it opens nowhere else.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import make_url

VERSION = "1"
KEY_BYTES = 32
NONCE_BYTES = 12
FROM_A_FILE = "file:"
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)
FOR_ONESELF_ALONE = 0o600

log = structlog.get_logger(__name__)


class KeysWrong(Exception):
    """Keys are missing or are not those that they should be; the words are for whoever runs the product."""


class SealBroken(Exception):
    """A sealed value does not open: altered, moved from where it was written, or sealed with another key."""


class KeyUnknown(SealBroken):
    """A value is sealed with the key `key_id`, which is not on the ring: others have rotated before this process."""

    def __init__(self, about: str, key_id: str, known: tuple[str, ...]) -> None:
        super().__init__(f"{about}: sealed with the key {key_id!r}, which is not among {', '.join(known)}")
        self.key_id = key_id


@dataclass(frozen=True)
class _Key:
    seal: AESGCM
    index: bytes
    request: bytes


class KeyRing:
    """Keys by id; the first is the current one.

    A ring of a file looks there anew when it meets a key that it does not know, if the file has changed since.
    """

    def __init__(self, keys: Mapping[str, bytes], file: "_KeyFile | None" = None) -> None:
        self._keys = {name: _derived(secret) for name, secret in keys.items()}
        self._file = file

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self._keys)})"

    @classmethod
    def of(cls, written: str) -> "KeyRing":
        """The ring that a setting or the lines of a file say: `id:base64key`, divided by commas or line ends.

        Raises KeysWrong, without a word of any key.
        """
        return cls(cls._read(written))

    @staticmethod
    def _read(written: str) -> dict[str, bytes]:
        keys: dict[str, bytes] = {}
        lines = [line.strip() for line in written.splitlines() if not line.strip().startswith("#")]
        for place, item in enumerate((item.strip() for line in lines for item in line.split(",") if item.strip()), 1):
            name, _, secret = item.partition(":")
            if not KEY_ID.fullmatch(name) or name in keys:
                raise _wrong(
                    place,
                    "标识须为1至32个字母、数字、“-”或“_”，且不重复",
                    "an id has 1 to 32 letters, digits, - or _, and is named once",
                )
            keys[name] = _decoded(secret, place)
        if not keys:
            raise KeysWrong("个人信息密钥为空。 There is no key of personal data; `preship keys new` prints one.")
        return keys

    @classmethod
    def of_file(cls, path: Path) -> "KeyRing":
        """The ring that a file says. Raises KeysWrong."""
        file = _KeyFile(path)
        return cls(cls._read(file.read()), file)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._keys)

    @property
    def current(self) -> str:
        return next(iter(self._keys))

    def seal(self, plain: str, about: str) -> str:
        """The value sealed with the current key."""
        head = beginning(self.current)
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._keys[self.current].seal.encrypt(nonce, plain.encode(), (head + about).encode())
        return head + base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, about: str) -> str:
        """The value again. Raises SealBroken, which names the place and nothing of the value."""
        version, _, rest = sealed.partition(".")
        name, _, body = rest.partition(".")
        if version != VERSION or not body:
            raise SealBroken(f"{about}: this is no sealed value")
        if name not in self._keys and not self._has_learnt(name):
            raise KeyUnknown(about, name, self.ids)
        try:
            raw = base64.urlsafe_b64decode(body)
            about_it = (beginning(name) + about).encode()
            return self._keys[name].seal.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], about_it).decode()
        except (InvalidTag, ValueError) as unopened:
            raise SealBroken(
                f"{about}: altered, moved from elsewhere, or the key {name!r} is another one"
            ) from unopened

    def _has_learnt(self, name: str) -> bool:
        """Whether the file has this key by now. Keys that are no longer there open until the next start."""
        found = None if self._file is None else self._file.read_anew()
        if found is None or name not in found._keys:
            return False
        self._keys = found._keys | {each: key for each, key in self._keys.items() if each not in found._keys}
        log.info("personal_keys_read_anew", keys=list(self._keys))
        return True

    def index(self, number: str) -> str:
        """The keyed digest by which a number is found, under the current key; 64 hexadecimal digits."""
        return _mac(self._keys[self.current].index, number)

    def indexes(self, number: str) -> tuple[str, ...]:
        """The same under every key: what is not sealed anew yet is found too."""
        return tuple(_mac(key.index, number) for key in self._keys.values())

    def request_digests(self, value: str) -> tuple[str, ...]:
        """Keyed digests of a value in a request, under every key, the current one first."""
        return tuple(_mac(key.request, value) for key in self._keys.values())


def beginning(key_id: str) -> str:
    """How everything begins that is sealed with a key."""
    return f"{VERSION}.{key_id}."


def key_id_of(sealed: str) -> str:
    """With which key a value is sealed; empty where it is no sealed value."""
    version, _, rest = sealed.partition(".")
    return rest.partition(".")[0] if version == VERSION else ""


def new_key(today: date) -> str:
    """`id:base64key`, the id being the day and four letters."""
    return f"{today:%Y%m%d}-{secrets.token_hex(2)}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def ring_for(setting: str, database_url: str, today: date) -> KeyRing:
    """The keys of a database: those of the setting, or of its file; on SQLite without one, of a file made beside it.

    Raises KeysWrong.
    """
    if setting.startswith(FROM_A_FILE):
        return KeyRing.of_file(Path(setting.removeprefix(FROM_A_FILE)))
    if setting:
        return KeyRing.of(setting)
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        raise KeysWrong(
            "未设置PRESHIP_PERSONAL_KEYS：没有密钥不能加密和读取个人信息，系统不启动。"
            "请用 `preship keys new` 生成密钥并妥善保管。\n"
            "PRESHIP_PERSONAL_KEYS is not set: without keys personal data can be neither sealed nor read, so nothing "
            "starts. Make a key with `preship keys new`, and keep it safe."
        )
    if not url.database or url.database == ":memory:":
        return KeyRing.of(new_key(today))
    file = Path(f"{url.database}.keys")
    if not file.exists():
        _make(file, today)
    return KeyRing.of_file(file)


def _make(file: Path, today: date) -> None:
    """Whole or not at all, and once, whoever else makes it at the same time."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FOR_ONESELF_ALONE)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            written.write(f"# 个人信息密钥，请妥善保管。 Keys of personal data: keep them safe.\n{new_key(today)}\n")
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink()
    log.warning(
        "personal_keys_made",
        file=str(file),
        zh="未设置PRESHIP_PERSONAL_KEYS：已在数据库旁生成密钥文件。丢失该文件，个人信息即无法读取。",
        en="PRESHIP_PERSONAL_KEYS is not set, so a key file was made beside the database. Without it, data is lost.",
    )


class _KeyFile:
    """A file of keys, and which state of it was read last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._was_read: tuple[int, ...] = ()

    def read(self) -> str:
        """Raises KeysWrong."""
        try:
            found, written = self._path.stat(), self._path.read_text(encoding="utf-8")
        except (OSError, ValueError) as unread:
            why = type(unread).__name__
            raise KeysWrong(
                f"无法读取个人信息密钥文件{self._path}。 The key file {self._path} cannot be read: {why}."
            ) from None
        self._was_read = _state(found)
        if found.st_mode & 0o077:
            log.warning("personal_keys_open_to_others", file=str(self._path), en="The key file should have mode 0600.")
        return written

    def read_anew(self) -> KeyRing | None:
        """What it says now; None where it has not changed since, or says nothing that can be understood."""
        try:
            if _state(self._path.stat()) == self._was_read:
                return None
            return KeyRing.of(self.read())
        except OSError as unread:
            log.warning("personal_keys_not_read_anew", file=str(self._path), en=type(unread).__name__)
        except KeysWrong as wrong:
            log.warning("personal_keys_not_read_anew", file=str(self._path), en=str(wrong))
        return None


def _state(found: os.stat_result) -> tuple[int, ...]:
    return found.st_mtime_ns, found.st_size, found.st_ino


def _decoded(secret: str, place: int) -> bytes:
    try:
        key = base64.b64decode(secret.strip().replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise _wrong(place, f"密钥须为{KEY_BYTES}字节的Base64", f"a key is {KEY_BYTES} bytes in base64")
    return key


def _wrong(place: int, zh: str, en: str) -> KeysWrong:
    return KeysWrong(f"PRESHIP_PERSONAL_KEYS第{place}项有误：{zh}。 Key {place} is wrong: {en}.")


def _derived(secret: bytes) -> _Key:
    """One key for each use, so that none tells of another."""
    return _Key(
        seal=AESGCM(_hkdf(secret, b"preship personal seal 1")),
        index=_hkdf(secret, b"preship personal index 1"),
        request=_hkdf(secret, b"preship personal request 1"),
    )


def _hkdf(secret: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=use).derive(secret)


def _mac(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
