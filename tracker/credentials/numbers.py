"""The number of a certificate as people type it: a serial and the code printed behind it."""

import hmac
import re
from datetime import datetime

from tracker.credentials import register
from tracker.credentials.register import RegisterAnswer
from tracker.credentials.rules import CODE_LENGTH, CODE_LETTERS, Reason

_TYPED = re.compile(rf"0*([0-9]{{1,9}})([{CODE_LETTERS}]{{{CODE_LENGTH}}})")
_BETWEEN = re.compile(r"[\s\-–—.]+")
# A Russian or Kazakh keyboard has these letters in the place of the Latin ones, and nobody sees
# it; no code has a letter O or I, so that both can only be digits of the serial.
_LOOKS_LIKE = str.maketrans("АВЕНКМРСТУҮХЅЈԚԜОOІI", "ABEHKMPCTYYXSJQW0011")
_SERIAL_DIGITS = 6  # as printed: digits alone, no more of them than these, lack the code


def read_number(text: str) -> tuple[int, str] | None:
    """Serial and code of what was typed; None where it is not the whole of a number.

    Small letters, Cyrillic letters that look like Latin ones, blanks and other dashes do no harm.
    """
    typed = _BETWEEN.sub("", text[:40]).upper().translate(_LOOKS_LIKE)
    if typed.isdecimal() and len(typed) <= _SERIAL_DIGITS:
        return None
    found = _TYPED.fullmatch(typed)
    return (int(found[1]), found[2]) if found else None


def answer_for_number(election_id: int, text: str, now: datetime) -> RegisterAnswer:
    """How the certificate of this number stands; a wrong code is as unknown as a wrong serial.

    Of what is not the whole of a number nothing can be told.
    """
    number = read_number(text)
    if number is None:
        return RegisterAnswer(Reason.INCOMPLETE_NUMBER)
    serial, code = number
    found = register.register_answer(election_id, serial, now)
    is_right = found.certificate is not None and hmac.compare_digest(found.certificate.code, code)
    return found if is_right else RegisterAnswer(Reason.UNKNOWN_NUMBER)
