"""Every total of any moment stays after a purge, whatever happened before it."""

from datetime import UTC, datetime

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import records
from tests.factories.traces import LATER
from tracker.accreditation.models import LIVE, AccreditationStatus, Assignment, Function, Transition
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.observers.models import Observer, Sex, TravelDocument
from tracker.retention import operations, queries
from tracker.retention.models import PurgeStatus
from tracker.totals.queries import figures, unproven

S = AccreditationStatus
MOMENTS = st.datetimes(datetime(2022, 10, 1), datetime(2022, 11, 21)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
HISTORIES = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from(S), MOMENTS), min_size=1, max_size=4),
        st.lists(st.tuples(st.sampled_from([*Function, None]), MOMENTS), max_size=2),
        st.sampled_from(["TR", "DE", "KZ", None]),
        st.sampled_from([*Sex, None]),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


def _store(delegations, history):
    steps, assigned, citizenship, sex, is_state = history
    steps, assigned = (sorted(each, key=lambda pair: pair[1]) for each in (steps, assigned))
    someone = records.observer(citizenship=citizenship, sex=sex, portrait=None)
    row = records.accreditation(
        delegations[is_state], status=steps[0][0], person=someone, at=steps[0][1], region="KZ-75"
    )
    last = steps[0][0]
    for status, moment in steps[1:]:
        if status is not last:
            db.session.add(
                Transition(
                    accreditation_id=row.id,
                    election_id=row.election_id,
                    from_status=last,
                    to_status=status,
                    effective_at=max(moment, row.status_at),
                    actor_name="KAYA",
                    ground_text="KAYA came late",
                )
            )
            row.status, row.is_live = status, status in LIVE
            row.status_at, last = max(moment, row.status_at), status
            db.session.flush()
    for function, moment in assigned:
        moment = max(moment, steps[0][1])
        db.session.add(
            Assignment(
                accreditation_id=row.id, function=function, effective_at=moment, actor_name="KAYA"
            )
        )
        row.function, row.region = function, None
    db.session.flush()


def _purged_at_once():
    """A purge in one transaction, without writing the database anew."""
    around = {"actor": SYSTEM}
    purge = operations.request_purge(**around, election=queries.elections()[0])
    around["purge"] = purge
    assert operations.begin_purge(**around), purge.problem
    place = 0
    while place is not None:
        place = operations.advance_purge(**around, place=place)
    operations.finish_purge(**around)
    db.session.commit()
    return purge


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories=HISTORIES, moments=st.lists(MOMENTS, max_size=3))
def test_totals_of_any_history_stay(session, histories, moments):
    for table in reversed(db.metadata.sorted_tables):
        if table.name == "data_keys":  # without them nothing can be written at all
            continue
        session.execute(sa.delete(table))
    session.commit()
    election = records.election()
    senders = records.delegation(election), records.delegation(election, records.state("TR", "T"))
    for history in histories:
        _store(senders, history)
    session.commit()
    asked = [{"as_of": None, "known_at": None}]
    asked += [{"as_of": moment, "known_at": None} for moment in moments]

    def all_figures():
        row = queries.elections()[0]
        found = [figures(row, **each) for each in asked]
        return found, [unproven(row, each, **at) for each, at in zip(found, asked, strict=True)]

    before = all_figures()
    with clock.at(LATER):
        purge = _purged_at_once()
    assert purge.status is PurgeStatus.DONE, purge.problem
    assert all_figures() == before
    people = db.session.scalars(sa.select(Observer)).unique().all()
    assert all(row.surname == f"№ {row.id}" for row in people)
    assert len(people) == len(histories)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(TravelDocument)) == 0
    assert set(db.session.scalars(sa.select(Transition.ground_text))) == {None}
