"""The directory of senders as read by pages and by other parts."""

import re
from collections.abc import Sequence
from functools import lru_cache

import sqlalchemy as sa

from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_, by_name
from tracker.kernel.listing import Page, page_of
from tracker.kernel.words import EXACT, START, is_cyrillic, rank, words_of
from tracker.organizations.models import ACRONYMS, Organization, OrganizationKind
from tracker.organizations.states import find_state


def sender_in(language: str) -> sa.ColumnElement[str]:
    """What a sender is called in lists and schedules, as `labels.sender_name` says it."""
    own = getattr(Organization, ACRONYMS[language])
    name = getattr(Organization, f"name_{language}")
    found: sa.ColumnElement[str] = sa.func.coalesce(own, Organization.acronym, name)
    return found


def organization_for(actor: Actor, organization_id: int) -> Organization:
    """The organization; raises `NotFound`."""
    found = db.session.get(Organization, organization_id)
    if found is None:
        raise NotFound(N_("There is no such organization."))
    return found


@lru_cache(maxsize=2_000)
def _initials(name: str) -> str:
    """What a name is shortened to: "БДИПЧОБСЕ"; abbreviations in it stay whole."""
    words = re.findall(r"\w+", name)
    long = [word for word in words if len(word) > 3 or word.isupper()]
    return "".join(word if word.isupper() else word[0].upper() for word in long)


def _shortens(text: str, initials: str) -> bool:
    """Whether `text` is those initials but for one letter, as people shorten long names."""
    letters = "".join(words_of(text))
    whole = "".join(words_of(initials))
    places = range(len(whole)) if 3 < len(letters) == len(whole) - 1 else ()
    return any(whole[:place] + whole[place + 1 :] == letters for place in places)


@lru_cache(maxsize=100)
def _meant(text: str) -> tuple[str | None, bool]:
    """The State that is called so, and whether it was typed in Cyrillic; the same for all rows."""
    return find_state(text), is_cyrillic(text)


def rank_of(row: Organization, text: str) -> int | None:
    """How well a sender matches: by its acronyms and names in any language and what these are
    shortened to, a State by any of its names; None where it does not."""
    state, is_in_cyrillic = _meant(text)
    if row.country and state == row.country:
        return EXACT
    # What is typed in Cyrillic is no English: "ОБСЕ" is not the beginning of "Observer".
    names = [row.name_ru, row.name_kk, *(() if is_in_cyrillic else (row.name_en,))]
    short = [] if row.country else [_initials(name) for name in names]
    acronyms = (getattr(row, column) for column in ACRONYMS.values())
    found = rank(words_of(text), (*acronyms, *names, *short))
    if found is None and any(_shortens(text, each) for each in short):
        return START
    return found


def organizations_to_find() -> Sequence[Organization]:
    """All organizations and States but those merged into others, by English name."""
    query = sa.select(Organization).where(Organization.merged_into_id.is_(None))
    return db.session.scalars(query.order_by(Organization.name_en, Organization.id)).all()


def directory(
    *, search: str = "", kind: OrganizationKind | None = None, archived: bool = False
) -> sa.Select[Organization, str, int]:
    """The organizations that match, in no order yet; merged ones are left out."""
    query = sa.select(Organization, Organization.name_en, Organization.id).where(
        Organization.merged_into_id.is_(None), Organization.is_archived == archived
    )
    if search:
        found = [row.id for row in organizations_to_find() if rank_of(row, search) is not None]
        query = query.where(Organization.id.in_(found))
    if kind:
        query = query.where(Organization.kind == kind)
    return query


def directory_page(query: sa.Select[Organization, str, int], cursor: str | None) -> Page:
    """One page of the directory by name in the reader's language; there are some hundred."""
    rows = by_name(db.session.scalars(query.order_by(Organization.id)))
    return page_of(rows, cursor=cursor)


def choices() -> Sequence[Organization]:
    """The organizations other than states that a delegation can be made for."""
    query = sa.select(Organization).where(
        Organization.kind != OrganizationKind.FOREIGN_STATE,
        Organization.is_archived.is_(False),
        Organization.merged_into_id.is_(None),
    )
    return by_name(db.session.scalars(query.order_by(Organization.id)))
