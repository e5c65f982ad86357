"""Personal data that is not to be found by is ciphertext, and the audit record repeats none."""

import re

from tracker.app import create_app  # noqa: F401 - every part is loaded
from tracker.kernel.database import db
from tracker.kernel.rotation import encrypted_columns

# What columns with contacts, dates of birth and document numbers are called.
PERSONAL = re.compile(
    r"e?mail|phone|contact\b|address|birth|passport|driver|recipient|number_ending"
)
IN_CLEAR = {
    "users.email": "looked up at each sign-in; addresses of staff",
    "institutions.address": "where a ministry is",
    "press_notes.press_contact": "printed under a published note",
    "observers.birth_digest": "keyed",
    "digest_recipients.email_digest": "keyed",
    "digests.recipients": "how many",
    "outbox_messages.recipient_digest": "keyed",
}
# Texts for headquarters alone or about one person's affairs.
TEXTS = {
    *("duty_notes.text", "assistance_requests.text", "assistance_comments.text"),
    *("movements.note", "deployment_teams.note", "outbox_messages.text", "observer_lists.columns"),
    *("observer_list_rows.said", "travel_documents.number", "observer_lists.failure"),
}


def names():
    return {
        f"{table.name}.{column.name}"
        for table, row in encrypted_columns().items()
        for column in row
    }


def test_contacts_births_and_documents_are_ciphertext():
    encrypted = names()
    found = {
        f"{table.name}.{column.name}"
        for table in db.metadata.tables.values()
        for column in table.columns
        if PERSONAL.search(column.name) and not column.name.endswith("_id")
    }
    assert found - encrypted == set(IN_CLEAR)
    assert encrypted >= TEXTS


def test_the_audit_record_repeats_nothing_that_is_encrypted():
    for table, columns in encrypted_columns().items():
        for column in columns:
            is_left_out = table.info.get("audit") == "skip"
            how = column.info.get("audit")
            assert is_left_out or how in {"redact", "skip"}, f"{table.name}.{column.name}"
