"""Who acts: the person, or the system itself, on whose behalf an operation runs.

Operations receive the actor as an argument; the audit record, which sees rows and not
arguments, reads the one that `acting` has set for the running request, command or job.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property

from tracker.kernel.errors import Forbidden
from tracker.kernel.permissions import Capability, Role, capabilities_of


@dataclass(frozen=True)
class Actor:
    """A signed-in person or the system; `delegation_ids` is None where the scope is everything.

    `at_most` narrows what the roles allow, for whoever comes with a token; None narrows nothing.
    """

    user_id: int | None
    name: str
    roles: frozenset[Role] = frozenset()
    email: str = ""
    delegation_ids: frozenset[int] | None = None
    request_id: str | None = field(default=None, compare=False)
    is_system: bool = False
    at_most: frozenset[Capability] | None = None

    @cached_property
    def capabilities(self) -> frozenset[Capability]:
        """What the actor may do; the system may do everything."""
        held = frozenset(Capability) if self.is_system else capabilities_of(self.roles)
        return held if self.at_most is None else held & self.at_most

    def may(self, capability: str) -> bool:
        """Whether the actor holds `capability`."""
        return capability in self.capabilities

    def require(self, capability: Capability) -> None:
        """Raise `Forbidden` unless the actor holds `capability`."""
        if not self.may(capability):
            raise Forbidden(capability)

    def sees_delegation(self, delegation_id: int) -> bool:
        """Whether the delegation is within the actor's scope."""
        return self.delegation_ids is None or delegation_id in self.delegation_ids

    @property
    def is_of_delegation(self) -> bool:
        """Whether the actor stands on a delegation's side, and not on headquarters'."""
        return self.delegation_ids is not None

    @property
    def initials(self) -> str:
        """Up to two letters for the account button."""
        return "".join(part[0] for part in self.name.split()[:2]).upper()


SYSTEM = Actor(user_id=None, name="system", is_system=True)
NOBODY = "anonymous"  # the name of whoever is not signed in

_acting: ContextVar[Actor] = ContextVar("acting", default=SYSTEM)


def acting_actor() -> Actor:
    """The actor of the running request, command or job."""
    return _acting.get()


def act_as(actor: Actor) -> None:
    """Set the actor for the rest of this context (one request)."""
    _acting.set(actor)


@contextmanager
def acting(actor: Actor) -> Iterator[Actor]:
    """Run the block on behalf of `actor`."""
    token = _acting.set(actor)
    try:
        yield actor
    finally:
        _acting.reset(token)
