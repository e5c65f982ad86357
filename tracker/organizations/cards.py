"""Sending organizations and States as vCards."""

from tracker.kernel.i18n import LANGUAGES
from tracker.kernel.vcards import Property, in_languages
from tracker.organizations.models import ACRONYMS, Organization


def card_of_organization(row: Organization) -> list[Property]:
    """An organization: names, acronyms, what kind it is, the country of its seat (ISO 3166-1)."""
    names = {code: getattr(row, f"name_{code}") for code in LANGUAGES}
    found = [Property("KIND", ("org",)), *in_languages("FN", names)]
    acronyms = {code: getattr(row, column) for code, column in ACRONYMS.items()}
    found += in_languages("NICKNAME", {code: text for code, text in acronyms.items() if text})
    found.append(Property("CATEGORIES", (row.kind.value,)))
    seat = row.seat_country
    return found + ([Property("ADR", ("", "", "", "", "", "", seat))] if seat else [])
