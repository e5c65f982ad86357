"""Reports that a message was not delivered (Delivery Status Notifications, RFC 3464).

Anybody may write such a report. It is believed only of a message whose Message-ID it names, which
nobody knows but its recipient and the servers on its way, and it changes nothing but what our page
of outgoing mail says of that message.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesParser

from tracker.kernel.text import normalize

LARGEST = 2_000_000  # bytes; a report returns the message at most once
_CODE = re.compile(r"[45]\.\d{1,3}\.\d{1,3}")  # RFC 3463, section 2
_MESSAGE_ID = re.compile(r"<?\s*([0-9a-f]{32})@[^\s<>]+?\s*>?")


@dataclass(frozen=True)
class Report:
    """What a report says of one of our messages."""

    left_half: str  # of the Message-ID
    code: str
    reason: str


def report_in(content: bytes) -> Report | None:
    """The report that a message is; None where it is none, or says that delivery only waits."""
    if len(content) > LARGEST:
        return None
    letter = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(content)
    if letter.get_content_type() != "multipart/report":
        return None
    failed = next((each for each in _recipients(letter) if _is_failure(each)), None)
    left_half = _original(letter)
    if failed is None or left_half is None:
        return None
    code = _CODE.search(_text(failed, "Status"))
    kind, _semicolon, said = _text(failed, "Diagnostic-Code").partition(";")
    return Report(left_half, code[0] if code else "", normalize(said or kind)[:500])


def _text(block: Message, name: str) -> str:
    return str(block.get(name, ""))


def _is_failure(block: Message) -> bool:
    """Delivery was given up; "delayed" and the rest are no end (RFC 3464, 2.3.3)."""
    return _text(block, "Action").strip().lower() == "failed"


def _recipients(letter: Message) -> Iterator[Message]:
    """What is said of each recipient: the blocks after the first, which is of the message."""
    for part in letter.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            yield from (each for each in blocks if isinstance(each, Message))


def _original(letter: Message) -> str | None:
    """The left half of the Message-ID of what came back, which is returned whole or its headers."""
    for part in letter.walk():
        kind, payload = part.get_content_type(), part.get_payload()
        if kind == "message/rfc822" and isinstance(payload, list) and payload:
            headers = payload[0]
        elif kind == "text/rfc822-headers":
            text = part.get_payload(decode=True)
            headers = BytesParser().parsebytes(text if isinstance(text, bytes) else b"", True)
        else:
            continue
        said = _text(headers, "Message-ID") if isinstance(headers, Message) else ""
        if found := _MESSAGE_ID.fullmatch(said.strip()):
            return found[1]
    return None
