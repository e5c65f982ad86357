"""Search everything: one table says which kinds there are and who may find them.

A kind is looked for only where the person holds the capability of its page, so that a search
shows nothing that a click would refuse.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import defer, joinedload

from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.headquarters.search.asked import Asked, Hits, Row
from tracker.headquarters.search.few import (
    delegations,
    halls,
    institutions,
    interpreters,
    officials,
    organizations,
)
from tracker.headquarters.search.many import (
    assistance_requests,
    lists,
    meeting_requests,
    meetings,
    movements,
    observers,
    resolutions,
    submissions,
)
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.kernel.words import other_layout, words_of
from tracker.officials.models import Institution, Official

_NUMBER = re.compile(r"(?:№|#|n[o°]?|nr)?[.\s]*(\d{1,9})", re.IGNORECASE)


@dataclass(frozen=True)
class Kind:
    """One kind of record; `listed` is its own list where that has a field for words."""

    name: str
    label: str
    icon: str
    capability: Capability
    find: Callable[[Asked], Hits]
    listed: str | None = None


_C = Capability
KINDS = (
    Kind(
        "delegations",
        N_("Delegations"),
        "users-group",
        _C.VIEW_DELEGATIONS,
        delegations,
        "headquarters.delegations",
    ),
    Kind(
        "observers",
        N_("Observers"),
        "users",
        _C.VIEW_DELEGATIONS,
        observers,
        "headquarters.observers",
    ),
    Kind("officials", N_("Officials"), "building-bank", _C.VIEW_DIRECTORIES, officials),
    Kind("meetings", N_("Meetings"), "calendar", _C.VIEW_HEADQUARTERS, meetings),
    Kind(
        "meeting_requests",
        N_("Requests for meetings"),
        "calendar",
        _C.VIEW_DELEGATIONS,
        meeting_requests,
    ),
    Kind(
        "assistance_requests",
        N_("Assistance requests"),
        "lifebuoy",
        _C.VIEW_DELEGATIONS,
        assistance_requests,
    ),
    Kind(
        "movements", N_("Arrivals and departures"), "plane-arrival", _C.VIEW_DELEGATIONS, movements
    ),
    Kind("submissions", N_("Submissions"), "rubber-stamp", _C.VIEW_HEADQUARTERS, submissions),
    Kind("resolutions", N_("Resolutions"), "rubber-stamp", _C.VIEW_HEADQUARTERS, resolutions),
    Kind("lists", N_("Lists"), "upload", _C.DELIVER_LISTS, lists),
    Kind(
        "organizations",
        N_("Organizations"),
        "world",
        _C.VIEW_DIRECTORIES,
        organizations,
        "organizations.index",
    ),
    Kind("institutions", N_("Institutions"), "building-bank", _C.VIEW_DIRECTORIES, institutions),
    Kind("halls", N_("Halls"), "map-pin", _C.VIEW_DIRECTORIES, halls),
    Kind("interpreters", N_("Interpreters"), "users", _C.VIEW_DIRECTORIES, interpreters),
)


@dataclass(frozen=True)
class Found:
    """What was found, by kind; `text` is what was really looked for, on the other keyboard
    layout where nothing was found as it was typed."""

    text: str
    groups: Sequence[tuple[Kind, Hits]]
    words: tuple[str, ...] = ()


def find(
    actor: Actor,
    election: Election,
    elections: Sequence[Election],
    text: str,
    *,
    limit: int,
    only: str = "",
) -> Found:
    """Whatever matches within the actor's scope, the kinds with an exact match first."""
    found = _find(actor, election, elections, text, limit, only)
    if not found.groups and (meant := other_layout(text)):
        other = _find(actor, election, elections, meant, limit, only)
        return other if other.groups else found
    return found


def _find(
    actor: Actor,
    election: Election,
    elections: Sequence[Election],
    text: str,
    limit: int,
    only: str,
) -> Found:
    words = words_of(text)[:6]
    number = _NUMBER.fullmatch(text.strip())
    if not number and len("".join(words)) < 2:
        return Found(text, ())
    asked = Asked(
        actor=actor,
        election=election,
        elections={row.id: row for row in elections},
        text=text,
        words=words,
        number=int(number[1]) if number else None,
        limit=limit,
        now=clock.now(),
        senders=_senders(actor),
        officials=db.session.scalars(
            sa.select(Official)
            .order_by(Official.is_active.desc(), Official.precedence, Official.id)
            .options(defer(Official.assistant_contact), defer(Official.assistant_email))
        ).all(),
        institutions=db.session.scalars(
            sa.select(Institution).order_by(Institution.name_en, Institution.id)
        ).all(),
    )
    wanted = [kind for kind in KINDS if actor.may(kind.capability) and only in {"", kind.name}]
    groups = [(kind, hits) for kind in wanted if (hits := kind.find(asked)).rows]
    groups.sort(key=lambda pair: min(row.rank for row in pair[1].rows))
    return Found(text, groups, words)


def _senders(actor: Actor) -> dict[int, Delegation]:
    """The delegations of all elections within the actor's scope."""
    query = sa.select(Delegation).options(
        joinedload(Delegation.organization, innerjoin=True),
        defer(Delegation.liaison_phone),  # nothing is decrypted that is not shown
    )
    if actor.delegation_ids is not None:
        query = query.where(Delegation.id.in_(actor.delegation_ids))
    return {row.id: row for row in db.session.scalars(query.order_by(Delegation.id))}


__all__ = ["KINDS", "Found", "Hits", "Kind", "Row", "find"]
