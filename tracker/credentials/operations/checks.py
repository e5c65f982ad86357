"""The log of checks that polling stations send, where the election asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tracker.audit.capture import insert_many
from tracker.credentials.models import CertificateCheck
from tracker.credentials.rules import Reason, Verdict
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.i18n import N_

MOST_CHECKS = 500
LONGEST_STATION = 40
KEPT = ("verdict", "reason", "serial", "station", "checked_at")


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check: what came out, of which serial, where and when; nothing about who checked."""

    verdict: Verdict
    reason: Reason | None
    serial: int | None
    station: str
    checked_at: datetime


def record_checks(*, election: Election, checks: Sequence[Check]) -> int:
    """Keep the checks of one polling station; how many of them are new.

    A phone whose answer was lost sends the same again: a check of one number at one station at the
    same moment (to the millisecond, by the phone's clock) is one check. Raises `NotFound` where
    nobody asked for them.
    """
    if not election.logs_certificate_checks:
        raise NotFound(N_("This election keeps no log of checks."))
    if len(checks) > MOST_CHECKS:
        raise Refused(N_("At most %(count)s checks at a time."), count=MOST_CHECKS)
    known, now = _known(election, checks), clock.now()
    fresh = [each for each in dict.fromkeys(map(_as_kept, checks)) if each not in known]
    around = {"election_id": election.id, "received_at": now}
    insert_many(CertificateCheck, [around | dict(zip(KEPT, each, strict=True)) for each in fresh])
    return len(fresh)


def _as_kept(check: Check) -> tuple[Any, ...]:
    reason = check.reason.value if check.reason else None
    station = check.station[:LONGEST_STATION] or None
    return check.verdict.value, reason, check.serial, station, check.checked_at


def _known(election: Election, checks: Sequence[Check]) -> set[tuple[Any, ...]]:
    """What is kept of the same moments; nobody else adds to it until the transaction ends."""
    held = sa.select(Election.id).where(Election.id == election.id)
    db.session.execute(held.with_for_update(key_share=True))
    row = CertificateCheck
    query = sa.select(*(getattr(row, name) for name in KEPT)).where(
        row.election_id == election.id,
        row.checked_at.in_({check.checked_at for check in checks}),
    )
    return {tuple(each) for each in db.session.execute(query)}
