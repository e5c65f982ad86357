"""Entering a whole list of arrivals and departures, or none of it."""

from collections.abc import Sequence

from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel.actor import Actor
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.logistics.operations.movements import MovementDetails, plan_movement


def enter_movements(
    *,
    actor: Actor,
    election: Election,
    rows: Sequence[tuple[Delegation, MovementDetails]],
    seen: int,
) -> int:
    """Enter every row; refused where it is not as many as the person saw when they accepted."""
    if len(rows) != seen or not rows:
        raise Refused(N_("Something was entered or changed meanwhile. Look at the rows again."))
    for delegation, details in rows:
        plan_movement(actor=actor, election=election, delegation=delegation, details=details)
    return len(rows)
