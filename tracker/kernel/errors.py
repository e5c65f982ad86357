"""Refusals: what an operation raises when a rule, another person or the database says no.

A message is an English msgid with %(name)s placeholders; the edge that shows it translates it
(`tracker.kernel.i18n.say`). `field` names the form field that it belongs beside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class Words(tuple[str, ...]):
    """Msgids that are translated one by one and joined as the language joins a list."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(self)


class Refused(Exception):
    """An operation that was not done, and why; nothing was changed."""

    def __init__(self, message: str, *, field: str | None = None, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.params = params

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class Several(Refused):
    """Everything that stands against it, all at once; the first speaks where only one can."""

    def __init__(self, refusals: Sequence[Refused]) -> None:
        first = refusals[0]
        super().__init__(first.message, field=first.field, **first.params)
        self.refusals = tuple(refusals)


class Forbidden(Refused):
    """The actor does not hold the capability."""

    def __init__(self, capability: str) -> None:
        super().__init__("You are not allowed to do this.")
        self.capability = capability


class NotFound(Refused):
    """No such record within the actor's scope."""


@dataclass(frozen=True)
class Difference:
    """One field of a record that another person changed meanwhile."""

    field: str
    theirs: Any
    yours: Any


class Stale(Refused):
    """Somebody else changed the record after this form was opened."""

    def __init__(self, message: str, *, differences: Sequence[Difference] = (), **p: Any) -> None:
        super().__init__(message, **p)
        self.differences = tuple(differences)
