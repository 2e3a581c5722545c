"""The command `preship card`: software cards, so that signing in by card can be tried without hardware."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from domain.card import SignatureAlgorithm
from domain.challenge import FIRST_LINES
from graph.cli.terminal import err
from identity.sm2 import IS_THERE
from identity.software_card import KeyKind, SoftwareCard, issue, new_issuer, revocations

card_app = typer.Typer()

ISSUER, ISSUER_KEY, REVOCATIONS = "issuer.pem", "issuer.key.pem", "revocations.pem"

Issuer = Annotated[Path, typer.Option(help="Folder of the issuer.", exists=True, file_okay=False)]
CardFile = Annotated[Path, typer.Option(help="File of the card.", exists=True, dir_okay=False)]
Sm = Annotated[bool, typer.Option("--sm", help="With a key of SM2; needs the extra sm.")]


@card_app.command("issuer")
def issuer(
    out: Annotated[Path, typer.Option(help="Folder to make.")],
    name: Annotated[str, typer.Option(help="Name of the issuer.")] = "Preship 演示签发机构",
    sm: Sm = False,
) -> None:
    """Make an issuer of software cards; PRESHIP_CARD_ISSUERS takes its certificate."""
    out.mkdir(parents=True, exist_ok=True)
    if (out / ISSUER).exists():
        raise typer.BadParameter("there is an issuer already", param_hint="--out")
    made = new_issuer(name, _kind(sm=sm), datetime.now(UTC))
    _write_secret(out / ISSUER_KEY, made.pem())
    (out / ISSUER).write_bytes(made.certificate_pem())
    _write_list(out, made, [])
    err.print(f"{out / ISSUER}\n{out / REVOCATIONS}", soft_wrap=True, highlight=False)


@card_app.command("issue")
def issue_card(
    issuer: Issuer,
    name: Annotated[str, typer.Option(help="Whom the card is for.")],
    out: Annotated[Path, typer.Option(help="File to write, with the card's key.")],
    rsa: Annotated[bool, typer.Option("--rsa", help="With a key of RSA.")] = False,
    sm: Sm = False,
) -> None:
    """Issue a software card."""
    if rsa and sm:
        raise typer.BadParameter("--rsa or --sm, not both")
    made = issue(_issuer(issuer), name, _kind(rsa=rsa, sm=sm), datetime.now(UTC))
    _write_secret(out, made.pem())


@card_app.command("revoke")
def revoke(
    issuer: Issuer,
    card: Annotated[Path | None, typer.Option(help="File of the card; absent to renew the list.", exists=True)] = None,
) -> None:
    """Put a card on its issuer's revocation list, which is written anew."""
    listed = x509.load_pem_x509_crl((issuer / REVOCATIONS).read_bytes())
    serials = {each.serial_number for each in listed}
    if card is not None:
        serials.add(_card(card).certificate.serial_number)
    _write_list(issuer, _issuer(issuer), sorted(serials))


@card_app.command("sign")
def sign(
    card: CardFile,
    challenge: Annotated[str, typer.Option(help="The challenge's text, in base64 as it came.")],
    algorithm: Annotated[str | None, typer.Option(help="RSA_PKCS1_SHA256 instead of RSA_PSS_SHA256.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the certificate and the algorithm too.")] = False,
) -> None:
    """Sign a challenge: prints the signature in base64."""
    try:
        text = base64.b64decode(challenge, validate=True)
    except ValueError as wrong:
        raise typer.BadParameter("is not base64", param_hint="--challenge") from wrong
    if text.split(b"\n")[0].decode(errors="replace") not in FIRST_LINES.values():
        # A card that signs whatever it is given signs in for whoever gives it something.
        raise typer.BadParameter("is no challenge of Preship", param_hint="--challenge")
    held = _card(card)
    names = [each.name for each in held.algorithms]
    if algorithm is not None and algorithm not in names:
        raise typer.BadParameter(f"this card signs with {' or '.join(names)}", param_hint="--algorithm")
    chosen = SignatureAlgorithm[algorithm or names[0]]
    signature = base64.b64encode(held.sign(text, chosen)).decode()
    err.print(text.decode(), end="", markup=False, highlight=False)
    if as_json:
        chain = [base64.b64encode(held.certificate.public_bytes(Encoding.DER)).decode()]
        signature = json.dumps({"certificateChain": chain, "algorithm": chosen.name, "signature": signature})
    print(signature)


def _kind(*, sm: bool, rsa: bool = False) -> KeyKind:
    if sm and not IS_THERE:
        raise typer.BadParameter("SM2 needs the extra sm: pip install '.[sm]'", param_hint="--sm")
    return KeyKind.SM2 if sm else KeyKind.RSA if rsa else KeyKind.ECDSA


def _issuer(folder: Path) -> SoftwareCard:
    return _card(folder / ISSUER_KEY)


def _card(file: Path) -> SoftwareCard:
    try:
        return SoftwareCard.of(file.read_bytes())
    except (OSError, ValueError) as wrong:
        raise typer.BadParameter(f"{file} holds no software card") from wrong


def _write_list(folder: Path, issuer: SoftwareCard, serials: list[int]) -> None:
    made = revocations(issuer, serials, datetime.now(UTC))
    # Put in its place whole: a server may be reading it.
    written = folder / f".{REVOCATIONS}"
    written.write_bytes(made.public_bytes(Encoding.PEM))
    written.replace(folder / REVOCATIONS)


def _write_secret(file: Path, content: bytes) -> None:
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_bytes(content)
