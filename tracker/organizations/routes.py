"""Pages on which a registrar keeps the directory of senders."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.kernel import tables, vcards
from tracker.kernel.database import db
from tracker.kernel.i18n import by_name, language, localized
from tracker.kernel.permissions import Capability
from tracker.kernel.undo import flash_undoable
from tracker.kernel.web import actor, format_asked, member_asked, requires
from tracker.organizations import queries
from tracker.organizations.cards import card_of_organization
from tracker.organizations.forms import OrganizationForm
from tracker.organizations.labels import KINDS
from tracker.organizations.models import OrganizationKind
from tracker.organizations.operations import (
    archive_organization,
    create_organization,
    update_organization,
)
from tracker.organizations.states import citizenship_name

blueprint = Blueprint("organizations", __name__)

COLUMNS = (
    tables.Column("kind", _l("Kind"), lambda row: _(KINDS[row.kind])),
    tables.Column("acronym", _l("Acronym in English"), lambda row: row.acronym),
    tables.Column("acronym_ru", _l("Acronym in Russian"), lambda row: row.acronym_ru),
    tables.Column("acronym_kk", _l("Acronym in Kazakh"), lambda row: row.acronym_kk),
    tables.Column("name_en", _l("Name in English"), lambda row: row.name_en),
    tables.Column("name_ru", _l("Name in Russian"), lambda row: row.name_ru),
    tables.Column("name_kk", _l("Name in Kazakh"), lambda row: row.name_kk),
    tables.Column("seat", _l("Country of the seat"), lambda row: row.seat_country),
)


@blueprint.get("/organizations/")
@requires(Capability.VIEW_DIRECTORIES)
def index() -> ResponseReturnValue:
    """The directory by name, narrowed by kind and by words; also as a file."""
    search, kind = request.args.get("q", "").strip(), member_asked(OrganizationKind, "kind")
    is_archived = "archived" in request.args
    query = queries.directory(search=search, kind=kind, archived=is_archived)
    if format_ := format_asked(more={"vcf"}):
        rows = by_name(db.session.scalars(query.order_by("id")))
        if format_ == "vcf":
            return vcards.export(map(card_of_organization, rows), name="organizations")
        return tables.export(COLUMNS, rows, name="organizations", format=format_)
    return render_template(
        "organizations/index.html",
        page=queries.directory_page(query, request.args.get("cursor")),
        kinds=KINDS,
        search=search,
        kind=kind,
        is_archived=is_archived,
    )


@blueprint.get("/organizations/<int:organization_id>")
@requires(Capability.VIEW_DIRECTORIES)
def organization(organization_id: int) -> ResponseReturnValue:
    """One sender."""
    row = queries.organization_for(actor(), organization_id)
    seat = citizenship_name(row.seat_country, language())
    return render_template("organizations/organization.html", row=row, kinds=KINDS, seat=seat)


@blueprint.route("/organizations/new", methods=["GET", "POST"])
@requires(Capability.EDIT_ORGANIZATIONS, writes=True)
def create() -> ResponseReturnValue:
    """A new organization."""
    form = OrganizationForm()
    form.offer()
    if form.validate_on_submit():
        made = form.attempt(create_organization, actor=actor(), details=form.details())
        if made is not None:
            flash(_("%(name)s was added.", name=localized(made, "name")), "ok")
            return redirect(url_for("organizations.organization", organization_id=made.id))
    return render_template("organizations/create.html", form=form), form.status


@blueprint.route("/organizations/<int:organization_id>/edit", methods=["GET", "POST"])
@requires(Capability.EDIT_ORGANIZATIONS, writes=True)
def edit(organization_id: int) -> ResponseReturnValue:
    """Change an organization."""
    row = queries.organization_for(actor(), organization_id)
    if row.is_state:
        abort(404)
    form = OrganizationForm()
    form.offer()
    if request.method == "GET":
        form.show(row)
    if form.validate_on_submit():
        saved = form.attempt(
            update_organization,
            actor=actor(),
            organization=row,
            details=form.details(),
            seen_version=form.seen_version,
        )
        if saved is not None:
            flash(_("%(name)s was saved.", name=localized(saved, "name")), "ok")
            return redirect(url_for("organizations.organization", organization_id=row.id))
    form.renew(row)
    return render_template("organizations/edit.html", form=form, row=row), form.status


@blueprint.post("/organizations/<int:organization_id>/archive")
@requires(Capability.EDIT_ORGANIZATIONS, writes=True)
def archive(organization_id: int) -> ResponseReturnValue:
    """Take an organization out of the lists, or put it back."""
    row = queries.organization_for(actor(), organization_id)
    wanted = request.form.get("archived") != "0"
    archive_organization(actor=actor(), organization=row, archived=wanted)
    name = localized(row, "name")
    flash_undoable(
        _("%(name)s was archived.", name=name)
        if wanted
        else _("%(name)s is in use again.", name=name),
        "organizations.archive",
        {"archived": "0" if wanted else "1"},
        organization_id=row.id,
    )
    return redirect(url_for("organizations.organization", organization_id=row.id))
