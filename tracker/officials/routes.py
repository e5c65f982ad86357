"""Pages on which a coordinator keeps institutions and officials."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.kernel import tables
from tracker.kernel.i18n import localized
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires
from tracker.officials import queries
from tracker.officials.forms import HallForm, InstitutionForm, OfficialForm
from tracker.officials.operations import (
    create_hall,
    create_institution,
    create_official,
    update_hall,
    update_institution,
    update_official,
)

blueprint = Blueprint("officials", __name__)

COLUMNS = (
    tables.Column("precedence", _l("Order"), lambda row: row.precedence, "num"),
    tables.Column("name", _l("Name"), lambda row: localized(row, "name")),
    tables.Column("position", _l("Position"), lambda row: localized(row, "position")),
    tables.Column("institution", _l("Institution"), lambda row: localized(row.institution, "name")),
    tables.Column("assistant", _l("Assistant’s contact"), lambda row: row.assistant_contact),
)


@blueprint.get("/officials/")
@requires(Capability.VIEW_DIRECTORIES)
def index() -> ResponseReturnValue:
    """Officials in order of precedence, and their institutions."""
    rows = queries.officials()
    if format_ := request.args.get("format"):
        if not actor().may(Capability.EXPORT_LISTS) or format_ not in {"csv", "xlsx"}:
            abort(403)
        return tables.export(COLUMNS, rows, name="officials", format=format_, title="officials")
    return render_template(
        "officials/index.html",
        rows=rows,
        institutions=queries.institutions(),
        halls=queries.halls(),
    )


def _official_form() -> OfficialForm:
    form = OfficialForm()
    form.offer([(row.id, localized(row, "name")) for row in queries.institutions()])
    return form


@blueprint.route("/officials/new", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True)
def create() -> ResponseReturnValue:
    """A new official."""
    form = _official_form()
    if form.validate_on_submit():
        made = form.attempt(create_official, actor=actor(), details=form.details())
        if made is not None:
            flash(_("%(name)s was added.", name=localized(made, "name")), "ok")
            return redirect(url_for("officials.index"))
    return render_template("officials/create.html", form=form), form.status


@blueprint.route("/officials/<int:official_id>/edit", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True)
def edit(official_id: int) -> ResponseReturnValue:
    """Change an official."""
    row = queries.official_for(actor(), official_id)
    form = _official_form()
    if request.method == "GET":
        form.show(row)
    if form.validate_on_submit():
        saved = form.attempt(
            update_official,
            actor=actor(),
            official=row,
            details=form.details(),
            seen_version=form.seen_version,
        )
        if saved is not None:
            flash(_("%(name)s was saved.", name=localized(saved, "name")), "ok")
            return redirect(url_for("officials.index"))
    form.renew(row)
    return render_template("officials/edit.html", form=form, row=row), form.status


@blueprint.route("/officials/institutions/new", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True)
def new_institution() -> ResponseReturnValue:
    """A new institution."""
    form = InstitutionForm()
    if form.validate_on_submit():
        made = form.attempt(create_institution, actor=actor(), details=form.details())
        if made is not None:
            flash(_("%(name)s was added.", name=localized(made, "name")), "ok")
            return redirect(url_for("officials.index"))
    return render_template("officials/new_institution.html", form=form), form.status


@blueprint.route("/officials/institutions/<int:institution_id>/edit", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True)
def edit_institution(institution_id: int) -> ResponseReturnValue:
    """Change an institution."""
    row = queries.institution_for(actor(), institution_id)
    form = InstitutionForm()
    if request.method == "GET":
        form.show(row)
    if form.validate_on_submit():
        saved = form.attempt(
            update_institution,
            actor=actor(),
            institution=row,
            details=form.details(),
            seen_version=form.seen_version,
        )
        if saved is not None:
            flash(_("%(name)s was saved.", name=localized(saved, "name")), "ok")
            return redirect(url_for("officials.index"))
    form.renew(row)
    return render_template("officials/edit_institution.html", form=form, row=row), form.status


def _hall_form() -> HallForm:
    form = HallForm()
    form.offer([(row.id, localized(row, "name")) for row in queries.institutions()])
    return form


@blueprint.route("/officials/halls/new", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True)
def new_hall() -> ResponseReturnValue:
    """A new hall."""
    form = _hall_form()
    if form.validate_on_submit():
        made = form.attempt(create_hall, actor=actor(), details=form.details())
        if made is not None:
            flash(_("%(name)s was added.", name=localized(made, "name")), "ok")
            return redirect(url_for("officials.index"))
    return render_template("officials/new_hall.html", form=form), form.status


@blueprint.route("/officials/halls/<int:hall_id>/edit", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True)
def edit_hall(hall_id: int) -> ResponseReturnValue:
    """Change a hall."""
    row = queries.hall_for(actor(), hall_id)
    form = _hall_form()
    if request.method == "GET":
        form.show(row)
    if form.validate_on_submit():
        saved = form.attempt(
            update_hall,
            actor=actor(),
            hall=row,
            details=form.details(),
            seen_version=form.seen_version,
        )
        if saved is not None:
            flash(_("%(name)s was saved.", name=localized(saved, "name")), "ok")
            return redirect(url_for("officials.index"))
    form.renew(row)
    return render_template("officials/edit_hall.html", form=form, row=row), form.status
