"""Batches: what was issued or printed together, how far it is, and its paper."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.audit.operations import record_read
from tracker.credentials import queries
from tracker.credentials.forms.certificates import ManyForm
from tracker.credentials.labels import BATCH_STATUSES, PAPERS
from tracker.credentials.models import (
    BatchStatus,
    Certificate,
    CertificateBatch,
    CertificateStatus,
)
from tracker.credentials.operations.batches import members_of, refused_of
from tracker.credentials.papers import hand_over_sheet
from tracker.credentials.routes.blueprint import LABELS, blueprint
from tracker.credentials.routes.certificates import give_out, handed_over, print_asked
from tracker.credentials.rules import UNFINISHED
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock
from tracker.kernel.disclosure import paper
from tracker.kernel.i18n import language_asked, say
from tracker.kernel.jobs import jobs
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage
from tracker.kernel.web import actor, attachment_response, requires

TONES = {
    BatchStatus.WAITING: "mute",
    BatchStatus.RUNNING: "go",
    BatchStatus.DONE: "ok",
    BatchStatus.FAILED: "bad",
}
PDF = "application/pdf"
PRINTABLE = {CertificateStatus.ISSUED, CertificateStatus.PRINTED}


def _around(election: str, batch_id: int) -> tuple[Election, CertificateBatch]:
    row = election_for(actor(), election)
    return row, queries.batch_for(row.id, batch_id)


@blueprint.get("/e/<election>/certificates/batches/")
@requires(Capability.ISSUE_CERTIFICATES)
def batches(election: str) -> ResponseReturnValue:
    """The batches, the newest first."""
    row = election_for(actor(), election)
    page = queries.batches_page(row.id, request.args.get("cursor"))
    return render_template(
        "credentials/batches.html",
        election=row,
        page=page,
        rows=[(found, clock.local(found.requested_at, row.time_zone)) for _id, found in page.rows],
        papers=PAPERS,
        batch_statuses=BATCH_STATUSES,
        batch_tones=TONES,
    )


@blueprint.get("/e/<election>/certificates/batches/<int:batch_id>")
@requires(Capability.ISSUE_CERTIFICATES)
def batch(election: str, batch_id: int) -> ResponseReturnValue:
    """One batch: how far it is, and what came of it."""
    row, found = _around(election, batch_id)
    return _page(row, found, ManyForm(formdata=None))


def _members(election: Election, found: CertificateBatch) -> tuple[list[Certificate], int]:
    """The certificates of a finished batch whose holders are accredited, and how many are not."""
    if found.status is not BatchStatus.DONE:
        return [], 0
    rows = queries.certificates_with(election.id, members_of(found))
    gone = queries.not_accredited({each.accreditation_id for each in rows})
    standing = [each for each in rows if each.accreditation_id not in gone]
    return standing, len(rows) - len(standing)


def _page(election: Election, found: CertificateBatch, form: ManyForm) -> ResponseReturnValue:
    form.offer()
    rows, fallen = _members(election, found)
    return render_template(
        "credentials/batch.html",
        election=election,
        batch=found,
        requested_at=clock.local(found.requested_at, election.time_zone),
        is_open=found.status in UNFINISHED,
        counted=jobs.progress(f"certificates-{found.id}"),
        refused=[(name, say(message, params)) for name, message, params in refused_of(found)],
        issued=sum(each.status is CertificateStatus.ISSUED for each in rows),
        printed=sum(each.status is CertificateStatus.PRINTED for each in rows),
        fallen=fallen,
        papers=PAPERS,
        batch_statuses=BATCH_STATUSES,
        batch_tones=TONES,
        form=form,
        **LABELS,
    ), form.status


@blueprint.post("/e/<election>/certificates/batches/<int:batch_id>/file")
@requires(Capability.ISSUE_CERTIFICATES, writes=True)
def batch_file(election: str, batch_id: int) -> ResponseReturnValue:
    """The PDF of a batch; that names and portraits left the house goes on record first."""
    row, found = _around(election, batch_id)
    if found.file is None:
        abort(404)
    record_read(actor=actor(), table="certificate_batches", record_id=found.id, what="PDF")
    name = f"{row.slug}-certificates-{found.id}.pdf"
    return attachment_response(storage.get(found.file), name, PDF)


@blueprint.post("/e/<election>/certificates/batches/<int:batch_id>/sheet")
@requires(Capability.ISSUE_CERTIFICATES, writes=True)
def batch_sheet(election: str, batch_id: int) -> ResponseReturnValue:
    """The list to sign for those who receive what the batch is about."""
    row, found = _around(election, batch_id)
    if found.status is not BatchStatus.DONE:
        abort(404)
    rows, _fallen = _members(row, found)
    record_read(actor=actor(), table="certificate_batches", record_id=found.id, what="list")
    with paper("hand-over"):
        content = hand_over_sheet(row, rows, language_asked())
    return attachment_response(content, f"{row.slug}-hand-over-{found.id}.pdf", PDF)


@blueprint.post("/e/<election>/certificates/batches/<int:batch_id>")
@requires(Capability.ISSUE_CERTIFICATES, writes=True)
def batch_step(election: str, batch_id: int) -> ResponseReturnValue:
    """Print what was issued, or hand over what was printed."""
    row, found = _around(election, batch_id)
    if found.status is not BatchStatus.DONE:
        abort(404)
    form = ManyForm()
    form.offer()
    if form.validate():
        rows, _fallen = _members(row, found)
        if request.form.get("task") == "hand_over":
            printed = [each for each in rows if each.status is CertificateStatus.PRINTED]
            if handed_over(form, printed):
                return redirect(url_for("credentials.batch", election=row.slug, batch_id=found.id))
        else:
            ids = [each.id for each in rows if each.status in PRINTABLE]
            if (made := print_asked(row, form, ids)) is not None:
                return give_out(row, made)
    return _page(row, found, form)
