"""Press notes: who met whom, what was said, and the totals of that day; corrections show."""

from flask import abort
from flask.typing import ResponseReturnValue

from tracker.kernel import clock
from tracker.kernel.fragments import fragment
from tracker.kernel.i18n import language
from tracker.kernel.permissions import Capability
from tracker.kernel.security import isolate
from tracker.kernel.storage import storage
from tracker.kernel.web import requires
from tracker.public.elections import election_of
from tracker.public.site.blueprint import UNCHANGING, address, at, blueprint, download, page
from tracker.public.site.home import latest_notes
from tracker.publications import papers, queries
from tracker.publications.content import NoteContent
from tracker.publications.pictures import photo_size
from tracker.publications.texts import paragraphs

ONE = "e/<election>/press-notes/<int:note_number>"


@blueprint.get(at("e/<election>/press-notes/"))
@requires(Capability.PUBLIC)
def notes(lang: str, election: str) -> ResponseReturnValue:
    """All press notes of an election, the latest day first."""
    row = election_of(election)
    return page("site/notes.html", election=row, notes=latest_notes(row))


@blueprint.get(at(ONE))
@requires(Capability.PUBLIC)
def note(lang: str, election: str, note_number: int) -> ResponseReturnValue:
    """One press note as it reads now."""
    return _note(election, note_number, None)


@blueprint.get(at(f"{ONE}/versions/<int:version>"))
@requires(Capability.PUBLIC)
def note_version(lang: str, election: str, note_number: int, version: int) -> ResponseReturnValue:
    """One press note as it read before it was corrected, or after."""
    return _note(election, note_number, version)


def _note(election: str, number: int, version: int | None) -> ResponseReturnValue:
    row = election_of(election)
    found = queries.published_note(row.id, number, version)
    newest = queries.published_note(row.id, number)
    return page(
        "site/note.html",
        election=row,
        note=found,
        content=found.content,
        paragraphs=paragraphs(found.content.text[language()]),
        size=photo_size(found.content.photo) if found.content.photo else None,
        picture=address("photo", election=election, note_number=number, photo=found.content.photo)
        if found.content.photo
        else None,
        newest=newest.version.number,
        versions=[
            (each.number, clock.local(each.published_at, row.time_zone))
            for each in (newest.version, *newest.earlier)
        ],
        published=clock.local(found.version.published_at, row.time_zone),
    )


@blueprint.get(at(f"{ONE}.pdf"))
@requires(Capability.PUBLIC)
def note_pdf(lang: str, election: str, note_number: int) -> ResponseReturnValue:
    """The press note on paper; made once for each version."""
    row = election_of(election)
    found = queries.published_note(row.id, note_number)
    paper = fragment(
        ("press note on paper", found.version.id, lang), lambda: papers.note_pdf(row, found, lang)
    )
    return download(paper, "application/pdf", f"{row.slug}-press-note-{note_number}-{lang}.pdf")


@blueprint.get(at(f"{ONE}/<photo>.jpg"))
@requires(Capability.PUBLIC)
def photo(lang: str, election: str, note_number: int, photo: str) -> ResponseReturnValue:
    """The photograph of a published version, at an address that is the SHA-256 of its content."""
    row = election_of(election)
    found = queries.published_note(row.id, note_number)
    published = (found.version, *found.earlier)
    if photo not in {NoteContent.from_json(each.content).photo for each in published}:
        abort(404)
    try:
        content = storage.get(photo)
    except FileNotFoundError:
        abort(404)
    return isolate(download(content, "image/jpeg", cache=UNCHANGING))
