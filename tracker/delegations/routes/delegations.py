"""What is done with a delegation: created, changed, led a step on; its head and contacts."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.delegations import operations, queries
from tracker.delegations.forms import (
    ContactForm,
    DelegationForm,
    HeadForm,
    MergeForm,
    NewDelegationForm,
    StepForm,
)
from tracker.delegations.models import Delegation
from tracker.delegations.routes.blueprint import blueprint, delegation_at, page_of
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock
from tracker.kernel.disclosure import disclose
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_, language, localized, say
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage
from tracker.kernel.text import whole_number
from tracker.kernel.undo import flash_undoable
from tracker.kernel.web import actor, attachment_response, requires
from tracker.organizations.labels import acronym_of
from tracker.organizations.models import Organization
from tracker.organizations.operations import ensure_state
from tracker.organizations.queries import choices, organization_for
from tracker.organizations.states import states_sorted


def _sender(chosen: str) -> Organization:
    """The organization by its number, or the State by its code, entered on first use."""
    if (number := whole_number(chosen)) is not None:
        return organization_for(actor(), number)
    if not chosen:
        raise Refused(N_("Choose an organization or a state."), field="organization")
    return ensure_state(actor=actor(), country=chosen)


def _create(*, election: Election, form: NewDelegationForm) -> Delegation:
    made = operations.create_delegation(
        actor=actor(),
        election=election,
        organization=_sender(form.organization.data or ""),
        details=form.details(),
    )
    _attach(form, made)
    return made


def _attach(form: DelegationForm, row: Delegation) -> None:
    upload = form.scan.data
    if upload and upload.filename:
        operations.attach_note_verbale(
            actor=actor(), delegation=row, content=upload.read(), filename=upload.filename
        )


@blueprint.route("/e/<election>/delegations/new", methods=["GET", "POST"])
@requires(Capability.EDIT_DELEGATIONS, writes=True)
def create(election: str) -> ResponseReturnValue:
    """A new delegation of an organization or a State."""
    row = election_for(actor(), election)
    form = NewDelegationForm()
    form.offer()
    if form.validate_on_submit():
        made = form.attempt(_create, election=row, form=form)
        if made is not None:
            name = localized(made.organization, "name")
            flash(_("The delegation of %(name)s was entered.", name=name), "ok")
            return redirect(page_of(row, made))
    chosen = form.organization.data or ""
    there = queries.delegations_by_sender(row.id)
    left_out = {*there, row.host_country} - {chosen}
    return render_template(
        "delegations/create.html",
        form=form,
        election=row,
        organizations=[pair for pair in _organizations() if pair[0] not in left_out],
        states=[pair for pair in states_sorted(language()) if pair[0] not in left_out],
        existing=there.get(chosen),
    ), form.status


def _organizations() -> list[tuple[str, str]]:
    return [
        (str(item.id), ": ".join(filter(None, (acronym_of(item), localized(item, "name")))))
        for item in choices()
    ]


def _update(*, form: DelegationForm, row: Delegation) -> Delegation:
    saved = operations.update_delegation(
        actor=actor(), delegation=row, details=form.details(), seen_version=form.seen_version
    )
    _attach(form, saved)
    return saved


@blueprint.route("/e/<election>/delegations/<int:delegation_id>/edit", methods=["GET", "POST"])
@requires(Capability.EDIT_DELEGATIONS, writes=True)
def edit(election: str, delegation_id: int) -> ResponseReturnValue:
    """Change a delegation."""
    row, found = delegation_at(election, delegation_id)
    form = DelegationForm()
    form.offer()
    if request.method == "GET":
        form.show(found)
        disclose(found, "liaison_phone")
    if form.validate_on_submit():
        if form.attempt(_update, form=form, row=found) is not None:
            flash(_("The changes are saved."), "ok")
            return redirect(page_of(row, found))
        form.renew(found)
    return render_template(
        "delegations/edit.html", form=form, election=row, delegation=found
    ), form.status


@blueprint.post("/e/<election>/delegations/<int:delegation_id>/status")
@requires(Capability.EDIT_DELEGATIONS, writes=True)
def advance(election: str, delegation_id: int) -> ResponseReturnValue:
    """Record the next step of a delegation's life."""
    row, found = delegation_at(election, delegation_id)
    form = StepForm()
    form.offer()
    if form.validate_on_submit():
        done = form.attempt(
            operations.advance_delegation, actor=actor(), delegation=found, **form.details()
        )
        if done is not None:
            flash(_("The step is recorded."), "ok")
            return redirect(page_of(row, found))
    return render_template(
        "delegations/advance.html", form=form, election=row, delegation=found
    ), form.status


