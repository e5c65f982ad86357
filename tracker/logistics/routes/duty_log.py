"""The log of headquarters: written in one field, read newest first, never erased."""

from collections.abc import Iterable
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.delegations.queries import delegation_names
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock, tables
from tracker.kernel.disclosure import paper
from tracker.kernel.i18n import language_asked
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, day_asked, format_asked, member_asked, pdf_response, requires
from tracker.logistics import duty_papers
from tracker.logistics.duty_papers import outcome_lines
from tracker.logistics.forms.duty import NoteForm, WordForm
from tracker.logistics.labels.duty import FUNCTIONS, NOTE_KINDS, NOTE_STEPS, NOTE_TONES
from tracker.logistics.models.duty import DutyNote, NoteKind
from tracker.logistics.operations import duty_log as operations
from tracker.logistics.queries import duty_log as queries
from tracker.logistics.queries import hand_overs
from tracker.logistics.queries.duty_roster import on_duty, starting_between
from tracker.logistics.routes.blueprint import blueprint
from tracker.logistics.rules.duty import AHEAD
from tracker.organizations.labels import sender_name

LABELS: dict[str, Any] = {
    "kinds": NOTE_KINDS,
    "tones": NOTE_TONES,
    "step_words": NOTE_STEPS,
    "functions": FUNCTIONS,
}


def local_in(election: Election) -> dict[str, Any]:
    """What templates need to write moments of an election."""
    return {"local": lambda moment: clock.local(moment, election.time_zone)}


def _wanted() -> queries.Filter:
    return queries.Filter(
        day=day_asked(),
        kind=member_asked(NoteKind, "kind"),
        author=request.args.get("author") or None,
        delegation_id=request.args.get("delegation", type=int),
        is_open="open" in request.args,
    )


def _form(election: Election) -> NoteForm:
    form = NoteForm()
    form.offer(
        delegations=list(delegation_names(actor(), election.id).items()),
        time_zone=election.time_zone,
    )
    return form


def _export(election: Election, rows: Iterable[queries.Entry], format_: str) -> Response:
    def local(moment: Any) -> Any:
        return clock.local(moment, election.time_zone)

    def sender(entry: queries.Entry) -> str:
        found = entry.note.delegation
        return sender_name(found.organization) if found else ""

    columns = (
        tables.Column("number", _l("No."), lambda row: row.note.number, "num"),
        tables.Column("happened", _l("When"), lambda row: local(row.note.happened_at)),
        tables.Column("recorded", _l("Written"), lambda row: local(row.note.recorded_at)),
        tables.Column("author", _l("Written by"), lambda row: row.note.author_name),
        tables.Column("kind", _l("Kind"), lambda row: _(NOTE_KINDS[row.note.kind])),
        tables.Column("text", _l("What has happened"), lambda row: row.note.text),
        tables.Column("delegation", _l("Delegation"), sender),
        tables.Column("reference", _l("Refers to"), lambda row: row.note.reference),
        tables.Column(
            "outcome",
            _l("What became of it"),
            lambda row: "\n".join(outcome_lines(row, election)),
        ),
    )
    return tables.export(columns, rows, name=f"{election.slug}-duty-log", format=format_)


@blueprint.get("/e/<election>/duty/")
@requires(Capability.VIEW_DUTY)
def duty_log(election: str) -> ResponseReturnValue:
    """The log, narrowed; also as a file."""
    row = election_for(actor(), election)
    if format_ := format_asked():
        notes = queries.all_notes(queries.filtered(row, _wanted()))
        return _export(row, queries.entries(notes), format_)
    return log_page(row, _form(row))


def log_page(election: Election, form: NoteForm) -> ResponseReturnValue:
    """The page of the log; `form` keeps what was typed where it was refused."""
    wanted, now = _wanted(), clock.now()
    page = queries.notes_page(queries.filtered(election, wanted), request.args.get("cursor"))
    notes = [line[0] for line in page.rows]
    return render_template(
        "logistics/duty_log.html",
        election=election,
        form=form,
        wanted=wanted,
        page=page,
        rows=queries.entries(notes),
        given=hand_overs.hand_overs_of_notes(
            [note.id for note in notes if note.kind is NoteKind.HAND_OVER]
        ),
        newest=queries.newest_id(election.id),
        authors=queries.authors(election.id),
        present=on_duty(election.id, now),
        coming=starting_between(election.id, now, now + AHEAD),
        open_notes=queries.open_notes(election.id),
        alone=hand_overs.never_taken_over(election.id, now),
        waiting=hand_overs.waiting_hand_overs(election.id),
        today=clock.today(election.time_zone),
        **local_in(election),
        **LABELS,
    ), form.status


