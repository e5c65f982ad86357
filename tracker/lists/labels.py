"""What statuses, fields, problems and notices of lists are called."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from tracker.accreditation.labels import FUNCTIONS, LOCKED
from tracker.kernel.i18n import N_, iso_day, language, say
from tracker.lists.models import ListStatus, ObserverList, RowStatus
from tracker.observers.issuers import issuer_name
from tracker.observers.labels import DOCUMENTS, SEXES
from tracker.organizations.states import citizenship_name

LIST_STATUSES = {
    ListStatus.CHECKING: N_("Being checked"),
    ListStatus.CHECKED: N_("Checked"),
    ListStatus.ACCEPTING: N_("Being accepted"),
    ListStatus.ACCEPTED: N_("In the register"),
    ListStatus.UNDONE: N_("Undone"),
    ListStatus.DISCARDED: N_("Was put away"),
}
SENT = "sent"  # by the delegation, and open: no status of its own, but in whose hands it is
SENT_LABEL = N_("Sent by the delegation")


def standing_label(found: ObserverList) -> str:
    """Where a list stands, as a msgid: while it is open also in whose hands."""
    if found.status is not ListStatus.CHECKED:
        return LIST_STATUSES[found.status]
    if found.is_with_delegation:
        is_back = found.return_reason is not None
        return N_("Returned to the delegation") if is_back else N_("Prepared by the delegation")
    return SENT_LABEL if found.sent_at else LIST_STATUSES[ListStatus.CHECKED]


LIST_TONES = {
    ListStatus.CHECKING: "go",
    ListStatus.CHECKED: "warn",
    ListStatus.ACCEPTING: "go",
    ListStatus.ACCEPTED: "ok",
    ListStatus.UNDONE: "mute",
    ListStatus.DISCARDED: "mute",
}
ROW_STATUSES = {
    RowStatus.NEW: N_("New"),
    RowStatus.CHANGED: N_("Changed"),
    RowStatus.SAME: N_("Same"),
    RowStatus.PROBLEM: N_("Problem"),
}
ROW_TONES = {
    RowStatus.NEW: "ok",
    RowStatus.CHANGED: "go",
    RowStatus.SAME: "mute",
    RowStatus.PROBLEM: "bad",
}
FIELDS = {
    "row_number": N_("No."),
    "surname": N_("Surname"),
    "given_names": N_("Given names"),
    "full_name": N_("Surname and given names"),
    "patronymic": N_("Patronymic"),
    "native_name": N_("Name in own script"),
    "sex": N_("Sex"),
    "birth_date": N_("Date of birth"),
    "citizenship": N_("Citizenship"),
    "document_kind": N_("Travel document"),
    "document_number": N_("Document number"),
    "issuing_state": N_("Issued by"),
    "document_issued": N_("Date of issue"),
    "document_expiry": N_("Valid until"),
    "function": N_("Function"),
    "occupation": N_("Occupation"),
    "email": N_("E-mail address"),
    "phone": N_("Telephone"),
    "languages": N_("Languages"),
    "mrz": N_("Machine-readable zone"),
    "portrait": N_("File name of the portrait"),
    "pledge_signed_on": N_("Pledge signed on"),
    "ignore": N_("Not needed"),
}
# Parameters stand as they were read; who mends the cell must see what is in it.
PROBLEMS = {
    "missing": N_("The cell is empty."),
    "not_a_date": N_("“%(text)s” is not a date."),
    "impossible_date": N_("There is no such day as “%(text)s”."),
    "ambiguous_date": N_("“%(text)s” can be read in two ways: say if day or month comes first."),
    "birth_date_in_future": N_("The date of birth %(day)s lies in the future."),
    "birth_date_implausible": N_("The date of birth %(day)s cannot be right for an observer."),
    "pledge_in_future": N_("The pledge was signed on %(day)s, which lies in the future."),
    "document_expired": N_("The document is valid until %(day)s; it must be until %(needed)s."),
    "unknown_country": N_("“%(text)s” is no country or citizenship that is known."),
    "host_citizen": N_("Citizens of the host country cannot be international observers."),
    "unknown_sex": N_("“%(text)s” says neither male nor female."),
    "unknown_function": N_("“%(text)s” is no function of an observer or of support staff."),
    "not_an_email": N_("“%(text)s” is not an e-mail address."),
    "suspicious_characters": N_(
        "The character %(character)s does not belong here: it cannot be seen, or it is a letter of "
        "another alphabet that looks alike. Type the text anew."
    ),
    "document_number_invalid": N_("“%(text)s” is not the number of a travel document."),
    "mrz_invalid": N_("The machine-readable zone does not hold: %(reason)s"),
    "mrz_differs": N_("The list says %(text)s, the machine-readable zone %(zone)s."),
    "duplicate_in_list": N_("The same person stands in row %(row)s."),
    "possible_duplicate": N_("Perhaps %(name)s, who is on record: say if it is one person."),
    "live_elsewhere": N_("This person is already accredited or entered in %(delegation)s."),
    "locked": LOCKED,
    "presented_elsewhere": N_(
        "This person stands presented in another election under other names or another document: "
        "write them as there, or wait until that has ended."
    ),
}
NOTICES = {
    "transliterated": N_("Names are transliterated; compare them with the passport."),
    "name_order_guessed": N_("Which word is the surname was guessed."),
    "known_person": N_("Known from before."),
}
ENCODING_LABELS = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1251": "Windows-1251",
    "cp1252": "Windows-1252",
}
DELIMITER_LABELS = {";": N_("semicolon"), ",": N_("comma"), "\t": N_("tab")}
EDITABLE = (
    "surname",
    "given_names",
    "native_name",
    "sex",
    "birth_date",
    "citizenship",
    "document_number",
    "issuing_state",
    "document_expiry",
    "function",
    "email",
    "phone",
)


# What is kept as codes; what is none of them stands as it was read.
CODES: dict[str, Mapping[Any, str]] = {
    "function": FUNCTIONS,
    "sex": SEXES,
    "document_kind": DOCUMENTS,
}
DAYS = ("birth_date", "document_issued", "document_expiry", "pledge_signed_on")


def value_text(name: str, value: str | None) -> str:
    """A value of a field as the reader's language writes it; nothing where there is none."""
    if not value:
        return ""
    if name == "citizenship":
        return citizenship_name(value, language())
    if name == "issuing_state":
        return issuer_name(value, language())
    if name in DAYS:
        return iso_day(value)
    known = CODES.get(name, {}).get(value)
    return say(known) if known else value


def row_label(row: Any) -> str:
    """What a row would do, as a msgid; of one that is left out, that it is."""
    return N_("Left out") if row.is_left_out else ROW_STATUSES[row.status]


def problem_text(problem: dict[str, Any]) -> str:
    """A problem in the reader's words."""
    params = dict(problem["params"])
    for name in {"day", "needed"} & params.keys():
        params[name] = date.fromisoformat(params[name])
    return say(PROBLEMS[problem["code"]], params)


def failure_text(found: ObserverList) -> str | None:
    """Why a list was last not accepted, in the reader's words; None where it did not fail."""
    return say(*json.loads(found.failure)) if found.failure else None
