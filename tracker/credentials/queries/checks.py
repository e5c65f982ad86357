"""What polling stations checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from tracker.credentials.models import (
    CertificateCheck,
)
from tracker.credentials.rules import (
    Reason,
    Verdict,
)
from tracker.kernel.database import db
from tracker.kernel.listing import Page, keyset, streamed_records


@dataclass(frozen=True, kw_only=True)
class CheckFilter:
    """Which checks are asked for; `text` is a number of a certificate or part of a station."""

    verdict: Verdict | None = None
    reason: Reason | None = None
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None


def _checks(election_id: int, wanted: CheckFilter) -> sa.Select[CertificateCheck, datetime, int]:
    row = CertificateCheck
    query = sa.select(row, row.checked_at, row.id).where(row.election_id == election_id)
    if wanted.verdict:
        query = query.where(row.verdict == wanted.verdict.value)
    if wanted.reason:
        query = query.where(row.reason == wanted.reason.value)
    if wanted.text:
        at_station = row.station.icontains(wanted.text, autoescape=True)
        is_number = wanted.text.isascii() and wanted.text.isdecimal() and len(wanted.text) < 10
        query = query.where(
            sa.or_(row.serial == int(wanted.text), at_station) if is_number else at_station
        )
    if wanted.since:
        query = query.where(row.checked_at >= wanted.since)
    if wanted.until:
        query = query.where(row.checked_at < wanted.until)
    return query


def checks_page(election_id: int, wanted: CheckFilter, cursor: str | None) -> Page:
    """One page of checks, the latest by the clock of the device first."""
    keys = (CertificateCheck.checked_at, CertificateCheck.id)
    return keyset(_checks(election_id, wanted), keys=keys, cursor=cursor, descending=True)


def all_checks(election_id: int, wanted: CheckFilter) -> Iterator[CertificateCheck]:
    """Every wanted check, the earliest first, in constant memory."""
    query = _checks(election_id, wanted).order_by(CertificateCheck.checked_at, CertificateCheck.id)
    return streamed_records(query)


def counts_of_checks(election_id: int) -> dict[str, int]:
    """How many checks came out how."""
    query = (
        sa.select(CertificateCheck.verdict, sa.func.count())
        .where(CertificateCheck.election_id == election_id)
        .group_by(CertificateCheck.verdict)
    )
    return {verdict: count for verdict, count in db.session.execute(query)}
