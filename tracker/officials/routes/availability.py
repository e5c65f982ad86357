"""The pages of one official, hall and interpreter: when they are to be had, and when not."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.kernel import clock
from tracker.kernel.forms import Form
from tracker.kernel.i18n import N_, ngettext, say
from tracker.kernel.permissions import Capability
from tracker.kernel.undo import flash_undoable
from tracker.kernel.web import actor, requires, time_zone
from tracker.officials import operations, queries
from tracker.officials.forms import BlockForm, CalendarForm, DayForm
from tracker.officials.labels import hours_by_day, languages_of, named_day, when
from tracker.officials.models import Hall, Interpreter, Official, Owner, owned_by
from tracker.officials.routes.blueprint import blueprint, knows_why, page_of
from tracker.officials.rules import written_hours, zone_of

View = Callable[..., ResponseReturnValue]
OWNERS: dict[str, Callable[..., Owner]] = {
    "/officials/<int:official_id>": queries.official_for,
    "/officials/halls/<int:hall_id>": queries.hall_for,
    "/officials/interpreters/<int:interpreter_id>": queries.interpreter_for,
}


def _owned(rest: str, **options: Any) -> Callable[[View], View]:
    """One route for officials, halls and interpreters; the view is given the one it is about."""

    def decorate(view: View) -> View:
        for path in OWNERS:
            view = blueprint.route(f"{path}/{rest}", **options)(view)
        return view

    return decorate


def _owner(ids: Mapping[str, int]) -> Owner:
    ((name, key),) = ids.items()
    found = next(find for path, find in OWNERS.items() if f":{name}>" in path)
    return found(actor(), key)


def _shown(owner: Owner, zone: str) -> dict[str, Any]:
    """What a page says of a person or a hall beside the blocked times."""
    if isinstance(owner, Official):
        today = clock.local(clock.now(), zone).date()
        return {
            "days": queries.days_from(owner.id, today),
            "deputies": queries.deputies_of(owner.id),
            "hours": hours_by_day(owner),
            "named_day": named_day,
            "written_hours": written_hours,
        }
    if isinstance(owner, Interpreter):
        return {"hours": hours_by_day(owner), "spoken": languages_of(owner)}
    return {}


TEMPLATES: dict[type[Any], str] = {
    Official: "officials/official.html",
    Hall: "officials/hall.html",
    Interpreter: "officials/interpreter.html",
}


def _page(owner: Owner, answered: Form | None = None) -> ResponseReturnValue:
    """The page of a person or a hall; `answered` is the form on it that was sent."""
    zone = zone_of(owner, time_zone())
    forms = {
        kind.__name__: answered if isinstance(answered, kind) else kind(formdata=None)
        for kind in (DayForm, BlockForm, CalendarForm)
    }
    page = queries.blocked_page(owner, clock.now(), request.args.get("cursor"))
    return render_template(
        TEMPLATES[type(owner)],
        row=owner,
        ids=owned_by(owner),
        forms=forms,
        page=page,
        when=when,
        time_zone=zone,
        knows_why=knows_why(),
        **_shown(owner, zone),
    ), answered.status if answered else 200


@blueprint.get("/officials/<int:official_id>")
@requires(Capability.VIEW_DIRECTORIES)
def official(official_id: int) -> ResponseReturnValue:
    """One official: who, and when they receive."""
    return _page(queries.official_for(actor(), official_id))


@blueprint.get("/officials/halls/<int:hall_id>")
@requires(Capability.VIEW_DIRECTORIES)
def hall(hall_id: int) -> ResponseReturnValue:
    """One hall, and when it is taken for something else."""
    return _page(queries.hall_for(actor(), hall_id))


@blueprint.get("/officials/interpreters/<int:interpreter_id>")
@requires(Capability.VIEW_DIRECTORIES)
def interpreter(interpreter_id: int) -> ResponseReturnValue:
    """One interpreter, and when they are to be had."""
    return _page(queries.interpreter_for(actor(), interpreter_id))


@blueprint.route("/officials/<int:official_id>/days", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True)
def add_day(official_id: int) -> ResponseReturnValue:
    """Enter a day on which an official receives at other hours, or not at all."""
    row = queries.official_for(actor(), official_id)
    form = DayForm()
    if form.validate_on_submit():
        done = form.attempt(
            operations.add_day,
            actor=actor(),
            official=row,
            on=form.on.data,
            hours=form.hours.data or "",
            reason=form.why.data,
            time_zone=zone_of(row, time_zone()),
        )
        if done is not None:
            said = say(N_("The exception for %(day)s is entered."), {"day": form.on.data})
            flash_undoable(said, "officials.remove_day", official_id=official_id, day_id=done[0].id)
            return redirect(page_of(row))
    return _page(row, form)


@blueprint.post("/officials/<int:official_id>/days/<int:day_id>/remove")
@requires(Capability.EDIT_OFFICIALS, writes=True)
def remove_day(official_id: int, day_id: int) -> ResponseReturnValue:
    """Let the weekly hours hold again on a day."""
    row = queries.official_for(actor(), official_id)
    day = queries.day_for(row, day_id)
    said = say(N_("On %(day)s the weekly hours hold again."), {"day": day.on})
    known = queries.days_from(row.id, day.on)[0]
    operations.remove_day(actor=actor(), official=row, day=day)
    if known.reason:  # why somebody is away lies in no cookie
        flash(said, "ok")
    else:
        typed = {"on": known.on.isoformat(), "hours": written_hours(known.spans)}
        flash_undoable(said, "officials.add_day", typed, official_id=row.id)
    return redirect(page_of(row))


@_owned("blocked", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True)
def block(**ids: int) -> ResponseReturnValue:
    """Block a time."""
    owner = _owner(ids)
    form = BlockForm()
    form.time_zone = zone_of(owner, time_zone())
    if form.validate_on_submit():
        done = form.attempt(operations.block_time, actor=actor(), owner=owner, **form.values())
        if done is not None:
            said = _("Blocked: %(when)s.", when=when(done, form.time_zone))
            flash_undoable(said, "officials.unblock", blocked_id=done.id, **ids)
            return redirect(page_of(owner))
    return _page(owner, form)


@_owned("blocked/<int:blocked_id>/remove", methods=["POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True)
def unblock(blocked_id: int, **ids: int) -> ResponseReturnValue:
    """Take a blocked time back."""
    owner = _owner(ids)
    found = queries.blocked_for(owner, blocked_id)
    said = _("Free again: %(when)s.", when=when(found, zone_of(owner, time_zone())))
    operations.unblock_time(actor=actor(), blocked=found)
    flash(said, "ok")
    return redirect(page_of(owner))


@_owned("calendar", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True)
def read_calendar(**ids: int) -> ResponseReturnValue:
    """Read somebody's own calendar in as blocked times."""
    owner = _owner(ids)
    form = CalendarForm()
    if form.validate_on_submit():
        count = form.attempt(
            operations.read_calendar,
            actor=actor(),
            owner=owner,
            content=form.content(),
            time_zone=zone_of(owner, time_zone()),
        )
        if count is not None:
            said = ngettext(
                "%(num)s time was read from the calendar.",
                "%(num)s times were read from the calendar.",
                count,
            )
            flash(said, "ok")
            return redirect(page_of(owner))
    return _page(owner, form)
