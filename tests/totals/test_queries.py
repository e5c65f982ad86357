"""The SQL of the figures equals a recount of the history, for random histories and moments."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import records
from tracker.accreditation.models import LIVE, AccreditationStatus, Assignment, Function, Transition
from tracker.kernel.database import db
from tracker.totals.queries import curve, figures, recount, standing

START = datetime(2022, 10, 1, tzinfo=UTC)
STEP = st.tuples(
    st.sampled_from(AccreditationStatus), st.integers(0, 9), st.integers(0, 9), st.booleans()
)


def build(histories, unit):
    election = records.election()
    senders = [
        records.organization(),
        records.state("TR", "Türkiye"),
        records.state("GE", "Georgia"),
    ]
    delegations = [records.delegation(election, sender) for sender in senders]
    for number, history in enumerate(histories):
        delegation = delegations[number % 3]
        person = records.observer(citizenship=("TR", "GE", "US")[number % 3])
        function = Function.DRIVER if number % 4 == 3 else Function.SHORT_TERM_OBSERVER
        history = sorted(history, key=lambda step: step[1])
        source = AccreditationStatus.DRAFT
        row = records.accreditation(
            delegation,
            person=person,
            status=source,
            at=START - timedelta(days=5),
            function=function,
        )
        for status, effective, recorded, changes in history:
            if status == source:
                continue
            moment = START + effective * unit
            db.session.add(
                Transition(
                    accreditation_id=row.id,
                    election_id=election.id,
                    from_status=source,
                    to_status=status,
                    effective_at=moment,
                    recorded_at=moment + recorded * unit,
                    actor_name="test",
                )
            )
            if changes:
                db.session.add(
                    Assignment(
                        accreditation_id=row.id,
                        function=function,
                        region="KZ-71",
                        effective_at=moment,
                        recorded_at=moment,
                        actor_name="test",
                    )
                )
                row.region = "KZ-71"
            source = status
            db.session.flush()
        row.status, row.is_live = source, source in LIVE
        db.session.flush()
    return election


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.lists(STEP, min_size=1, max_size=5), min_size=1, max_size=6),
    st.integers(-6, 12),
    st.integers(-6, 20),
    st.sampled_from([timedelta(days=1), timedelta(minutes=5), timedelta(minutes=7, seconds=30)]),
)
def test_figures_equal_the_recount(session, histories, as_of, known_at, unit):
    savepoint = session.begin_nested()
    try:
        election = build(histories, unit)
        moments = {
            "as_of": START + as_of * unit,
            "known_at": START + known_at * unit,
        }
        for asked in ({}, moments, {"as_of": moments["as_of"]}, {"known_at": moments["known_at"]}):
            found = figures(election, **asked)
            assert found == recount(election, **asked)
            assert (
                found.observers == found.observers_from_organizations + found.observers_from_states
            )
            assert found.observers == sum(found.by_citizenship.values())
        points = curve(election)
        assert (points[-1].total if points else 0) == figures(election).observers
    finally:
        savepoint.rollback()
        session.expunge_all()


def test_an_as_of_moment_includes_what_takes_effect_at_it(session):
    election = records.election()
    delegation = records.delegation(election)
    moment = datetime(2022, 10, 17, 5, tzinfo=UTC)
    records.accreditation(delegation, status=AccreditationStatus.ACCREDITED, at=moment)
    assert figures(election, as_of=moment).observers == 1
    assert figures(election, as_of=moment - timedelta(microseconds=1)).observers == 0
    assert figures(election, known_at=moment - timedelta(microseconds=1)).observers == 0
    rows = db.session.execute(standing(election.id, as_of=moment).select()).all()
    assert len(rows) == 1


def test_support_staff_never_count(session):
    election = records.election()
    delegation = records.delegation(election)
    records.accreditation(
        delegation, status=AccreditationStatus.ACCREDITED, function=Function.INTERPRETER
    )
    found = figures(election)
    assert (found.observers, found.pipeline["accredited"]) == (0, 0)
