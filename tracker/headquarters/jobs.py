"""What the job process does for headquarters: issues the digest of the day."""

import structlog

from tracker.elections.models import Election
from tracker.headquarters.digest import digest_of
from tracker.headquarters.digest_paper import letter_of, print_digest, subject_of
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.i18n import LANGUAGES
from tracker.logistics.operations.digest import Letter, issue_digest
from tracker.logistics.queries.digest import elections_due

log = structlog.get_logger()


def issue_digests() -> None:
    """One round: every digest that is due by now. One that fails is tried again next minute."""
    due = elections_due(clock.now())
    db.session.rollback()
    for election_id in due:
        try:
            _issue(election_id)
        except Exception:
            db.session.rollback()
            log.exception("digest failed", election_id=election_id)


def _issue(election_id: int) -> None:
    """Compose first, then keep and send in one short transaction, which no reader waits for."""
    with clock.at(clock.now()):  # the same moment in three languages and in the record
        election = db.session.get_one(Election, election_id)
        letters = {code: _letter(election, code) for code in LANGUAGES}
        db.session.rollback()
        with unit_of_work(SYSTEM):
            election = db.session.get_one(Election, election_id)
            row = issue_digest(actor=SYSTEM, election=election, as_of=clock.now(), letters=letters)
            count = row.recipients if row else None
    if count is not None:  # another process was not first
        log.info("digest issued", election_id=election_id, recipients=count)


def _letter(election: Election, language: str) -> Letter:
    found = digest_of(election, language)
    return Letter(subject=subject_of(found), text=letter_of(found), paper=print_digest(found))
