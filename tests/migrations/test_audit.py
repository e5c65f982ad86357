"""The audit record is chained anew by its migration, up and down, and only where it holds."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from tests.factories import accounts, records
from tests.journeys.demonstration import at_head
from tracker.audit.anchors import Lines
from tracker.audit.jobs import anchor_record
from tracker.audit.models import AuditEntry
from tracker.audit.operations import erase_contents
from tracker.audit.queries import verify
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.kernel.errors import Refused
from tracker.kernel.permissions import Role

FORMER = "0020"  # the last revision whose digests cover the content itself
MANY = 5_003  # more than a batch of the migration
NAMES = (
    *("position", "recorded_at", "actor_id", "actor_name", "request_id", "action"),
    *("record_table", "record_id", "before", "after", "previous_digest"),
)


def former_digest(values):
    """As the chain was made until then."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def former_entries(connection, count=MANY):
    """Rows of the former revision; the last digest."""
    columns = [sa.column(name) for name in (*NAMES, "digest")]
    rows, digest = [], "0" * 64
    for position in range(1, count + 1):
        moment = datetime(2022, 11, 10, tzinfo=UTC) + timedelta(microseconds=position)
        row = dict.fromkeys(NAMES) | {"position": position, "previous_digest": digest}
        row |= {"recorded_at": moment.isoformat(), "actor_name": "Сәуле", "action": "update"}
        row |= {"record_table": "observers", "record_id": str(position % 7)}
        row["after"] = {"surname": "ОСПАН", "share": 0.1, "height": None}
        row["digest"] = digest = former_digest(row)
        stored = {"recorded_at": moment.replace(tzinfo=None), "after": json.dumps(row["after"])}
        if connection.dialect.name == "postgresql":
            stored["recorded_at"] = moment
        rows.append(row | stored)
    table = sa.table("audit_entries", *columns)
    table.c.recorded_at.type = sa.DateTime(timezone=True)
    table.c.after.type = sa.Text()
    statement = sa.insert(table)
    if connection.dialect.name == "postgresql":
        statement = statement.values(
            {name: sa.bindparam(name) for name in (*NAMES, "digest")}
            | {name: sa.cast(sa.bindparam(name, type_=sa.Text), sa.JSON) for name in ("after",)}
            | {"before": sa.null()}
        )
    connection.execute(statement, rows)
    return digest


def holds_as_before(connection):
    """Whether the stored chain is the former one."""
    typed = {"recorded_at": sa.DateTime(timezone=True), "before": sa.JSON, "after": sa.JSON}
    table = sa.table(
        "audit_entries", *(sa.column(name, typed.get(name)) for name in (*NAMES, "digest"))
    )
    digest = "0" * 64
    rows = connection.execute(sa.select(table).order_by(table.c.position)).mappings()
    for expected, row in enumerate(rows, start=1):
        values = dict(row)
        found, moment = values.pop("digest"), values["recorded_at"]
        aware = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        values["recorded_at"] = aware.isoformat()
        is_next = (values["position"], values["previous_digest"]) == (expected, digest)
        if not is_next or former_digest(values) != found:
            return False
        digest = found
    return expected > 0


def columns():
    return {column["name"] for column in sa.inspect(db.engine).get_columns("audit_entries")}


def test_the_chain_is_made_anew_and_says_so(app):
    with app.app_context():
        upgrade(revision=FORMER)
        with db.engine.begin() as connection:
            last_digest = former_entries(connection)
            assert holds_as_before(connection)
        at_head()
        assert verify() == (MANY + 1, [])
        first, *_others, said = db.session.scalars(
            sa.select(AuditEntry).order_by(AuditEntry.position)
        )
        assert first.after == {"surname": "ОСПАН", "share": 0.1, "height": None}
        assert len({first.content_salt, said.content_salt}) == 2
        assert (said.action, said.record_id) == ("rechain", f"1-{MANY}")
        assert said.before == {"last_digest": last_digest}
        assert said.after == {"last_digest": said.previous_digest}


def test_entries_go_back_to_the_former_chain_without_what_was_erased(app):
    with app.app_context():
        at_head()
        expect_writes(True)
        delegation = records.delegation(records.election())
        person = records.accreditation(delegation).observer_id
        assert erase_contents(actor=SYSTEM, records=[("observers", str(person))]) == 1
        db.session.commit()
        count = verify()[0]
        db.session.remove()
        downgrade(revision=FORMER)
        with db.engine.connect() as connection:
            assert holds_as_before(connection)
        assert "content_digest" not in columns()
        at_head()
        assert verify() == (count + 2, [])


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_entries SET actor_name = 'nobody' WHERE position = 5",
        "DELETE FROM audit_entries WHERE position = 5",
    ],
)
def test_a_chain_that_does_not_hold_is_left_as_it_is(app, tampering):
    with app.app_context():
        upgrade(revision=FORMER)
        with db.engine.begin() as connection:
            former_entries(connection, 20)
            connection.execute(sa.text(tampering))
        before = columns()
        with pytest.raises(Refused, match="does not hold at entry 5"):
            at_head()
        assert columns() == before


def test_a_content_that_was_changed_is_not_carried_back(app):
    with app.app_context():
        at_head()
        expect_writes(True)
        records.delegation(records.election())
        db.session.commit()
        db.session.execute(sa.text("UPDATE audit_entries SET after = '{}' WHERE position = 2"))
        db.session.commit()
        db.session.remove()
        with pytest.raises(Refused, match="does not hold at entry 2"):
            downgrade(revision=FORMER)
        assert "content_digest" in columns()


def test_anchors_and_erased_contents_on_both_databases(app, tmp_path):
    file = tmp_path / "anchors.txt"
    with app.app_context():
        at_head()
        expect_writes(True)
        election = records.election()
        db.session.commit()
        anchor_record(file=file)
        erase_contents(actor=SYSTEM, records=[("elections", str(election.id))])
        db.session.commit()
        anchor_record(file=file)
        assert verify(Lines.of(file)) == (4, [])
        statement = "UPDATE audit_entries SET after = NULL WHERE position = 4"
        for tampering, expected in (
            (statement, {"entry 4"}),
            ("DELETE FROM audit_entries WHERE position = 4", {"entry 4"}),
            ("DELETE FROM audit_entries WHERE position > 1", {"entry 1", "entry 2"}),
        ):
            db.session.execute(sa.text(tampering))
            db.session.commit()
            assert {place.where for place in verify(Lines.of(file))[1]} <= expected
            assert "entry" in verify(Lines.of(file))[1][0].where


def test_a_page_that_is_only_read_is_recorded_on_both_databases(app):
    with app.app_context():
        at_head()
        expect_writes(True)
        found = records.accreditation(records.delegation(records.election()))
        user = accounts.user(Role.AUDITOR)
        db.session.commit()
        path, user_id = f"/e/kz-2022/observers/{found.id}", user.id
    client = accounts.browser(app, user_id)
    for address in (path, path, "/e/kz-2022/observers/?format=csv"):
        assert client.get(address).status_code == 200
    with app.app_context():
        query = sa.select(AuditEntry.action).where(AuditEntry.actor_id == user_id)
        actions = list(db.session.scalars(query.order_by(AuditEntry.position)))
        assert actions[-2:] == ["read", "export"]
        assert actions.count("read") == 1
        assert verify()[1] == []
