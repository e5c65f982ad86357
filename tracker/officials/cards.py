"""Officials and institutions as vCards: their names in three languages, whom to write to."""

from tracker.kernel.i18n import LANGUAGES
from tracker.kernel.vcards import Property, in_languages
from tracker.officials.models import Institution, Official


def _texts(row: Official | Institution, name: str) -> dict[str, str]:
    return {code: getattr(row, f"{name}_{code}") for code in LANGUAGES}


def card_of_institution(row: Institution) -> list[Property]:
    """An institution: names, address, time zone."""
    found = [Property("KIND", ("org",)), *in_languages("FN", _texts(row, "name"))]
    if row.address:
        found.append(Property("ADR", ("", "", row.address, "", "", "", "")))
    return found + ([Property("TZ", (row.time_zone,))] if row.time_zone else [])


def card_of_official(row: Official, *, with_contacts: bool) -> list[Property]:
    """An official: names, positions, institution; the assistant as an agent (RFC 6350, 6.6.6)."""
    found = [
        Property("KIND", ("individual",)),
        *in_languages("FN", _texts(row, "name")),
        *in_languages("TITLE", _texts(row, "position")),
        *in_languages("ORG", _texts(row.institution, "name")),
    ]
    if with_contacts and row.assistant_email:
        found.append(Property("EMAIL", (row.assistant_email,)))
    if with_contacts and row.assistant_contact:
        agent = {"TYPE": "agent", "VALUE": "text"}
        found.append(Property("RELATED", (row.assistant_contact,), agent))
    return found
