"""The blueprint of this part, and what its pages have in common."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.kernel import tables, vcards
from tracker.kernel.disclosure import disclose
from tracker.kernel.i18n import localized
from tracker.kernel.permissions import Capability
from tracker.kernel.vcards import Property
from tracker.kernel.web import actor, format_asked
from tracker.officials.models import Institution, Interpreter, Owner, owned_by

blueprint = Blueprint("officials", __name__)

Record = Owner | Institution
PERSONAL = ("phone", "email", "assistant_contact", "assistant_email")


def knows_why() -> bool:
    """Whether the person is shown contacts, and what somebody's time is blocked for."""
    wanted = (Capability.EDIT_OFFICIALS, Capability.SCHEDULE_MEETINGS)
    return any(actor().may(capability) for capability in wanted)


def as_file(
    columns: Sequence[tables.Column],
    rows: Iterable[Any],
    name: str,
    card: Callable[[Any], list[Property]] | None = None,
) -> Response | None:
    """The list as a file, where one is asked for; as vCards too, where `card` makes them."""
    format_ = format_asked(more={"vcf"} if card else ())
    if format_ is None:
        return None
    if card and format_ == "vcf":
        return vcards.export(map(card, rows), name=name)
    return tables.export(columns, rows, name=name, format=format_)


def name_of(row: Record) -> str:
    """What a record is called."""
    return row.name if isinstance(row, Interpreter) else localized(row, "name")


def page_of(row: Record) -> str:
    """The address on which a record is seen."""
    if isinstance(row, Institution):
        return url_for("officials.institutions")
    values: dict[str, Any] = {**owned_by(row)}
    return url_for(f"officials.{type(row).__name__.lower()}", **values)


def enter(form: Any, create: Callable[..., Record], template: str) -> ResponseReturnValue:
    """The page of a new record."""
    if form.validate_on_submit():
        made = form.attempt(create, actor=actor(), details=form.details())
        if made is not None:
            flash(_("%(name)s was added.", name=name_of(made)), "ok")
            return redirect(page_of(made))
    return render_template(template, form=form, row=None), form.status


def change(
    form: Any, row: Record, update: Callable[..., Record], template: str
) -> ResponseReturnValue:
    """The page that changes a record."""
    if request.method == "GET":
        form.show(row)
        disclose(row, *(name for name in PERSONAL if hasattr(row, name)))
    if form.validate_on_submit():
        kept = {"details": form.details(), "seen_version": form.seen_version}
        saved = form.attempt(update, actor=actor(), **kept)
        if saved is not None:
            flash(_("%(name)s was saved.", name=name_of(saved)), "ok")
            return redirect(page_of(saved))
        form.renew(row)
    return render_template(template, form=form, row=row), form.status
