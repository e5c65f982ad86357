"""How long the ways between institutions take: one page, saved as a whole."""

from itertools import combinations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.kernel import tables
from tracker.kernel.i18n import localized
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires
from tracker.officials import queries
from tracker.officials.forms import TravelForm, travel_form
from tracker.officials.models import Institution
from tracker.officials.operations import set_travel_times
from tracker.officials.routes.blueprint import as_file, blueprint
from tracker.officials.rules import Pair

Way = tuple[Institution, Institution]
COLUMNS = (
    tables.Column("from", _l("From institution"), lambda row: localized(row[0], "name")),
    tables.Column("to", _l("To institution"), lambda row: localized(row[1], "name")),
    tables.Column("minutes", _l("Minutes"), lambda row: row[2], "num"),
)


def _pair(one: Institution, other: Institution) -> Pair:
    return min(one.id, other.id), max(one.id, other.id)


def _ways() -> dict[Pair, Way]:
    """Every two institutions, in the order of the list."""
    return {_pair(*way): way for way in combinations(queries.institutions(), 2)}


def _form(ways: dict[Pair, Way]) -> TravelForm:
    return travel_form(
        {pair: " – ".join(localized(end, "name") for end in way) for pair, way in ways.items()}
    )


def _page(form: TravelForm) -> ResponseReturnValue:
    institutions = queries.institutions()
    return render_template(
        "officials/travel.html", form=form, institutions=institutions, pair=_pair
    ), form.status


@blueprint.get("/officials/travel/")
@requires(Capability.VIEW_DIRECTORIES)
def travel() -> ResponseReturnValue:
    """The minutes between every two institutions; also as a file."""
    ways, minutes = _ways(), queries.travel_times()
    form = _form(ways)
    form.show(minutes)
    rows = [(*way, minutes.get(pair)) for pair, way in ways.items()]
    return as_file(COLUMNS, rows, "travel-times") or _page(form)


@blueprint.post("/officials/travel/")
@requires(Capability.EDIT_OFFICIALS, writes=True)
def save_travel() -> ResponseReturnValue:
    """Save all ways at once."""
    form = _form(_ways())
    if form.validate_on_submit():
        values = {"minutes": form.minutes(), "seen_version": form.seen_version}
        if form.attempt(set_travel_times, actor=actor(), **values) is not None:
            flash(_("The travel times are saved."), "ok")
            return redirect(url_for("officials.travel"))
        if form.stale:
            form.see(queries.travel_times())
    return _page(form)
