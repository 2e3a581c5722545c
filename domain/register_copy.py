"""A party's own copy of the register, checked without the product: the hashes, the chains, and what is readable beside.

What it proves: that no line of the copy was altered, and that lines which follow one another do. A copy of lines of
which the party does not see all has gaps; they are counted and are no fault.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from domain.language import Words
from domain.register_line import HASHED

FIRST = "0" * 64
BESIDE = (
    "subject_type",
    "action",
    "status_before",
    "status_after",
    "changes_digest",
    "parts_digest",
    "record_digest",
    "previous_hash",
)
"""What a copy shows beside the text that is hashed, and which must say the same."""


@dataclass(frozen=True)
class CopyFlaw:
    """What is wrong with a line of the file; lines are counted from 1, headings not counted."""

    line: int
    words: Words


@dataclass
class CopyReport:
    """What became of checking a copy."""

    lines: int = 0
    records: int = 0
    gaps: int = 0
    """How often lines of a record are missing between those that there are, or before them."""
    unread: int = 0
    """Lines whose changes are not shown, so only their digest is proved."""
    flaws: list[CopyFlaw] = field(default_factory=list)


def check(rows: Iterable[Mapping[str, Any]]) -> CopyReport:
    """Checks lines in whatever order; each has `hash`, `hashed_text` and, as far as it goes, what stands beside."""
    report = CopyReport()
    chains: dict[str, dict[int, tuple[int, str, str]]] = {}
    for number, row in enumerate(rows, 1):
        report.lines += 1
        content = _content(row)
        if isinstance(content, Words):
            report.flaws.append(CopyFlaw(number, content))
            continue
        report.flaws += [CopyFlaw(number, words) for words in _beside(row, content)]
        report.unread += not row.get("changes")
        known = chains.setdefault(str(content["subject_id"]), {})
        told = (number, content["previous_hash"], str(row["hash"]))
        if content["version"] in known and known[content["version"]][2] != told[2]:
            zh, en = "同一记录同一版本有两条不同的登记", "there are two different lines of this version of the record"
            report.flaws.append(CopyFlaw(number, Words(zh=zh, en=en)))
        known[content["version"]] = told
    report.records = len(chains)
    for chain in chains.values():
        _follow(chain, report)
    return report


def _content(row: Mapping[str, Any]) -> dict[str, Any] | Words:
    """What the hashed text says, or why it says nothing."""
    text, stated = row.get("hashed_text"), row.get("hash")
    if not isinstance(text, str) or not isinstance(stated, str) or not text or not stated:
        return Words(zh="缺少散列原文或散列", en="lacks the hashed text or the hash")
    if hashlib.sha256(text.encode()).hexdigest() != stated:
        return Words(zh="已被改动：散列与原文不符", en="was altered: the hash is not that of the text")
    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError:
        values = None
    names = HASHED.get(values[0]) if isinstance(values, list) and values and isinstance(values[0], int) else None
    if names is None or len(values) != len(names) or not isinstance(values[names.index("version")], int):
        return Words(zh="散列原文的格式不被识别", en="the hashed text is of no known format")
    return dict(zip(names, values, strict=True))


def _beside(row: Mapping[str, Any], content: Mapping[str, Any]) -> Iterable[Words]:
    stated = {name: row[name] or None for name in BESIDE if name in row}
    if row.get("version") not in (None, ""):
        stated["version"] = row["version"]
    for name, value in stated.items():
        if str(value) != str(content.get(name)):
            yield Words(zh=f"已被改动：{name} 与散列原文不符", en=f"was altered: {name} is not what was hashed")
    changes = row.get("changes")
    if changes and hashlib.sha256(str(changes).encode()).hexdigest() != content["changes_digest"]:
        yield Words(zh="已被改动：变更内容与摘要不符", en="was altered: the changes are not those of the digest")


def _follow(chain: Mapping[int, tuple[int, str, str]], report: CopyReport) -> None:
    version, last = 0, FIRST
    for each in sorted(chain):
        line, previous, own = chain[each]
        if each != version + 1:
            report.gaps += 1
        elif previous != last:
            words = Words(zh="与前一条记录不衔接", en="does not follow the line before it")
            report.flaws.append(CopyFlaw(line, words))
        version, last = each, own
