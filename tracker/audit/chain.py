"""The hash chain: how one entry vouches for the one before it (SHA-256, FIPS 180-4).

The digest of an entry covers its content only through a commitment: SHA-256 over a random salt
and the content. So the content may be erased together with its salt when the law wants personal
data gone: the entry keeps its place and the chain holds, nobody finds the content again by trying
what it may have been, and content that was changed instead is still found.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from tracker.kernel.i18n import N_

START = "0" * 64
SALT_BYTES = 16
COVERED = (
    "position",
    "recorded_at",
    "actor_id",
    "actor_name",
    "request_id",
    "action",
    "record_table",
    "record_id",
    "content_digest",
    "previous_digest",
)
ERASE = "erase"
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class Entry(Protocol):
    """What the chain needs of an entry, beside what its digest covers."""

    position: int
    recorded_at: datetime
    action: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    content_salt: str | None
    content_digest: str
    erased_at: datetime | None
    previous_digest: str
    digest: str


@dataclass(frozen=True)
class Break:
    """One place where the record does not hold: its position, and what is wrong there.

    `message` is a msgid with `params`; `line` is the place in the file of anchors, where it is
    the file and not the record that is wrong.
    """

    position: int
    message: str
    params: dict[str, Any] = field(default_factory=dict, hash=False)
    line: int | None = None

    @property
    def reason(self) -> str:
        """What is wrong, in English."""
        return self.message % self.params if self.params else self.message

    @property
    def where(self) -> str:
        """The place, in English."""
        return f"line {self.line} of the anchors" if self.line else f"entry {self.position}"


def salts(count: int) -> list[str]:
    """So many random salts, written in hexadecimal."""
    text, size = os.urandom(SALT_BYTES * count).hex(), 2 * SALT_BYTES
    return [text[start : start + size] for start in range(0, size * count, size)]


def content_digest_of(salt: str, before: Any, after: Any) -> str:
    """The commitment to what an entry says was there before and after."""
    content = _encode({"after": after, "before": before}).encode()
    return hashlib.sha256(bytes.fromhex(salt) + content).hexdigest()


def digest_of(values: dict[str, Any]) -> str:
    """The digest over the covered values; `recorded_at` is aware and in UTC."""
    covered = {name: values[name] for name in COVERED}
    covered["recorded_at"] = covered["recorded_at"].isoformat()
    return hashlib.sha256(_encode(covered).encode()).hexdigest()


def _runs(positions: Iterable[int]) -> list[tuple[int, int]]:
    """Ascending positions as first and last of each unbroken run."""
    found: list[tuple[int, int]] = []
    for position in positions:
        if found and found[-1][1] == position - 1:
            found[-1] = found[-1][0], position
        else:
            found.append((position, position))
    return found


def ranges_of(positions: Iterable[int]) -> str:
    """Ascending positions in few words: "1-5 8 10-12"."""
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in _runs(positions))


def positions_in(text: str) -> Iterator[int]:
    """The positions that `ranges_of` wrote."""
    for part in text.split():
        first, _dash, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


@dataclass(frozen=True)
class Unreadable:
    """An entry whose columns hold what they cannot: `position` may not even be a number."""

    position: Any


@dataclass
class _Walk:
    """What the entries so far have left to be compared with the next one."""

    expected: int = 1
    digest: str | None = START  # None: of an entry that is itself in doubt
    erased: dict[int, datetime] = field(default_factory=dict)


def breaks(entries: Iterable[Entry | Unreadable]) -> Iterator[Break]:
    """Every place where the entries, in order of position, do not hold together.

    An entry whose successor holds by itself, yet follows from another digest, was made anew after
    it was recorded; so each break is said of the entry that was tampered with, once.
    """
    walk = _Walk()
    for entry in entries:
        if not isinstance(entry.position, int) or entry.position < walk.expected:
            place = entry.position if isinstance(entry.position, int) else walk.expected
            yield Break(place, N_("stands where no entry can be"))
            continue
        if entry.position > walk.expected:
            yield _missing(walk.expected, entry.position - 1)
            walk.digest = None  # of what is missing
        if isinstance(entry, Unreadable):
            yield Break(entry.position, N_("cannot be read"))
            walk.digest = None
        else:
            yield from _checked(entry, walk)
        walk.expected = entry.position + 1
    for first, last in _runs(sorted(walk.erased)):
        yield _taken(first, last)


def _checked(entry: Entry, walk: _Walk) -> Iterator[Break]:
    """What is wrong with one entry, or, as it shows, with the one before it."""
    is_whole = digest_of({name: getattr(entry, name) for name in COVERED}) == entry.digest
    if not is_whole:
        yield Break(entry.position, N_("was changed after it was recorded"))
    elif walk.digest is not None and entry.previous_digest != walk.digest:
        yield _rewritten(entry.position)
    wrong = _content(entry, walk.erased)
    if is_whole and wrong:
        yield Break(entry.position, wrong)
    walk.digest = entry.digest if is_whole else None


def _content(entry: Entry, erased: dict[int, datetime]) -> str | None:
    """What is wrong with the content of an entry.

    `erased` collects entries without content until the entry that says so accounts for them, and
    at the same moment: nobody else may take content away.
    """
    if entry.erased_at is not None:
        if any(part is not None for part in (entry.before, entry.after, entry.content_salt)):
            return N_("is said to be erased, and has content")
        erased[entry.position] = entry.erased_at
        return None
    if entry.content_salt is None:
        return N_("lost its content, and no erasure of it was recorded")
    if not _holds(entry.content_salt, entry):
        return N_("has other content than was recorded")
    if entry.action == ERASE and entry.after:
        for position in positions_in(str(entry.after["positions"])):
            if erased.get(position) == entry.recorded_at:
                del erased[position]
    return None


def _holds(salt: str, entry: Entry) -> bool:
    with suppress(ValueError):  # a salt that is no hexadecimal number
        return content_digest_of(salt, entry.before, entry.after) == entry.content_digest
    return False


def _missing(first: int, last: int) -> Break:
    if first == last:
        return Break(first, N_("is missing"))
    return Break(first, N_("is missing, and all up to %(last)s"), {"last": last})


def _taken(first: int, last: int) -> Break:
    if first == last:
        return Break(first, N_("lost its content, and no erasure of it was recorded"))
    message = N_("lost its content, as all up to %(last)s, and no erasure of it was recorded")
    return Break(first, message, {"last": last})


def _rewritten(position: int) -> Break:
    """The entry at `position` holds by itself and follows from something else."""
    if position == 1:
        return Break(1, N_("follows from another entry, and is the first"))
    return Break(position - 1, N_("was recorded anew: the entry after it follows from another"))


def chained(
    changes: Sequence[dict[str, Any]], *, position: int, digest: str, common: dict[str, Any]
) -> list[dict[str, Any]]:
    """Rows that follow the entry at `position`: `changes` with what is `common` to them all."""
    rows = []
    for change, salt in zip(changes, salts(len(changes)), strict=True):
        position += 1
        row = change | common
        row["position"], row["previous_digest"] = position, digest
        row["content_salt"] = salt
        row["content_digest"] = content_digest_of(salt, change["before"], change["after"])
        row["digest"] = digest = digest_of(row)
        rows.append(row)
    return rows
