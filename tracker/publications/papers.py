"""Bulletins and press notes on paper: the frozen words and numbers, nothing counted anew."""

import json
from collections.abc import Mapping
from typing import Any

from flask_babel import force_locale, format_decimal
from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.days import dated
from tracker.kernel.i18n import language, localized
from tracker.kernel.printing import render_whatever
from tracker.organizations.states import state_name
from tracker.publications.labels import FIGURES
from tracker.publications.models import Bulletin
from tracker.publications.queries import PublishedNote
from tracker.publications.texts import paragraphs
from tracker.totals.senders import called

HEADLINE = ("observers", "organizations", "states")


def _moment(election: Election, moment: Any) -> str:
    local = clock.local(moment, election.time_zone)
    said = dated(local, "d MMMM y, HH:mm")
    return f"{said} (UTC{local.isoformat()[-6:]})"


def _around(election: Election) -> dict[str, Any]:
    """What stands at the head and the foot of either paper."""
    return {
        "issuer": str(_("Ministry of Foreign Affairs")),
        "country": state_name(election.host_country, language()),
        "election": str(localized(election, "name")),
        "page": str(_("Page %(page)s of %(pages)s", page="{page}", pages="{pages}")),
    }


def bulletin_pdf(election: Election, bulletin: Bulletin, code: str) -> bytes:
    """The bulletin in a language, with its figures as they were frozen, of organizations under
    today's names."""
    frozen = json.loads(bulletin.figures)
    with force_locale(code):
        title = _title(bulletin)
        data = _around(election) | {
            "title": title,
            "paragraphs": paragraphs(localized(bulletin, "text")),
            "figures": [
                {"value": format_decimal(frozen[name]), "label": str(_(FIGURES[name]))}
                for name in HEADLINE
            ],
            "tables": _tables(election, frozen),
            "notes": _notes(election, bulletin),
        }
        return render_whatever("publication", data, language=code, title=title)


def _title(bulletin: Bulletin) -> str:
    if bulletin.number is None:
        return str(_("Bulletin, draft"))
    return str(_("Bulletin no. %(number)s", number=bulletin.number))


def _tables(election: Election, frozen: Mapping[str, Any]) -> list[dict[str, Any]]:
    groups = [
        (_("International organizations"), called(election, frozen["by_organization"])),
        (
            _("Foreign states"),
            [
                (state_name(state, language()), number)
                for state, number in frozen["by_state"].items()
            ],
        ),
    ]
    return [
        {"title": title, "rows": [[name, format_decimal(number)] for name, number in rows]}
        for title, rows in groups
        if rows
    ]


def _notes(election: Election, bulletin: Bulletin) -> list[str]:
    found = [_("As known on %(moment)s.", moment=_moment(election, bulletin.known_at))]
    if correction := localized_or_none(bulletin, "correction"):
        found.insert(0, _("Correction: %(text)s", text=correction))
    if bulletin.published_at:
        found.append(_("Published on %(moment)s.", moment=_moment(election, bulletin.published_at)))
    found.append(_("SHA-256 of the list counted: %(hash)s", hash=bulletin.list_hash))
    return [str(each) for each in found]


def localized_or_none(row: Any, name: str) -> str:
    """The text in the reader's language; empty where there is none."""
    return localized(row, name) if getattr(row, f"{name}_en") else ""


def note_pdf(election: Election, note: PublishedNote, code: str) -> bytes:
    """A version of a press note in a language."""
    content = note.content
    with force_locale(code):
        day = dated(content.day, "d MMMM y")
        notes = []
        if content.correction:
            notes.append(str(_("Correction: %(text)s", text=content.correction[code])))
        if content.press_contact:
            notes.append(str(_("Contact for the press: %(text)s", text=content.press_contact)))
        if content.photo_credit:
            notes.append(str(_("Photograph: %(credit)s", credit=content.photo_credit)))
        data = _around(election) | {
            "title": content.title[code],
            "paragraphs": [day, *paragraphs(content.text[code]), content.closing[code]],
            "figures": [],
            "tables": [],
            "notes": notes,
        }
        return render_whatever("publication", data, language=code, title=content.title[code])
