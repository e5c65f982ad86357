"""What a user does to an accreditation: one verb a step, all through `steps.advance`."""

from tracker.accreditation.operations.many import (
    Entry,
    create_accreditations,
    register_complete,
)
from tracker.accreditation.operations.observers import (
    Place,
    check_pledge,
    create_accreditation,
    expire_ended_elections,
    register_observer,
    revoke_accreditation,
    update_observer,
    withdraw_accreditation,
)
from tracker.accreditation.operations.steps import Reason
from tracker.accreditation.operations.submissions import (
    Decision,
    decide_submission,
    submit_observers,
)

__all__ = [
    "Decision",
    "Entry",
    "Place",
    "Reason",
    "check_pledge",
    "create_accreditation",
    "create_accreditations",
    "decide_submission",
    "expire_ended_elections",
    "register_complete",
    "register_observer",
    "revoke_accreditation",
    "submit_observers",
    "update_observer",
    "withdraw_accreditation",
]
