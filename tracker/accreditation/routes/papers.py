"""The submission as files: letter and annex out, the commission's decisions in."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.accreditation import papers, queries
from tracker.accreditation.forms import DecisionForm, ReturnedForm
from tracker.accreditation.models import Submission
from tracker.accreditation.returned import Returned, read_returned
from tracker.accreditation.routes.blueprint import blueprint
from tracker.accreditation.routes.decisions import decide_page
from tracker.audit.operations import record_read
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import tables
from tracker.kernel.disclosure import disclose_list, paper
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import LANGUAGES, N_, language, say
from tracker.kernel.permissions import Capability
from tracker.kernel.printing import Unprintable
from tracker.kernel.web import actor, attachment_response, requires

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAKERS = {
    "letter": (papers.letter_pdf, PDF, "pdf"),
    "annex": (papers.annex_pdf, PDF, "pdf"),
    "annex-xlsx": (papers.annex_xlsx, XLSX, "xlsx"),
}


@blueprint.post("/e/<election>/submissions/<int:submission_id>/papers")
@requires(Capability.SEE_DOCUMENT_NUMBERS, writes=True, fresh=True)
def submission_papers(election: str, submission_id: int) -> ResponseReturnValue:
    """The letter or the annex; that personal data left the house goes on record first."""
    row = election_for(actor(), election)
    found = queries.submission_for(row.id, submission_id)
    kind, chosen = request.form.get("paper", ""), request.form.get("language", language())
    if kind not in MAKERS or chosen not in LANGUAGES:
        abort(400)
    maker, mimetype, ending = MAKERS[kind]
    record_read(actor=actor(), table="submissions", record_id=found.id, what=kind)
    try:
        with force_locale(chosen), paper(f"submission-{kind}", ending):
            content = maker(papers.paper_of(row, found, chosen))
    except Unprintable as problem:
        letters = " ".join(problem.letters)
        raise Refused(
            N_("Not printed: no font draws %(letters)s. Write the name in other letters."),
            letters=letters,
        ) from problem
    name = f"{row.slug}-submission-{found.number}-{kind.split('-')[0]}-{chosen}.{ending}"
    return attachment_response(content, name, mimetype)


def _read(form: ReturnedForm, found: Submission) -> Returned | None:
    """What the file says of those who wait; None where it was refused, and the form says why."""
    waiting = queries.waiting_candidates(found.id, language())
    try:
        return read_returned(
            form.file.data.read(), submission_number=found.number, candidates=waiting
        )
    except Refused as refusal:
        form.refuse(refusal)
        return None


def _filled_in(election: Election, found: Submission, said: Returned) -> ResponseReturnValue:
    """The page on which the commission decides, with what the file says already chosen."""
    form = DecisionForm(formdata=None)
    form.begin(election.time_zone)
    return decide_page(
        election,
        found,
        form,
        chosen={
            item_id: (item.kind, item.ground or "", item.text)
            for item_id, item in said.decisions.items()
        },
        problems=[
            _("Row %(number)s: %(reason)s", number=number, reason=say(message, params))
            for number, message, params in said.problems
        ],
    )


@blueprint.route("/e/<election>/submissions/<int:submission_id>/returned", methods=["GET", "POST"])
@requires(Capability.DECIDE_SUBMISSIONS)
def returned(election: str, submission_id: int) -> ResponseReturnValue:
    """Read an annex that came back with decisions, and show them before anything is recorded."""
    row = election_for(actor(), election)
    found = queries.submission_for(row.id, submission_id)
    form = ReturnedForm()
    said = _read(form, found) if form.validate_on_submit() else None
    if said is not None:
        if said.decisions or said.problems:
            return _filled_in(row, found, said)
        flash(_("The file decides nobody who still waits."), "warn")
        return redirect(
            url_for("accreditation.returned", election=row.slug, submission_id=found.id)
        )
    return render_template(
        "accreditation/returned.html", election=row, submission=found, form=form
    ), form.status


BORDER_COLUMNS = (
    tables.Column("surname", _l("Surname"), lambda row: row.surname),
    tables.Column("given_names", _l("Given names"), lambda row: row.given_names),
    tables.Column("sex", _l("Sex"), lambda row: row.sex),
    tables.Column("birth_date", _l("Date of birth"), lambda row: row.birth_date),
    tables.Column("citizenship", _l("Citizenship"), lambda row: row.citizenship),
    tables.Column("kind", _l("Travel document"), lambda row: row.kind),
    tables.Column("number", _l("Document number"), lambda row: row.number),
    tables.Column("issuer", _l("Issued by"), lambda row: row.issuer),
    tables.Column("expires_on", _l("Valid until"), lambda row: row.expires_on),
    tables.Column("sender", _l("Delegation"), lambda row: row.sender),
    tables.Column("arrival", _l("Arrival"), lambda row: row.arrival),
    tables.Column("departure", _l("Departure"), lambda row: row.departure),
)


@blueprint.post("/e/<election>/observers/border-list")
@requires(Capability.SEE_DOCUMENT_NUMBERS, fresh=True)
def border_list(election: str) -> ResponseReturnValue:
    """Everybody who is expected, with travel documents, for the border service and protocol."""
    row = election_for(actor(), election)
    rows = queries.border_rows(row.id, language())
    disclose_list(row, "border list")
    return tables.export(BORDER_COLUMNS, rows, name=f"{row.slug}-border-list", format="xlsx")
