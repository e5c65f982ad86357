"""The log of checks that polling stations sent: which certificates they looked at, how it ended.

A certificate that many stations cannot tell, or a number that nobody issued typed in ten places,
is seen here first. Nothing in it says who checked, or with which device.
"""

from datetime import time, timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.credentials import queries
from tracker.credentials.labels import REASONS, VERDICTS
from tracker.credentials.routes.blueprint import TONE_OF, blueprint
from tracker.credentials.rules import Reason, Verdict
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock, tables
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, day_asked, format_asked, member_asked, requires

COLUMNS = (
    tables.Column("checked_at", _l("Checked (UTC)"), lambda row: row.checked_at),
    tables.Column("verdict", _l("Result"), lambda row: _word(VERDICTS, Verdict, row.verdict)),
    tables.Column("reason", _l("Reason"), lambda row: _word(REASONS, Reason, row.reason)),
    tables.Column("number", _l("Number"), lambda row: row.serial and f"{row.serial:06}"),
    tables.Column("station", _l("Polling station"), lambda row: row.station),
    tables.Column("received_at", _l("Received (UTC)"), lambda row: row.received_at),
)


def _word(labels: dict[Any, str], kind: type, value: str | None) -> str:
    return str(_(labels[kind(value)])) if value else ""


def _wanted(election: Election) -> queries.CheckFilter:
    since, until = day_asked("since"), day_asked("until")
    zone = election.time_zone
    return queries.CheckFilter(
        verdict=member_asked(Verdict, "verdict"),
        reason=member_asked(Reason, "reason"),
        text=request.args.get("q", "")[:40].strip(),
        since=clock.local_moment(since, time(), zone) if since else None,
        until=clock.local_moment(until + timedelta(days=1), time(), zone) if until else None,
    )


@blueprint.get("/e/<election>/certificates/checks")
@requires(Capability.VIEW_CERTIFICATE_CHECKS)
def checks(election: str) -> ResponseReturnValue:
    """The checks, the latest first, narrowed by the filters; also as a file."""
    row = election_for(actor(), election)
    wanted = _wanted(row)
    if format_ := format_asked():
        found = queries.all_checks(row.id, wanted)
        return tables.export(COLUMNS, found, name=f"{row.slug}-checks", format=format_)
    return render_template(
        "credentials/checks.html",
        election=row,
        wanted=wanted,
        page=queries.checks_page(row.id, wanted, request.args.get("cursor")),
        counts=queries.counts_of_checks(row.id),
        local=lambda moment: clock.local(moment, row.time_zone),
        verdicts=VERDICTS,
        reasons=REASONS,
        tones=TONE_OF,
    )
