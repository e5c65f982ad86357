"""The contacts sheet: whom headquarters calls, on a page and on paper."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.audit.operations import record_read
from tracker.elections.queries import election_for
from tracker.kernel import clock
from tracker.kernel.disclosure import disclose, disclose_list, paper
from tracker.kernel.i18n import language
from tracker.kernel.permissions import Capability
from tracker.kernel.undo import flash_undoable
from tracker.kernel.web import actor, pdf_response, requires
from tracker.logistics.duty_papers import contacts_paper, function_text
from tracker.logistics.forms.duty import DutyContactForm
from tracker.logistics.operations import duty_contacts as operations
from tracker.logistics.queries import duty_contacts as queries
from tracker.logistics.routes.blueprint import blueprint


@blueprint.get("/e/<election>/duty/contacts/")
@requires(Capability.SEE_DUTY_CONTACTS)
def duty_contacts(election: str) -> ResponseReturnValue:
    """Everybody, part by part."""
    row, now = election_for(actor(), election), clock.now()
    disclose_list(row, "contacts sheet")
    return render_template(
        "logistics/duty_contacts.html",
        election=row,
        sheet=queries.contacts_sheet(actor(), row, now),
        function_text=function_text,
    )


@blueprint.post("/e/<election>/duty/contacts/print")
@requires(Capability.SEE_DUTY_CONTACTS, writes=True)
def print_duty_contacts(election: str) -> ResponseReturnValue:
    """The sheet as a PDF; that everybody's numbers left the house goes on record first."""
    row = election_for(actor(), election)
    record_read(actor=actor(), table="elections", record_id=row.id, what="contacts sheet")
    sheet = queries.contacts_sheet(actor(), row, clock.now())
    with paper("contacts"):
        content = contacts_paper(row, sheet, language())
    return pdf_response(content, f"{row.slug}-contacts")


@blueprint.route("/e/<election>/duty/contacts/new", methods=["GET", "POST"])
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def new_duty_contact(election: str) -> ResponseReturnValue:
    """A new entry of headquarters."""
    row = election_for(actor(), election)
    form = DutyContactForm()
    if form.validate_on_submit():
        made = form.attempt(
            operations.keep_contact, actor=actor(), election=row, details=form.details()
        )
        if made is not None:
            links = {"election": row.slug, "duty_contact_id": made.id}
            flash_undoable(_("The contact is entered."), "logistics.delete_duty_contact", **links)
            return redirect(url_for("logistics.duty_contacts", election=row.slug))
    return render_template(
        "logistics/edit_duty_contact.html", election=row, form=form, row=None
    ), form.status


@blueprint.route("/e/<election>/duty/contacts/<int:duty_contact_id>/edit", methods=["GET", "POST"])
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def edit_duty_contact(election: str, duty_contact_id: int) -> ResponseReturnValue:
    """Change an entry of headquarters."""
    row = election_for(actor(), election)
    found = queries.duty_contact_for(row.id, duty_contact_id)
    form = DutyContactForm()
    if request.method == "GET":
        form.show(found)
        disclose(found, "phone", "email", "note")
    if form.validate_on_submit():
        saved = form.attempt(
            operations.keep_contact,
            actor=actor(),
            election=row,
            details=form.details(),
            contact=found,
            seen_version=form.seen_version,
        )
        if saved is not None:
            flash(_("The changes are saved."), "ok")
            return redirect(url_for("logistics.duty_contacts", election=row.slug))
        form.renew(found)
    return render_template(
        "logistics/edit_duty_contact.html", election=row, form=form, row=found
    ), form.status


@blueprint.post("/e/<election>/duty/contacts/<int:duty_contact_id>/delete")
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def delete_duty_contact(election: str, duty_contact_id: int) -> ResponseReturnValue:
    """Keep an entry no longer."""
    row = election_for(actor(), election)
    found = queries.duty_contact_for(row.id, duty_contact_id)
    operations.delete_contact(actor=actor(), contact=found)
    flash(_("The contact is deleted."), "ok")
    return redirect(url_for("logistics.duty_contacts", election=row.slug))
