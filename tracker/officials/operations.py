"""What changes institutions and officials."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Difference, Refused, Stale
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.officials.models import Hall, Institution, Official, OfficialHours
from tracker.officials.rules import DAYS, parse_hours


@dataclass(frozen=True, kw_only=True)
class InstitutionDetails:
    """What a person decides of an institution."""

    name_en: str
    name_ru: str
    name_kk: str
    address: str | None = None


@dataclass(frozen=True, kw_only=True)
class OfficialDetails:
    """What a person decides of an official."""

    institution_id: int
    name_en: str
    name_ru: str
    name_kk: str
    position_en: str
    position_ru: str
    position_kk: str
    precedence: int = 100
    assistant_contact: str | None = None
    is_active: bool = True
    hours: tuple[str, ...] = ("",) * 7  # as typed, Monday first


@dataclass(frozen=True, kw_only=True)
class HallDetails:
    """What a person decides of a hall."""

    institution_id: int
    name_en: str
    name_ru: str
    name_kk: str
    capacity: int
    is_active: bool = True


def _check_fresh(
    row: Institution | Official | Hall, values: dict[str, Any], seen_version: int
) -> None:
    if row.version != seen_version:
        raise Stale(
            N_(
                "This record was changed meanwhile. Your changes are kept below; "
                "check them and save again."
            ),
            differences=[
                Difference(name, getattr(row, name), value)
                for name, value in values.items()
                if getattr(row, name) != value
            ],
        )


def _flush(field: str, message: str, **params: Any) -> None:
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as error:
        raise Refused(message, field=field, **params) from error


TAKEN = N_("There is already an institution %(name)s.")
NO_INSTITUTION = N_("Choose an institution from the list.")


def create_institution(*, actor: Actor, details: InstitutionDetails) -> Institution:
    """Add an institution."""
    actor.require(Capability.EDIT_OFFICIALS)
    institution = Institution(**asdict(details))
    db.session.add(institution)
    _flush("name_en", TAKEN, name=details.name_en)
    return institution


def update_institution(
    *, actor: Actor, institution: Institution, details: InstitutionDetails, seen_version: int
) -> Institution:
    """Change an institution; raises `Stale` where somebody else changed it meanwhile."""
    actor.require(Capability.EDIT_OFFICIALS)
    values = asdict(details)
    _check_fresh(institution, values, seen_version)
    for name, value in values.items():
        setattr(institution, name, value)
    _flush("name_en", TAKEN, name=details.name_en)
    return institution


def _hours(typed: tuple[str, ...]) -> list[OfficialHours]:
    return [
        OfficialHours(weekday=weekday, starts=starts, ends=ends)
        for weekday, (name, text) in enumerate(zip(DAYS, typed, strict=True))
        for starts, ends in parse_hours(text, field=name)
    ]


def create_official(*, actor: Actor, details: OfficialDetails) -> Official:
    """Add an official."""
    actor.require(Capability.EDIT_OFFICIALS)
    values = asdict(details)
    official = Official(hours=_hours(values.pop("hours")), **values)
    db.session.add(official)
    _flush("institution_id", NO_INSTITUTION)
    return official


def update_official(
    *, actor: Actor, official: Official, details: OfficialDetails, seen_version: int
) -> Official:
    """Change an official; raises `Stale` where somebody else changed it meanwhile."""
    actor.require(Capability.EDIT_OFFICIALS)
    values = asdict(details)
    hours = _hours(values.pop("hours"))
    _check_fresh(official, values, seen_version)
    for name, value in values.items():
        setattr(official, name, value)
    official.hours = hours
    flag_modified(official, "precedence")  # the hours are rows of their own: the version moves too
    _flush("institution_id", NO_INSTITUTION)
    return official


def create_hall(*, actor: Actor, details: HallDetails) -> Hall:
    """Add a hall."""
    actor.require(Capability.EDIT_OFFICIALS)
    hall = Hall(**asdict(details))
    db.session.add(hall)
    _flush("institution_id", NO_INSTITUTION)
    return hall


def update_hall(*, actor: Actor, hall: Hall, details: HallDetails, seen_version: int) -> Hall:
    """Change a hall; raises `Stale` where somebody else changed it meanwhile."""
    actor.require(Capability.EDIT_OFFICIALS)
    values = asdict(details)
    _check_fresh(hall, values, seen_version)
    for name, value in values.items():
        setattr(hall, name, value)
    _flush("institution_id", NO_INSTITUTION)
    return hall
