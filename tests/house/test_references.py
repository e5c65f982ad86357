"""What a form names: records of another election or delegation, put where our own pages put theirs.

The addresses are the matter of `test_matrix`; here the identifiers travel in the fields. Whatever
is answered, afterwards no row may belong to one election and refer to a row of another.
"""

from itertools import combinations

import pytest
import sqlalchemy as sa

from tests.factories import records
from tests.factories.addresses import may, own_rules
from tests.factories.world import ELSEWHERE
from tests.journeys.demonstration import signed_in
from tracker.accreditation.models import AccreditationStatus
from tracker.elections.models import Election
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role

MARK = "ZZFOREIGNZZ"
# A field's name, as forms call it, and which record belongs there.
KINDS = {
    "delegation": "delegation_id",
    "delegations": "delegation_id",
    "delegation_id": "delegation_id",
    "accreditation_id": "accreditation_id",
    "observer": "accreditation_id",
    "members": "accreditation_id",
    "passengers": "accreditation_id",
    "participants": "accreditation_id",
    "present": "accreditation_id",
    "replaces_id": "accreditation_id",
    "certificate": "certificate_id",
    "meeting": "meeting_id",
    "meeting_id": "meeting_id",
    "request": "request_id",
    "shift_id": "shift_id",
    "number": "assistance_number",
}


@pytest.fixture(scope="module")
def foreign(app, known):
    """Records of the other election, by what a form would name them for."""
    with app.app_context(), unit_of_work(SYSTEM):
        election = db.session.scalars(sa.select(Election).filter_by(slug=ELSEWHERE)).one()
        delegation = records.delegation(election)
        person = records.accreditation(delegation, status=AccreditationStatus.ACCREDITED)
        team = records.team(delegation, person)
        asked = records.assistance(delegation, number=9_999, accreditation_id=person.id)
        records.duty(delegation, number=9_000)
        return {
            "delegation_id": delegation.id,
            "accreditation_id": person.id,
            "team_id": team.id,
            "assistance_number": asked.number,
        }


@pytest.fixture(scope="module")
def clients(app, known, foreign):
    return {role: signed_in(app, role) for role in Role}


def crossings():
    """Queries that count rows which join two elections, from the models' own foreign keys."""
    tables = [table for table in db.metadata.sorted_tables if table.name != "elections"]
    for table in tables:
        ways = []  # how this table says of which election a row is
        for key in table.foreign_keys:
            if key.column.name == "id" and "election_id" in key.column.table.c:
                ways.append((key.parent.name, key.column.table.name))
        if "election_id" in table.c:
            for column, target in ways:
                yield (
                    table.name,
                    column,
                    (
                        f"SELECT count(*) FROM {table.name} a JOIN {target} b ON a.{column} = b.id "
                        "WHERE a.election_id != b.election_id"
                    ),
                )
        for (one, first), (other, second) in combinations(ways, 2):
            yield (
                table.name,
                f"{one} and {other}",
                (
                    f"SELECT count(*) FROM {table.name} a JOIN {first} b ON a.{one} = b.id "
                    f"JOIN {second} c ON a.{other} = c.id WHERE b.election_id != c.election_id"
                ),
            )


def test_the_demonstration_joins_no_two_elections(watched):
    found = list(crossings())
    assert len(found) > 15
    for table, column, query in found:
        assert watched.count(query) == 0, f"{table}.{column} refers to another election"


def test_no_form_takes_a_record_of_another_election(known, watched, clients, forms, foreign):
    wrong, tried = [], set()
    for endpoint, found in sorted(forms.items()):
        for name in found.form.fields:
            value = foreign.get(KINDS.get(name, ""))
            if value is None:
                continue
            body = found.form.filled() | {name: [str(value)]}
            response = clients[found.role].post(found.address, data=body)
            tried.add(f"{endpoint}.{name}")
            said = f"{endpoint} with {name} of another election: {response.status}"
            if response.status_code >= 500:
                wrong.append(said)
            if not watched.is_changed:
                continue
            for table, column, query in crossings():
                if watched.count(query):
                    wrong.append(f"{said}; {table}.{column} now refers to it")
            watched.restore()
    assert not wrong, "\n".join(wrong)
    assert len(tried) > 12, sorted(tried)


def test_a_focal_point_names_no_record_of_another_delegation(app, known, watched, clients, forms):
    client, wrong, tried = clients[Role.FOCAL_POINT], [], set()
    for endpoint, found in sorted(forms.items()):
        for name in found.form.fields:
            value = known.others.get(KINDS.get(name, ""))
            rule = next((rule for rule in own_rules(app) if rule.endpoint == endpoint), None)
            if rule is None or value is None or not may(app, rule, Role.FOCAL_POINT):
                continue
            body = found.form.filled() | {name: [str(value)]}
            response = client.post(found.address, data=body)
            tried.add(name)
            if response.status_code not in {403, 404, 422} or watched.is_changed:
                wrong.append(f"{endpoint} with {name}: {response.status}")
                watched.restore()
    assert not wrong, "\n".join(wrong)
    assert {"delegation_id", "accreditation_id"} <= tried


LISTS_THAT_ANSWER = ("", "&format=csv", "&format=xlsx")


def test_a_focal_point_reads_nothing_of_another_delegation(app, known, clients):
    """Every page that it may open, with a word in each record that it must not see."""
    columns = {
        "accreditations": ("delegation_id", None),
        "meeting_requests": ("delegation_id", "topics"),
        "assistance_requests": ("delegation_id", "title"),
        "deployment_teams": ("delegation_id", "name"),
        "movements": ("delegation_id", "note"),
        "delegation_contacts": ("delegation_id", "name"),
        "delegation_messages": ("delegation_id", "text"),
        "observer_lists": ("delegation_id", "filename"),
    }
    with app.app_context(), unit_of_work(SYSTEM):
        for table_name, (owner, column) in columns.items():
            table = db.metadata.tables[table_name]
            others = table.c[owner] != known.values["delegation_id"]
            if column:
                db.session.execute(sa.update(table).where(others).values({column: MARK}))
            else:
                people = sa.select(table.c.observer_id).where(others)
                observers = db.metadata.tables["observers"]
                mine = sa.select(table.c.observer_id).where(~others)
                db.session.execute(
                    sa.update(observers)
                    .where(observers.c.id.in_(people), observers.c.id.not_in(mine))
                    .values(surname=MARK, search_key=MARK.lower(), sort_key=MARK.lower())
                )
        meetings = db.metadata.tables["meetings"]
        joined = db.metadata.tables["meeting_delegations"]
        own = sa.select(joined.c.meeting_id).where(
            joined.c.delegation_id == known.values["delegation_id"]
        )
        db.session.execute(
            sa.update(meetings).where(meetings.c.id.not_in(own)).values(title=MARK, agenda=MARK)
        )
    client, seen, staff = clients[Role.FOCAL_POINT], [], 0
    extra = ("/search?q=ZZFORE", "/search/palette?q=ZZFORE", "/search?q=ZZFORE&kind=observers")
    pages = [known.address(rule) for rule in own_rules(app) if "GET" in rule.methods]
    pages += [f"/e/kz-2022/observers/?delegation={known.others['delegation_id']}"]
    for path in (*pages, *extra):
        for suffix in LISTS_THAT_ANSWER:
            address = path + (suffix if "?" in path else suffix.replace("&", "?"))
            if MARK.encode() in client.get(address).data:
                seen.append(address)
        staff += MARK.encode() in clients[Role.REGISTRAR].get(path).data
    assert staff > 5, "the word is nowhere: the test sees nothing"
    assert not seen, seen
