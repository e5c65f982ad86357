"""Several job processes at once send each message once, on both databases."""

import threading

import pytest
import sqlalchemy as sa

from tests.factories.mail import mail_server
from tests.journeys.demonstration import at_head
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.mail import MailFailure, Message
from tracker.kernel.outbox import (
    MessageStatus,
    OutboxMessage,
    queue_message,
    retry_message,
    send_due,
)

COUNT, WORKERS = 12, 4


def message(number=0):
    return Message(to=("Ann", f"ann{number}@example.org"), subject="Meeting", text="Come.\n")


@pytest.fixture
def inbox(app):
    with app.app_context():
        at_head()
    with mail_server() as found:
        yield found


def at_once(app, work):
    """Run `work` in several threads at the same moment; what each gives back."""
    barrier, found = threading.Barrier(WORKERS), []

    def run():
        with app.app_context():
            barrier.wait()
            found.append(work())

    threads = [threading.Thread(target=run) for _number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def statuses(app):
    with app.app_context():
        return db.session.scalars(sa.select(OutboxMessage.status)).all()


def test_several_workers_send_each_message_once(app, inbox):
    with app.app_context(), unit_of_work(SYSTEM):
        for number in range(COUNT):
            queue_message(message(number), key=f"meeting-{number}")
    assert len(at_once(app, send_due)) == WORKERS
    assert sorted(each.recipients[0] for each in inbox.received) == sorted(
        f"ann{number}@example.org" for number in range(COUNT)
    )
    assert set(statuses(app)) == {MessageStatus.SENT}


def test_the_same_message_queued_at_once_is_queued_once(app, inbox):
    def queue():
        with unit_of_work(SYSTEM):
            return queue_message(message(), key="meeting-0")

    assert sorted(at_once(app, queue)) == [False, False, False, True]
    at_once(app, send_due)
    assert len(inbox.received) == 1


def test_a_refused_message_waits_for_an_administrator(app, inbox):
    inbox.to_recipients = ["550 no such user"]
    with app.app_context():
        with unit_of_work(SYSTEM):
            queue_message(message(), key="meeting-0")
        send_due()
        row = db.session.scalars(sa.select(OutboxMessage)).one()
        assert (row.status, row.last_error) == (
            MessageStatus.FAILED,
            MailFailure.RECIPIENT_REFUSED,
        )
        db.session.rollback()
        with unit_of_work(SYSTEM):
            retry_message(actor=SYSTEM, message_id=1)
        send_due()
    assert statuses(app) == [MessageStatus.SENT]
