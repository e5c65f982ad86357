"""Mail that was sent and refused, and an installation that can be spoilt."""

import pytest
from flask_migrate import upgrade

from tests.factories.mail import mail_server
from tests.journeys.demonstration import build
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.mail import Message
from tracker.kernel.outbox import queue_message, send_due


@pytest.fixture
def inbox(app):
    """A server that refused the first of three messages and took the second."""
    with mail_server() as found:
        found.to_recipients = ["550 no such user"]
        with app.app_context():
            for number in range(1, 4):
                message = Message(
                    to=("Ann Smith", f"ann{number}@example.org"),
                    subject=f"Meeting {number}",
                    text="Come.\n",
                )
                with unit_of_work(SYSTEM):
                    queue_message(message, key=f"meeting-{number}")
                if number < 3:
                    send_due()
        yield found


@pytest.fixture
def migrated(tmp_path):
    """An application on an empty database at the newest revision."""
    app = build(tmp_path)
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
