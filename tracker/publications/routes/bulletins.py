"""Bulletins as headquarters drafts, approves and publishes them."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock, tables
from tracker.kernel.i18n import LANGUAGES, language_asked, localized
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, as_seen, format_asked, pdf_response, requires
from tracker.publications import operations, queries
from tracker.publications.forms import BulletinForm, DraftForm
from tracker.publications.labels import FIGURES, STATUSES, TONES
from tracker.publications.models import Bulletin
from tracker.publications.papers import bulletin_pdf
from tracker.publications.routes.blueprint import blueprint
from tracker.publications.rules import BULLETIN_WAYS, Step, may_approve, steps_from
from tracker.publications.texts import paragraphs


def _figure(name: str, label: Any) -> tables.Column:
    return tables.Column(name, label, lambda row: json.loads(row.figures)[name], "num")


COLUMNS = (
    tables.Column("number", _l("Number"), lambda row: row.number),
    tables.Column("as_of", _l("As of"), lambda row: row.as_of),
    tables.Column("known_at", _l("Known at"), lambda row: row.known_at),
    *(_figure(name, label) for name, label in FIGURES.items()),
    tables.Column("text", _l("Text"), lambda row: localized(row, "text")),
    tables.Column("list_hash", _l("Hash of the list"), lambda row: row.list_hash),
    tables.Column("published_at", _l("Published"), lambda row: row.published_at),
    tables.Column("published_by", _l("Published by"), lambda row: row.published_by),
)


@blueprint.get("/e/<election>/bulletins/")
@requires(Capability.VIEW_HEADQUARTERS)
def bulletins(election: str) -> ResponseReturnValue:
    """What was published, the newest first; for those who write, what is under way."""
    row = election_for(actor(), election)
    if format_ := format_asked():
        rows = queries.all_published(row.id)
        return tables.export(COLUMNS, rows, name=f"{row.slug}-bulletins", format=format_)
    return _list(row, DraftForm(formdata=None))


def _list(election: Election, form: DraftForm) -> ResponseReturnValue:
    may_edit = actor().may(Capability.EDIT_PUBLICATIONS)
    page = queries.bulletins_page(election.id, request.args.get("cursor"))
    return render_template(
        "publications/bulletins.html",
        election=election,
        page=page,
        rows=[(found, json.loads(found.figures)) for _id, found in page.rows],
        drafts=queries.bulletins_under_way(election.id) if may_edit else [],
        may_edit=may_edit,
        form=form,
        statuses=STATUSES,
        tones=TONES,
        local=_local(election),
    ), form.status


def _local(election: Election) -> Callable[[datetime], datetime]:
    return lambda moment: clock.local(moment, election.time_zone)


@blueprint.post("/e/<election>/bulletins/")
@requires(Capability.EDIT_PUBLICATIONS, writes=True)
def draft_bulletin(election: str) -> ResponseReturnValue:
    """Draft one, or the correction of one."""
    row = election_for(actor(), election)
    form = DraftForm()
    if form.validate():
        typed = form.as_of.data
        made = form.attempt(
            operations.draft_bulletin,
            actor=actor(),
            election=row,
            as_of=typed.replace(tzinfo=ZoneInfo(row.time_zone)) if typed else None,
            corrects_id=request.form.get("corrects", type=int),
        )
        if made is not None:
            return _to(row, made)
    return _list(row, form)


def _to(election: Election, found: Bulletin) -> ResponseReturnValue:
    return redirect(url_for("publications.bulletin", election=election.slug, bulletin_id=found.id))


def _around(election: str, bulletin_id: int) -> tuple[Election, Bulletin]:
    """A draft is nobody's business who does not write."""
    row = election_for(actor(), election)
    found = queries.bulletin_for(row.id, bulletin_id)
    if found.number is None and not actor().may(Capability.EDIT_PUBLICATIONS):
        abort(404)
    return row, found


def _moments(election: Election, found: Bulletin) -> dict[str, str]:
    """The moments of a bulletin as addresses of the lists behind its figures carry them."""
    return {
        name: clock.local(getattr(found, name), election.time_zone).isoformat()
        for name in ("as_of", "known_at")
    }


def _texts(found: Bulletin) -> list[tuple[str, str, list[str]]]:
    """For each language its code, its name and the paragraphs in it."""
    return [
        (code, title, paragraphs(getattr(found, f"text_{code}")))
        for code, title in LANGUAGES.items()
    ]


