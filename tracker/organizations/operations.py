"""What changes the directory of senders."""

from dataclasses import asdict, dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Difference, Refused, Several, Stale
from tracker.kernel.i18n import LANGUAGES, N_, localized
from tracker.kernel.permissions import Capability
from tracker.kernel.text import search_key
from tracker.organizations.models import ACRONYMS, Organization, OrganizationKind
from tracker.organizations.states import state_codes, state_name


@dataclass(frozen=True, kw_only=True)
class OrganizationDetails:
    """What a person decides of an organization; foreign states come from ISO 3166 instead."""

    kind: OrganizationKind
    acronym: str | None
    acronym_ru: str | None = None
    acronym_kk: str | None = None
    name_en: str
    name_ru: str
    name_kk: str
    seat_country: str | None = None


def _search_key(*names: str | None) -> str:
    return search_key(" ".join(name for name in names if name))


def _acronyms(record: Organization | OrganizationDetails) -> dict[str, str]:
    """The acronyms that it has, by column, as they are compared: in small letters."""
    found = {column: getattr(record, column) for column in ACRONYMS.values()}
    return {column: text.casefold() for column, text in found.items() if text}


def _check_free(details: OrganizationDetails, *, but: int | None = None) -> None:
    """Refuse acronyms that another organization has in the same language.

    They are compared here and not by the database: SQLite knows no small letters but Latin ones.
    """
    wanted = _acronyms(details)
    if not wanted:
        return
    query = sa.select(Organization).where(
        sa.or_(*(getattr(Organization, column).is_not(None) for column in wanted)),
        Organization.merged_into_id.is_(None),
        Organization.id != (but or 0),
    )
    others = db.session.scalars(query.order_by(Organization.id)).all()
    taken = [
        Refused(
            N_("%(name)s already has this acronym."), field=column, name=localized(other, "name")
        )
        for column, text in wanted.items()
        for other in others
        if _acronyms(other).get(column) == text
    ]
    if taken:
        raise Several(taken)


def _values(details: OrganizationDetails) -> dict[str, object]:
    if details.kind is OrganizationKind.FOREIGN_STATE:
        raise Refused(N_("Foreign states need not be entered: choose one from the list of states."))
    acronyms = (getattr(details, column) for column in ACRONYMS.values())
    key = _search_key(*acronyms, details.name_en, details.name_ru, details.name_kk)
    return asdict(details) | {"search_key": key}


def create_organization(*, actor: Actor, details: OrganizationDetails) -> Organization:
    """Add an organization to the directory."""
    actor.require(Capability.EDIT_ORGANIZATIONS)
    values = _values(details)
    _check_free(details)
    organization = Organization(**values)
    db.session.add(organization)
    _flush(details)
    return organization


def _flush(details: OrganizationDetails) -> None:
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as error:
        named = (column for column in ACRONYMS.values() if column in str(error.orig))
        field = max(named, key=len, default="acronym")  # its name is the beginning of the others'
        raise Refused(
            N_("%(name)s was added by somebody else at the same moment."),
            field=field,
            name=getattr(details, field) or "",
        ) from error


def update_organization(
    *, actor: Actor, organization: Organization, details: OrganizationDetails, seen_version: int
) -> Organization:
    """Change an organization; raises `Stale` where somebody else changed it meanwhile."""
    actor.require(Capability.EDIT_ORGANIZATIONS)
    if organization.is_state:
        raise Refused(N_("Names of foreign states follow ISO 3166 and are not edited here."))
    values = _values(details)
    if organization.version != seen_version:
        raise Stale(
            N_(
                "This organization was changed meanwhile. What you entered is still below; "
                "check it and save again."
            ),
            differences=[
                Difference(name, getattr(organization, name), value)
                for name, value in asdict(details).items()
                if getattr(organization, name) != value
            ],
        )
    _check_free(details, but=organization.id)
    for name, value in values.items():
        setattr(organization, name, value)
    _flush(details)
    return organization


def ensure_state(*, actor: Actor, country: str) -> Organization:
    """The foreign state with this ISO 3166-1 alpha-2 code, entered on first use."""
    found = db.session.scalar(sa.select(Organization).where(Organization.country == country))
    if found is not None:
        return found
    actor.require(Capability.EDIT_DELEGATIONS)
    if country not in state_codes():
        raise Refused(N_("There is no state %(code)s."), field="organization", code=country)
    names = {code: state_name(country, code) for code in LANGUAGES}
    state = Organization(
        kind=OrganizationKind.FOREIGN_STATE,
        country=country,
        seat_country=country,
        search_key=_search_key(country, *names.values()),
        **{f"name_{code}": name for code, name in names.items()},
    )
    try:
        with db.session.begin_nested():
            db.session.add(state)
            db.session.flush()
    except IntegrityError:  # another transaction entered the same state first
        return db.session.scalars(
            sa.select(Organization).where(Organization.country == country)
        ).one()
    return state


def archive_organization(*, actor: Actor, organization: Organization, archived: bool) -> None:
    """Take an organization out of the lists to choose from, or put it back."""
    actor.require(Capability.EDIT_ORGANIZATIONS)
    organization.is_archived = archived
    db.session.flush()


def mark_merged(*, actor: Actor, organization: Organization, into: Organization) -> None:
    """Make `organization` a duplicate of `into`; its delegations move through the parts above.

    Merging is refused into itself, between a State and an organization, and along a chain.
    """
    actor.require(Capability.EDIT_ORGANIZATIONS)
    if organization.id == into.id:
        raise Refused(N_("An organization cannot be merged into itself."), field="into")
    if organization.is_state or into.is_state:
        raise Refused(N_("Foreign states are not merged."), field="into")
    if organization.merged_into_id or into.merged_into_id:
        raise Refused(N_("One of the two is already merged into another."), field="into")
    organization.merged_into_id = into.id
    organization.is_archived = True
    db.session.flush()
