"""Submissions, decisions by resolution, totals and certificates."""

from typing import Any

from flask import url_for
from werkzeug.datastructures import Headers

from tracker.accreditation import models, operations, queries
from tracker.accreditation.operations import Decision as Decided
from tracker.accreditation.operations import Reason
from tracker.api.blueprint import blueprint, is_version, serves
from tracker.api.shapes import decisions as shapes
from tracker.api.shapes.common import Names, PageQuery, listed
from tracker.credentials import queries as certificate_queries
from tracker.credentials.models import Certificate
from tracker.elections.queries import election_for
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import LANGUAGES, N_
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor
from tracker.totals import queries as total_queries
from tracker.totals.sentences import figures_sentence

SUBMISSIONS, TOTALS, CERTIFICATES = "Submissions", "Totals", "Certificates"


def _submission(row: models.Submission, outcome: queries.Outcome) -> shapes.Submission:
    plain = ("id", "number", "submitted_at", "submitted_by", "remark")
    return shapes.Submission(**{name: getattr(row, name) for name in plain}, **outcome._asdict())


@blueprint.get("/elections/<election>/submissions")
@serves(Capability.VIEW_HEADQUARTERS, shapes.SubmissionList, about=SUBMISSIONS)
def submissions(election: str, query: PageQuery) -> Any:
    """Submissions with what became of their candidates, the newest first."""
    row = election_for(actor(), election)
    page = queries.submissions(row.id, cursor=query.cursor)
    items = (_submission(each, queries.Outcome(*numbers)) for each, *numbers in page.rows)
    return listed(shapes.SubmissionList, page, items)


@blueprint.get("/elections/<election>/submissions/<int:submission_id>")
@serves(Capability.VIEW_HEADQUARTERS, shapes.Submission, about=SUBMISSIONS)
def submission(election: str, submission_id: int) -> Any:
    """One submission."""
    row = election_for(actor(), election)
    found = queries.submission_for(row.id, submission_id)
    is_version(found.version)
    return _submission(found, queries.outcomes([found.id])[found.id])


@blueprint.get("/elections/<election>/submissions/<int:submission_id>/candidates")
@serves(Capability.VIEW_HEADQUARTERS, shapes.CandidateList, about=SUBMISSIONS)
def candidates(election: str, submission_id: int, query: shapes.CandidateQuery) -> Any:
    """The candidates of a submission, two hundred a page, with what was decided of them."""
    row = election_for(actor(), election)
    found = queries.submission_for(row.id, submission_id)
    page = queries.candidates(found.id, "en", cursor=query.cursor, waiting=query.waiting)
    plain = ("name", "citizenship", "sender", "function", "decision", "ground", "ground_text")
    items = (
        shapes.Candidate(
            observer_id=each.accreditation_id,
            resolution=each.resolution_number,
            **{name: getattr(each, name) for name in plain},
        )
        for each in page.rows
    )
    return listed(shapes.CandidateList, page, items)


@blueprint.post("/elections/<election>/submissions")
@serves(Capability.SUBMIT_OBSERVERS, shapes.Submission, about=SUBMISSIONS, status=201, writes=True)
def submit_observers(election: str, json: shapes.NewSubmission) -> Any:
    """Present registered observers to the commission under the next number."""
    row = election_for(actor(), election)
    made = operations.submit_observers(
        actor=actor(),
        election=row,
        accreditation_ids=json.observers,
        remark=json.remark or None,
    )
    address = url_for("api.submission", election=row.slug, submission_id=made.id)
    is_version(made.version)
    answer = _submission(made, queries.outcomes([made.id])[made.id])
    return answer, 201, Headers({"Location": address})


def _decided(submission_id: int, json: shapes.Decisions) -> dict[int, Decided]:
    """What is decided by the ids of the submission's rows; each candidate once."""
    items = {item.accreditation_id: item.id for item in queries.items_of(submission_id)}
    found: dict[int, Decided] = {}
    for each in json.decisions:
        if each.observer_id not in items:
            raise Refused(N_("This observer is no candidate of the submission."), field="decisions")
        if items[each.observer_id] in found:
            raise Refused(N_("A candidate is decided once."), field="decisions")
        reason = Reason(each.ground, each.ground_text or None)
        is_refused = each.decision is shapes.DecisionKind.REFUSED
        found[items[each.observer_id]] = Decided(each.decision, reason if is_refused else Reason())
    return found


@blueprint.post("/elections/<election>/submissions/<int:submission_id>/decide")
@serves(Capability.DECIDE_SUBMISSIONS, shapes.Submission, about=SUBMISSIONS, writes=True)
def decide_submission(election: str, submission_id: int, json: shapes.Decisions) -> Any:
    """Decide candidates by a numbered resolution with its moment; a number that exists adds to it.

    No version is asked for: a candidate who was decided meanwhile is refused.
    """
    row = election_for(actor(), election)
    found = queries.submission_for(row.id, submission_id)
    operations.decide_submission(
        actor=actor(),
        election=row,
        submission=found,
        decisions=_decided(found.id, json),
        resolution_number=json.resolution_number or None,
        effective_at=json.effective_at,
        remark=json.remark or None,
    )
    is_version(found.version)
    return _submission(found, queries.outcomes([found.id])[found.id])


@blueprint.get("/elections/<election>/totals")
@serves(Capability.VIEW_HEADQUARTERS, shapes.Totals, about=TOTALS)
def totals(election: str, query: shapes.TotalsQuery) -> Any:
    """Every figure, now or as of a moment; `figure` of the observers gives the list behind it."""
    row = election_for(actor(), election)
    found = total_queries.figures(row, as_of=query.as_of, known_at=query.known_at)
    said = Names(**{code: figures_sentence(code, found) for code in LANGUAGES})
    return shapes.Totals(**found.as_dict(), sentence=said)


def _certificate(found: Certificate, **more: Any) -> shapes.Certificate:
    plain = ("id", "number", "delegation_id", "kind", "function", "status", "status_at")
    return shapes.Certificate(
        observer_id=found.accreditation_id,
        **{name: getattr(found, name) for name in (*plain, "issued_at", "issued_by")},
        **more,
    )


@blueprint.get("/elections/<election>/certificates")
@serves(Capability.VIEW_DELEGATIONS, shapes.CertificateList, about=CERTIFICATES)
def certificates(election: str, query: shapes.CertificateQuery) -> Any:
    """Certificates within the scope of the token's holder, the newest first."""
    row = election_for(actor(), election)
    wanted = certificate_queries.Filter(
        status=query.status,
        delegation_id=query.delegation,
        function=query.function,
        kind=query.kind,
        text=query.q,
    )
    found = certificate_queries.listed(actor(), row.id, wanted)
    page = certificate_queries.certificates_page(found, query.cursor)
    names = ("surname", "given_names", "accreditation_status")
    items = (
        _certificate(each.Certificate, **{name: getattr(each, name) for name in names})
        for each in page.rows
    )
    return listed(shapes.CertificateList, page, items)


@blueprint.get("/elections/<election>/certificates/<int:certificate_id>")
@serves(Capability.VIEW_DELEGATIONS, shapes.Certificate, about=CERTIFICATES)
def certificate(election: str, certificate_id: int) -> Any:
    """One certificate."""
    row = election_for(actor(), election)
    found = certificate_queries.certificate_for(actor(), row.id, certificate_id)
    holder = queries.accreditation_for(actor(), row.id, found.accreditation_id)
    is_version(found.version)
    return _certificate(
        found,
        surname=holder.observer.surname,
        given_names=holder.observer.given_names,
        accreditation_status=holder.status,
    )
