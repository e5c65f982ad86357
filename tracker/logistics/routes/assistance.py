"""Assistance requests: the list, the board by status, one request, and the forms that enter one."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.accounts.queries import users_who_may
from tracker.delegations.models import Delegation
from tracker.delegations.queries import delegation_for, delegation_names, delegations_of
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock, tables
from tracker.kernel.database import db
from tracker.kernel.days import short_moment
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import LANGUAGES, N_, language
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, format_asked, member_asked, requires
from tracker.logistics.forms.assistance import (
    AssignForm,
    AssistanceForm,
    AttachmentForm,
    CommentForm,
    MergeForm,
    StepForm,
)
from tracker.logistics.labels.assistance import KINDS, PRIORITY_WORDS, STATUSES, TONES
from tracker.logistics.models.assistance import (
    AssistanceKind,
    AssistanceRequest,
    AssistanceStatus,
)
from tracker.logistics.operations.assistance import (
    ask_assistance,
    change_assistance,
)
from tracker.logistics.queries import assistance as queries
from tracker.logistics.routes.blueprint import blueprint
from tracker.logistics.rules.assistance import STEPS, steps_from
from tracker.meetings.queries import meetings_of_delegation, who_may_come
from tracker.organizations.labels import sender_name

LABELS = {
    "statuses": STATUSES,
    "tones": TONES,
    "kinds": KINDS,
    "priorities": PRIORITY_WORDS,
}
VIEWS = ("open", "overdue", "mine", "all")
MOST_CARDS = 50  # in a column of the board
LAST_SETTLED = 10
MOST_OBSERVERS = 2_000


COLUMNS = (
    tables.Column("number", _l("No."), lambda row: row["request"].number, "num"),
    tables.Column("delegation", _l("Delegation"), lambda row: row["delegation"]),
    tables.Column("kind", _l("Kind"), lambda row: _(KINDS[row["request"].kind])),
    tables.Column("title", _l("What is asked for"), lambda row: row["request"].title),
    tables.Column("text", _l("Details"), lambda row: row["request"].text),
    tables.Column(
        "priority", _l("Priority"), lambda row: _(PRIORITY_WORDS[row["request"].priority])
    ),
    tables.Column("status", _l("Status"), lambda row: _(STATUSES[row["request"].status])),
    tables.Column("assignee", _l("Person responsible"), lambda row: row["assignee"]),
    tables.Column("asked", _l("Asked"), lambda row: row["asked"]),
    tables.Column("due", _l("Answer owed by"), lambda row: row["due"]),
    tables.Column("overdue", _l("Overdue"), lambda row: _("yes") if row["is_overdue"] else ""),
    tables.Column("settled", _l("Settled"), lambda row: row["settled"]),
)


def _wanted(view: str, now: datetime) -> queries.Wanted:
    """What the address asks for; unknown words narrow nothing."""
    status = member_asked(AssistanceStatus, "status")
    return queries.Wanted(
        status=status,
        kind=member_asked(AssistanceKind, "kind"),
        delegation_id=request.args.get("delegation", type=int),
        assignee_id=actor().user_id if view == "mine" else None,
        is_open=view in {"open", "mine"} and status is None,
        overdue_at=now if view == "overdue" else None,
    )


@blueprint.get("/e/<election>/requests/")
@requires(Capability.VIEW_DELEGATIONS)
def requests(election: str) -> ResponseReturnValue:
    """What delegations ask for: open by what is owed soonest, all by what came last; as a file."""
    row, now = election_for(actor(), election), clock.now()
    view = request.args.get("view", "open")
    view = view if view in VIEWS else "open"
    wanted = _wanted(view, now)
    query = queries.requests_query(actor(), row.id, wanted)
    if format_ := format_asked():
        found = db.session.scalars(query.order_by("created_at", "id")).unique()
        shown = [queries.shown_request(item, row, now) for item in found]
        return tables.export(COLUMNS, shown, name=f"{row.slug}-assistance", format=format_)
    page = queries.requests_page(query, request.args.get("cursor"), by_due=view != "all")
    return render_template(
        "logistics/requests.html",
        election=row,
        rows=[queries.shown_request(item[0], row, now) for item in page.rows],
        page=page,
        counts=queries.counts_of(actor(), row.id, now),
        delegations=delegation_names(actor(), row.id),
        view=view,
        wanted=wanted,
        **LABELS,
    )


@blueprint.get("/e/<election>/requests/board")
@requires(Capability.VIEW_DELEGATIONS)
def request_board(election: str) -> ResponseReturnValue:
    """What is open as cards by status, and what was settled last."""
    row, now = election_for(actor(), election), clock.now()
    columns = queries.open_board(actor(), row.id, MOST_CARDS)
    settled = queries.settled_last(actor(), row.id, LAST_SETTLED)
    return render_template(
        "logistics/request_board.html",
        election=row,
        columns={
            status: [queries.shown_request(item, row, now) for item in found]
            for status, found in columns.items()
        },
        settled=[queries.shown_request(item, row, now) for item in settled],
        counts=queries.counts_of(actor(), row.id, now),
        steps_from=steps_from,
        **LABELS,
    )


def _asking(election: Election) -> Delegation | None:
    """The delegation that the address names, or the only one that a focal point has."""
    wanted = request.args.get("delegation", type=int)
    if wanted is not None:
        return delegation_for(actor(), election.id, wanted)
    found = delegations_of(actor(), election.id) if actor().delegation_ids is not None else ()
    return found[0] if len(found) == 1 else None


def _form(
    election: Election, delegation: Delegation, found: AssistanceRequest | None = None
) -> AssistanceForm:
    """The form with the delegation's observers and meetings, also those chosen once."""
    form = AssistanceForm()
    people = who_may_come([delegation.id], MOST_OBSERVERS)
    observers = [(each.accreditation_id, each.name) for each in people]
    if found and found.accreditation_id and found.accreditation_id not in dict(observers):
        observers.append((found.accreditation_id, queries.observer_name(found.accreditation_id)))
    form.offer(
        observers=observers,
        meetings=[
            (
                meeting.id,
                f"{short_moment(clock.local(meeting.starts_at, election.time_zone))}: "
                f"{meeting.title}",
            )
            for meeting in meetings_of_delegation(election.id, delegation.id)
        ],
    )
    return form


