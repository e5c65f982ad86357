"""The number of a certificate as people type it: a serial and the code printed behind it."""

import hmac
import re
from datetime import datetime

from tracker.credentials import register
from tracker.credentials.register import RegisterAnswer
from tracker.credentials.rules import CODE_LENGTH, CODE_LETTERS, Reason

_TYPED = re.compile(rf"0*([0-9]{{1,9}})([{CODE_LETTERS}]{{{CODE_LENGTH}}})")
_BETWEEN = re.compile(r"[\s\-–—.]+")


def read_number(text: str) -> tuple[int, str] | None:
    """Serial and code of what was typed: small letters, blanks and other dashes do no harm."""
    typed = _BETWEEN.sub("", text[:40]).upper()
    found = _TYPED.fullmatch(typed)
    return (int(found[1]), found[2]) if found and int(found[1]) else None


def answer_for_number(election_id: int, text: str, now: datetime) -> RegisterAnswer:
    """How the certificate of this number stands; a wrong code is as unknown as a wrong serial."""
    number = read_number(text)
    if number is None:
        return RegisterAnswer(Reason.UNKNOWN_NUMBER)
    serial, code = number
    found = register.register_answer(election_id, serial, now)
    is_right = found.certificate is not None and hmac.compare_digest(found.certificate.code, code)
    return found if is_right else RegisterAnswer(Reason.UNKNOWN_NUMBER)
