"""In whose hands a list is: the delegation's, until it is sent; then headquarters'."""

from tracker.kernel.actor import Actor
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.lists.models import ListStatus, ObserverList

OPEN = frozenset({ListStatus.CHECKED, ListStatus.CHECKING})


def has_in_hand(actor: Actor, found: ObserverList) -> bool:
    """Whether the list is the actor's to work on."""
    return found.is_with_delegation == actor.is_of_delegation


def demand_in_hand(actor: Actor, found: ObserverList) -> None:
    """Raise `Refused` where the list is closed or somebody else has it in hand."""
    actor.require(Capability.DELIVER_LISTS)
    if found.status not in OPEN:
        raise Refused(N_("This list is not open any more."))
    if has_in_hand(actor, found):
        return
    if found.is_with_delegation:
        raise Refused(N_("The delegation still prepares this list."))
    raise Refused(N_("This list was sent to headquarters and is not changed here any more."))


def demand_checked(found: ObserverList) -> None:
    """Raise `Refused` while a list is being checked: nobody knows yet what it would do."""
    if found.status is not ListStatus.CHECKED:
        raise Refused(N_("This list is still being checked."))
