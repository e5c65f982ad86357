"""A list goes to headquarters, and comes back where something is to be mended.

While the delegation has it, the check tells it of its own people only: whom others have entered is
none of its business, and must not be found out by sending names.
"""

import sqlalchemy as sa

from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.lists.models import ListRow, ObserverList
from tracker.lists.operations import check_again
from tracker.lists.rules import demand_checked, demand_in_hand


def send_list(
    *, actor: Actor, election: Election, delegation: Delegation, found: ObserverList
) -> None:
    """Hand a list over to headquarters, where it is checked against the whole record."""
    demand_in_hand(actor, found)
    if not found.is_with_delegation:
        raise Refused(N_("This list is with headquarters already."))
    demand_checked(found)
    counts = found.facts["counts"]
    if counts["problem"]:
        raise Refused(
            N_("%(count)s rows still have problems. Mend them or leave them out."),
            count=counts["problem"],
        )
    if not counts["new"] and not counts["changed"] and not found.dropped:
        raise Refused(N_("There is nothing to send: every row is in the register already."))
    found.is_with_delegation, found.return_reason = False, None
    found.sent_at, found.sent_by = clock.now(), actor.name
    check_again(found, election, delegation)


def return_list(
    *, actor: Actor, election: Election, delegation: Delegation, found: ObserverList, reason: str
) -> ObserverList:
    """Give a list back to the delegation that sent it, and say what to mend."""
    actor.require(Capability.EDIT_OBSERVERS)
    demand_in_hand(actor, found)
    if found.sent_at is None:
        raise Refused(N_("Headquarters took this list in itself: put it away instead."))
    if not reason.strip():
        raise Refused(N_("Say what the delegation is to mend."), field="reason")
    found.is_with_delegation, found.return_reason = True, reason.strip()
    found.sent_at = found.failure = None
    # What headquarters' check said goes at once, also where the job process checks anew.
    db.session.execute(sa.delete(ListRow).where(ListRow.list_id == found.id))
    check_again(found, election, delegation)
    return found
