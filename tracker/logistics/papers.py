"""The arrivals and departures of a day on paper, for who stands at the airport."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.days import dated
from tracker.kernel.i18n import localized, ngettext
from tracker.kernel.printing import render_pdf
from tracker.logistics.board import Shown, change_text, route_text, shown_movement
from tracker.logistics.labels.movements import MEANS, MOVEMENT_STATUSES
from tracker.logistics.models.movements import Direction, Movement, MovementStatus


def day_sheet(election: Election, day: date, rows: Sequence[Movement], language: str) -> bytes:
    """Everything of the day by time, arrivals first."""
    with force_locale(language):
        shown = [shown_movement(row, election) for row in rows]
        titles = ((Direction.ARRIVAL, _("Arrivals")), (Direction.DEPARTURE, _("Departures")))
        parts = [
            {"title": str(title), "rows": [_row(row) for row in found]}
            for direction, title in titles
            if (found := [row for row in shown if row.movement.direction is direction])
        ]
        moment = clock.local(clock.now(), election.time_zone)
        heading = str(_("Arrivals and departures"))
        data = {
            "heading": heading,
            "lead": [localized(election, "name"), _date(day)],
            "days": parts,
            "widths": [18, 62],
            "columns": [str(_("Time")), str(_("Who")), str(_("Met or seen off by, transport"))],
            "running": str(
                _("As of %(day)s, %(time)s", day=_date(moment.date()), time=f"{moment:%H:%M}")
            ),
            "page": str(_("Page %(page)s of %(pages)s", page="{page}", pages="{pages}")),
            "empty": str(_("No arrivals and no departures.")),
        }
        title = f"{heading}, {_date(day)}"
        return render_pdf("programme", data, language=language, title=title)


def _date(day: date) -> str:
    return dated(day, "EEEE, d MMMM y")


def _row(shown: Shown) -> dict[str, Any]:
    row = shown.movement
    people = ngettext("%(num)s person", "%(num)s people", row.people)
    ways = [row.number or str(_(MEANS[row.means])), route_text(shown)]
    lines = [people, ", ".join(filter(None, ways))]
    if row.hotel:
        lines.append(str(_("Accommodation: %(name)s", name=row.hotel)))
    if text := change_text(shown):
        lines.append(text)
    if row.status is MovementStatus.PLANNED:
        lines.append(str(_(MOVEMENT_STATUSES[row.status])))
    meeting = [", ".join(filter(None, (row.met_by, row.met_by_phone)))]
    meeting += [", ".join(filter(None, (row.vehicle, row.plate))), row.driver or ""]
    return {
        "time": f"{shown.moves:%H:%M}",
        "title": localized(row.delegation.organization, "name"),
        "lines": lines,
        "place": [line for line in meeting if line] or [str(_("Nobody is named yet."))],
    }