def _whose(election: Election) -> ResponseReturnValue:
    """The page that asks whose request it is, where the address does not say."""
    if request.method == "POST":
        raise NotFound(N_("There is no such delegation."))
    return render_template(
        "logistics/new_request.html",
        election=election,
        delegations=delegation_names(actor(), election.id),
    )


def _ask(*, election: Election, delegation: Delegation, form: AssistanceForm) -> AssistanceRequest:
    return ask_assistance(
        actor=actor(), election=election, delegation=delegation, details=form.details()
    )


@blueprint.route("/e/<election>/requests/new", methods=["GET", "POST"])
@requires(Capability.ASK_ASSISTANCE, writes=True)
def new_request(election: str) -> ResponseReturnValue:
    """A new request: first whose, where the address does not say, then what."""
    row = election_for(actor(), election)
    delegation = _asking(row)
    if delegation is None:
        return _whose(row)
    form = _form(row, delegation)
    if request.method == "GET":
        form.accreditation_id.data = request.args.get("observer", 0, type=int)
    if form.validate_on_submit():
        made = form.attempt(_ask, election=row, delegation=delegation, form=form)
        if made is not None:
            flash(_("The request is entered under No. %(number)s.", number=made.number), "ok")
            return redirect(page_of(row, made))
    return render_template(
        "logistics/new_request.html",
        form=form,
        election=row,
        delegation=sender_name(delegation.organization),
    ), form.status


def page_of(election: Election, found: AssistanceRequest, part: str = "") -> str:
    """The address of a request's page."""
    return url_for(
        "logistics.assistance_request",
        election=election.slug,
        assistance_id=found.id,
        _anchor=part or None,
    )


@blueprint.route("/e/<election>/requests/<int:assistance_id>/edit", methods=["GET", "POST"])
@requires(Capability.ASK_ASSISTANCE, writes=True)
def edit_request(election: str, assistance_id: int) -> ResponseReturnValue:
    """Change what is asked for, while it is open."""
    row = election_for(actor(), election)
    found = queries.request_for(actor(), row.id, assistance_id)
    form = _form(row, found.delegation, found)
    if request.method == "GET":
        form.show(found)
    if form.validate_on_submit():
        saved = form.attempt(
            change_assistance,
            actor=actor(),
            request=found,
            details=form.details(),
            seen_version=form.seen_version,
        )
        if saved is not None:
            flash(_("The changes are saved."), "ok")
            return redirect(page_of(row, found))
        form.renew(found)
    return render_template(
        "logistics/edit_request.html", form=form, election=row, row=found
    ), form.status


@blueprint.get("/e/<election>/requests/<int:assistance_id>")
@requires(Capability.VIEW_DELEGATIONS)
def assistance_request(election: str, assistance_id: int) -> ResponseReturnValue:
    """One request: what is asked, its history, what was said, papers, and what may be done."""
    row = election_for(actor(), election)
    return request_page(row, queries.request_for(actor(), row.id, assistance_id))


def _prefilled() -> CommentForm:
    """The comment form, with the ready answer that the address names."""
    form = CommentForm()
    key, _dash, code = request.args.get("answer", "").partition("-")
    if request.method == "GET" and key.isdecimal() and len(key) < 10 and code in LANGUAGES:
        form.text.data = getattr(queries.canned_answer_for(int(key)), f"text_{code}")
    return form


def request_page(
    election: Election,
    found: AssistanceRequest,
    **forms: StepForm | AssignForm | MergeForm | CommentForm | AttachmentForm,
) -> ResponseReturnValue:
    """The page of a request; `forms` are those that were refused, with their errors."""
    handles = actor().may(Capability.HANDLE_REQUESTS)
    assign = AssignForm()
    people = users_who_may(Capability.HANDLE_REQUESTS) if handles else ()
    assign.assignee_id.choices = list(people)
    assign.assignee_id.data = found.assignee_id
    shown: dict[str, Any] = {
        "step_form": StepForm(formdata=None),
        "assign_form": assign,
        "merge_form": MergeForm(formdata=None),
        "comment_form": _prefilled(),
        "attachment_form": AttachmentForm(formdata=None),
    }
    return render_template(
        "logistics/assistance_request.html",
        election=election,
        row=found,
        shown=queries.shown_request(found, election, clock.now()),
        observer=queries.observer_name(found.accreditation_id),
        meeting=queries.meeting_title(found.meeting_id),
        original=db.session.get(AssistanceRequest, found.duplicate_of_id or 0),
        duplicates=queries.duplicates_of(found.id),
        steps=queries.steps_of(found.id),
        comments=queries.comments_of(actor(), found.id),
        attachments=queries.attachments_of(found.id),
        answers=queries.canned_answers() if handles else (),
        watchers=queries.watchers_of(found.id),
        languages_of_answers={language(): LANGUAGES[language()], **LANGUAGES},  # the own first
        local=lambda moment: clock.local(moment, election.time_zone),
        possible=[name for name in steps_from(found.status) if actor().may(STEPS[name].capability)],
        **shown | forms,
        **LABELS,
    ), max((form.status for form in forms.values()), default=200)
