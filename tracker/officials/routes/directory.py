"""Lists of officials, institutions, halls and interpreters, and the forms that keep them."""

from functools import partial

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.kernel import tables
from tracker.kernel.i18n import localized
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires
from tracker.officials import operations, queries
from tracker.officials.cards import card_of_institution, card_of_official
from tracker.officials.forms import HallForm, InstitutionForm, InterpreterForm, OfficialForm
from tracker.officials.labels import hours_in_short, languages_of, official_line
from tracker.officials.routes.blueprint import as_file, blueprint, change, enter, knows_why


def _said(is_so: bool) -> str:
    return str(_("yes") if is_so else _("no"))


INSTITUTION = tables.Column(
    "institution", _l("Institution"), lambda row: localized(row.institution, "name")
)
OFFICIALS = (
    tables.Column("precedence", _l("Order"), lambda row: row.precedence, "num"),
    tables.Column("name_en", _l("Full name in English"), lambda row: row.name_en),
    tables.Column("name_ru", _l("Full name in Russian"), lambda row: row.name_ru),
    tables.Column("name_kk", _l("Full name in Kazakh"), lambda row: row.name_kk),
    tables.Column("position_en", _l("Position in English"), lambda row: row.position_en),
    tables.Column("position_ru", _l("Position in Russian"), lambda row: row.position_ru),
    tables.Column("position_kk", _l("Position in Kazakh"), lambda row: row.position_kk),
    INSTITUTION,
    tables.Column(
        "deputy_of",
        _l("Deputy of"),
        lambda row: localized(row.deputy_of, "name") if row.deputy_of else "",
    ),
    tables.Column("hours", _l("Receives (local time)"), hours_in_short),
    tables.Column("in_office", _l("In office"), lambda row: _said(row.is_active)),
)
ASSISTANTS = (
    tables.Column("assistant", _l("Assistant’s contact"), lambda row: row.assistant_contact),
    tables.Column("email", _l("Assistant’s e-mail address"), lambda row: row.assistant_email),
)
INSTITUTIONS = (
    tables.Column("name_en", _l("Name in English"), lambda row: row.name_en),
    tables.Column("name_ru", _l("Name in Russian"), lambda row: row.name_ru),
    tables.Column("name_kk", _l("Name in Kazakh"), lambda row: row.name_kk),
    tables.Column("address", _l("Address"), lambda row: row.address),
    tables.Column("time_zone", _l("Time zone"), lambda row: row.time_zone),
)
HALLS = (
    INSTITUTION,
    tables.Column("name", _l("Hall"), lambda row: localized(row, "name")),
    tables.Column("capacity", _l("Seats"), lambda row: row.capacity, "num"),
    tables.Column("in_use", _l("In use"), lambda row: _said(row.is_active)),
)
INTERPRETERS = (
    tables.Column("name", _l("Name"), lambda row: row.name),
    tables.Column("languages", _l("Languages"), languages_of),
    tables.Column("hours", _l("Works (local time)"), hours_in_short),
    tables.Column("available", _l("Available"), lambda row: _said(row.is_active)),
)
CONTACTS = (
    tables.Column("phone", _l("Telephone"), lambda row: row.phone),
    tables.Column("email", _l("E-mail address"), lambda row: row.email),
)


@blueprint.get("/officials/")
@requires(Capability.VIEW_DIRECTORIES)
def index() -> ResponseReturnValue:
    """Officials in order of precedence; also as a file."""
    rows, knows = queries.officials(), knows_why()
    columns = OFFICIALS + ASSISTANTS if knows else OFFICIALS
    card = partial(card_of_official, with_contacts=knows)
    return as_file(columns, rows, "officials", card) or render_template(
        "officials/index.html", rows=rows, hours=hours_in_short
    )


