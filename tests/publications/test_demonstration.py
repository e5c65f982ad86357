"""The bulletins of the five moments of 2022, the note of 18 November, and a correction that comes
late."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from tests.journeys.demonstration import demonstration, environment
from tracker.accreditation.models import Accreditation, AccreditationStatus, Function, Ground
from tracker.accreditation.operations import revoke_accreditation
from tracker.accreditation.operations.steps import Reason
from tracker.cli import main
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role
from tracker.publications import queries
from tracker.publications.operations import (
    approve_bulletin,
    draft_bulletin,
    publish_bulletin,
)
from tracker.totals.queries import figures

# As published (the project's data on the election): observers, organizations, states, and the
# observers sent by organizations and by states.
PUBLISHED = {
    "2022-10-17T23:59": (43, 4, 1, 41, 2),
    "2022-10-31T12:00": (76, 4, 3, 71, 5),
    "2022-10-31T23:59": (139, 6, 8, 125, 14),
    "2022-11-08T23:59": (271, 7, 21, 233, 38),
    "2022-11-14T18:00": (641, 10, 35, 532, 109),
}
NAMES = (
    "observers",
    "organizations",
    "states",
    "observers_from_organizations",
    "observers_from_states",
)
ZONE = ZoneInfo("Asia/Almaty")


@pytest.fixture
def app(tmp_path):
    app = demonstration(tmp_path)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def election():
    return db.session.scalars(sa.select(Election).filter_by(slug="kz-2022")).one()


def test_the_five_bulletins_say_what_was_published(app):
    found = {
        row.as_of.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M"): tuple(
            json.loads(row.figures)[name] for name in NAMES
        )
        for row in queries.all_published(election().id)
    }
    assert found == PUBLISHED


def test_totals_as_known_then_reproduce_each_bulletin(app):
    row = election()
    for bulletin in queries.all_published(row.id):
        again = figures(row, as_of=bulletin.as_of, known_at=bulletin.known_at).as_dict()
        assert again == json.loads(bulletin.figures)
        assert queries.proof_of(row, bulletin).is_same_list
        assert bulletin.approved_by != bulletin.edited_by


def test_the_note_closes_with_the_totals_in_three_languages(app):
    note = queries.published_note(election().id, 1)
    assert note.content.closing == {
        "en": "10 international organizations and 641 observers from 35 foreign countries have "
        "been accredited.",
        "ru": "Аккредитованы 10 международных организаций и 641 наблюдатель из 35 иностранных "
        "государств.",
        "kk": "10 халықаралық ұйым және 35 шет мемлекеттен 641 байқаушы аккредиттелді.",
    }
    assert note.content.day.isoformat() == "2022-11-18"
    assert "Erol Kaya" in note.content.delegations["en"][0]


def test_a_late_correction_changes_no_bulletin_and_shows_in_the_next(app):
    row = election()
    before = [(each.figures, each.list_hash) for each in queries.all_published(row.id)]
    writer = Actor(1, "A. Writer", frozenset({Role.COORDINATOR}))
    second = Actor(2, "B. Second", frozenset({Role.COORDINATOR}))
    query = sa.select(Accreditation).where(
        Accreditation.election_id == row.id,
        Accreditation.status == AccreditationStatus.ACCREDITED,
        Accreditation.function == Function.SHORT_TERM_OBSERVER,
    )
    accreditation = db.session.scalars(query.order_by(Accreditation.id)).first()
    db.session.rollback()
    close = datetime(2022, 11, 14, 18, tzinfo=ZONE)
    with clock.at(datetime(2022, 11, 18, 12, tzinfo=ZONE)):
        with unit_of_work(SYSTEM):
            revoke_accreditation(
                actor=SYSTEM,
                row=db.session.get_one(Accreditation, accreditation.id),
                reason=Reason(Ground.INTERFERENCE),
                effective_at=close - timedelta(hours=1),  # learned of four days late
            )
        row = election()
        assert [(each.figures, each.list_hash) for each in queries.all_published(row.id)] == before
        assert all(
            queries.proof_of(row, each).is_same_list for each in queries.all_published(row.id)
        )
        db.session.rollback()
        with unit_of_work(writer):
            draft = draft_bulletin(actor=writer, election=election(), as_of=close)
            approve_bulletin(actor=second, bulletin=draft)
            number = publish_bulletin(actor=second, election=election(), bulletin=draft).number
        fresh = queries.published_bulletin(row.id, number)
        assert (number, json.loads(fresh.figures)["observers"]) == (6, 640)


def test_the_command_proves_what_was_published(app, tmp_path):
    db.session.remove()
    around = environment(tmp_path)

    def run(*arguments):
        return CliRunner().invoke(main, ["bulletin", *arguments], env=around)

    found = run("verify", "kz-2022")
    assert (found.exit_code, "5 bulletins, each as published." in found.output) == (0, True)
    assert "641" in run("show", "kz-2022", "5", "--language", "ru").output
    assert json.loads(run("show", "kz-2022", "5", "--format", "json").output)["states"] == 35
    assert run("show", "kz-2022", "6").exit_code == 1
    with app.app_context(), unit_of_work(SYSTEM):
        db.session.execute(sa.text("UPDATE bulletins SET list_hash = 'x' WHERE number = 2"))
    assert run("verify", "kz-2022").exit_code == 1
