"""Bulletins and press notes on paper: the frozen words and numbers, as a PDF."""

import json
from collections.abc import Sequence

from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.kernel.i18n import localized
from tracker.kernel.printing import Unprintable, render_pdf
from tracker.publications.models import Bulletin
from tracker.publications.queries import PublishedNote
from tracker.publications.texts import paragraphs

HOLE = "\u25a1"
MOST_HOLES = 200


def bulletin_pdf(election: Election, bulletin: Bulletin, language: str) -> bytes:
    """The bulletin in a language, with its figures as they were frozen."""
    frozen = json.loads(bulletin.figures)
    with force_locale(language):
        title = _("Bulletin no. %(number)s", number=bulletin.number)
        lines = [
            f"{_('Observers')}: {frozen['observers']}",
            f"{_('Organizations')}: {frozen['organizations']}",
            f"{_('States')}: {frozen['states']}",
            f"SHA-256: {bulletin.list_hash}",
        ]
        text = [*paragraphs(localized(bulletin, "text")), *lines]
        return _printed(title, localized(election, "name"), text, language)


def note_pdf(election: Election, note: PublishedNote, language: str) -> bytes:
    """A version of a press note in a language."""
    content = note.content
    with force_locale(language):
        text = [*paragraphs(content.text[language]), content.closing[language]]
        return _printed(content.title[language], localized(election, "name"), text, language)


def _printed(title: str, election: str, text: Sequence[str], language: str) -> bytes:
    """The paper; letters that no font draws are printed as empty squares."""
    data = {"title": title, "election": election, "paragraphs": list(text)}
    for _attempt in range(MOST_HOLES):
        try:
            return render_pdf("publication", data, language=language, title=str(data["title"]))
        except Unprintable as error:
            holes = str.maketrans(dict.fromkeys("".join(error.letters), HOLE))
            data = json.loads(json.dumps(data, ensure_ascii=False).translate(holes))
    raise ValueError("too many letters that no font draws")
