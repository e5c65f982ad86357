"""Issuing: to everybody who waits, to a delegation, to a submission, to one person."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.accreditation.queries import accreditation_for, submission_for
from tracker.credentials import operations, queries
from tracker.credentials.forms.certificates import EVERYBODY, IssueForm
from tracker.credentials.routes.blueprint import blueprint, regions, senders
from tracker.credentials.routes.certificates import give_out
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel.i18n import language, ngettext, say
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires

AT_ONCE = 25  # so many are issued while one waits; more by the job process


def _whom(election: Election) -> list[tuple[str, str]]:
    """To whom, with how many wait; what the address names is among them."""
    waiting = queries.waiting_by_delegation(election.id)
    names = dict(senders(election))
    total = sum(waiting.values())
    found = [(EVERYBODY, _("Everybody without a certificate (%(count)s)", count=total))]
    if (asked := request.args.get("delegation", type=int)) is not None:
        waiting.setdefault(asked, 0)  # never somebody else in its place
    found += [
        (f"delegation-{key}", f"{names[key]} ({count})")
        for key, count in waiting.items()
        if key in names
    ]
    submissions = dict(queries.deciding_submissions(election.id))
    if (asked := request.args.get("submission", type=int)) is not None:
        submissions[asked] = submission_for(election.id, asked).number
    for key, number in submissions.items():
        found.append((f"submission-{key}", _("Submission no. %(number)s", number=number)))
    if (person := request.args.get("observer", type=int)) is not None:
        row = accreditation_for(actor(), election.id, person)
        name = f"{row.observer.surname} {row.observer.given_names}".strip()
        found.insert(0, (f"observer-{row.id}", name))
    return found


def _ids(election: Election, whom: str) -> Sequence[int]:
    kind, _dash, number = whom.partition("-")
    if kind == "observer":
        return [int(number)]
    chosen = {f"{kind}_id": int(number)} if number else {}
    return queries.without_certificate(election.id, **chosen)


def _asked() -> str:
    """To whom the address says; where it says nothing, to everybody who waits."""
    for kind in ("observer", "delegation", "submission"):
        if (number := request.args.get(kind, type=int)) is not None:
            return f"{kind}-{number}"
    return EVERYBODY


@blueprint.route("/e/<election>/certificates/issue", methods=["GET", "POST"])
@requires(Capability.ISSUE_CERTIFICATES, writes=True)
def issue(election: str) -> ResponseReturnValue:
    """Issue certificates."""
    row = election_for(actor(), election)
    form = IssueForm()
    form.offer(_whom(row), regions(row))
    if request.method == "GET":
        form.whom.data = _asked()
    if form.validate_on_submit():
        ids = _ids(row, form.whom.data)
        verb = _issue_later if len(ids) > AT_ONCE else _issue_now
        if not ids:
            form.form_errors.append(_("Nobody waits for a certificate there."))
        elif (done := verb(row, form, ids)) is not None:
            return done
    return render_template("credentials/issue.html", election=row, form=form), form.status


def _issue_later(
    election: Election, form: IssueForm, ids: Sequence[int]
) -> ResponseReturnValue | None:
    """Issue in the background, where it can be watched; None where it was refused."""
    batch = form.attempt(
        operations.request_issue,
        actor=actor(),
        election=election,
        accreditation_ids=ids,
        terms=form.terms(election),
        language=language(),
    )
    return None if batch is None else give_out(election, batch)


def _issue_now(
    election: Election, form: IssueForm, ids: Sequence[int]
) -> ResponseReturnValue | None:
    """Issue now; None where nobody could have one, and the form says why."""
    issued = form.attempt(
        operations.issue_certificates,
        actor=actor(),
        election=election,
        accreditation_ids=ids,
        terms=form.terms(election),
    )
    if issued is None:
        return None
    reasons = [f"{name}: {say(why.message, why.params)}" for name, why in issued.refused]
    if not issued.ids:
        form.form_errors.extend(reasons)
        return None
    for reason in reasons:
        flash(reason, "warn")
    count = len(issued.ids)
    flash(
        ngettext("%(num)s certificate was issued.", "%(num)s certificates were issued.", count),
        "ok",
    )
    if count == 1:
        return redirect(
            url_for("credentials.certificate", election=election.slug, certificate_id=issued.ids[0])
        )
    return redirect(url_for("credentials.certificates", election=election.slug))
