"""Anchors: one line a day that says how far the record reached, in a file to be kept elsewhere.

The chain alone does not show that its end was cut off, nor that all of it from some entry on was
made anew by somebody who can write into the database: the digests follow from one another, and
nothing is secret in them. A line of this file vouches for all entries up to its own:

    <position> <digest of that entry> <moment, UTC> <digest of this line>

The digest of a line is SHA-256 over that of the line before it and the rest of its own, so the
file is a chain as well; and each line is announced by an entry of the record (its number, and the
digest that it follows), so that a file that lost lines is found, too. Who wants to change the past
must change the database, the file, and every copy of the file that is kept elsewhere.
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tracker.audit.chain import START, Break
from tracker.kernel.i18n import N_

ANCHOR = "anchor"  # the action of entries that announce a line
_LINE = re.compile(r"(\d{1,18}) ([0-9a-f]{64}) (\S+) ([0-9a-f]{64})")


@dataclass(frozen=True)
class Anchor:
    """One line: the entry that it vouches for, when it was written, and its own digest."""

    position: int
    digest: str
    at: datetime
    own_digest: str

    @classmethod
    def following(cls, previous: str, *, position: int, digest: str, at: datetime) -> "Anchor":
        """The anchor of an entry, after the line whose own digest is `previous`."""
        plain = f"{position} {digest} {at.astimezone(UTC).isoformat()}"
        own_digest = hashlib.sha256(f"{previous} {plain}".encode()).hexdigest()
        return cls(position, digest, at, own_digest)

    @classmethod
    def read(cls, line: str) -> "Anchor | None":
        """What a line says; None where it is no line of this file."""
        found = _LINE.fullmatch(line)
        if found is None:
            return None
        try:
            return cls(int(found[1]), found[2], datetime.fromisoformat(found[3]), found[4])
        except ValueError:
            return None

    def __str__(self) -> str:
        return (
            f"{self.position} {self.digest} {self.at.astimezone(UTC).isoformat()} {self.own_digest}"
        )


@dataclass(frozen=True)
class Announced:
    """What an entry of the record says of a line: its number, and the digest that it follows.

    The line vouches for this very entry, and bears its moment. `is_anew`: the first line of a new
    file; lines that were announced before are in another one.
    """

    position: int
    at: datetime
    line: int
    follows: str
    is_anew: bool


@dataclass(frozen=True)
class Lines:
    """A file of anchors; `is_copy`: one kept elsewhere, which need not be as long."""

    anchors: tuple[Anchor | None, ...]
    is_copy: bool = False

    @classmethod
    def of(cls, file: Path, *, is_copy: bool = False) -> "Lines":
        """What stands in `file`; nothing where there is none."""
        try:
            text = file.read_text(encoding="ascii", errors="replace")
        except FileNotFoundError:
            text = ""
        return cls(tuple(Anchor.read(line) for line in text.splitlines()), is_copy)

    @property
    def known(self) -> dict[int, Anchor]:
        """The lines that can be read, by number."""
        numbered = enumerate(self.anchors, start=1)
        return {number: anchor for number, anchor in numbered if anchor is not None}

    @property
    def last(self) -> Anchor | None:
        """The last line that can be read."""
        return next(reversed(self.known.values()), None)

    def own_digest(self, line: int) -> str | None:
        """The digest of line number `line`; of line 0, what the first one follows."""
        if line == 0:
            return START
        anchor = self.anchors[line - 1] if line <= len(self.anchors) else None
        return anchor.own_digest if anchor else None


def breaks_of_file(lines: Lines) -> Iterator[Break]:
    """Every line that is none, was changed, or does not follow from the one before it."""
    for number, anchor in enumerate(lines.anchors, start=1):
        if anchor is None:
            yield Break(0, N_("cannot be read"), line=number)
            continue
        previous = lines.own_digest(number - 1)
        made = previous and Anchor.following(
            previous, position=anchor.position, digest=anchor.digest, at=anchor.at
        )
        if made and made.own_digest != anchor.own_digest:
            message = N_("was changed, or does not follow from the line before it")
            yield Break(0, message, line=number)


@dataclass(frozen=True)
class Stored:
    """What the record has where lines may name it.

    `digests` are those of the entries that lines name, `last` is the last entry's position,
    `doubted` are entries whose own digest does not hold: they say nothing about lines.
    """

    digests: Mapping[int, str]
    last: int
    doubted: frozenset[int]

    def bears_out(self, anchor: Anchor) -> bool | None:
        """Whether the entry is the one that a line vouches for; None where nobody can tell."""
        if anchor.position in self.doubted or anchor.position not in self.digests:
            return None
        return self.digests[anchor.position] == anchor.digest


def breaks_of_record(lines: Lines, stored: Stored, wrong: Collection[int]) -> Iterator[Break]:
    """Where the record is not what the lines vouch for; `wrong` ones vouch for nothing."""
    good, is_off, beyond = 0, False, []
    for number, anchor in lines.known.items():
        is_so = stored.bears_out(anchor)
        if is_so:
            good, is_off = max(good, anchor.position), False
        elif number in wrong:
            continue
        elif anchor.position > stored.last:
            beyond.append(anchor)
        elif is_so is False and anchor.position <= good:
            yield Break(0, N_("contradicts a line before it"), line=number)
        elif is_so is False and not is_off:
            is_off = True
            message = N_(
                "and what follows cannot be trusted: an anchor of %(at)s vouches for other entries "
                "up to %(last)s"
            )
            yield Break(good + 1, message, {"last": anchor.position, "at": _written(anchor)})
    if beyond:
        most = max(beyond, key=lambda anchor: anchor.position)
        message = N_("is missing, and all up to %(last)s: an anchor of %(at)s vouches for them")
        yield Break(stored.last + 1, message, {"last": most.position, "at": _written(most)})


def _written(anchor: Anchor) -> str:
    return f"{anchor.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def breaks_of_announced(
    lines: Lines, stored: Stored, announced: Sequence[Announced]
) -> Iterator[Break]:
    """Lines that are not as the record announced them, since the file was last begun anew."""
    current = [said for said in since_anew(announced) if said.position not in stored.doubted]
    latest = {said.line: said for said in current}  # one may be announced twice, see `jobs`
    for said in current:
        follows = lines.own_digest(said.line - 1)
        if follows is not None and follows != said.follows:
            message = N_("is not the line that was there when entry %(position)s was recorded")
            yield Break(0, message, {"position": said.position}, line=max(said.line - 1, 1))
    for number, anchor in lines.known.items():
        known = latest.get(number)
        if known and (known.position, known.at) != (anchor.position, anchor.at):
            message = N_("is not as entry %(position)s announced it")
            yield Break(0, message, {"position": known.position}, line=number)
        elif not known and stored.bears_out(anchor):
            yield Break(0, N_("is announced by no entry of the record"), line=number)
    most = max(latest, default=0)
    if most > len(lines.anchors):
        message = N_("is missing, and all up to %(last)s: the record announced them")
        yield Break(0, message, {"last": most}, line=len(lines.anchors) + 1)


def since_anew(announced: Sequence[Announced]) -> list[Announced]:
    """What was announced of the file that is written now."""
    starts = [number for number, said in enumerate(announced) if said.is_anew]
    return list(announced[starts[-1] if starts else 0 :])


class OpenFile:
    """The file of this installation while one process, and no other, may add to it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def lines(self) -> Lines:
        """What stands in it; a line that a lost machine left half-written is taken away."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        with os.fdopen(os.dup(self._descriptor), "rb") as file:
            content = file.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.ftruncate(self._descriptor, whole)
        text = content[:whole].decode("ascii", errors="replace")
        return Lines(tuple(Anchor.read(line) for line in text.splitlines()))

    def append(self, anchor: Anchor) -> None:
        """Add a line, on the disk when this returns."""
        os.write(self._descriptor, f"{anchor}\n".encode())
        os.fsync(self._descriptor)


@contextmanager
def opened(file: Path) -> Iterator[OpenFile]:
    """Hold the file, made where there is none, against every other process that would add."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield OpenFile(descriptor)
    finally:
        os.close(descriptor)