@blueprint.get("/officials/institutions/")
@requires(Capability.VIEW_DIRECTORIES)
def institutions() -> ResponseReturnValue:
    """Institutions by name; also as a file."""
    rows = queries.institutions()
    return as_file(INSTITUTIONS, rows, "institutions", card_of_institution) or render_template(
        "officials/institutions.html", rows=rows
    )


@blueprint.get("/officials/halls/")
@requires(Capability.VIEW_DIRECTORIES)
def halls() -> ResponseReturnValue:
    """Halls by institution; also as a file."""
    rows = queries.halls()
    return as_file(HALLS, rows, "halls") or render_template("officials/halls.html", rows=rows)


@blueprint.get("/officials/interpreters/")
@requires(Capability.VIEW_DIRECTORIES)
def interpreters() -> ResponseReturnValue:
    """Interpreters by name; also as a file."""
    rows = queries.interpreters()
    columns = INTERPRETERS + CONTACTS if knows_why() else INTERPRETERS
    return as_file(columns, rows, "interpreters") or render_template(
        "officials/interpreters.html", rows=rows, hours=hours_in_short, spoken=languages_of
    )


def _institution_names() -> list[tuple[int, str]]:
    return [(row.id, localized(row, "name")) for row in queries.institutions()]


def _official_form(official_id: int | None = None) -> OfficialForm:
    form = OfficialForm()
    others = [row for row in queries.officials() if row.id != official_id]
    named = [(row.id, official_line(row)) for row in others]
    form.offer(_institution_names(), named)
    return form


@blueprint.route("/officials/new", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True)
def create() -> ResponseReturnValue:
    """A new official."""
    return enter(_official_form(), operations.create_official, "officials/edit.html")


@blueprint.route("/officials/<int:official_id>/edit", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True)
def edit(official_id: int) -> ResponseReturnValue:
    """Change an official."""
    row = queries.official_for(actor(), official_id)
    update = partial(operations.update_official, official=row)
    return change(_official_form(row.id), row, update, "officials/edit.html")


def _institution_form() -> InstitutionForm:
    form = InstitutionForm()
    form.offer()
    return form


@blueprint.route("/officials/institutions/new", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True)
def new_institution() -> ResponseReturnValue:
    """A new institution."""
    template = "officials/edit_institution.html"
    return enter(_institution_form(), operations.create_institution, template)


@blueprint.route("/officials/institutions/<int:institution_id>/edit", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True)
def edit_institution(institution_id: int) -> ResponseReturnValue:
    """Change an institution."""
    row = queries.institution_for(actor(), institution_id)
    update = partial(operations.update_institution, institution=row)
    return change(_institution_form(), row, update, "officials/edit_institution.html")


def _hall_form() -> HallForm:
    form = HallForm()
    form.offer(_institution_names())
    return form


@blueprint.route("/officials/halls/new", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True)
def new_hall() -> ResponseReturnValue:
    """A new hall."""
    return enter(_hall_form(), operations.create_hall, "officials/edit_hall.html")


@blueprint.route("/officials/halls/<int:hall_id>/edit", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True)
def edit_hall(hall_id: int) -> ResponseReturnValue:
    """Change a hall."""
    row = queries.hall_for(actor(), hall_id)
    update = partial(operations.update_hall, hall=row)
    return change(_hall_form(), row, update, "officials/edit_hall.html")


@blueprint.route("/officials/interpreters/new", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True)
def new_interpreter() -> ResponseReturnValue:
    """A new interpreter."""
    form = InterpreterForm()
    form.offer()
    return enter(form, operations.create_interpreter, "officials/edit_interpreter.html")


@blueprint.route("/officials/interpreters/<int:interpreter_id>/edit", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True)
def edit_interpreter(interpreter_id: int) -> ResponseReturnValue:
    """Change an interpreter."""
    row = queries.interpreter_for(actor(), interpreter_id)
    form = InterpreterForm()
    form.offer(row.language_codes)
    update = partial(operations.update_interpreter, interpreter=row)
    return change(form, row, update, "officials/edit_interpreter.html")
