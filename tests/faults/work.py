"""The work that is killed: a process that loads everything once and gives birth to workers.

`python -m tests.faults.work` reads one JSON line for each worker on standard input (the folder, the
database, the kind of work, the file for what it tells) and writes its process id. A worker tells
what is committed, one line each; the line is written after the commit, as an answer to a person is.
"""

import json
import os
import secrets
import signal
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from tests.factories.portraits import portrait
from tests.faults.ground import settings_in
from tracker import server
from tracker.accreditation.models import Accreditation, AccreditationStatus, Submission
from tracker.accreditation.operations import (
    Decision,
    decide_submission,
    register_observer,
    submit_observers,
)
from tracker.accreditation.queries import items_of
from tracker.app import create_app
from tracker.backup import making
from tracker.credentials import jobs as certificate_jobs
from tracker.credentials.models import BatchStatus, Certificate, CertificateBatch, PaperKind
from tracker.credentials.operations import Terms, request_issue, request_print
from tracker.credentials.operations.batches import members_of
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.jobs import jobs
from tracker.kernel.outage import is_outage
from tracker.lists import jobs as list_jobs
from tracker.lists.acceptance import begin_acceptance
from tracker.lists.models import ListStatus, ObserverList
from tracker.lists.operations import Received, receive_list
from tracker.observers.models import Observer

PEOPLE = 8
LETTERS = "BCDFGHKLMNPRSTVZ"


class Worker:
    """Goes through the life of a delegation's list again and again."""

    def __init__(self, tell, settings) -> None:
        self._tell, self._settings = tell, settings

    def stages(self):
        """The stages in order; each says that it begins, does its work and tells what is done."""
        for name in ("list", "register", "submit", "decide", "issue", "print", "backup"):
            self._tell(begins=name)
            getattr(self, f"_{name}")()

    def said(self, what: str, key, **more) -> None:
        """Tell what is committed."""
        self._tell(what=what, key=key, **more)

    def _election(self) -> Election:
        return db.session.scalars(sa.select(Election)).one()

    def give_list(self) -> int:
        """A list that was given out to be accepted; its id."""
        head = (
            "Surname;Given names;Sex;Date of birth;Citizenship;Passport No;Valid until;Function\n"
        )
        lines = "".join(
            f"{_name()};{_name()};F;{_birthday()};TR;{secrets.randbelow(10**9):09};2040-01-01;STO\n"
            for _number in range(PEOPLE)
        )
        with unit_of_work(SYSTEM):
            delegation = db.session.scalars(sa.select(Delegation)).one()
            found = receive_list(
                actor=SYSTEM,
                election=self._election(),
                delegation=delegation,
                received=Received(filename="list.csv", content=(head + lines).encode()),
                at_once=True,
            )
            begin_acceptance(actor=SYSTEM, found=found)
            list_id = found.id
        self.said("list given out", list_id)
        return list_id

    def _list(self) -> None:
        list_id = self.give_list()
        list_jobs.accept(list_id)
        if self._is(ObserverList, list_id, ListStatus.ACCEPTED):
            self.said("list accepted", list_id, count=PEOPLE)

    def _is(self, model, key, status) -> bool:
        """Whether the work on a record was done; else an outage put it off."""
        db.session.rollback()  # the job process drops the session of each job
        found = db.session.get_one(model, key, populate_existing=True).status
        db.session.rollback()
        return found is status

    def _drafts(self, status: AccreditationStatus) -> list[int]:
        query = sa.select(Accreditation.id).where(Accreditation.status == status)
        found = list(db.session.scalars(query.order_by(Accreditation.id).limit(PEOPLE)))
        db.session.rollback()
        return found

    def _register(self) -> None:
        for key in self._drafts(AccreditationStatus.DRAFT):
            with unit_of_work(SYSTEM):
                row = db.session.get_one(Accreditation, key)
                person = db.session.get_one(Observer, row.observer_id)
                person.portrait = portrait(f"#{time.time_ns() // 1000 % 0x1000000:06x}")
                row.pledge_signed_on = date.today() - timedelta(days=1)
                register_observer(actor=SYSTEM, election=self._election(), row=row)
                file = person.portrait
            self.said("registered", key, file=file)

    def _submit(self) -> None:
        if ids := self._drafts(AccreditationStatus.REGISTERED):
            with unit_of_work(SYSTEM):
                election = self._election()
                made = submit_observers(actor=SYSTEM, election=election, accreditation_ids=ids)
                key = made.id
            self.said("submitted", key)

    def _decide(self) -> None:
        query = sa.select(Accreditation.id).where(
            Accreditation.status == AccreditationStatus.SUBMITTED
        )
        while db.session.scalar(query.limit(1)):
            db.session.rollback()
            with unit_of_work(SYSTEM):
                submission = db.session.scalars(
                    sa.select(Submission).order_by(Submission.id.desc())
                ).all()
                chosen = next(
                    each
                    for each in submission
                    if any(item.decision is None for item in items_of(each.id))
                )
                decide_submission(
                    actor=SYSTEM,
                    election=self._election(),
                    submission=chosen,
                    decisions={item.id: Decision("accredited") for item in items_of(chosen.id)},
                    resolution_number=f"{chosen.number}/1",
                    effective_at=clock.now(),
                )
                key = chosen.id
            self.said("decided", key)
        db.session.rollback()

    def _batch(self, request, **values) -> None:
        with unit_of_work(SYSTEM):
            key = request(actor=SYSTEM, election=self._election(), language="en", **values).id
        self.said("batch given out", key)
        certificate_jobs.run(key)
        if self._is(CertificateBatch, key, BatchStatus.DONE):
            self.said("batch done", key)

    def _issue(self) -> None:
        has_one = sa.select(Certificate.accreditation_id)
        query = sa.select(Accreditation.id).where(
            Accreditation.status == AccreditationStatus.ACCREDITED,
            Accreditation.id.not_in(has_one),
        )
        ids = list(db.session.scalars(query))
        db.session.rollback()
        if ids:
            self._batch(request_issue, accreditation_ids=ids, terms=Terms())

    def _print(self) -> None:
        query = sa.select(Certificate.id).where(Certificate.status == "issued").limit(2)
        ids = list(db.session.scalars(query))
        db.session.rollback()
        if ids:
            self._batch(request_print, certificate_ids=ids, paper=PaperKind.BADGES)

    def _backup(self) -> None:
        name = f"{time.time_ns()}.backup"
        making.make(self._settings, self._settings.instance / name)
        self.said("backup made", name)
        for old in sorted(self._settings.instance.glob("*.backup"))[:-2]:
            self._tell(gone=old.name)
            old.unlink()


