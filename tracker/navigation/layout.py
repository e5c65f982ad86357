"""The side bar as the reader sees it, and what else a layout needs to know."""

from collections.abc import Sequence
from typing import Any

from flask import g, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from tracker.elections.models import Election
from tracker.elections.queries import calendar_of, elections
from tracker.elections.rules import Phase, phase_at
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.display import display_settings
from tracker.kernel.fragments import fragment
from tracker.kernel.i18n import LANGUAGE_LABELS, LANGUAGES, N_, language, localized
from tracker.navigation.entries import GROUPS, ON_THE_PHONE, PLACES_ON_THE_PHONE, Entry, is_for
from tracker.navigation.tours import tour_of

PHASES = {
    Phase.PREPARATION: (N_("Preparation"), "mute"),
    Phase.ACCREDITATION_OPEN: (N_("Accreditation open"), "ok"),
    Phase.CLOSED: (N_("Accreditation closed"), "warn"),
    Phase.ELECTION_DAY: (N_("Election day"), "warn"),
    Phase.CLOSED_FOR_GOOD: (N_("Election over"), "mute"),
}


def _fit(entry: Entry) -> int:
    """How closely the entry names the page that is shown; 0 where it does not."""
    endpoint = request.endpoint or ""
    return max((len(name) for name in entry.sections if endpoint.startswith(name)), default=0)


def _item(entry: Entry, election: Election | None, closest: int) -> dict[str, Any]:
    values: dict[str, Any] = {"election": election.slug} if entry.in_election and election else {}
    return {
        "label": _(entry.label),
        "icon": entry.icon,
        "endpoint": entry.endpoint,
        "url": url_for(entry.endpoint, **values),
        "is_current": 0 < closest == _fit(entry),
    }


def _groups(actor: Actor, election: Election | None) -> list[dict[str, Any]]:
    groups = []
    closest = max(_fit(entry) for _label, entries in GROUPS for entry in entries)
    for label, entries in GROUPS:
        items = [
            _item(entry, election, closest)
            for entry in entries
            if is_for(entry, actor) and (election is not None or not entry.in_election)
        ]
        if items:
            groups.append({"label": _(label) if label else "", "items": items})
    return groups


def _navigation(actor: Actor, election: Election | None) -> list[dict[str, Any]]:
    """The groups; the same for all who may do the same, wherever they are in the same section."""
    slug = election.slug if election else None
    depends = (request.script_root, request.endpoint, slug, language(), actor.roles)
    return fragment(("navigation", *depends), lambda: _groups(actor, election))


def _on_the_phone(actor: Actor, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The few entries at the foot of a small screen: those of the role's day."""
    items = [item for group in groups for item in group["items"]]
    wanted = next((ON_THE_PHONE[role] for role in ON_THE_PHONE if role in actor.roles), ())
    chosen = [item for name in wanted for item in items if item["endpoint"] == name]
    return (chosen or items)[:PLACES_ON_THE_PHONE]


def phase_of(election: Election) -> dict[str, str]:
    """The phase chip of the top bar."""
    label, tone = PHASES[phase_at(calendar_of(election), clock.now())]
    return {"label": _(label), "tone": tone, "countdown_label": ""}


def _languages() -> list[dict[str, Any]]:
    return [
        {"code": code, "title": title, "label": LANGUAGE_LABELS[code]}
        | {"is_current": code == language()}
        for code, title in LANGUAGES.items()
    ]


def _current(known: Sequence[Election]) -> Election | None:
    """The election that the person works on: the address's, else the last one, else the latest."""
    slug = (request.view_args or {}).get("election") or session.get("election")
    return next((row for row in known if row.slug == slug), known[0] if known else None)


def time_zone() -> str:
    """The zone of that election, for pages outside of any; UTC before there is one."""
    current = _current(elections())
    return current.time_zone if current else "UTC"


def layout_context() -> dict[str, Any]:
    """What `templates/layouts` need beyond what a route passes (a context processor)."""
    context: dict[str, Any] = {
        "languages": _languages(),
        "display_settings": display_settings(request.cookies),
    }
    actor: Actor | None = g.get("actor")
    if actor is None or actor.user_id is None or g.get("is_plain"):
        return context | {"current_actor": None, "navigation": [], "elections": []}
    known = elections()
    current = _current(known)
    if current is not None and session.get("election") != current.slug:
        session["election"] = current.slug
    groups = _navigation(actor, current)
    return context | {
        "current_actor": actor,
        "elections": [
            {"slug": row.slug, "name": localized(row, "name"), "election_on": row.election_on}
            for row in known
        ],
        "current_election": current,
        "phase": phase_of(current) if current else None,
        "navigation": groups,
        "tabs_below": _on_the_phone(actor, groups),
        "tour": tour_of(actor, current, is_new=current_user.toured_at is None),
    }
