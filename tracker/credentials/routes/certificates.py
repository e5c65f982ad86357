"""The list of certificates, and what is done with many of them at once."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.accreditation.labels import FUNCTIONS
from tracker.accreditation.models import Function
from tracker.credentials import operations, queries
from tracker.credentials.forms.certificates import ManyForm
from tracker.credentials.labels import KINDS, STATUSES
from tracker.credentials.models import (
    Certificate,
    CertificateBatch,
    CertificateKind,
    CertificateStatus,
)
from tracker.credentials.routes.blueprint import LABELS, blueprint, senders
from tracker.credentials.rules import ended
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock, tables
from tracker.kernel.database import after_commit
from tracker.kernel.i18n import language, localized, ngettext
from tracker.kernel.jobs import jobs
from tracker.kernel.permissions import Capability
from tracker.kernel.text import numbers
from tracker.kernel.web import actor, format_asked, member_asked, requires
from tracker.organizations.labels import sender_name

COLUMNS = (
    tables.Column("number", _l("Number"), lambda row: f"{row.serial:06}"),
    tables.Column("surname", _l("Surname"), lambda row: row.surname),
    tables.Column("given_names", _l("Given names"), lambda row: row.given_names),
    tables.Column("delegation", _l("Delegation"), lambda row: localized(row.Organization, "name")),
    tables.Column("kind", _l("Kind"), lambda row: _(KINDS[row.Certificate.kind])),
    tables.Column("function", _l("Function"), lambda row: _(FUNCTIONS[row.Certificate.function])),
    tables.Column("regions", _l("Regions"), lambda row: row.Certificate.regions),
    tables.Column("valid_from", _l("Valid from"), lambda row: row.Certificate.valid_from),
    tables.Column("valid_until", _l("Valid until"), lambda row: row.Certificate.valid_until),
    tables.Column("status", _l("Status"), lambda row: _(STATUSES[row.Certificate.status])),
    tables.Column("status_at", _l("Since"), lambda row: row.Certificate.status_at),
)


def _wanted() -> queries.Filter:
    return queries.Filter(
        status=member_asked(CertificateStatus, "status"),
        delegation_id=request.args.get("delegation", type=int),
        function=member_asked(Function, "function"),
        kind=member_asked(CertificateKind, "kind"),
        text=request.args.get("q", "")[:100],
    )


@blueprint.get("/e/<election>/certificates/")
@requires(Capability.VIEW_DELEGATIONS)
def certificates(election: str) -> ResponseReturnValue:
    """The certificates, narrowed; also as a file."""
    row = election_for(actor(), election)
    if format_ := format_asked():
        rows = queries.all_rows(queries.listed(actor(), row.id, _wanted()))
        return tables.export(COLUMNS, rows, name=f"{row.slug}-certificates", format=format_)
    return list_page(row, ManyForm(formdata=None))


def list_page(election: Election, form: ManyForm) -> ResponseReturnValue:
    """The page of the list; `form` keeps what was typed where it was refused."""
    wanted = _wanted()
    form.offer()
    query = queries.listed(actor(), election.id, wanted)
    page = queries.certificates_page(query, request.args.get("cursor"))
    may_issue = actor().may(Capability.ISSUE_CERTIFICATES)
    return render_template(
        "credentials/certificates.html",
        election=election,
        wanted=wanted,
        page=page,
        rows=[_shown(found, election) for found in page.rows],
        count=queries.count_listed(actor(), election.id, wanted),
        without=queries.count_without(election.id) if may_issue else 0,
        may_issue=may_issue,
        delegations=senders(election),
        functions=FUNCTIONS,
        form=form,
        chosen=set(request.form.getlist("certificate")),
        **LABELS,
    ), form.status


def _shown(found: Any, election: Election) -> dict[str, Any]:
    row = found.Certificate
    zone = election.time_zone
    return {
        "row": row,
        "name": f"{found.surname} {found.given_names}".strip(),
        "sender": sender_name(found.Organization),
        "last_day": clock.last_day(row.valid_until, zone),
        "is_over": row.valid_until <= clock.now(),
        "since": clock.local(row.status_at, zone),
        # A certificate stands while its accreditation does, whatever was done with the paper.
        "fallen": ended(CertificateStatus.ISSUED, found.accreditation_status),
    }


@blueprint.post("/e/<election>/certificates/")
@requires(Capability.ISSUE_CERTIFICATES, writes=True)
def many_certificates(election: str) -> ResponseReturnValue:
    """Print the chosen, or hand them over."""
    row = election_for(actor(), election)
    form = ManyForm()
    form.offer()
    ids = numbers(request.form.getlist("certificate"))
    if form.validate():
        if not ids:
            form.form_errors.append(_("Nobody is chosen."))
        elif request.form.get("task") == "hand_over":
            if handed_over(form, queries.certificates_with(row.id, ids)):
                return redirect(url_for("credentials.certificates", election=row.slug))
        elif (batch := print_asked(row, form, ids)) is not None:
            return give_out(row, batch)
    return list_page(row, form)


def handed_over(form: ManyForm, rows: Sequence[Certificate]) -> bool:
    """Hand these over to the person whom the form names; False where it was refused."""
    form.attempt(
        operations.hand_over_certificates,
        actor=actor(),
        certificates=rows,
        received_by=form.received_by.data or "",
    )
    if form.errors:
        return False
    flash(
        ngettext(
            "%(num)s certificate was handed over to %(name)s.",
            "%(num)s certificates were handed over to %(name)s.",
            len(rows),
            name=form.received_by.data,
        ),
        "ok",
    )
    return True


def print_asked(election: Election, form: ManyForm, ids: Sequence[int]) -> CertificateBatch | None:
    """Ask for the paper of these as the form says; None where it was refused."""
    return form.attempt(
        operations.request_print,
        actor=actor(),
        election=election,
        certificate_ids=ids,
        paper=form.kind,
        reason=form.reason.data or "",
        language=language(),
    )


def give_out(election: Election, batch: CertificateBatch) -> ResponseReturnValue:
    """Give the batch to the job process once it is stored, and go where it can be watched."""
    batch_id = batch.id
    after_commit(lambda: jobs.enqueue("certificate_batch", batch_id=batch_id))
    return redirect(url_for("credentials.batch", election=election.slug, batch_id=batch_id))
