"""The first page, the dashboard and the ten-second summary."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import (
    Response,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import format_timedelta
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.http import quote_etag

from tracker.accreditation.labels import STATUSES, TONES
from tracker.audit.queries import last_position
from tracker.elections.models import Election
from tracker.elections.queries import calendar_of, deadlines_of, election_for, elections
from tracker.elections.regions import regions_of
from tracker.elections.rules import phase_at
from tracker.headquarters import queries
from tracker.headquarters.routes.attention import attention_of
from tracker.headquarters.routes.blueprint import blueprint, clean, local_text, moment_asked
from tracker.kernel import clock
from tracker.kernel.clock import local_moment
from tracker.kernel.fragments import fragment
from tracker.kernel.i18n import language
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, is_partial, requires
from tracker.logistics.board import change_text
from tracker.logistics.labels.assistance import STATUSES as REQUEST_STATUSES
from tracker.logistics.labels.movements import MOVEMENT_STATUSES, MOVEMENT_TONES
from tracker.logistics.queries.assistance import due_soonest, open_by_age, shown_request
from tracker.logistics.queries.deployment import deployed_by_region
from tracker.meetings.axis import axis_of
from tracker.organizations.states import state_name
from tracker.totals.charts import drawn
from tracker.totals.queries import curve, figures, headline_figures
from tracker.totals.senders import called
from tracker.totals.worldmap import map_of

MOST_REQUESTS = 4


@blueprint.get("/")
@requires(Capability.PUBLIC)
def home() -> ResponseReturnValue:
    """Where a person's work begins: by role, in the election worked on last; a stranger is led to
    the public site."""
    if actor().user_id is None:
        return redirect(url_for("site.start", lang=language()))
    known = elections()
    if not known:
        return render_template("headquarters/home.html")
    wanted = request.args.get("election") or session.get("election")
    fallback = next((row for row in reversed(known) if row.ends_at > clock.now()), known[0])
    slug = next((row.slug for row in known if row.slug == wanted), fallback.slug)
    if not actor().may(Capability.VIEW_HEADQUARTERS):
        return redirect(url_for("portal.index", election=slug))
    if actor().roles == {"official"}:
        return redirect(url_for("headquarters.summary", election=slug))
    return redirect(url_for("headquarters.dashboard", election=slug))


@blueprint.get("/menu")
@requires(Capability.SIGNED_IN)
def menu() -> ResponseReturnValue:
    """The whole navigation as a page, for small screens."""
    return render_template("headquarters/menu.html")


def _clock_of(election: Election, now: datetime) -> dict[str, Any]:
    """The next deadline and how long until it, and the phases on their line."""
    moments = deadlines_of(election)
    ahead = next(((name, moment) for name, moment in moments.items() if moment > now), None)
    return {
        "next": ahead[0] if ahead else None,
        "left": duration(ahead[1] - now) if ahead else None,
        "steps": [
            (name, clock.local(moment, election.time_zone), moment <= now)
            for name, moment in moments.items()
        ],
        "phase": phase_at(calendar_of(election), now),
    }


def duration(span: timedelta) -> str:
    """A span in two units as the reader's language writes it: 1 day 20 hours."""
    minutes = int(span.total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [timedelta(days=days), timedelta(hours=hours), timedelta(minutes=rest)]
    grains = ("day", "hour", "minute")
    shown = [
        format_timedelta(part, granularity=grain, threshold=10_000)
        for part, grain in zip(parts, grains, strict=True)
        if part
    ]
    return " ".join(shown[:2])


def _figures(election: Election, as_of: datetime | None, now: datetime) -> dict[str, Any]:
    day = clock.local(as_of or now, election.time_zone).date()
    start = local_moment(day, time(0), election.time_zone)
    current = figures(election, as_of=as_of)
    before = headline_figures(election, as_of=start - timedelta(microseconds=1))
    names = ("observers", "organizations", "states", "awaiting_decision")
    return {
        "current": current,
        "change": {name: getattr(current, name) - getattr(before, name) for name in names},
        "curve": drawn(election, curve(election, until=as_of), as_of or now),
    }


def _senders(election: Election, by_state: Any) -> dict[str, Any]:
    code = language()
    ranked = [(country, state_name(country, code), count) for country, count in by_state.items()]
    return {
        "map": map_of(by_state, host=election.host_country),
        "ranked": ranked,
        "rest": sum(count for _code, _name, count in ranked[8:]),
    }


def _regions(election: Election, as_of: datetime | None, by_region: Any) -> dict[str, Any]:
    """Who goes where on election day; before anybody is deployed, and in the past, what the
    certificates say."""
    deployed = {} if as_of else deployed_by_region(election.id, election.election_on)
    return {"tiles": _tiles(election, deployed or by_region), "is_deployed": bool(deployed)}


def _tiles(election: Election, by_region: Any) -> list[dict[str, Any]]:
    most = max(by_region.values(), default=1)
    return [
        {
            "region": region,
            "count": by_region.get(region.code, 0),
            "step": -(-4 * by_region.get(region.code, 0) // most),
        }
        for region in regions_of(election.host_country)
    ]


def _requests(election: Election, now: datetime | None) -> dict[str, Any]:
    """What delegations wait for: how many by age, and what is owed soonest; nothing of the past."""
    if now is None:
        return {"ages": [], "rows": []}
    labels: dict[int | None, str] = {
        1: _("Within an hour"),
        4: _("Within four hours"),
        24: _("Within a day"),
        None: _("Longer than a day"),
    }
    counts = open_by_age(election.id, now)
    rows = due_soonest(actor(), election.id, MOST_REQUESTS)
    return {
        "ages": [{"label": labels[hours], "count": count} for hours, count in counts.items()],
        "rows": [shown_request(row, election, now) for row in rows],
    }


@dataclass(frozen=True)
class Board:
    """What headquarters looks at, drawn: rules for its positions, and the page's content."""

    style: Markup
    html: Markup

    @property
    def live(self) -> Markup:
        """Both, for a page that is open already: its policy takes no new style element."""
        return Markup('<template id="live-style">{}</template>{}').format(self.style, self.html)


def _drawn(election: Election, as_of: datetime | None, now: datetime) -> Board:
    found = _figures(election, as_of, now)
    today, day_start = queries.meetings_today(election, now, language())
    people = {official.id: official for meeting in today for official in meeting.officials}
    officials = sorted(people.values(), key=lambda official: (official.precedence, official.id))
    local_now = clock.local(now, election.time_zone)
    context: dict[str, Any] = {
        "election": election,
        **found,
        "as_of": as_of,
        "moment": local_now,
        "clocks": _clock_of(election, now),
        "attention": None if as_of else attention_of(election, now),
        "meetings": today,
        "axis": axis_of(
            [(one, [m for m in today if one.id in m.official_ids]) for one in officials],
            day_start=clock.local(day_start, election.time_zone),
            now=local_now,
        ),
        "arrivals": queries.arrivals_today(election, now),
        "requests": _requests(election, None if as_of else now),
        "request_statuses": REQUEST_STATUSES,
        "change_text": change_text,
        "movement_statuses": MOVEMENT_STATUSES,
        "movement_tones": MOVEMENT_TONES,
        "organizations": called(election, found["current"].by_organization),
        "senders": _senders(election, found["current"].by_state),
        **_regions(election, as_of, found["current"].by_region),
        "statuses": STATUSES,
        "tones": TONES,
        "at": clean(as_of=local_text(election, as_of)),
    }
    # Our own templates, which have escaped what people typed.
    style = render_template("headquarters/_board_style.html", **context)
    html = render_template("headquarters/_board.html", **context)
    return Board(Markup(style), Markup(html))  # noqa: S704  # nosec B704


def _board(election: Election, version: str, as_of: datetime | None, now: datetime) -> Board:
    """The board, drawn once for all who may see the same."""
    key = ("board", election.id, version, as_of, language(), actor().roles)
    return fragment(key, lambda: _drawn(election, as_of, as_of or now))


def _version(now: datetime) -> str:
    """What the board shows, as a tag: another one whenever something is recorded, and each minute.

    An open page asks again with the version that it shows, and is answered 304 as long as it is
    the same.
    """
    return f"{last_position()}-{now:%Y%m%d%H%M}"


@blueprint.get("/e/<election>/")
@requires(Capability.VIEW_HEADQUARTERS)
def dashboard(election: str) -> ResponseReturnValue:
    """Headquarters: what is, what needs a person, what is today; now or as of a moment."""
    now = clock.now()
    # Read before what it stands for: a change in between is then shown twice, never lost.
    version = _version(now)
    if is_partial() and version in request.if_none_match:
        return Response(status=304)
    row = election_for(actor(), election)
    as_of = moment_asked(row, "as_of")
    board = _board(row, version, as_of, now)
    if is_partial():
        response = make_response(board.live)
        response.set_etag(version)
        return response
    return render_template(
        "headquarters/dashboard.html",
        election=row,
        board=board,
        version=quote_etag(version),
        as_of=as_of,
        as_of_text=local_text(row, as_of),
        moment=clock.local(as_of or now, row.time_zone),
        is_wall="wall" in request.args,
    )
