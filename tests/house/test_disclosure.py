"""Whoever is shown personal data is on record for it, on whichever page that is."""

import io
from datetime import date, timedelta

import pypdf
import pytest
import sqlalchemy as sa

from tests.factories.addresses import own_rules
from tests.journeys.demonstration import signed_in
from tracker.accounts.models import User
from tracker.audit.models import AuditEntry
from tracker.audit.queries import last_position, verify
from tracker.delegations.models import Delegation, DelegationContact
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role
from tracker.logistics.models.deployment import DeploymentTeam
from tracker.logistics.models.digest import DigestRecipient
from tracker.logistics.models.duty import DutyContact, DutyShift
from tracker.logistics.models.movements import Movement
from tracker.observers.models import Observer, TravelDocument
from tracker.officials.models import Interpreter, Official

PERSONAL = (
    *((Observer, name) for name in ("birth_date", "email", "phone")),
    (TravelDocument, "number"),
    (Delegation, "liaison_phone"),
    *((DelegationContact, name) for name in ("email", "phone")),
    *((Interpreter, name) for name in ("email", "phone")),
    *((Official, name) for name in ("assistant_contact", "assistant_email")),
    *((DutyContact, name) for name in ("email", "phone")),
    (DutyShift, "phone"),
    *((DeploymentTeam, name) for name in ("liaison_phone", "driver", "interpreter")),
    (Movement, "met_by_phone"),
    *((DigestRecipient, name) for name in ("name", "email")),
)


# Sheets of many people's numbers, which are read as one thing.
SHEETS = {
    "logistics.duty_contacts": ("elections", "contacts sheet"),
    "logistics.duty_roster": ("elections", "duty roster"),
    "logistics.hand_over": ("elections", "hand-over"),
}


def token(number, place, name):
    """A value that stands nowhere else."""
    if name == "birth_date":
        return (date(1901, 1, 1) + timedelta(days=number)).isoformat()
    return f"zq{place}x{number:05}"


@pytest.fixture(scope="module")
def tokens(app, known):
    """Every personal value is one of its own: where it comes from, by the value."""
    found = {}
    with app.app_context():
        expect_writes(True)
        for place, (model, name) in enumerate(PERSONAL):
            table = model.__table__
            column = table.c[name]
            ids = db.session.scalars(sa.select(table.c.id)).all()
            said = {number: token(number, place, name) for number in ids}
            if said:
                statement = sa.update(table).where(table.c.id == sa.bindparam("key"))
                rows = [{"key": number, "value": text} for number, text in said.items()]
                value = sa.bindparam("value", type_=column.type)
                db.session.connection().execute(statement.values({column: value}), rows)
            found |= {text: (table.name, number, name) for number, text in said.items()}
        db.session.commit()
    return found


def text_of(response):
    if response.mimetype == "application/pdf" and len(response.data) > 100:
        reader = pypdf.PdfReader(io.BytesIO(response.data))
        return "\n".join(page.extract_text() for page in reader.pages)
    return response.data.decode("utf-8", "replace")


def entries_of(user_id, action):
    query = sa.select(AuditEntry).where(AuditEntry.actor_id == user_id, AuditEntry.action == action)
    return db.session.scalars(query.order_by(AuditEntry.position)).all()


def shown_to(user_id):
    return {
        (row.record_table, int(row.record_id), name)
        for row in entries_of(user_id, "read")
        if row.record_id.isdecimal()
        for name in (row.after or {}).get("shown", "").split(", ")
    }


def user_of(app, role):
    with app.app_context():
        return db.session.scalars(
            sa.select(User.id).where(User.roles.any(name=role.value)).order_by(User.id)
        ).first()


@pytest.mark.parametrize("role", Role)
def test_no_page_shows_personal_data_without_a_record(app, known, tokens, role):
    client, user_id = signed_in(app, role), user_of(app, role)
    unrecorded, seen = {}, set()
    for rule in own_rules(app):
        if "GET" not in rule.methods:
            continue
        path = known.address(rule)
        as_file = f"{path}{'&' if '?' in path else '?'}format=csv"
        addresses = [path, as_file] if role is Role.AUDITOR else [path]
        for address in addresses:
            with app.app_context():
                files = len(entries_of(user_id, "export"))
                changes = last_position()
            response = client.get(address)
            text = text_of(response)
            found = {where for value, where in tokens.items() if value in text}
            with app.app_context():
                assert last_position() == changes, f"{address} changed something"
                is_file = len(entries_of(user_id, "export")) > files
                shown = shown_to(user_id) if found else set()
                sheet = SHEETS.get(rule.endpoint)
                is_whole = is_file or sheet in {(table, what) for table, _id, what in shown}
                missing = set() if is_whole else found - shown
            seen |= found
            if missing:
                names = {(table, name) for table, _number, name in missing}
                unrecorded[rule.endpoint, address] = (len(missing), sorted(names))
    lines = [f"{where}: {what}" for where, what in unrecorded.items()]
    assert not lines, "\n".join(lines)
    if role in {Role.REGISTRAR, Role.COORDINATOR, Role.AUDITOR}:
        assert len({(table, name) for table, _number, name in seen}) > 10
    with app.app_context():
        assert verify()[1] == []