def _name() -> str:
    """Nobody that is like anybody else."""
    return "".join(secrets.choice(LETTERS) + secrets.choice("AEIOU") for _place in range(6))


def _birthday() -> date:
    return date(1950, 1, 1) + timedelta(days=secrets.randbelow(18_000))


def main() -> None:
    """Give birth to workers until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries them
    for line in sys.stdin:
        wanted = json.loads(line)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            code = 1
            try:
                _live(wanted)
                code = 0
            finally:
                os._exit(code)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def _live(wanted: dict) -> None:
    folder = Path(wanted["folder"])
    output = os.open(wanted["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(os.open(folder / "worker.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)

    def tell(**values) -> None:
        os.write(output, (json.dumps(values) + "\n").encode())

    settings = settings_in(folder, wanted["url"])
    app = create_app(settings, TESTING=True)
    tell(begins="start")
    if wanted["kind"] == "jobs":
        server.work(settings)
        return
    server.worker_queue(app)  # the queue may hold what a clock gave out
    with app.app_context():
        _finish_what_was_begun(tell)
        worker = Worker(tell, settings)
        while True:
            try:
                worker.stages()
            except Exception as error:
                db.session.remove()
                if not is_outage(error):
                    tell(broken=repr(error))
                    raise
                tell(outage=type(error).__name__, reason=str(error).splitlines()[0])
                time.sleep(0.05)


def _finish_what_was_begun(tell) -> None:
    """As the job process does when it starts."""
    server.take_up()
    while task := jobs.huey.dequeue():
        jobs.huey.execute(task)
    query = sa.select(CertificateBatch).where(CertificateBatch.status == "waiting")
    left = [members_of(batch) for batch in db.session.scalars(query)]
    db.session.rollback()
    if left:
        tell(broken=f"batches left: {left}")


if __name__ == "__main__":
    main()
