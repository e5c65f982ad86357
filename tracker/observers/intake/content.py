"""What a column holds, judged by its cells alone."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from statistics import median

from tracker.observers.intake.dates import any_date
from tracker.observers.intake.words import find_country, find_function, find_sex

_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_NUMBER = re.compile(r"^(?=.*\d{4})[A-ZА-Я]{0,4}[ -]?[A-Z0-9]{5,10}$", re.IGNORECASE)
_PHONE = re.compile(r"^\+?[\d\s()./-]{7,22}$")
_CYRILLIC = re.compile("[а-яёА-ЯЁәғқңөұүһіӘҒҚҢӨҰҮҺІ]")
MOSTLY = 0.8


def is_cyrillic(samples: Sequence[str]) -> bool:
    """Whether most cells are written in Cyrillic."""
    return sum(bool(_CYRILLIC.search(text)) for text in samples) * 2 > len(samples)


def _is_mrz(text: str) -> bool:
    return text.count("<") >= 5 and len(re.sub(r"\s", "", text)) >= 30


def _share(samples: Sequence[str], test: Callable[[str], object]) -> float:
    return sum(bool(test(text)) for text in samples) / len(samples)


_TESTS: dict[str, Callable[[str], object]] = {
    "mrz": _is_mrz,
    "email": _EMAIL.match,
    "sex": find_sex,
    "citizenship": find_country,
    "function": find_function,
    "document_number": _NUMBER.match,
}


def content_field(
    samples: Sequence[str], taken: set[str], *, only: set[str] | None = None
) -> str | None:
    """The field that most cells look like, among those not taken; None where nothing fits."""
    if not samples:
        return None
    for name, test in _TESTS.items():
        if name in taken or (only and name not in only):
            continue
        if _share(samples, test) >= (0.6 if name == "function" else MOSTLY):
            return name
    if only:
        return None
    # After the dates, whose digits and points look like a telephone number.
    is_phone = "phone" not in taken and _share(samples, _PHONE.match) >= MOSTLY
    return _date_field(samples, taken) or ("phone" if is_phone else None)


def _date_field(samples: Sequence[str], taken: set[str]) -> str | None:
    """Dates long past are births, dates around now and later are ends of validity."""
    days = [found for text in samples if (found := any_date(text))]
    if len(days) < len(samples) * MOSTLY:
        return None
    is_birth = median(day.year for day in days) < date.today().year - 16
    name = "birth_date" if is_birth else "document_expiry"
    return None if name in taken else name
