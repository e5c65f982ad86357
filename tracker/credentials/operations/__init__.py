"""What changes certificates and signing keys."""

from tracker.credentials.operations.batches import request_issue, request_print
from tracker.credentials.operations.certificates import (
    Issued,
    Terms,
    hand_over_certificates,
    issue_certificates,
    lose_certificate,
    record_printed,
    reissue_certificate,
    return_certificate,
    void_certificate,
)
from tracker.credentials.operations.design import DesignDetails, save_design
from tracker.credentials.operations.keys import lose_key, rotate_key

__all__ = [
    "DesignDetails",
    "Issued",
    "Terms",
    "hand_over_certificates",
    "issue_certificates",
    "lose_certificate",
    "lose_key",
    "record_printed",
    "reissue_certificate",
    "request_issue",
    "request_print",
    "return_certificate",
    "rotate_key",
    "save_design",
    "void_certificate",
]
