"""The log of checks that polling stations send, where the election asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.audit.capture import insert_many
from tracker.credentials.models import CertificateCheck
from tracker.credentials.rules import Reason, Verdict
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.i18n import N_

MOST_CHECKS = 500
LONGEST_STATION = 40


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check: what came out, of which serial, where and when; nothing about who checked."""

    verdict: Verdict
    reason: Reason | None
    serial: int | None
    station: str
    checked_at: datetime


def record_checks(*, election: Election, checks: Sequence[Check]) -> int:
    """Keep the checks of one polling station; raises `NotFound` where nobody asked for them."""
    if not election.logs_certificate_checks:
        raise NotFound(N_("This election keeps no log of checks."))
    if len(checks) > MOST_CHECKS:
        raise Refused(N_("At most %(count)s checks at a time."), count=MOST_CHECKS)
    now = clock.now()
    rows = [
        {
            "election_id": election.id,
            "verdict": check.verdict.value,
            "reason": check.reason.value if check.reason else None,
            "serial": check.serial,
            "station": check.station[:LONGEST_STATION] or None,
            "checked_at": check.checked_at,
            "received_at": now,
        }
        for check in checks
    ]
    insert_many(CertificateCheck, rows)
    return len(rows)
