"""What of personal data leaves the register within a request: shown on a page, written to a file.

Nothing is recorded while a page is made. What it discloses is noted here, and `web.requires` has
it recorded before the answer leaves, in the change that the route makes or, for a page that is
only read, in one of its own: who could not be recorded is not shown anything. How it is recorded
is the roof's choice (`DISCLOSURES`): the ground knows no audit record.

A file says who made it and when, and bears a mark, by which a copy that is found somewhere leads
to the entry that says all else.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from flask import current_app, g, has_request_context, request
from flask_babel import gettext as _
from sqlalchemy import inspect

from tracker.kernel import clock
from tracker.kernel.actor import acting_actor
from tracker.kernel.printing import stamped

# Crockford's base 32: no letter that is mistaken for a digit when it is read off a paper.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MARK_LENGTH = 8  # 40 random bits: two exports in a million share one with a chance under 1 in 2
FILTERS_LEFT_OUT = frozenset({"format", "cursor", "csrf_token"})


@dataclass(frozen=True)
class Shown:
    """Personal data of one record that was shown in clear; `what` names the columns."""

    table: str
    record_id: str
    what: tuple[str, ...]


@dataclass
class Origin:
    """Where a file comes from: which list, who made it and when, under which mark."""

    name: str
    who: str
    at: datetime
    mark: str
    wanted: dict[str, Any] = field(default_factory=dict)
    form: str = ""
    rows: int | None = None

    @property
    def line(self) -> str:
        """The same in one line of the reader's language."""
        when = f"{self.at:%Y-%m-%d %H:%M}"
        text = _("Exported by %(who)s, %(when)s UTC, mark %(mark)s")
        return str(text % {"who": self.who, "when": when, "mark": self.mark})


Disclosure = Shown | Origin
_current: ContextVar[Origin | None] = ContextVar("origin", default=None)


def disclose(row: Any, *attributes: str) -> None:
    """Note that these columns of a record are shown; what is empty in it does not count."""
    if row is None or not has_request_context():
        return
    what = tuple(name for name in attributes if getattr(row, name))
    if what:
        _note(row, what)


def _note(row: Any, what: tuple[str, ...]) -> None:
    state: Any = inspect(row)
    identity = "-".join(map(str, state.mapper.primary_key_from_instance(row)))
    _noted().append(Shown(state.mapper.local_table.name, identity, what))


def disclose_list(row: Any, what: str) -> None:
    """Note that a list of many people's data is shown, which belongs to `row`: a sheet of numbers
    is one thing that was read, not as many as there are lines on it."""
    _note(row, (what,))


def in_clear(row: Any, attribute: str) -> Any:
    """The value of a personal column for a page that shows it in clear; templates call this."""
    disclose(row, attribute)
    return getattr(row, attribute)


def new_origin(name: str, form: str) -> Origin:
    """A file of the list `name` is being made, as `form`; its rows may be counted later."""
    mark = "".join(secrets.choice(ALPHABET) for _place in range(MARK_LENGTH))
    half = MARK_LENGTH // 2
    origin = Origin(
        name=name,
        who=acting_actor().name,
        at=clock.now(),
        mark=f"{mark[:half]}-{mark[half:]}",
        form=form,
    )
    if has_request_context():
        origin.wanted = {
            key: values if len(values) > 1 else values[0]
            for key, values in request.args.lists()
            if key not in FILTERS_LEFT_OUT and any(values)
        }
        _noted().append(origin)
    return origin


@contextmanager
def paper(name: str, form: str = "pdf") -> Iterator[None]:
    """Papers that are made inside bear where they come from, on each page."""
    origin = new_origin(name, form)
    token = _current.set(origin)
    try:
        with stamped(origin.line):
            yield
    finally:
        _current.reset(token)


def current_origin() -> Origin | None:
    """Of the paper that is being made; None where none is, or nobody asked for it."""
    return _current.get()


def _noted() -> list[Disclosure]:
    if "disclosures" not in g:
        g.disclosures = []
    noted: list[Disclosure] = g.disclosures
    return noted


class Recorder(Protocol):
    """Who keeps what was disclosed."""

    def unrecorded(self, found: list[Disclosure]) -> list[Disclosure]:
        """What of it has to be recorded; reads only."""

    def record(self, found: list[Disclosure]) -> None:
        """Record it, within the change under way."""


def _recorder() -> Recorder:
    recorder: Recorder = current_app.config["DISCLOSURES"]
    return recorder


def is_any() -> bool:
    """Whether this request discloses anything that has to be recorded; to be asked once."""
    if g.get("disclosures"):
        g.disclosures = _recorder().unrecorded(g.disclosures)
    return bool(g.get("disclosures"))


def record() -> None:
    """Record all that was noted, within the change under way."""
    noted, g.disclosures = _noted(), []
    _recorder().record(noted)
