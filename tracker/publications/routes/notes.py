"""Press notes as headquarters drafts, approves and publishes them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock
from tracker.kernel.i18n import LANGUAGES
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage
from tracker.kernel.web import actor, as_seen, picture_response, requires
from tracker.meetings.queries import meeting_for
from tracker.publications import operations, queries
from tracker.publications.content import NoteContent
from tracker.publications.forms import NoteForm, PhotoForm
from tracker.publications.labels import STATUSES, TONES
from tracker.publications.models import PressNote
from tracker.publications.notes import content_of
from tracker.publications.routes.blueprint import blueprint
from tracker.publications.rules import NOTE_WAYS, may_approve, steps_from
from tracker.publications.texts import paragraphs

LARGEST_PHOTO = 10 * 1024 * 1024


@blueprint.get("/e/<election>/press-notes/")
@requires(Capability.VIEW_HEADQUARTERS)
def press_notes(election: str) -> ResponseReturnValue:
    """What was published, the latest day first; for those who write, what is under way."""
    row = election_for(actor(), election)
    may_edit = actor().may(Capability.EDIT_PUBLICATIONS)
    page = queries.notes_page(row.id, request.args.get("cursor"), only_published=not may_edit)
    return render_template(
        "publications/press_notes.html",
        election=row,
        page=page,
        rows=[found for *_keys, found in page.rows],
        waiting=queries.meetings_without_note(row.id) if may_edit else [],
        may_edit=may_edit,
        statuses=STATUSES,
        tones=TONES,
        local=_local(row),
    )


def _local(election: Election) -> Callable[[datetime], datetime]:
    return lambda moment: clock.local(moment, election.time_zone)


@blueprint.post("/e/<election>/press-notes/")
@requires(Capability.EDIT_PUBLICATIONS, writes=True)
def draft_note(election: str) -> ResponseReturnValue:
    """Draft the note of a meeting, or go to the one that it has."""
    row = election_for(actor(), election)
    meeting = meeting_for(actor(), row.id, request.form.get("meeting", 0, type=int))
    if standing := queries.standing_note(meeting.id):
        flash(_("There is a press note of this meeting already."), "warn")
        return _to(row, standing)
    made = operations.draft_note(actor=actor(), election=row, meeting=meeting)
    return _to(row, made)


def _to(election: Election, found: PressNote) -> ResponseReturnValue:
    return redirect(url_for("publications.press_note", election=election.slug, note_id=found.id))


def _around(election: str, note_id: int) -> tuple[Election, PressNote]:
    """A note that was never published is nobody's business who does not write."""
    row = election_for(actor(), election)
    found = queries.note_for(row.id, note_id)
    if found.number is None and not actor().may(Capability.EDIT_PUBLICATIONS):
        abort(404)
    return row, found


@blueprint.get("/e/<election>/press-notes/<int:note_id>")
@requires(Capability.VIEW_HEADQUARTERS)
def press_note(election: str, note_id: int) -> ResponseReturnValue:
    """One note as the public will read it, what was published of it, and what may be done."""
    row, found = _around(election, note_id)
    return _page(row, found, PhotoForm(formdata=None))


def _page(election: Election, found: PressNote, photo_form: PhotoForm) -> ResponseReturnValue:
    versions = queries.versions_of(found.id)
    may_edit = actor().may(Capability.EDIT_PUBLICATIONS)
    content = content_of(election, found)
    if not may_edit:  # what is being written is not for everybody
        content = NoteContent.from_json(versions[0].content)
    steps = steps_from(NOTE_WAYS, found.status)
    return render_template(
        "publications/press_note.html",
        election=election,
        row=found,
        content=content,
        texts=[(code, title, paragraphs(content.text[code])) for code, title in LANGUAGES.items()],
        versions=versions,
        possible={each.value for each in steps if actor().may(NOTE_WAYS[each].capability)},
        is_writer=not may_approve(actor().user_id, found.edited_by_id),
        photo_form=photo_form,
        statuses=STATUSES,
        tones=TONES,
        local=_local(election),
    ), photo_form.status


def _edit(*, note: PressNote, form: NoteForm) -> PressNote:
    return operations.edit_note(
        actor=actor(), note=note, texts=form.texts(), seen_version=form.seen_version
    )


@blueprint.route("/e/<election>/press-notes/<int:note_id>/edit", methods=["GET", "POST"])
@requires(Capability.EDIT_PUBLICATIONS, writes=True)
def edit_note(election: str, note_id: int) -> ResponseReturnValue:
    """Change what the next version says."""
    row, found = _around(election, note_id)
    form = NoteForm()
    if request.method == "GET":
        form.show(found)
    if form.validate_on_submit():
        saved = form.attempt(_edit, note=found, form=form)
        if saved is not None:
            flash(_("The draft was saved."), "ok")
            return _to(row, found)
    form.renew(found)
    return render_template(
        "publications/edit_note.html",
        election=row,
        row=found,
        form=form,
        is_correction=bool(queries.versions_of(found.id)),
    ), form.status


@blueprint.get("/e/<election>/press-notes/<int:note_id>/photo")
@requires(Capability.VIEW_HEADQUARTERS)
def note_photo(election: str, note_id: int) -> ResponseReturnValue:
    """The photograph."""
    _row, found = _around(election, note_id)
    try:
        content = storage.get(found.photo or "")
    except (FileNotFoundError, IsADirectoryError):
        abort(404)
    return picture_response(content)


@blueprint.post("/e/<election>/press-notes/<int:note_id>/photo")
@requires(Capability.EDIT_PUBLICATIONS, writes=True, largest_upload=LARGEST_PHOTO)
def put_photo(election: str, note_id: int) -> ResponseReturnValue:
    """Set the photograph, or take it away."""
    row, found = _around(election, note_id)
    form = PhotoForm()
    upload = form.photo.data
    if form.validate():
        form.attempt(
            operations.put_note_photo,
            actor=actor(),
            note=found,
            upload=None if "drop" in request.form else (upload.read() if upload else b""),
        )
        if not form.errors:
            return _to(row, found)
    return _page(row, found, form)


def _step(
    election: str, note_id: int, operation: Any, said: str, *, publishes: bool = False
) -> ResponseReturnValue:
    row, found = _around(election, note_id)
    as_seen(found)
    around = {"election": row} if publishes else {}
    operation(actor=actor(), note=found, **around)
    flash(said, "ok")
    return _to(row, found)


@blueprint.post("/e/<election>/press-notes/<int:note_id>/approve")
@requires(Capability.APPROVE_PUBLICATIONS, writes=True)
def approve_note(election: str, note_id: int) -> ResponseReturnValue:
    """Approve it as another person than who wrote."""
    return _step(election, note_id, operations.approve_note, _("It is approved."))


@blueprint.post("/e/<election>/press-notes/<int:note_id>/publish")
@requires(Capability.APPROVE_PUBLICATIONS, writes=True)
def publish_note(election: str, note_id: int) -> ResponseReturnValue:
    """Publish the next version."""
    said = _("It is published; this version will not change any more.")
    return _step(election, note_id, operations.publish_note, said, publishes=True)


@blueprint.post("/e/<election>/press-notes/<int:note_id>/discard")
@requires(Capability.EDIT_PUBLICATIONS, writes=True)
def discard_note(election: str, note_id: int) -> ResponseReturnValue:
    """Drop what is being written."""
    return _step(election, note_id, operations.discard_note, _("The draft is discarded."))
