"""What issuers have revoked: lists (CRL) in files that an operator fetches, read again whenever a file has changed.

No list, a stale one and one that cannot be read are alike: whether a card was revoked is then not known.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path

import structlog
from cryptography import x509

from identity.certificate import Certificate, is_list_of

FILES_MAX = 200
FILE_BYTES_MAX = 50_000_000
PEM_BEGINS = b"-----BEGIN X509 CRL-----"

log = structlog.get_logger(__name__)


class Standing(Enum):
    """What the issuer's list says of a certificate."""

    GOOD = 1
    REVOKED = 2
    UNKNOWN = 3


@dataclass
class _List:
    crl: x509.CertificateRevocationList
    good_for: dict[str, bool] = field(default_factory=dict)
    """Whether an issuer has signed it, by the issuer's fingerprint: asked once, for lists may be long."""

    def is_of(self, issuer: Certificate) -> bool:
        if issuer.fingerprint not in self.good_for:
            self.good_for[issuer.fingerprint] = is_list_of(self.crl, issuer)
        return self.good_for[issuer.fingerprint]


class Revocations:
    """The lists of a file or folder. To be asked in a thread."""

    def __init__(self, place: Path, *, stale_allowed: bool) -> None:
        """Raises FileNotFoundError."""
        place.stat()
        self._place, self._stale_allowed = place, stale_allowed
        self._lock = threading.Lock()
        self._seen: list[tuple[str, int, int]] = []
        self._lists: list[_List] = []

    def standing_of(self, certificate: Certificate, issuer: Certificate, now: datetime) -> Standing:
        """What the newest list of its issuer says."""
        with self._lock:
            self._look_again()
            lists = [each for each in self._lists if each.crl.last_update_utc <= now and each.is_of(issuer)]
        newest = max((each.crl for each in lists), key=lambda crl: crl.last_update_utc, default=None)
        if newest is None:
            return Standing.UNKNOWN
        try:
            entry = newest.get_revoked_certificate_by_serial_number(certificate.raw.serial_number)
        except ValueError:
            return Standing.UNKNOWN
        if entry is not None:
            return Standing.REVOKED
        ends = newest.next_update_utc
        is_current = ends is not None and now <= ends
        return Standing.GOOD if is_current or self._stale_allowed else Standing.UNKNOWN

    def _look_again(self) -> None:
        try:
            files = sorted(self._files())[:FILES_MAX]
            seen = [(str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files]
        except OSError as gone:
            log.error("revocations_not_read", file=str(self._place), why=str(gone))
            self._lists, self._seen = [], []
            return
        if seen != self._seen:
            self._lists = [_List(each) for file in files for each in _lists_in(file)]
            self._seen = seen

    def _files(self) -> Iterator[Path]:
        if not self._place.is_dir():
            yield from [self._place] if self._place.exists() else []
            return
        yield from (each for each in self._place.iterdir() if each.is_file() and not each.name.startswith("."))


def _lists_in(file: Path) -> Iterator[x509.CertificateRevocationList]:
    """The list of a file, in PEM or DER; none where it cannot be read or relies on what is not understood."""
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise ValueError(f"more than {FILE_BYTES_MAX} bytes")
        content = file.read_bytes()
        load = x509.load_pem_x509_crl if PEM_BEGINS in content else x509.load_der_x509_crl
        crl = load(content)
        # A list of some reasons only, of changes only, or of other issuers says so in an extension that is critical.
        if any(each.critical for each in crl.extensions):
            raise ValueError("has critical extensions")
        log.info("revocations_read", file=str(file), issuer=crl.issuer.rfc4514_string(), until=str(crl.next_update_utc))
    except (ValueError, OSError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as wrong:
        log.error("revocations_not_read", file=str(file), why=str(wrong)[:200])
        return
    yield crl
