"""Everything held about one person, and nothing of anybody else; giving it is recorded."""

import io
import json
import zipfile
from types import SimpleNamespace

import pypdf
import pytest
import sqlalchemy as sa

from tests.factories import traces
from tests.journeys.demonstration import demonstration, signed_in
from tracker.accreditation.models import Accreditation
from tracker.audit.models import AuditEntry
from tracker.audit.queries import verify
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role
from tracker.kernel.storage import storage
from tracker.lists.models import ListRow, RowStatus
from tracker.logistics.models.deployment import DeploymentMember, DeploymentTeam
from tracker.logistics.models.movements import Movement, MovementPassenger
from tracker.observers.models import Observer
from tracker.retention.access import BY_ADDRESS, BY_NAME, NOT_OWN, START, references

PATH = "/e/kz-2022/observers/{}/access"


def reachable():
    """Every table that a walk from a person comes by."""
    found, waiting = {START}, [START]
    while waiting:
        for column in references(waiting.pop()):
            if column.table.name not in found:
                found.add(column.table.name)
                waiting += [column.table.name] if "id" in column.table.c else []
    return found


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The demonstration with traces of one person everywhere, and the archive about them."""
    app = demonstration(tmp_path_factory.mktemp("demonstration"))
    with app.app_context():
        traces.leave()
        with clock.at(traces.BEFORE), unit_of_work(SYSTEM):
            query = sa.select(Accreditation).where(Accreditation.election_id == 1)
            accreditation = db.session.scalars(query.order_by(Accreditation.id)).first()
            accreditation_id, observer_id = accreditation.id, accreditation.observer_id
            person = db.session.get_one(Observer, observer_id)
            secrets = (person.birth_date, person.phone, person.document.number)
            portrait = storage.get(person.portrait)
            add_the_rest(accreditation)
        position = last_entry()
    with clock.at(traces.BEFORE):
        client = signed_in(app, Role.AUDITOR)
        values = {"reference": "No. 7 of 2 December", "language": "ru"}
        response = client.post(PATH.format(accreditation_id), data=values)
    archive = zipfile.ZipFile(io.BytesIO(response.data))
    report = json.loads(archive.read("access.json"))
    yield SimpleNamespace(**locals())
    with app.app_context():
        db.engine.dispose()


def last_entry():
    """The position of the last entry of the audit record, whatever it tells of."""
    found = db.session.scalar(sa.select(sa.func.max(AuditEntry.position)))
    db.session.rollback()
    return found


@pytest.fixture
def inside(world):
    """Within the application; requests of a browser begin outside of it."""
    with world.app.app_context():
        yield
        db.session.rollback()


def add_the_rest(accreditation):
    """Rows that the demonstration has of others only."""
    movement = db.session.scalars(sa.select(Movement).order_by(Movement.id).limit(1)).unique().one()
    movement.driver, movement.note = "Driver Otherperson", "Meet Otherperson"
    team = (
        db.session.scalars(sa.select(DeploymentTeam).order_by(DeploymentTeam.id).limit(1))
        .unique()
        .one()
    )
    listed = db.session.scalars(sa.select(ListRow).order_by(ListRow.id).limit(1)).one()
    listed.observer_id, listed.status = accreditation.observer_id, RowStatus.SAME
    key = {"accreditation_id": accreditation.id}
    for model, values in (
        (MovementPassenger, {"movement_id": movement.id}),
        (DeploymentMember, {"team_id": team.id}),
    ):
        mine = sa.select(model).filter_by(**key).limit(1)
        if db.session.scalars(mine).first() is None:
            days = {"starts_on": team.starts_on, "ends_on": team.ends_on}
            more = days if model is DeploymentMember else {}
            db.session.execute(sa.insert(model.__table__).values(**key, **values, **more))


def test_the_archive_holds_what_every_table_says_of_the_person(world):
    assert world.response.status_code == 200
    assert "attachment" in world.response.headers["Content-Disposition"]
    own = world.report["own"]
    for name in (
        *("observers", "travel_documents", "accreditations", "transitions", "assignments"),
        *("submission_items", "certificates", "certificate_steps", "meeting_participants"),
        *("movement_passengers", "deployment_members", "assistance_requests", "observer_list_rows"),
        *("assistance_attachments", "assistance_steps", "duplicate_decisions"),
        *("outbox_messages", "delegation_contacts"),
    ):
        assert own.get(name), name
    text = json.dumps(own, ensure_ascii=False)
    for secret in (*world.secrets, traces.SURNAME, traces.ADDRESS):
        assert secret in text
    assert {"elections", "delegations", "movements", "deployment_teams", "meetings"} <= set(
        world.report["shared"]
    )
    assert ["delegations", "remarks"] in [
        [name, column] for name, _key, column in world.report["mentions"]
    ]


def test_the_archive_says_nothing_of_anybody_else(world, inside):
    text = world.archive.read("access.json").decode()
    assert "Otherperson" not in text
    query = sa.select(Observer).where(Observer.id != world.observer_id)
    others = [row for row in db.session.scalars(query).unique() if row.native_name]
    assert len(others) > 100
    assert [row.native_name for row in others if row.native_name in text] == []
    numbers = [row.document.number for row in others if row.document]
    assert [number for number in numbers if number in text] == []


def test_the_portrait_and_the_papers_are_in_the_archive(world):
    names = world.archive.namelist()
    assert "access.pdf" in names
    portraits = [name for name in names if name.startswith("files/observers-")]
    assert world.archive.read(portraits[0]) == world.portrait
    [visa] = [name for name in names if "assistance_attachments" in name]
    assert traces.SURNAME.encode() in world.archive.read(visa)
    assert not [name for name in names if ".." in name or name.count("/") > 1]


def test_the_paper_reads_in_the_language_asked_for_and_says_who_made_it(world):
    paper = pypdf.PdfReader(io.BytesIO(world.archive.read("access.pdf")))
    text = "\n".join(page.extract_text() for page in paper.pages)
    assert traces.SURNAME in text
    assert "No. 7 of 2 December" in paper.pages[-1].extract_text()
    assert paper.trailer["/Root"]["/Lang"] == "ru"


def test_who_read_and_changed_is_in_it(world):
    actions = {entry["action"] for entry in world.report["record"]}
    assert {"insert", "update", "read"} <= actions
    assert all(entry["actor_name"] for entry in world.report["record"])


def test_giving_it_is_recorded(world, inside):
    entry = traces.entries("observers", world.observer_id)[-1]
    assert entry.position > world.position
    assert (entry.action, entry.after["shown"]) == (
        "read",
        "everything held, for request No. 7 of 2 December",
    )
    assert verify()[1] == []


@pytest.mark.parametrize("role", Role)
def test_who_may_give_it(world, role):
    client = signed_in(world.app, role)
    path = PATH.format(world.accreditation_id)
    expected = 200 if role in {Role.AUDITOR, Role.ADMINISTRATOR} else 403
    assert client.get(path).status_code == expected
    with world.app.app_context():
        before = last_entry()
    values = {"reference": "No. 8", "language": "en"}
    assert client.post(path, data=values).status_code == expected
    if expected == 403:
        with world.app.app_context():
            assert last_entry() == before


def test_without_a_reference_or_out_of_the_election_there_is_none(world):
    client = signed_in(world.app, Role.AUDITOR)
    path = PATH.format(world.accreditation_id)
    assert client.post(path, data={"reference": "", "language": "en"}).status_code == 422
    elsewhere = f"/e/practice/observers/{world.accreditation_id}/access"
    assert client.get(elsewhere).status_code == 404
    assert client.get(PATH.format(999_999)).status_code == 404


def test_references_to_others_and_addresses_are_real_columns():
    for name, column in (*NOT_OWN, *BY_ADDRESS.items(), *BY_NAME.items()):
        assert column in db.metadata.tables[name].c
    assert {"travel_documents", "certificate_steps", "movement_passengers"} <= reachable()
    assert not {"delegations", "meetings", "users", "movements"} & reachable()
