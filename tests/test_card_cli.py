"""Software cards as somebody types them: an issuer, a card, its signature and its end, and a sign-in with them."""

import base64
import json
import stat
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from typer.testing import CliRunner

from graph.cli.main import app
from tests.cards import challenge_for, opens, sends_binding
from tests.office import Office
from tests.world import PASSWORD

CHALLENGE = base64.b64encode(b"preship card sign-in\naudience: x\n").decode()


@pytest.fixture
def run() -> Any:
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, ["card", *map(str, arguments)])


@pytest.mark.parametrize("sm", [False, True], ids=["", "sm"])
async def test_a_software_card_signs_in_from_its_issue_to_its_end(
    open_office: Callable[..., AbstractAsyncContextManager[Office]], run: Any, tmp_path: Path, sm: bool
) -> None:
    issuer, card, flags = tmp_path / "issuer", tmp_path / "card.pem", ["--sm"] if sm else []
    assert run("issuer", "--out", issuer, *flags).exit_code == 0
    assert run("issue", "--issuer", issuer, "--name", "周海涛", "--out", card, *flags).exit_code == 0
    made = x509.load_pem_x509_certificate(card.read_bytes())
    settings = {"card_issuers": str(issuer / "issuer.pem"), "card_revocations": str(issuer / "revocations.pem")}
    async with open_office(**settings) as office:
        # The command goes by the clock on the wall.
        office.clock.now = made.not_valid_before_utc
        office.clock.moves(minutes=10)
        person = office.enterprise

        def signs(challenge: Any) -> dict[str, Any]:
            said = run("sign", "--card", card, "--challenge", challenge["text"], "--json")
            assert said.exit_code == 0, said.output
            assert "audience: 127.0.0.1:8000" in said.stderr
            return {"challengeId": challenge["id"], **json.loads(said.stdout)}

        (await sends_binding(person, signs(await challenge_for(person, "BINDING")))).done()
        (await opens(office, signs(await challenge_for(office.anybody)))).done()
        assert run("revoke", "--issuer", issuer).exit_code == 0
        (await opens(office, signs(await challenge_for(office.anybody)))).done()
        assert run("revoke", "--issuer", issuer, "--card", card).exit_code == 0
        refused = await opens(office, signs(await challenge_for(office.anybody)))
        assert refused.codes == ["CARD_REVOKED"]
    assert PASSWORD not in card.read_text()


def test_keys_lie_in_files_of_their_owner_alone(run: Any, tmp_path: Path) -> None:
    issuer, card = tmp_path / "issuer", tmp_path / "card.pem"
    card.write_text("world-readable")
    run("issuer", "--out", issuer)
    run("issue", "--issuer", issuer, "--name", "周海涛", "--out", card, "--rsa")
    for file in (card, issuer / "issuer.key.pem"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run("issuer", "--out", issuer).exit_code == 2
    said = run("sign", "--card", card, "--challenge", CHALLENGE, "--algorithm", "RSA_PKCS1_SHA256")
    assert len(base64.b64decode(said.stdout)) == 256
    assert run("sign", "--card", card, "--challenge", CHALLENGE, "--algorithm", "SM2_SM3").exit_code == 2


def test_a_card_signs_nothing_but_challenges(run: Any, tmp_path: Path) -> None:
    issuer, card = tmp_path / "issuer", tmp_path / "card.pem"
    run("issuer", "--out", issuer)
    run("issue", "--issuer", issuer, "--name", "周海涛", "--out", card)
    for wrong in ("?", base64.b64encode(b"I owe you").decode(), base64.b64encode(b"\xff").decode()):
        assert run("sign", "--card", card, "--challenge", wrong).exit_code == 2
    assert run("sign", "--card", issuer / "issuer.pem", "--challenge", CHALLENGE).exit_code == 2
    assert run("issue", "--issuer", issuer, "--name", "x", "--out", card, "--rsa", "--sm").exit_code == 2
