"""One certificate: how it stands, its life, and what may be done with it."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.accreditation.labels import FUNCTIONS
from tracker.accreditation.queries import accreditation_for
from tracker.audit.operations import record_read
from tracker.credentials import operations, queries, register
from tracker.credentials.forms.certificates import ReissueForm, StepForm
from tracker.credentials.labels import PAPERS, REASONS, STATUSES, VERDICTS
from tracker.credentials.models import Certificate, PaperKind
from tracker.credentials.papers import print_certificates
from tracker.credentials.routes.blueprint import (
    LABELS,
    TONE_OF,
    blueprint,
    regions,
    validity,
    where,
)
from tracker.credentials.rules import Step, needs_reason, steps_from
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock
from tracker.kernel.disclosure import disclose
from tracker.kernel.i18n import localized
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage
from tracker.kernel.web import actor, attachment_response, picture_response, requires


def _around(election: str, certificate_id: int) -> tuple[Election, Certificate]:
    row = election_for(actor(), election)
    return row, queries.certificate_for(actor(), row.id, certificate_id)


def _to(election: Election, certificate_id: int) -> ResponseReturnValue:
    return redirect(
        url_for("credentials.certificate", election=election.slug, certificate_id=certificate_id)
    )


@blueprint.get("/e/<election>/certificates/<int:certificate_id>")
@requires(Capability.VIEW_DELEGATIONS)
def certificate(election: str, certificate_id: int) -> ResponseReturnValue:
    """One certificate."""
    row, found = _around(election, certificate_id)
    return _page(row, found)


def _page(
    election: Election,
    found: Certificate,
    form: StepForm | None = None,
    printing: StepForm | None = None,
) -> ResponseReturnValue:
    """The page; what was refused stands in the form that it was typed into, and in no other."""
    shown = form or printing or StepForm(formdata=None)
    answer = register.register_answer(election.id, found.serial, clock.now())
    holder = accreditation_for(actor(), election.id, found.accreditation_id)
    others = queries.certificates_of(found.accreditation_id)
    may_act = actor().may(Capability.ISSUE_CERTIFICATES)
    return render_template(
        "credentials/certificate.html",
        election=election,
        row=found,
        holder=holder,
        sender=localized(holder.delegation.organization, "name"),
        verdict=_(VERDICTS[answer.verdict]),
        tone=TONE_OF[answer.verdict],
        reason=_(REASONS[answer.reason]) if answer.reason else "",
        where=where(election, found),
        life=[
            (step, clock.local(step.recorded_at, election.time_zone))
            for step in queries.steps_of(found.id)
        ],
        replaced=next((each for each in others if each.id == found.replaces_id), None),
        successor=next((each for each in others if each.replaces_id == found.id), None),
        key=register.key_for(found.signing_key_id),
        possible=steps_from(found.status, holder.status) if may_act else (),
        printed_before=needs_reason(Step.PRINT, found.status),
        papers=PAPERS,
        functions=FUNCTIONS,
        shown=shown,
        form=form or StepForm(formdata=None),
        printing=printing or StepForm(formdata=None),
        **validity(election, found),
        **LABELS,
    ), shown.status


@blueprint.get("/e/<election>/certificates/<int:certificate_id>/portrait")
@requires(Capability.VIEW_DELEGATIONS)
def certificate_portrait(election: str, certificate_id: int) -> ResponseReturnValue:
    """The portrait as it is printed."""
    _row, found = _around(election, certificate_id)
    disclose(found, "portrait")
    try:
        return picture_response(storage.get(found.portrait))
    except FileNotFoundError:
        abort(404)


@blueprint.post("/e/<election>/certificates/<int:certificate_id>/print")
@requires(Capability.ISSUE_CERTIFICATES, writes=True)
def print_certificate(election: str, certificate_id: int) -> ResponseReturnValue:
    """Print one: the step goes on record, and the paper comes as a PDF."""
    row, found = _around(election, certificate_id)
    form = StepForm()
    paper = request.form.get("paper", "")
    if paper not in set(PaperKind):
        abort(400)
    if form.validate():
        form.attempt(
            operations.record_printed,
            actor=actor(),
            certificates=[found],
            reason=form.reason.data or "",
        )
        if not form.errors:
            record_read(actor=actor(), table="certificates", record_id=found.id, what=paper)
            content = print_certificates(row, [found], PaperKind(paper))
            name = f"{row.slug}-certificate-{found.serial:06}.pdf"
            return attachment_response(content, name, "application/pdf")
    return _page(row, found, printing=form)


@blueprint.post("/e/<election>/certificates/<int:certificate_id>/step")
@requires(Capability.ISSUE_CERTIFICATES, writes=True)
def certificate_step(election: str, certificate_id: int) -> ResponseReturnValue:
    """Hand over, take back, report lost, declare void."""
    row, found = _around(election, certificate_id)
    form = StepForm()
    step = request.form.get("step", "")
    if step not in {Step.HAND_OVER, Step.RETURN, Step.LOSE, Step.VOID}:
        abort(400)
    if form.validate():
        form.attempt(_take, step=Step(step), certificate=found, form=form)
        if not form.errors:
            flash(_("It is on record: %(step)s.", step=_(STATUSES[found.status])), "ok")
            return _to(row, found.id)
    return _page(row, found, form)


def _take(*, step: Step, certificate: Certificate, form: StepForm) -> None:
    reason = form.reason.data or ""
    if step is Step.HAND_OVER:
        operations.hand_over_certificates(
            actor=actor(), certificates=[certificate], received_by=form.received_by.data or ""
        )
    else:
        taken = {
            Step.RETURN: operations.return_certificate,
            Step.LOSE: operations.lose_certificate,
            Step.VOID: operations.void_certificate,
        }[step]
        taken(actor=actor(), certificate=certificate, reason=reason)


@blueprint.route("/e/<election>/certificates/<int:certificate_id>/reissue", methods=["GET", "POST"])
@requires(Capability.ISSUE_CERTIFICATES, writes=True)
def reissue(election: str, certificate_id: int) -> ResponseReturnValue:
    """Issue another in its place; this one is void at once."""
    row, found = _around(election, certificate_id)
    form = ReissueForm()
    form.regions.choices = regions(row)
    if form.validate_on_submit():
        new_id = form.attempt(
            operations.reissue_certificate,
            actor=actor(),
            election=row,
            certificate=found,
            reason=form.reason.data or "",
            terms=form.terms(row),
        )
        if new_id is not None:
            flash(_("A new certificate was issued; the old one no longer holds."), "ok")
            return _to(row, new_id)
    return render_template(
        "credentials/reissue.html", election=row, row=found, form=form
    ), form.status