@blueprint.route("/e/<election>/delegations/<int:delegation_id>/head", methods=["GET", "POST"])
@requires(Capability.EDIT_DELEGATIONS, writes=True)
def head(election: str, delegation_id: int) -> ResponseReturnValue:
    """Say who heads the delegation from a day on."""
    row, found = delegation_at(election, delegation_id)
    form = HeadForm()
    if request.method == "GET":
        form.effective_on.data = clock.today(row.time_zone)
    if form.validate_on_submit():
        done = form.attempt(
            operations.appoint_head, actor=actor(), delegation=found, **form.details()
        )
        if done is not None:
            flash(_("The head of delegation is recorded."), "ok")
            return redirect(page_of(row, found))
    return render_template(
        "delegations/head.html", form=form, election=row, delegation=found
    ), form.status


@blueprint.route("/e/<election>/delegations/<int:delegation_id>/contacts", methods=["GET", "POST"])
@requires(Capability.EDIT_DELEGATIONS, writes=True)
def contact(election: str, delegation_id: int) -> ResponseReturnValue:
    """Add a contact from a day on."""
    row, found = delegation_at(election, delegation_id)
    form = ContactForm()
    if request.method == "GET":
        form.effective_on.data = clock.today(row.time_zone)
    if form.validate_on_submit():
        done = form.attempt(
            operations.add_contact, actor=actor(), delegation=found, **form.details()
        )
        if done is not None:
            flash(_("The contact is recorded."), "ok")
            return redirect(page_of(row, found))
    return render_template(
        "delegations/contact.html",
        form=form,
        election=row,
        delegation=found,
        contacts=queries.present_contacts_of(found.id),
    ), form.status


@blueprint.post("/e/<election>/delegations/<int:delegation_id>/contacts/<int:contact_id>/end")
@requires(Capability.EDIT_DELEGATIONS, writes=True)
def end_contact(election: str, delegation_id: int, contact_id: int) -> ResponseReturnValue:
    """End a contact as of today, or take that back."""
    row, found = delegation_at(election, delegation_id)
    contact, today = queries.contact_for(found.id, contact_id), clock.today(row.time_zone)
    if request.form.get("ended") == "0":
        operations.resume_contact(actor=actor(), contact=contact, today=today)
        flash(_("%(name)s is a contact again.", name=contact.name), "ok")
        return redirect(page_of(row, found))
    ended_on = max(today, contact.effective_on)
    operations.end_contact(actor=actor(), contact=contact, ended_on=ended_on)
    said = _("%(name)s is no longer a contact.", name=contact.name)
    ids = {"delegation_id": found.id, "contact_id": contact.id}
    flash_undoable(said, "delegations.end_contact", {"ended": "0"}, election=row.slug, **ids)
    return redirect(page_of(row, found))


@blueprint.get("/e/<election>/delegations/<int:delegation_id>/note-verbale")
@requires(Capability.VIEW_DELEGATIONS)
def note_verbale(election: str, delegation_id: int) -> ResponseReturnValue:
    """The scan of the note verbale, always as a file to save."""
    row, found = delegation_at(election, delegation_id)
    if not found.note_verbale_scan:
        abort(404)
    try:
        content = storage.get(found.note_verbale_scan)
    except FileNotFoundError:
        abort(404)
    disclose(found, "note_verbale_scan")
    return attachment_response(content, found.note_verbale_scan_name or "note-verbale")


@blueprint.route("/organizations/<int:organization_id>/merge", methods=["GET", "POST"])
@requires(Capability.EDIT_ORGANIZATIONS, writes=True)
def merge_organizations(organization_id: int) -> ResponseReturnValue:
    """Merge a duplicate organization into another; its delegations go along."""
    duplicate = organization_for(actor(), organization_id)
    form = MergeForm()
    form.into.choices = [
        (row.id, localized(row, "name")) for row in choices() if row.id != duplicate.id
    ]
    if form.validate_on_submit():
        into = organization_for(actor(), form.into.data or 0)
        kept = form.attempt(
            operations.merge_organizations, actor=actor(), duplicate=duplicate, into=into
        )
        if kept is not None:
            flash(say(N_("Merged into %(name)s."), {"name": localized(kept, "name")}), "ok")
            return redirect(url_for("organizations.organization", organization_id=kept.id))
    return render_template(
        "delegations/merge_organizations.html", form=form, row=duplicate
    ), form.status
