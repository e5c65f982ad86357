"""What somebody looks for, what is found of it, and who is named by each word of it.

A delegation, an official or an institution is found first, since there are few, so that their
meetings and requests follow without a copy of any name.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.days import dated
from tracker.kernel.words import START, WHOLE, Term, is_cyrillic, rank, words_of
from tracker.officials.models import Institution, Official
from tracker.organizations.labels import sender_name
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
    whole: dict[str, bool] = field(default_factory=dict)
    held: dict[str, dict[str, Term]] = field(default_factory=dict)  # by word and table

    @property
    def typed(self) -> list[str]:
        """The words as they were typed."""
        return [each for each in self.text.split() if words_of(each)][:6]

    def delegations_named(self, typed: str) -> list[int]:
        """Ids of the delegations that have this word, or else of which a word begins so."""
        return self._ids(
            "delegation", typed, self.senders.values(), lambda row: rank_of(row.organization, typed)
        )

    def officials_named(self, typed: str) -> list[int]:
        """The same of officials."""
        words = words_of(typed)
        return self._ids("official", typed, self.officials, lambda row: official_rank(row, words))

    def institutions_named(self, typed: str) -> list[int]:
        """The same of institutions."""
        words = words_of(typed)
        return self._ids(
            "institution", typed, self.institutions, lambda row: institution_rank(row, words)
        )

    def is_name(self, typed: str) -> bool:
        """Whether somebody is called just so in Cyrillic: "ОБСЕ" is asked for, no "Observers"."""
        for named in (self.delegations_named, self.officials_named, self.institutions_named):
            named(typed)
        return is_cyrillic(typed) and self.whole[typed]

    def _ids(
        self, kind: str, typed: str, rows: Iterable[Any], judge: Callable[[Any], int | None]
    ) -> list[int]:
        if (kind, typed) not in self.named:
            ranked = [(order, row.id) for row in rows if (order := judge(row)) is not None]
            best = WHOLE if any(order <= WHOLE for order, _id in ranked) else START
            self.whole[typed] = self.whole.get(typed, False) or best == WHOLE
            self.named[kind, typed] = [key for order, key in ranked if order <= best]
        return self.named[kind, typed]

    def elsewhere(self, election_id: int) -> Election | None:
        """The election of a record, where it is another one."""
        return None if election_id == self.election.id else self.elections[election_id]

    def sender(self, delegation_id: int) -> str:
        """What a delegation is called."""
        return sender_name(self.senders[delegation_id].organization)

    def local(self, moment: datetime, election_id: int) -> str:
        """A moment of an election in its own time."""
        zone = self.elections[election_id].time_zone
        return dated(clock.local(moment, zone), "d MMM y, HH:mm")

    def slug(self, election_id: int) -> dict[str, Any]:
        """The beginning of an address within an election."""
        return {"election": self.elections[election_id].slug}


def names_of(row: Any, attribute: str = "name") -> tuple[str, ...]:
    """A value in each language."""
    return tuple(str(getattr(row, f"{attribute}_{code}")) for code in ("en", "ru", "kk"))


def official_rank(row: Official, words: Sequence[str]) -> int | None:
    """By name, by position, by institution, or a word of each."""
    return rank(words, (*names_of(row), *names_of(row, "position"), *names_of(row.institution)))


def institution_rank(row: Institution, words: Sequence[str]) -> int | None:
    """By name."""
    return rank(words, names_of(row))