@blueprint.get("/e/<election>/duty/news/<int:note_id>")
@requires(Capability.VIEW_DUTY)
def duty_news(election: str, note_id: int) -> ResponseReturnValue:
    """How many notes came after the one that the reader has seen; a piece of a page."""
    row = election_for(actor(), election)
    count = queries.count_after(row.id, note_id)
    return render_template("logistics/duty_news.html", election=row, count=count)


@blueprint.post("/e/<election>/duty/")
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def write_duty_note(election: str) -> ResponseReturnValue:
    """Enter a note."""
    row = election_for(actor(), election)
    form = _form(row)
    if form.validate():
        note = form.attempt(
            operations.write_note, actor=actor(), election=row, details=form.details()
        )
        if note is not None:
            flash(_("Note No. %(number)s is in the log.", number=note.number), "ok")
            return redirect(url_for("logistics.duty_log", election=row.slug))
    return log_page(row, form)


@blueprint.get("/e/<election>/duty/notes/<int:note_id>")
@requires(Capability.VIEW_DUTY)
def duty_note(election: str, note_id: int) -> ResponseReturnValue:
    """One note, what became of it, and what may be done."""
    row = election_for(actor(), election)
    return _note_page(row, queries.note_for(row.id, note_id))


def _note_page(
    election: Election, note: DutyNote, form: WordForm | None = None
) -> ResponseReturnValue:
    [entry] = queries.entries([note])
    return render_template(
        "logistics/duty_note.html",
        election=election,
        entry=entry,
        given=hand_overs.hand_overs_of_notes([note.id]),
        form=form or WordForm(formdata=None),
        **local_in(election),
        **LABELS,
    ), form.status if form else 200


def _step(election: str, note_id: int, operation: Any, said: str) -> ResponseReturnValue:
    row = election_for(actor(), election)
    note = queries.note_for(row.id, note_id)
    form = WordForm()
    if form.validate_on_submit():
        step = form.attempt(operation, actor=actor(), note=note, word=form.word.data)
        if step is not None:
            flash(said, "ok")
            return redirect(url_for("logistics.duty_log", election=row.slug))
    return _note_page(row, note, form)


@blueprint.post("/e/<election>/duty/notes/<int:note_id>/close")
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def close_duty_note(election: str, note_id: int) -> ResponseReturnValue:
    """The note was followed up, and how."""
    return _step(election, note_id, operations.close_note, _("The note is followed up."))


@blueprint.post("/e/<election>/duty/notes/<int:note_id>/strike")
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def strike_duty_note(election: str, note_id: int) -> ResponseReturnValue:
    """The note is struck out, and why; it stays readable."""
    said = _("The note is struck out; it stays readable.")
    return _step(election, note_id, operations.strike_note, said)


@blueprint.route("/e/<election>/duty/notes/<int:note_id>/correct", methods=["GET", "POST"])
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def correct_duty_note(election: str, note_id: int) -> ResponseReturnValue:
    """Write another note in place of one, which stays readable."""
    row = election_for(actor(), election)
    note = queries.note_for(row.id, note_id)
    form = _form(row)
    if request.method == "GET":
        form.show(note)
    elif form.validate():
        made = form.attempt(
            operations.write_note,
            actor=actor(),
            election=row,
            details=form.details(),
            corrects=note,
        )
        if made is not None:
            flash(_("Note No. %(number)s is in the log.", number=made.number), "ok")
            return redirect(url_for("logistics.duty_log", election=row.slug))
    return render_template(
        "logistics/correct_duty_note.html", election=row, note=note, form=form, **local_in(row)
    ), form.status


@blueprint.get("/e/<election>/duty/print")
@requires(Capability.VIEW_DUTY)
def print_duty_log(election: str) -> ResponseReturnValue:
    """The log of a day as a PDF."""
    row = election_for(actor(), election)
    day = day_asked() or clock.today(row.time_zone)
    notes = queries.all_notes(queries.filtered(row, queries.Filter(day=day)))
    with paper("duty-log"):
        content = duty_papers.log_sheet(row, day, queries.entries(notes), language_asked())
    return pdf_response(content, f"duty-log-{day.isoformat()}")
