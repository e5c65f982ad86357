"""One shift hands over and the next takes over: two rows that nobody edits afterwards."""

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.logistics.models.duty import DutyShift, HandOver, NoteKind, TakeOver
from tracker.logistics.operations.duty_log import NoteDetails, write_note

TAKEN_ALREADY = N_("Somebody else has taken over at the same moment.")


def give_over(
    *, actor: Actor, election: Election, text: str, shift: DutyShift | None = None
) -> HandOver:
    """Hand over: a note of the log says what, in the words of whoever signs it."""
    # The note comes first: it locks the election, so that a second click meets the first's row.
    note = write_note(
        actor=actor, election=election, details=NoteDetails(kind=NoteKind.HAND_OVER, text=text)
    )
    if shift is not None and shift.election_id != election.id:
        raise Refused(N_("There is no such shift."), field="shift_id")
    if shift is not None and shift.starts_at > clock.now():
        raise Refused(N_("This shift has not begun yet."), field="shift_id")
    waiting = sa.select(HandOver.id).where(
        HandOver.election_id == election.id,
        HandOver.shift_id == (shift.id if shift else None),
        HandOver.id.not_in(sa.select(TakeOver.hand_over_id)),
    )
    if db.session.scalar(waiting.limit(1)) is not None:
        raise Refused(N_("This shift is handed over already and waits to be taken over."))
    found = HandOver(
        election_id=election.id,
        note_id=note.id,
        shift_id=shift.id if shift else None,
        given_at=note.recorded_at,
        given_by_id=actor.user_id,
        given_by=actor.name,
    )
    db.session.add(found)
    db.session.flush()
    return found


def take_over(*, actor: Actor, hand_over: HandOver) -> TakeOver:
    """Confirm that one has read what was handed over and is on duty from now on."""
    actor.require(Capability.MANAGE_LOGISTICS)
    if actor.user_id is not None and actor.user_id == hand_over.given_by_id:
        raise Refused(N_("Somebody else takes over what you have handed over."))
    if hand_over.taken is not None:
        raise Refused(TAKEN_ALREADY)
    found = TakeOver(
        hand_over_id=hand_over.id,
        taken_at=clock.now(),
        taken_by_id=actor.user_id,
        taken_by=actor.name,
    )
    db.session.add(found)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Refused(TAKEN_ALREADY) from error
    db.session.expire(hand_over, ["taken"])
    return found
