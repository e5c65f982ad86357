"""Register, change, withdraw, revoke: one observer at a time."""

from typing import Any

from flask import (
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer

from tracker.accreditation import operations, queries
from tracker.accreditation.forms import EndForm, ObserverForm
from tracker.accreditation.models import Accreditation
from tracker.accreditation.operations import Reason
from tracker.accreditation.routes.blueprint import blueprint
from tracker.accreditation.rules import IDENTITY_EDITABLE, WAYS, Step
from tracker.audit.operations import record_read
from tracker.delegations.queries import delegation_for, delegation_names
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.elections.regions import region_names
from tracker.kernel.disclosure import disclose
from tracker.kernel.errors import Refused
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage
from tracker.kernel.web import actor, picture_response, requires
from tracker.observers.matching import REASONS
from tracker.observers.mrz import Mrz, parse
from tracker.observers.operations import PersonDetails, others_like
from tracker.observers.portraits import portrait_from


def _form(election: Election, delegation_id: int | None = None) -> ObserverForm:
    form = ObserverForm()
    delegations = list(delegation_names(actor(), election.id).items())
    is_sent = request.method == "POST"
    chosen = form.delegation.data if is_sent else delegation_id
    replaced = form.replaces_id.data if is_sent else request.args.get("replaces", type=int)
    form.offer(
        delegations=delegations,
        regions=list(region_names(election.host_country).items()),
        replaceable=[tuple(row) for row in queries.replaceable(chosen or 0, chosen=replaced)],
    )
    return form


def _signer() -> URLSafeSerializer:
    # Only keys that we made come back: nobody attaches another person's stored portrait.
    return URLSafeSerializer(current_app.secret_key or "", salt="kept portrait")


def _portrait(form: ObserverForm) -> str | None:
    """The key of the portrait sent now, or kept from the attempt before this one."""
    upload = form.portrait.data
    if upload and upload.filename:
        try:
            key = storage.put(portrait_from(upload.read()))
            storage.settle()  # the next attempt names it without bringing it again
        except Refused as refusal:
            form.refuse(refusal)
            return None
        form.kept_portrait.data = _signer().dumps(key)
        return key
    try:
        kept: str | None = _signer().loads(form.kept_portrait.data or "")
    except BadSignature:
        return None
    return kept


def _read_mrz(form: ObserverForm, election: Election) -> Mrz | None:
    """Fill the form from the machine-readable zone when the person asked for it."""
    if "read_mrz" not in request.form:
        return None
    found = parse(form.mrz.data or "", on=election.election_on)
    form.fill(found)
    return found


def _sent(form: ObserverForm, election: Election) -> tuple[Mrz | None, PersonDetails | None]:
    """What was read from a zone; else the person as typed, where it can be taken. A portrait is
    kept, whatever else is wrong."""
    found = _read_mrz(form, election)
    is_valid = found is None and form.validate()
    portrait = _portrait(form)
    return found, form.person(portrait) if is_valid and not form.errors else None


def _twins(
    form: ObserverForm, details: PersonDetails, but: int | None = None
) -> list[dict[str, Any]]:
    """Persons who may be the same, unless the registrar has said that this is another."""
    if form.is_other_person.data:
        return []
    return [
        {
            "name": f"{known.person.surname} {known.person.given_names}",
            "score": round(match.score * 100),
            "reasons": [_(REASONS[reason.code]) for reason in match.reasons],
        }
        for known, match in others_like(details, but=but)
    ]


def _page(
    template: str, form: ObserverForm, election: Election, **more: Any
) -> ResponseReturnValue:
    return render_template(
        template, form=form, election=election, keeps=bool(form.kept_portrait.data), **more
    ), form.status


@blueprint.route("/e/<election>/observers/new", methods=["GET", "POST"])
@requires(Capability.EDIT_OBSERVERS, writes=True)
def register_observer(election: str) -> ResponseReturnValue:
    """Enter an observer as a draft, and register them at once where nothing is missing."""
    row = election_for(actor(), election)
    form = _form(row, request.args.get("delegation", type=int))
    if request.method == "GET":
        form.delegation.data = request.args.get("delegation", type=int)
        form.replaces_id.data = request.args.get("replaces", type=int) or 0
        return _page("accreditation/register_observer.html", form, row)
    found, details = _sent(form, row)
    twins = _twins(form, details) if details else []
    if details and not twins:
        made = form.attempt(_enter, election=row, form=form, details=details)
        if made is not None:
            return redirect(_next_url(row, made))
    return _page("accreditation/register_observer.html", form, row, found=found, twins=twins)


def _observer_url(election: Election, row: Accreditation) -> str:
    return url_for("headquarters.observer", election=election.slug, accreditation_id=row.id)


def _next_url(election: Election, made: Accreditation) -> str:
    """Where who has entered somebody goes on: with them, or with the next of the delegation."""
    if request.form.get("register") != "next":
        return _observer_url(election, made)
    return url_for(
        "accreditation.register_observer", election=election.slug, delegation=made.delegation_id
    )


def _enter(*, election: Election, form: ObserverForm, details: PersonDetails) -> Accreditation:
    """Create the draft; register it where that was asked for, whole or not at all."""
    delegation = delegation_for(actor(), election.id, form.delegation.data or 0)
    made = operations.create_accreditation(
        actor=actor(),
        election=election,
        delegation=delegation,
        details=details,
        place=form.place(),
    )
    name = f"{details.surname} {details.given_names}".strip()
    if "register" in request.form:
        operations.register_observer(actor=actor(), election=election, row=made)
        flash(_("%(name)s is registered.", name=name), "ok")
    else:
        flash(_("%(name)s is kept as a draft.", name=name), "ok")
    return made


def _save(
    *, election: Election, row: Accreditation, form: ObserverForm, details: PersonDetails
) -> Accreditation:
    return operations.update_observer(
        actor=actor(),
        election=election,
        row=row,
        person=row.observer,
        details=details,
        place=form.place(),
        seen_version=form.seen_version,
    )


@blueprint.route("/e/<election>/observers/<int:accreditation_id>/edit", methods=["GET", "POST"])
@requires(Capability.EDIT_OBSERVERS, writes=True)
def edit_observer(election: str, accreditation_id: int) -> ResponseReturnValue:
    """Change an observer; a document number left empty stays as it is."""
    row = election_for(actor(), election)
    found = queries.accreditation_for(actor(), row.id, accreditation_id)
    person = found.observer
    form = _form(row, found.delegation_id)
    more = {"row": found, "person": person, "is_open": found.status in IDENTITY_EDITABLE}
    if request.method == "GET":
        form.show(found, person)
        disclose(person, "birth_date", "email", "phone")
        return _page("accreditation/edit_observer.html", form, row, **more)
    form.delegation.data = found.delegation_id
    read, details = _sent(form, row)
    twins = _twins(form, details, person.id) if details and more["is_open"] else []
    if details and not twins:
        saved = form.attempt(_save, election=row, row=found, form=form, details=details)
        if saved is not None:
            flash(_("The changes are saved."), "ok")
            return redirect(_observer_url(row, saved))
        form.renew(found, person)
    return _page("accreditation/edit_observer.html", form, row, found=read, twins=twins, **more)


@blueprint.post("/e/<election>/observers/<int:accreditation_id>/register")
@requires(Capability.EDIT_OBSERVERS, writes=True)
def register_draft(election: str, accreditation_id: int) -> ResponseReturnValue:
    """Register a draft that is complete."""
    row = election_for(actor(), election)
    found = queries.accreditation_for(actor(), row.id, accreditation_id)
    operations.register_observer(actor=actor(), election=row, row=found)
    flash(_("The observer is registered."), "ok")
    return redirect(_observer_url(row, found))


def _end(election: str, accreditation_id: int, step: Step, template: str) -> ResponseReturnValue:
    row = election_for(actor(), election)
    found = queries.accreditation_for(actor(), row.id, accreditation_id)
    form = EndForm()
    form.offer(WAYS[step].grounds)
    verb: Any = {
        Step.WITHDRAW: operations.withdraw_accreditation,
        Step.REVOKE: operations.revoke_accreditation,
    }[step]
    if form.validate_on_submit():
        reason = Reason(form.ground.data, form.ground_text.data)
        ended = form.attempt(
            verb,
            actor=actor(),
            row=found,
            reason=reason,
            effective_at=form.moment(row.time_zone),
        )
        if ended is not None:
            flash(_("It is recorded; the observer no longer counts."), "ok")
            return redirect(_observer_url(row, found))
    return render_template(
        template, form=form, election=row, row=found, person=found.observer
    ), form.status


@blueprint.route("/e/<election>/observers/<int:accreditation_id>/withdraw", methods=["GET", "POST"])
@requires(Capability.EDIT_OBSERVERS, writes=True)
def withdraw_observer(election: str, accreditation_id: int) -> ResponseReturnValue:
    """Withdraw an observer on a ground."""
    return _end(election, accreditation_id, Step.WITHDRAW, "accreditation/withdraw_observer.html")


@blueprint.route("/e/<election>/observers/<int:accreditation_id>/revoke", methods=["GET", "POST"])
@requires(Capability.DECIDE_SUBMISSIONS, writes=True)
def revoke_observer(election: str, accreditation_id: int) -> ResponseReturnValue:
    """Revoke an accreditation on a ground, by the commission."""
    return _end(election, accreditation_id, Step.REVOKE, "accreditation/revoke_observer.html")


@blueprint.post("/e/<election>/observers/<int:accreditation_id>/document")
@requires(Capability.SEE_DOCUMENT_NUMBERS, writes=True)
def reveal_document(election: str, accreditation_id: int) -> ResponseReturnValue:
    """Show the document's number; that it was shown, and to whom, goes on record first."""
    row = election_for(actor(), election)
    found = queries.accreditation_for(actor(), row.id, accreditation_id)
    document = found.observer.document
    if document is None:
        abort(404)
    record_read(
        actor=actor(), table="travel_documents", record_id=document.id, what="document number"
    )
    return render_template(
        "accreditation/reveal_document.html",
        election=row,
        row=found,
        person=found.observer,
        number=document.number,
    )


@blueprint.get("/e/<election>/observers/<int:accreditation_id>/portrait")
@requires(Capability.VIEW_DELEGATIONS)
def portrait(election: str, accreditation_id: int) -> ResponseReturnValue:
    """The portrait as an image that no browser keeps: a face stays nowhere after sign-out."""
    row = election_for(actor(), election)
    found = queries.accreditation_for(actor(), row.id, accreditation_id)
    key = found.observer.portrait
    if key is None:
        abort(404)
    try:
        body = storage.get(key)
    except FileNotFoundError:
        abort(404)
    disclose(found.observer, "portrait")
    response = picture_response(body)
    response.headers["Cache-Control"] = "private, no-store"
    return response
