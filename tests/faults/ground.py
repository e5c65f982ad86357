"""What is killed, and what must hold afterwards."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask_migrate import upgrade

from tests.factories import records
from tests.journeys.demonstration import PASSPHRASE, SECRET
from tracker.accreditation import counts
from tracker.accreditation.models import (
    Accreditation,
    AccreditationStatus,
    Submission,
    SubmissionItem,
    Transition,
)
from tracker.app import create_app
from tracker.audit import queries as audit_queries
from tracker.audit.chain import breaks
from tracker.audit.models import AuditEntry
from tracker.backup import files, making
from tracker.backup.container import BackupRefused
from tracker.config import Settings
from tracker.credentials.models import (
    BatchStatus,
    Certificate,
    CertificateBatch,
    CertificateStep,
)
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.jobs import jobs
from tracker.kernel.places import place_of
from tracker.kernel.storage import storage
from tracker.lists.models import ListStatus, ObserverList
from tracker.totals.queries import figures, unproven

BACKUPS = "tests only, backups 0123456789"
DONE = "done"


def settings_in(folder: Path, url: str | None = None) -> Settings:
    """An installation in `folder`, on SQLite unless said otherwise."""
    return Settings(
        folder,
        url or f"sqlite:///{folder / 'tracker.sqlite'}",
        SECRET,
        None,
        "127.0.0.1",
        8000,
        signing_passphrase=PASSPHRASE,
        backup_passphrase=BACKUPS,
    )


def prepare(settings: Settings) -> None:
    """A migrated installation with an open election and a delegation."""
    app = create_app(settings)
    with app.app_context():
        upgrade()
        now = clock.now()
        with unit_of_work(SYSTEM):
            election = records.election(
                election_on=date.today() + timedelta(days=60),
                opens_at=now - timedelta(days=30),
                closes_at=now + timedelta(days=50),
                ends_at=now + timedelta(days=61),
            )
            records.delegation(election)
        db.session.remove()
        db.engine.dispose()


class Ground:
    """One installation as its judge sees it: looks, never repairs."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.app = create_app(settings, TESTING=True)
        self._position, self._digest = 0, ""

    def close(self) -> None:
        """Hold no connection any more."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
            jobs.huey.storage.close()

    def check(self, told: list[dict], *, whole: bool = False) -> None:
        """Nothing is half-done, and nothing that was told is lost."""
        with self.app.app_context():
            storage.configure(place_of(self.settings.instance, self.settings.files_url))
            try:
                if db.engine.dialect.name == "postgresql":
                    db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
                self._nothing_half_done()
                self._record_holds(whole)
                for each in told:
                    self._is_kept(each)
                if whole:
                    self._files_hold()
            finally:
                db.session.remove()

    def _nothing_half_done(self) -> None:
        last = sa.select(sa.func.max(Transition.id)).group_by(Transition.accreditation_id)
        statuses = dict(
            db.session.execute(
                sa.select(Transition.accreditation_id, Transition.to_status).where(
                    Transition.id.in_(last)
                )
            ).all()
        )
        assert statuses == dict(
            db.session.execute(sa.select(Accreditation.id, Accreditation.status)).all()
        )
        for election in db.session.scalars(sa.select(Election)):
            assert counts.differences(db.session.connection(), election.id) == []
            moments = {"as_of": None, "known_at": None}
            assert unproven(election, figures(election, **moments), **moments) == []
        # A submission was decided whole or not at all, since that is how it is decided here.
        decided = sa.select(
            SubmissionItem.submission_id,
            sa.func.count(),
            sa.func.count(SubmissionItem.decision),
            sa.func.count(SubmissionItem.resolution_id),
        ).group_by(SubmissionItem.submission_id)
        for _submission, total, with_decision, with_resolution in db.session.execute(decided):
            assert with_decision == with_resolution in {0, total}
        self._certificates_are_whole()
        if db.engine.dialect.name == "sqlite":
            assert db.session.scalar(sa.text("PRAGMA quick_check")) == "ok"
        named = files.named_keys(db.session.connection())
        assert files.missing(named) == []

    def _certificates_are_whole(self) -> None:
        rows = db.session.execute(
            sa.select(
                Certificate.id,
                Certificate.serial,
                Certificate.credential,
                Certificate.status,
                Accreditation.status,
            ).join(Accreditation, Accreditation.id == Certificate.accreditation_id)
        ).all()
        assert all(row[2] for row in rows)
        assert {row[4] for row in rows} <= {AccreditationStatus.ACCREDITED}
        assert sorted(row[1] for row in rows) == list(range(1, len(rows) + 1))
        newest = sa.select(sa.func.max(CertificateStep.id)).group_by(CertificateStep.certificate_id)
        steps = db.session.execute(
            sa.select(CertificateStep.certificate_id, CertificateStep.to_status).where(
                CertificateStep.id.in_(newest)
            )
        ).all()
        assert dict(steps) == {row[0]: row[3] for row in rows}
        for batch in db.session.scalars(sa.select(CertificateBatch)):
            is_done = batch.status is BatchStatus.DONE
            assert batch.status is not BatchStatus.FAILED, batch.problem
            assert (batch.finished_at is not None) == is_done
            assert (batch.file is not None) == (is_done and batch.paper is not None)

    def _record_holds(self, whole: bool) -> None:
        """The chain, from where it was looked at last; from its beginning where `whole`."""
        if whole:
            count, broken = audit_queries.verify()
            assert broken == []
            assert count >= self._position
            return
        query = sa.select(AuditEntry).where(AuditEntry.position >= max(self._position, 1))
        rows = db.session.scalars(query.order_by(AuditEntry.position)).all()
        if self._position:
            assert rows[0].digest == self._digest  # what was there before is still there
            following = [b for b in breaks(rows) if b.position > self._position]
            # `breaks` expects the beginning; the first one is known and follows from itself.
            assert [b for b in following if "missing" not in b.reason] == []
            assert [row.position for row in rows] == list(
                range(self._position, self._position + len(rows))
            )
        self._position, self._digest = rows[-1].position, rows[-1].digest

    def _is_kept(self, told: dict) -> None:
        """What was acknowledged is there: at least as far as it was said to be."""
        what, key = told["what"], told["key"]
        match what:
            case "list given out":
                found = db.session.get_one(ObserverList, key)
                assert found.status in {ListStatus.ACCEPTING, ListStatus.ACCEPTED}, found.failure
            case "list accepted":
                found = db.session.get_one(ObserverList, key)
                assert found.status is ListStatus.ACCEPTED
                assert found.facts["outcome"]["created"] == told["count"]
            case "registered":
                row = db.session.get_one(Accreditation, key)
                assert row.status is not AccreditationStatus.DRAFT
                content = storage.get(told["file"])
                assert content
            case "submitted":
                assert db.session.get_one(Submission, key)
            case "decided":
                query = sa.select(SubmissionItem.decision)
                found = db.session.scalars(query.where(SubmissionItem.submission_id == key)).all()
                assert set(found) == {"accredited"}
            case "batch given out":
                assert db.session.get_one(CertificateBatch, key)
            case "batch done":
                batch = db.session.get_one(CertificateBatch, key)
                assert batch.status is BatchStatus.DONE
                if batch.file:
                    assert storage.get(batch.file).startswith(b"%PDF")
            case "backup made":
                making.read_back(self.settings.instance / key, BACKUPS)
            case _:
                raise AssertionError(what)

    def _files_hold(self) -> None:
        for name in storage.names():
            assert storage.get(name)
        for path in self.settings.instance.glob("*.backup"):
            try:  # a name that is there is a backup that is whole
                making.read_back(path, BACKUPS)
            except BackupRefused as refusal:
                raise AssertionError(f"{path.name}: {refusal}") from refusal

    def open_work(self) -> Counter:
        """How much was given out and is not done."""
        with self.app.app_context():
            lists = sa.select(sa.func.count()).where(ObserverList.status == ListStatus.ACCEPTING)
            batches = sa.select(sa.func.count()).where(
                CertificateBatch.status.in_((BatchStatus.WAITING, BatchStatus.RUNNING))
            )
            found = {"lists": db.session.scalar(lists), "batches": db.session.scalar(batches)}
            db.session.remove()
            return +Counter(found)


__all__ = ["BACKUPS", "Ground", "prepare", "replace", "settings_in"]
