"""A purge of the whole demonstration: nothing personal is left anywhere, every total stays."""

import sqlite3
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from tests.factories import traces
from tests.factories.addresses import own_rules
from tests.journeys.demonstration import demonstration, environment, signed_in
from tracker.accreditation.models import Accreditation, Transition
from tracker.audit.queries import last_position, verify
from tracker.cli import main
from tracker.credentials.models import Certificate
from tracker.elections.queries import election_for
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role
from tracker.kernel.words import SearchEnding, SearchWord
from tracker.observers.models import Observer
from tracker.publications.models import PressNote
from tracker.retention import operations, queries
from tracker.retention.jobs import complete
from tracker.retention.models import Category, PurgeStatus
from tracker.retention.proof import totals
from tracker.retention.report import report_lines


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The demonstration with traces of people everywhere, before and after a purge."""
    folder = tmp_path_factory.mktemp("demonstration")
    app = demonstration(folder)
    with app.app_context():
        found = traces.leave()
        with clock.at(traces.LATER):
            election = election_for(SYSTEM, "kz-2022")
            position = last_position()
            plan = queries.plan_purge(election, queries.today(election))
            was_read_only = last_position() == position
            steps = db.session.scalar(sa.select(sa.func.count(Transition.id)))
            before = totals()
            db.session.rollback()
            places_before = traces.places(
                found, folder, tmp_path_factory.mktemp("patterns") / "before"
            )
            with unit_of_work(SYSTEM):
                election = election_for(SYSTEM, "kz-2022")
                number = operations.request_purge(actor=SYSTEM, election=election).id
            status = complete(SYSTEM, number)
            purge = queries.purge_for(number)
            db.session.refresh(purge)
            db.session.expunge_all()
            purge.election = election_for(SYSTEM, "kz-2022")
        found_report = list(report_lines(purge))
        number = db.session.scalars(sa.select(Certificate).order_by(Certificate.id)).first().number
    yield SimpleNamespace(**locals())
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def inside(world):
    """Within the application; requests of a browser begin outside of it."""
    with world.app.app_context():
        yield
        db.session.rollback()


def test_the_traces_were_there(world):
    said = "\n".join(world.places_before)
    for trace in (": surname: ", ": digest of a document number: ", "is there"):
        assert trace in said
    assert "jobs.sqlite" in said


def test_nothing_personal_is_left_in_any_file_of_the_installation(world, tmp_path):
    assert world.status is PurgeStatus.DONE
    assert traces.places(world.found, world.folder, tmp_path / "after") == []


def test_every_file_of_a_person_is_gone_and_the_published_photo_stays(world, inside):
    left = {path.name for path in (world.folder / "files").rglob("*") if path.is_file()}
    photos = set(db.session.scalars(sa.select(PressNote.photo)))
    assert left == photos
    assert photos


def test_all_totals_of_all_moments_are_what_they_were(world, inside):
    with clock.at(traces.LATER):
        assert totals() == world.before
    figures = world.before["elections"]["kz-2022"]["figures"]
    assert figures["polls close"]["observers"] > 600
    assert len(figures) > 10
    assert world.purge.digest_before == world.purge.digest_after
    steps = db.session.scalar(sa.select(sa.func.count(Transition.id)))
    assert steps == world.steps


@pytest.mark.parametrize(
    "arguments",
    [
        ("totals", "kz-2022", "--recount"),
        ("totals", "kz-2022", "--recount", "--as-of", "2022-11-20T12:00"),
        ("bulletin", "verify", "kz-2022"),
        ("audit", "verify"),
    ],
)
def test_the_proofs_of_others_still_hold(world, arguments):
    result = CliRunner().invoke(main, arguments, env=environment(world.folder))
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("plan", "kz-2022", "--on", "2026-06-01"), 0, "649 observers, 0 kept"),
        (("plan", "nowhere"), 1, "There is no election nowhere."),
        (("report",), 0, "1\tkz-2022\t2026-06-01\tdone"),
        (("report", "1"), 0, "Done, totals unchanged"),
        (("report", "99"), 1, "There is no such purge."),
        (("rewrite",), 0, "The database was rewritten."),
    ],
)
def test_the_same_from_the_command_line(world, arguments, code, said):
    result = CliRunner().invoke(main, ("retention", *arguments), env=environment(world.folder))
    assert result.exit_code == code, result.output
    assert said in result.output


def test_the_audit_record_holds_and_says_nothing_of_people(world, inside):
    count, broken = verify()
    assert broken == []
    assert count > 16_000
    person = db.session.scalar(sa.select(sa.func.min(Observer.id)))
    found = traces.entries("observers", person)
    assert len(found) > 1
    assert all(entry.before is None and entry.after is None for entry in found)


def test_a_dry_run_says_what_the_purge_then_does_and_changes_nothing(world):
    assert world.was_read_only
    planned = {
        each.category.value: {name: getattr(each, name) for name in operations.COUNTS}
        for each in world.plan.due
    }
    assert planned == world.purge.removed
    assert set(planned) == set(Category)  # there was something of each
    assert (world.plan.people, world.plan.kept) == (world.purge.people, 0)


def test_nothing_is_left_to_purge(world, inside):
    with clock.at(traces.LATER):
        election = election_for(SYSTEM, "kz-2022")
        assert queries.plan_purge(election, queries.today(election)).due == []


def test_people_are_numbers_and_are_found_by_no_name(world, inside):
    person = db.session.scalars(sa.select(Observer).order_by(Observer.id).limit(1)).unique().one()
    assert (person.surname, person.given_names) == (f"№ {person.id}", "")
    assert person.citizenship is not None
    query = sa.select(Accreditation.sort_name).where(Accreditation.observer_id == person.id)
    assert db.session.scalars(query).all() == [f"no {person.id}"]
    words = sa.select(SearchWord.word).where(SearchWord.kind == "observers")
    assert not [word for word in db.session.scalars(words) if not word.isdigit() and word != "no"]
    endings = sa.select(SearchEnding.word).where(SearchEnding.kind == "observers")
    assert db.session.scalars(endings).all() == []


def test_the_database_is_whole_and_keeps_its_statistics(world):
    with sqlite3.connect(world.folder / "tracker.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_stat1").fetchone()[0] > 10
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_public_is_told_that_a_certificate_has_expired(world):
    number = world.number
    with clock.at(traces.LATER):
        client = world.app.test_client()
        answer = client.post("/verify/kz-2022/check", json={"number": number}).get_json()
        assert (answer["verdict"], answer["reason"]) == ("not_valid", "expired")
        assert answer["claims"]["surname"].startswith("№ ")
        assert answer["claims"]["portrait"] == ""
        page = client.get(f"/verify/kz-2022/number?number={number}")
        assert page.status_code < 500
        reference = "0" * 32
        assert client.get(f"/verify/kz-2022/portraits/{reference}").status_code == 404


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.REGISTRAR, Role.COORDINATOR])
def test_pages_show_what_is_left_without_an_error(world, role):
    with clock.at(traces.LATER):
        client = signed_in(world.app, role)
        names = {"election": "kz-2022", "lang": "en"}
        for rule in own_rules(world.app):
            if "GET" not in rule.methods or not rule.arguments <= {*names, *KEYS}:
                continue
            path = rule.rule
            for name in rule.arguments:
                value = names.get(name) or KEYS[name]
                path = path.replace(f"<int:{name}>", str(value)).replace(f"<{name}>", str(value))
            if "<" not in path:
                assert client.get(path).status_code < 500, path


KEYS = {
    **{"accreditation_id": 1, "delegation_id": 1, "submission_id": 1, "resolution_id": 1},
    **{"meeting_id": 1, "request_id": 1, "assistance_id": 1, "movement_id": 1, "team_id": 1},
    **{"certificate_id": 1, "bulletin_id": 1, "purge_id": 1},
}


def test_the_report_says_what_went_and_names_nobody(world):
    text = "\n".join(world.found_report)
    assert "Done, totals unchanged" in text
    assert "database rewritten" in text
    assert world.purge.digest_before in text
    assert not [name for name in world.found.texts if name in text]
