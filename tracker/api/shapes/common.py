"""What all shapes share: closed models, texts made clean, days, moments, codes, pages."""

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, Generic, TypeVar

from flask import request, url_for
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from tracker.kernel.listing import PAGE_SIZE, Page, is_cursor
from tracker.kernel.text import normalize, normalize_lines
from tracker.observers.issuers import is_issuer
from tracker.organizations.states import special_holders, state_codes

LARGEST_ID = 2_147_483_647  # of a column of PostgreSQL
MOST_ROWS = 200  # a page
EARLIEST, LATEST = 1900, 2199  # years
DIGITS = re.compile("[0-9]{1,10}")
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
# RFC 3339, 5.6
MOMENT = re.compile(
    r"[0-9-]{10}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
Item = TypeVar("Item")


class Shape(BaseModel):
    """A closed model: a field that it does not name is refused, or is a fault of ours."""

    model_config = ConfigDict(extra="forbid")


def _fault(kind: str, **context: Any) -> PydanticCustomError:
    """What will not do, by a name of `problems.MESSAGES`."""
    return PydanticCustomError(kind, "will not do", context)


def _day(value: Any) -> Any:
    """Only as ISO 8601 writes it: the library would take numbers for seconds since 1970."""
    try:
        found = date.fromisoformat(value) if DAY.fullmatch(value) else None
    except (TypeError, ValueError):
        found = None
    if found is None or not EARLIEST <= found.year <= LATEST:
        raise _fault("day")
    return found


def _moment(value: Any) -> Any:
    try:
        found = datetime.fromisoformat(value) if MOMENT.fullmatch(value) else None
    except (TypeError, ValueError):
        found = None
    if found is None or not EARLIEST < found.year < LATEST:
        raise _fault("moment")
    return found


def _number(value: Any) -> Any:
    """A number in an address, in digits alone; a default is one already."""
    if isinstance(value, str) and not DIGITS.fullmatch(value):
        raise _fault("int_parsing")
    return value


def _flag(value: Any) -> Any:
    if value not in ("true", "false", True, False):
        raise _fault("bool_parsing")
    return value in ("true", True)


def _cursor(value: str) -> str:
    if not is_cursor(value):
        raise _fault("cursor")
    return value


def base_64(value: str) -> str:
    """The value, where it is a file in base 64 (RFC 4648, 4)."""
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _fault("base_64") from error
    return value


@lru_cache
def _citizenships() -> frozenset[str]:
    return frozenset({*state_codes(), *special_holders()})


def _code(is_one: Callable[[str], bool]) -> AfterValidator:
    def check(value: str) -> str:
        if not is_one(value):
            raise _fault("country")
        return value

    return AfterValidator(check)


def _clean(make_clean: Callable[[str], str], longest: int, least: int) -> Any:
    """A text, made clean as forms make theirs; its length is that of what is stored, too."""

    def check(value: str) -> str:
        found = make_clean(value)
        if len(found) < least:
            raise _fault("string_too_short")
        if len(found) > longest:
            raise _fault("string_too_long", max_length=longest)
        return found

    limits = StringConstraints(max_length=longest, min_length=least or None)
    return Annotated[str, limits, AfterValidator(check)]


def line(longest: int, *, least: int = 0) -> Any:
    """A text of one line."""
    return _clean(normalize, longest, least)


def lines(longest: int, *, least: int = 0) -> Any:
    """A text of several lines."""
    return _clean(normalize_lines, longest, least)


Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
Id = Annotated[StrictInt, Field(ge=1, le=LARGEST_ID)]
AskedNumber = Annotated[int, BeforeValidator(_number)]  # in an address, where all is text
AskedId = Annotated[AskedNumber, Field(ge=1, le=LARGEST_ID)]
AskedFlag = Annotated[bool, BeforeValidator(_flag)]
Cursor = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(_cursor)]
Citizenship = Annotated[
    str,
    StringConstraints(pattern="^[A-Z]{2,3}$"),
    _code(lambda code: code in _citizenships()),
    Field(description="ISO 3166-1 alpha-2; UNO, XXA and the like as in ICAO Doc 9303-3"),
]
Issuer = Annotated[
    str,
    StringConstraints(pattern="^[A-Z]{1,3}$"),
    _code(is_issuer),
    Field(description="As in the document (ICAO Doc 9303-3, section 5)"),
]
Picture = Annotated[
    str,
    StringConstraints(max_length=16_000_000),
    AfterValidator(base_64),
    Field(description="JPEG, PNG or WebP in base 64"),
]


class Names(Shape):
    """What something is called in the three languages."""

    en: str
    ru: str
    kk: str


def names(record: Any, attribute: str = "name") -> Names:
    """The names of a record (`name_en`, `name_ru`, `name_kk`)."""
    return Names(**{code: getattr(record, f"{attribute}_{code}") for code in ("en", "ru", "kk")})


class Empty(Shape):
    """A step that takes nothing but its address."""


class PageQuery(Shape):
    """Which page of a list."""

    cursor: Cursor | None = None


class SizedQuery(PageQuery):
    """Which page of a long list, and how many rows it has."""

    size: Annotated[AskedNumber, Field(ge=1, le=MOST_ROWS)] = PAGE_SIZE


class Listed(Shape, Generic[Item]):
    """One page of a list, and the address of the next; null where there is none."""

    items: list[Item]
    next: str | None


def listed(shape: type[Any], page: Page, items: Iterable[Any]) -> Any:
    """The page as `shape`, with the address of the next one."""
    following = None
    if page.next_cursor:
        asked: dict[str, Any] = request.args.to_dict() | {"cursor": page.next_cursor}
        following = url_for(request.endpoint or "", **(request.view_args or {}), **asked)
    return shape(items=list(items), next=following)
