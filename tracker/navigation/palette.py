"""What the command palette reaches besides records: every page, first steps, elections; each is
found by its name in any of the languages, in either alphabet and on either keyboard layout."""

from functools import lru_cache
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.elections.queries import elections
from tracker.kernel.actor import Actor
from tracker.kernel.i18n import LANGUAGES, N_, force_locale, localized
from tracker.kernel.permissions import Capability
from tracker.kernel.words import EXACT, is_cyrillic, other_layout, rank, words_of
from tracker.navigation.entries import GROUPS, Entry, is_for

_C = Capability
SHOWN = 8  # pages and actions where something is typed


def _step(label: str, endpoint: str, capability: Capability, icon: str = "plus") -> Entry:
    return Entry(label, endpoint, icon, capability, (), True)


def _page(label: str, endpoint: str, capability: Capability, icon: str) -> Entry:
    return Entry(label, endpoint, icon, capability, ())


ACTIONS = (
    _step(N_("Register an observer"), "accreditation.register_observer", _C.EDIT_OBSERVERS),
    _step(N_("New delegation"), "delegations.create", _C.EDIT_DELEGATIONS),
    _step(N_("Take in a list"), "lists.receive", _C.DELIVER_LISTS, "upload"),
    _step(N_("New submission"), "accreditation.create_submission", _C.SUBMIT_OBSERVERS, "send"),
    _step(N_("Schedule a meeting"), "meetings.create", _C.SCHEDULE_MEETINGS),
    _step(N_("New request for a meeting"), "meetings.new_request", _C.REQUEST_MEETINGS),
    _step(N_("Schedule all"), "meetings.plans", _C.SCHEDULE_MEETINGS, "calendar"),
    _step(N_("Enter an assistance request"), "logistics.new_request", _C.ASK_ASSISTANCE),
    _step(N_("New arrival or departure"), "logistics.new_movement", _C.MANAGE_LOGISTICS),
    _step(
        N_("Take in a list of arrivals and departures"),
        "logistics.import_movements",
        _C.MANAGE_LOGISTICS,
        "upload",
    ),
    _page(N_("New official"), "officials.create", _C.EDIT_OFFICIALS, "plus"),
    _page(N_("New institution"), "officials.new_institution", _C.EDIT_OFFICIALS, "plus"),
    _page(N_("New hall"), "officials.new_hall", _C.EDIT_OFFICIALS, "plus"),
    _page(N_("New interpreter"), "officials.new_interpreter", _C.EDIT_OFFICIALS, "plus"),
    _page(N_("New organization"), "organizations.create", _C.EDIT_ORGANIZATIONS, "plus"),
    _page(N_("New election"), "elections.create", _C.EDIT_ELECTIONS, "plus"),
    _page(N_("New user"), "accounts.create_user", _C.ADMINISTER, "plus"),
    _page(N_("New receiver"), "webhooks.create", _C.ADMINISTER, "plus"),
)
# Pages behind tabs and buttons, which the side bar leaves out.
FURTHER = (
    _step(N_("Timetable"), "meetings.schedule", _C.VIEW_HEADQUARTERS, "calendar"),
    _step(N_("Requests for meetings"), "meetings.requests", _C.VIEW_HEADQUARTERS, "calendar"),
    _step(N_("Calendars"), "meetings.calendars", _C.SCHEDULE_MEETINGS, "calendar"),
    _step(N_("My calendar"), "meetings.my_calendar", _C.VIEW_DELEGATIONS, "calendar"),
    _step(N_("Board of requests"), "logistics.request_board", _C.VIEW_DELEGATIONS, "lifebuoy"),
    _step(N_("Ready answers"), "logistics.answers", _C.HANDLE_REQUESTS, "lifebuoy"),
    _step(
        N_("Arrivals and departures"),
        "logistics.movements",
        _C.VIEW_HEADQUARTERS,
        "plane-arrival",
    ),
    _step(
        N_("Checks of certificates"),
        "credentials.checks",
        _C.VIEW_CERTIFICATE_CHECKS,
        "id-badge-2",
    ),
    _step(N_("Likely duplicates"), "accreditation.duplicates", _C.EDIT_OBSERVERS, "users"),
    _page(N_("Institutions"), "officials.institutions", _C.VIEW_DIRECTORIES, "building-bank"),
    _page(N_("Halls"), "officials.halls", _C.VIEW_DIRECTORIES, "map-pin"),
    _page(N_("Interpreters"), "officials.interpreters", _C.VIEW_DIRECTORIES, "users"),
    _page(N_("Travel times"), "officials.travel", _C.VIEW_DIRECTORIES, "map-pin"),
    _page(
        N_("Airports, stations and border crossings"),
        "logistics.points",
        _C.VIEW_DIRECTORIES,
        "plane-arrival",
    ),
    _page(N_("My account"), "accounts.account", _C.SIGNED_IN, "settings"),
    _page(N_("Guide"), "help.index", _C.SIGNED_IN, "help"),
)
PAGES = (*(entry for _label, entries in GROUPS for entry in entries), *FURTHER)


@lru_cache
def _names(label: str) -> tuple[str, ...]:
    """A label in every language, so that "встречи" finds the page that is called Meetings."""
    found = []
    for code in LANGUAGES:
        with force_locale(code):
            found.append(_(label))
    return tuple(found)


def _rank(text: str, names: tuple[str, ...]) -> int | None:
    """How well a name is meant; the same for all where nothing is typed.

    In Cyrillic a name is typed as it stands: "обсе" is not the beginning of "Observers".
    """
    alike = [name for name in names if is_cyrillic(name) or not is_cyrillic(text)]
    if not text:
        return EXACT
    return rank(words_of(text), alike) if words_of(text) else None


def _entries(
    entries: tuple[Entry, ...], text: str, actor: Actor, election: Election | None
) -> list[dict[str, Any]]:
    ranked = []
    for entry in entries:
        order = _rank(text, _names(entry.label))
        if order is None or not is_for(entry, actor) or (entry.in_election and not election):
            continue
        values: dict[str, Any] = (
            {"election": election.slug} if entry.in_election and election else {}
        )
        shown = {"label": _(entry.label), "icon": entry.icon, "detail": ""}
        ranked.append((order, shown | {"url": url_for(entry.endpoint, **values)}))
    ranked.sort(key=lambda pair: pair[0])
    return [shown for _order, shown in ranked[: SHOWN if text else None]]


def _elections(text: str) -> list[dict[str, Any]]:
    """Elections to go to; they are offered to who types, not to who looks."""
    return [
        {
            "label": localized(row, "name"),
            "icon": "home",
            "detail": row.election_on,
            "url": url_for("headquarters.home", election=row.slug),
        }
        for row in (elections() if text else ())
        if _rank(text, (row.name_en, row.name_ru, row.name_kk, row.slug)) is not None
    ]


def _named(text: str, election: Election | None) -> list[tuple[str, list[dict[str, Any]]]]:
    actor: Actor = g.actor
    groups = (
        (_("Pages"), _entries(PAGES, text, actor, election)),
        (_("Actions"), _entries(ACTIONS, text, actor, election)),
        (_("Elections"), _elections(text)),
    )
    return [(label, entries) for label, entries in groups if entries]


def pages_like(text: str, election: Election | None) -> list[tuple[str, list[dict[str, Any]]]]:
    """Pages, actions and elections of that name for whoever asks; all of them without one."""
    found = _named(text, election)
    meant = None if found else other_layout(text)
    return _named(meant, election) if meant else found
