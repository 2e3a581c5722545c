"""Programs for Node, with the packages of `package-lock.json`, which are installed when they are first needed.

The surprise: workers share one folder of packages, so whoever comes first installs and the others wait.
"""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent
PACKAGES = FOLDER / "node_modules"
STAMP = PACKAGES / ".installed"
NODE_MIN = 18
INSTALL_SECONDS_MAX = 240
PROGRAM_SECONDS_MAX = 50


class NodeMissing(Exception):
    """Node or npm is not installed, or too old; the sentence says what to do."""


def ready() -> None:
    """Installs what the lock file names, where another or nothing is there. Raises NodeMissing."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise NodeMissing(
                f"Clients are tested in Node {NODE_MIN} or newer, and there is no {program}: install it "
                "(Debian: apt-get install nodejs npm)."
            )
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(said.removeprefix("v").partition(".")[0]) < NODE_MIN:
        raise NodeMissing(f"Clients are tested in Node {NODE_MIN} or newer, and this is {said}.")
    lock = FOLDER / "package-lock.json"
    with lock.open("rb") as locked:
        fcntl.flock(locked, fcntl.LOCK_EX)
        wanted = hashlib.sha256(locked.read()).hexdigest()
        if not STAMP.is_file() or STAMP.read_text() != wanted:
            _run("npm", "ci", "--prefer-offline", "--no-progress", seconds=INSTALL_SECONDS_MAX)
            STAMP.write_text(wanted)


def run(program: str, *arguments: object) -> list[str]:
    """What a program of this folder prints, line by line; it must succeed."""
    said = _run("node", program, *map(str, arguments), seconds=PROGRAM_SECONDS_MAX)
    return said.splitlines()


def _run(*command: str, seconds: float) -> str:
    done = subprocess.run(
        command,
        cwd=FOLDER,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command[:2])}\n{done.stdout}\n{done.stderr}"
    return done.stdout
