"""An accepted list wholly out again."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from tracker.accreditation.models import Accreditation, AccreditationStatus, Ground
from tracker.accreditation.operations import (
    Entry,
    Reason,
    create_accreditations,
    withdraw_accreditation,
)
from tracker.accreditation.queries import accreditation_for, presented_elsewhere
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db, in_chunks
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.lists.models import ListEffect, ListEffectKind, ListStatus, ObserverList
from tracker.lists.values import details_of, place_of, save
from tracker.observers.models import Observer
from tracker.observers.operations import save_contacts, save_person

UNSUBMITTED = frozenset({AccreditationStatus.DRAFT, AccreditationStatus.REGISTERED})


def undo_list(
    *, actor: Actor, election: Election, delegation: Delegation, found: ObserverList
) -> None:
    """Take a whole list back while nobody on it has been submitted.

    History is never erased: whom the list entered is withdrawn, what it changed is put back, and
    whom it withdrew is entered again.
    """
    actor.require(Capability.EDIT_OBSERVERS)
    if found.status is not ListStatus.ACCEPTED:
        raise Refused(N_("Only an accepted list can be undone."))
    effects = db.session.scalars(
        sa.select(ListEffect).where(ListEffect.list_id == found.id).order_by(ListEffect.id)
    ).all()
    _check_unsubmitted(effects)
    text = f"{found.filename} (list {found.id}) was undone"
    back: list[Entry] = []
    for effect in effects:
        row = accreditation_for(actor, election.id, effect.accreditation_id)
        before = json.loads(effect.before) if effect.before else {}
        if effect.kind is ListEffectKind.CREATED and row.is_live:
            reason = Reason(Ground.OTHER, text)
            withdraw_accreditation(actor=actor, row=row, reason=reason)
            if before:
                _put_back(actor, election, row.observer, before)
        elif effect.kind is ListEffectKind.CHANGED and row.is_live:
            save(actor, election, row, before, None)
        elif effect.kind is ListEffectKind.WITHDRAWN:
            details = details_of(before, row.observer.portrait)
            back.append(Entry(details=details, place=place_of(before), observer_id=row.observer_id))
    create_accreditations(actor=actor, election=election, delegation=delegation, entries=back)
    found.status, found.undone_at, found.undone_by = ListStatus.UNDONE, clock.now(), actor.name
    db.session.flush()


def _put_back(
    actor: Actor, election: Election, person: Observer, before: Mapping[str, str]
) -> None:
    """A person who was known before the list, as they were; a new portrait stays. Where they were
    presented in another election meanwhile, only contacts are put back."""
    details = details_of(before, None)
    if presented_elsewhere(election.id, [person.id]):
        save_contacts(actor=actor, observer=person, details=details)
        return
    save_person(
        actor=actor, details=details, today=clock.today(election.time_zone), observer=person
    )


def _check_unsubmitted(effects: Any) -> None:
    submitted = 0
    ids = {row.accreditation_id for row in effects if row.kind is ListEffectKind.CREATED}
    for chunk in in_chunks(ids):
        submitted += (
            db.session.scalar(
                sa.select(sa.func.count()).where(
                    Accreditation.id.in_(chunk),
                    Accreditation.status.not_in(UNSUBMITTED | {AccreditationStatus.WITHDRAWN}),
                )
            )
            or 0
        )
    if submitted:
        raise Refused(
            N_("%(count)s observers of this list have been submitted: it stays."),
            count=submitted,
        )
