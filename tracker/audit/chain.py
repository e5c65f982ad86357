"""The hash chain: how one entry vouches for the one before it (SHA-256, FIPS 180-4)."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

START = "0" * 64
COVERED = (
    "position",
    "recorded_at",
    "actor_id",
    "actor_name",
    "request_id",
    "action",
    "record_table",
    "record_id",
    "before",
    "after",
    "previous_digest",
)


class Entry(Protocol):
    """What the chain needs of an entry."""

    position: int
    previous_digest: str
    digest: str


@dataclass(frozen=True)
class Break:
    """Where the chain does not hold: the position, and what is wrong there."""

    position: int
    reason: str


def digest_of(values: dict[str, Any]) -> str:
    """The digest over the covered values; `recorded_at` is aware and in UTC."""
    covered = {name: values[name] for name in COVERED}
    covered["recorded_at"] = covered["recorded_at"].isoformat()
    text = json.dumps(covered, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def breaks(entries: Iterable[Entry]) -> Iterator[Break]:
    """Every place where the entries, in order of position, do not hold together."""
    previous_digest, expected = START, 1
    for entry in entries:
        if entry.position != expected:
            yield Break(expected, f"entry {expected} is missing, {entry.position} follows")
        if entry.previous_digest != previous_digest:
            yield Break(entry.position, "does not follow from the entry before it")
        if digest_of({name: getattr(entry, name) for name in COVERED}) != entry.digest:
            yield Break(entry.position, "was changed after it was recorded")
        previous_digest, expected = entry.digest, entry.position + 1
