"""What changes elections."""

import re
from dataclasses import asdict, dataclass
from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tracker.elections import rules
from tracker.elections.models import Election, ElectionKind
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Difference, Refused, Stale
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True)
class ElectionDetails:
    """What a person decides of an election; moments left out take the legal default."""

    slug: str
    kind: ElectionKind
    name_en: str
    name_ru: str
    name_kk: str
    host_country: str
    time_zone: str
    election_on: date
    polls_open_at: time = time(7)
    polls_close_at: time = time(20)
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    ends_at: datetime | None = None
    first_round_id: int | None = None
    annex_columns: str = ""
    signatory_name: str | None = None
    signatory_position_en: str | None = None
    signatory_position_ru: str | None = None
    signatory_position_kk: str | None = None
    digest_at: time | None = None
    logs_certificate_checks: bool = False
    publishes_observers: bool = False


def _checked(details: ElectionDetails) -> dict[str, object]:
    """The values to store, defaults filled in; raises `Refused` beside the field that is wrong."""
    if not SLUG.fullmatch(details.slug):
        raise Refused(
            N_("Use small Latin letters, digits and hyphens, for example kz-2022."), field="slug"
        )
    if not clock.is_zone(details.time_zone):
        raise Refused(
            N_("%(zone)s is not a known time zone."), field="time_zone", zone=details.time_zone
        )
    on, zone = details.election_on, details.time_zone
    values = asdict(details) | {
        "opens_at": details.opens_at or rules.default_open(on, zone),
        "closes_at": details.closes_at or rules.legal_close(on, zone),
        "ends_at": details.ends_at or rules.default_end(on, zone),
    }
    if values["opens_at"] >= values["closes_at"]:
        raise Refused(N_("Accreditation must open before it closes."), field="opens_at")
    if values["closes_at"] >= clock.local_moment(on, details.polls_open_at, zone):
        raise Refused(N_("Accreditation must close before polling begins."), field="closes_at")
    if values["ends_at"] <= clock.local_moment(on, details.polls_close_at, zone):
        raise Refused(N_("Accreditations cannot expire before polling ends."), field="ends_at")
    return values


def _flush(slug: str) -> None:
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as error:
        raise Refused(
            N_("There is already an election %(slug)s."), field="slug", slug=slug
        ) from error


def create_election(*, actor: Actor, details: ElectionDetails) -> Election:
    """Create an election."""
    actor.require(Capability.EDIT_ELECTIONS)
    values = _checked(details)
    if db.session.scalar(sa.select(Election.id).where(Election.slug == details.slug)):
        raise Refused(N_("There is already an election %(slug)s."), field="slug", slug=details.slug)
    election = Election(**values)
    db.session.add(election)
    _flush(details.slug)
    return election


def update_election(
    *, actor: Actor, election: Election, details: ElectionDetails, seen_version: int
) -> Election:
    """Change an election; raises `Stale` where somebody else changed it meanwhile."""
    actor.require(Capability.EDIT_ELECTIONS)
    values = _checked(details)
    if election.version != seen_version:
        raise Stale(
            N_(
                "This election was changed meanwhile. What you entered is still below; "
                "check it and save again."
            ),
            differences=[
                Difference(name, getattr(election, name), value)
                for name, value in values.items()
                if getattr(election, name) != value
            ],
        )
    if details.first_round_id == election.id:
        raise Refused(N_("An election is not its own first round."), field="first_round_id")
    for name, value in values.items():
        setattr(election, name, value)
    _flush(details.slug)
    return election