@blueprint.get("/e/<election>/bulletins/<int:bulletin_id>")
@requires(Capability.VIEW_HEADQUARTERS)
def bulletin(election: str, bulletin_id: int) -> ResponseReturnValue:
    """One bulletin: its words, its frozen figures with their lists, and what may be done."""
    row, found = _around(election, bulletin_id)
    proof = queries.proof_of(row, found) if "recount" in request.args else None
    return render_template(
        "publications/bulletin.html",
        election=row,
        row=found,
        frozen=json.loads(found.figures),
        labels=FIGURES,
        moments=_moments(row, found),
        texts=_texts(found),
        corrections=queries.corrections_of(found.id),
        corrected=queries.bulletin_for(row.id, found.corrects_id) if found.corrects_id else None,
        possible=_possible(found),
        is_writer=not may_approve(actor().user_id, found.edited_by_id),
        proof=proof,
        statuses=STATUSES,
        tones=TONES,
        local=_local(row),
    )


def _possible(found: Bulletin) -> set[str]:
    """The steps that the table and the person's capabilities allow."""
    steps = steps_from(BULLETIN_WAYS, found.status)
    return {step.value for step in steps if actor().may(BULLETIN_WAYS[step].capability)}


def _edit(*, bulletin: Bulletin, form: BulletinForm) -> Bulletin:
    return operations.edit_bulletin(
        actor=actor(), bulletin=bulletin, texts=form.texts(), seen_version=form.seen_version
    )


@blueprint.route("/e/<election>/bulletins/<int:bulletin_id>/edit", methods=["GET", "POST"])
@requires(Capability.EDIT_PUBLICATIONS, writes=True)
def edit_bulletin(election: str, bulletin_id: int) -> ResponseReturnValue:
    """Change the words."""
    row, found = _around(election, bulletin_id)
    if Step.EDIT not in steps_from(BULLETIN_WAYS, found.status):
        return _to(row, found)
    form = BulletinForm()
    if request.method == "GET":
        form.show(found)
    if form.validate_on_submit():
        saved = form.attempt(_edit, bulletin=found, form=form)
        if saved is not None:
            flash(_("The draft was saved."), "ok")
            return _to(row, found)
    form.renew(found)
    return render_template(
        "publications/edit_bulletin.html", election=row, row=found, form=form
    ), form.status


def _step(
    election: str, bulletin_id: int, operation: Any, said: str, *, counts: bool = False
) -> ResponseReturnValue:
    """Take one step; a refusal stops at the page of conflicts and changes nothing."""
    row, found = _around(election, bulletin_id)
    as_seen(found)
    around = {"election": row} if counts else {}
    operation(actor=actor(), bulletin=found, **around)
    flash(said, "ok")
    return _to(row, found)


@blueprint.post("/e/<election>/bulletins/<int:bulletin_id>/recount")
@requires(Capability.EDIT_PUBLICATIONS, writes=True)
def recount_bulletin(election: str, bulletin_id: int) -> ResponseReturnValue:
    """Count again as known now."""
    said = _("It was counted again; the text was written anew.")
    return _step(election, bulletin_id, operations.recount_bulletin, said, counts=True)


@blueprint.post("/e/<election>/bulletins/<int:bulletin_id>/approve")
@requires(Capability.APPROVE_PUBLICATIONS, writes=True)
def approve_bulletin(election: str, bulletin_id: int) -> ResponseReturnValue:
    """Approve it as another person than who wrote."""
    return _step(election, bulletin_id, operations.approve_bulletin, _("It is approved."))


@blueprint.post("/e/<election>/bulletins/<int:bulletin_id>/publish")
@requires(Capability.APPROVE_PUBLICATIONS, writes=True)
def publish_bulletin(election: str, bulletin_id: int) -> ResponseReturnValue:
    """Publish it under the next number."""
    said = _("It is published and will not change any more.")
    return _step(election, bulletin_id, operations.publish_bulletin, said, counts=True)


@blueprint.post("/e/<election>/bulletins/<int:bulletin_id>/discard")
@requires(Capability.EDIT_PUBLICATIONS, writes=True)
def discard_bulletin(election: str, bulletin_id: int) -> ResponseReturnValue:
    """Drop a draft."""
    return _step(election, bulletin_id, operations.discard_bulletin, _("The draft is discarded."))


@blueprint.get("/e/<election>/bulletins/<int:bulletin_id>/print")
@requires(Capability.VIEW_HEADQUARTERS)
def print_bulletin(election: str, bulletin_id: int) -> ResponseReturnValue:
    """The bulletin as a PDF, with its frozen figures."""
    row, found = _around(election, bulletin_id)
    content = bulletin_pdf(row, found, language_asked())
    return pdf_response(content, f"{row.slug}-bulletin-{found.number or 'draft'}")
