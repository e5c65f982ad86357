"""Accredited observers by two things at once, for the tables that are published."""

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from tracker.accreditation.counts import IS_OBSERVER
from tracker.accreditation.models import Accreditation, AccreditationStatus
from tracker.kernel.database import db
from tracker.observers.models import Observer
from tracker.totals.disclosure import Cell

CITIZENSHIP, SEX = Observer.citizenship, Observer.sex


def by_function(election_id: int, what: InstrumentedAttribute[str | None]) -> dict[Cell, int]:
    """Observers by (`what`, function), as of now; what is not known is left out."""
    query = (
        sa.select(what, Accreditation.function, sa.func.count())
        .join(Observer, Observer.id == Accreditation.observer_id)
        .where(
            Accreditation.election_id == election_id,
            Accreditation.status == AccreditationStatus.ACCREDITED,
            IS_OBSERVER,
            what.is_not(None),
            Accreditation.function.is_not(None),
        )
        .group_by(what, Accreditation.function)
    )
    return {
        (str(value), function.value): count
        for value, function, count in db.session.execute(query)
        if function is not None
    }
