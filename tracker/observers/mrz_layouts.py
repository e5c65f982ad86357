"""Where each field of a machine-readable zone stands (ICAO Doc 9303, parts 4, 5 and 6)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Slice:
    """Where a field stands: line (from 0), first and last column (from 0, end excluded)."""

    line: int
    start: int
    end: int


@dataclass(frozen=True)
class Layout:
    """One document format: its fields, and the fields that each check digit covers."""

    name: str
    lines: int
    width: int
    fields: dict[str, Slice]
    checks: dict[str, tuple[Slice, tuple[Slice, ...]]]


def _td1() -> Layout:
    number, number_check = Slice(0, 5, 14), Slice(0, 14, 15)
    birth, birth_check = Slice(1, 0, 6), Slice(1, 6, 7)
    expiry, expiry_check = Slice(1, 8, 14), Slice(1, 14, 15)
    covered = (Slice(0, 5, 30), Slice(1, 0, 7), Slice(1, 8, 15), Slice(1, 18, 29))
    return Layout(
        "TD1",
        3,
        30,
        {
            "document_code": Slice(0, 0, 2),
            "issuing_state": Slice(0, 2, 5),
            "document_number": number,
            "optional": Slice(0, 15, 30),
            "birth_date": birth,
            "sex": Slice(1, 7, 8),
            "expiry_date": expiry,
            "nationality": Slice(1, 15, 18),
            "names": Slice(2, 0, 30),
        },
        {
            "document_number": (number_check, (number,)),
            "birth_date": (birth_check, (birth,)),
            "expiry_date": (expiry_check, (expiry,)),
            "composite": (Slice(1, 29, 30), covered),
        },
    )


def _td2_td3(name: str, width: int) -> Layout:
    number, number_check = Slice(1, 0, 9), Slice(1, 9, 10)
    birth, birth_check = Slice(1, 13, 19), Slice(1, 19, 20)
    expiry, expiry_check = Slice(1, 21, 27), Slice(1, 27, 28)
    is_passport = name == "TD3"
    optional = Slice(1, 28, 42 if is_passport else 35)
    checks: dict[str, tuple[Slice, tuple[Slice, ...]]] = {
        "document_number": (number_check, (number,)),
        "birth_date": (birth_check, (birth,)),
        "expiry_date": (expiry_check, (expiry,)),
    }
    if is_passport:
        checks["personal_number"] = (Slice(1, 42, 43), (optional,))
    covered = (Slice(1, 0, 10), Slice(1, 13, 20), Slice(1, 21, width - 1))
    checks["composite"] = (Slice(1, width - 1, width), covered)
    return Layout(
        name,
        2,
        width,
        {
            "document_code": Slice(0, 0, 2),
            "issuing_state": Slice(0, 2, 5),
            "names": Slice(0, 5, width),
            "document_number": number,
            "nationality": Slice(1, 10, 13),
            "birth_date": birth,
            "sex": Slice(1, 20, 21),
            "expiry_date": expiry,
            "optional": optional,
        },
        checks,
    )


LAYOUTS = (_td1(), _td2_td3("TD2", 36), _td2_td3("TD3", 44))
