"""What watches the service, on both databases: counts, readiness, errors told without values."""

import json

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tests.journeys.demonstration import at_head
from tracker.kernel import clock, logs
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.mail import Message
from tracker.kernel.outbox import OutboxMessage, queue_message
from tracker.ops import state


def test_ready_and_counted(app):
    client = app.test_client()
    assert client.get("/readyz").status_code == 503
    with app.app_context():
        at_head()
    assert client.get("/readyz").text == "ok\n"
    with app.app_context(), unit_of_work(SYSTEM):
        queue_message(Message(to=("", "a@example.org"), subject="x", text="x\n"), key="one")
    with app.app_context():
        found = state.database()
        assert found.kind in {"SQLite", "PostgreSQL"}
        assert found.size > 100_000
        assert found.version[0].isdigit()
        assert (state.mail().queued, state.mail().failed) == (1, 0)
        assert state.sign_ins() == state.SignIns(0, 0)
    text = client.get("/metrics").text
    assert 'tracker_up{part="database"} 1.0' in text
    assert 'tracker_outbox_messages{status="queued"} 1.0' in text
    assert "tracker_database_current 1.0" in text
    with app.app_context():
        db.session.execute(sa.text("SELECT 1"))
        db.session.rollback()


def test_what_the_database_says_of_a_value_is_not_told(app):
    """PostgreSQL repeats the value that was refused; the log does not."""
    with app.app_context():
        at_head()
        row = {"key": "ZHANBOLATOVA", "recipient_name": "", "recipient": "x", "subject": "x"}
        row |= {"text": "x", "status": "queued", "created_at": clock.now()}
        row |= {"attempts": 0, "next_attempt_at": clock.now()}
        with unit_of_work(SYSTEM):
            db.session.execute(OutboxMessage.__table__.insert(), row)
        with pytest.raises(IntegrityError) as caught, unit_of_work(SYSTEM):
            db.session.execute(OutboxMessage.__table__.insert(), row)
        kind = db.engine.dialect.name
    [first, *_rest] = logs.told(caught.value)
    assert first["code"] == {"sqlite": "SQLITE_CONSTRAINT_UNIQUE", "postgresql": "23505"}[kind]
    assert first.get("constraint") == {"sqlite": None, "postgresql": "uq_outbox_messages_key"}[kind]
    assert "ZHANBOLATOVA" not in json.dumps(first)
