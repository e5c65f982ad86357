"""What somebody looks for, what is found of it, and who is named by each word of it.

A delegation, an official or an institution is found first, since there are few, so that their
meetings and requests follow without a copy of any name.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import format_datetime

from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.words import EXACT, START, rank
from tracker.meetings.queries import sender_name
from tracker.officials.models import Institution, Official
from tracker.organizations.queries import rank_of


@dataclass(frozen=True, kw_only=True)
class Row:
    """One record as found; `election` where it is not the one worked on."""

    title: str
    detail: str
    endpoint: str
    values: dict[str, Any]
    rank: int = START
    election: Election | None = None


@dataclass(frozen=True, kw_only=True)
class Hits:
    """The first rows and how many there are in all; None: too many to count."""

    rows: Sequence[Row] = ()
    count: int | None = 0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is looked for, by whom, and among whom the words may name somebody."""

    actor: Actor
    election: Election
    elections: dict[int, Election]
    text: str
    words: tuple[str, ...]
    number: int | None  # of "17" and "No. 17"
    limit: int
    now: datetime
    senders: dict[int, Delegation]  # within the actor's scope, in all elections
    officials: Sequence[Official] = ()
    institutions: Sequence[Institution] = ()
    named: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def delegations_named(self, word: str) -> list[int]:
        """Ids of the delegations of which a word begins so."""
        return self._ids("delegation", word, self.senders.values(), _sender_rank)

    def officials_named(self, word: str) -> list[int]:
        """Ids of the officials of which a word begins so."""
        return self._ids("official", word, self.officials, official_rank)

    def institutions_named(self, word: str) -> list[int]:
        """Ids of the institutions of which a word begins so."""
        return self._ids("institution", word, self.institutions, institution_rank)

    def _ids(
        self, kind: str, word: str, rows: Iterable[Any], judge: Callable[..., int | None]
    ) -> list[int]:
        if (kind, word) not in self.named:
            found = [row.id for row in rows if judge(row, (word,)) in {EXACT, START}]
            self.named[kind, word] = found
        return self.named[kind, word]

    def elsewhere(self, election_id: int) -> Election | None:
        """The election of a record, where it is another one."""
        return None if election_id == self.election.id else self.elections[election_id]

    def sender(self, delegation_id: int) -> str:
        """What a delegation is called."""
        return sender_name(self.senders[delegation_id].organization)

    def local(self, moment: datetime, election_id: int) -> str:
        """A moment of an election in its own time."""
        zone = self.elections[election_id].time_zone
        return str(format_datetime(clock.local(moment, zone), "d MMM y, HH:mm", rebase=False))

    def slug(self, election_id: int) -> dict[str, Any]:
        """The beginning of an address within an election."""
        return {"election": self.elections[election_id].slug}


def names_of(row: Any, attribute: str = "name") -> tuple[str, ...]:
    """A value in each language."""
    return tuple(str(getattr(row, f"{attribute}_{code}")) for code in ("en", "ru", "kk"))


def _sender_rank(row: Delegation, words: Sequence[str]) -> int | None:
    return rank_of(row.organization, " ".join(words))


def official_rank(row: Official, words: Sequence[str]) -> int | None:
    """By name, by position, by institution, or a word of each."""
    return rank(words, (*names_of(row), *names_of(row, "position"), *names_of(row.institution)))


def institution_rank(row: Institution, words: Sequence[str]) -> int | None:
    """By name."""
    return rank(words, names_of(row))
