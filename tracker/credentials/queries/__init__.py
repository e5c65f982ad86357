"""Certificates as read by pages, papers and verifiers."""

from tracker.credentials.queries.batches import (
    batch_for,
    batches_page,
)
from tracker.credentials.queries.certificates import (
    Candidate,
    Filter,
    Printed,
    all_rows,
    candidates,
    certificate_for,
    certificates_of,
    certificates_page,
    certificates_with,
    count_listed,
    last_serial,
    listed,
    not_accredited,
    portrait_of,
    printed_rows,
    steps_of,
)
from tracker.credentials.queries.checks import (
    CheckFilter,
    all_checks,
    checks_page,
    counts_of_checks,
)
from tracker.credentials.queries.waiting import (
    count_without,
    deciding_submissions,
    lacks_certificate,
    waiting_by_delegation,
    without_certificate,
    without_count,
)

__all__ = [
    "Candidate",
    "CheckFilter",
    "Filter",
    "Printed",
    "all_checks",
    "all_rows",
    "batch_for",
    "batches_page",
    "candidates",
    "certificate_for",
    "certificates_of",
    "certificates_page",
    "certificates_with",
    "checks_page",
    "count_listed",
    "count_without",
    "counts_of_checks",
    "deciding_submissions",
    "lacks_certificate",
    "last_serial",
    "listed",
    "not_accredited",
    "portrait_of",
    "printed_rows",
    "steps_of",
    "waiting_by_delegation",
    "without_certificate",
    "without_count",
]
