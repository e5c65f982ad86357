"""What changes delegations; standing, head and contacts are added to, never overwritten."""

from dataclasses import asdict, dataclass, replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tracker.accounts.rules import is_email
from tracker.delegations.labels import STATUSES
from tracker.delegations.models import (
    Delegation,
    DelegationContact,
    DelegationFormat,
    DelegationHead,
    DelegationStatus,
    DelegationStep,
)
from tracker.delegations.queries import delegation_of
from tracker.delegations.rules import NEEDS_NOTE_VERBALE, USUAL_FORMATS, may_become
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Difference, Refused, Several, Stale, Words
from tracker.kernel.i18n import N_, localized
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage
from tracker.kernel.uploads import SCANS, received
from tracker.organizations.models import Organization
from tracker.organizations.operations import mark_merged

LARGEST_SCAN = 10 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class DelegationDetails:
    """What is typed of a delegation; without a format it gets the usual one of its sender's kind,
    where there is one."""

    format: DelegationFormat | None = None
    invited_on: date | None = None
    invited_to: str | None = None
    note_verbale_number: str | None = None
    note_verbale_on: date | None = None
    liaison_officer: str | None = None
    liaison_phone: str | None = None
    planned_core: int = 0
    planned_long_term: int = 0
    planned_short_term: int = 0
    arrival_on: date | None = None
    departure_on: date | None = None
    remarks: str | None = None


def _faults(details: DelegationDetails, today: date) -> list[Refused]:
    """Everything that is wrong with what was typed."""
    found = []
    if details.format is None:
        found.append(Refused(N_("Choose the format of the mission."), field="format"))
    if details.invited_on and details.invited_on > today:
        message = N_("The invitation cannot be dated in the future.")
        found.append(Refused(message, field="invited_on"))
    arrival, departure = details.arrival_on, details.departure_on
    if arrival and departure and departure < arrival:
        message = N_("The departure cannot be before the arrival.")
        found.append(Refused(message, field="departure_on"))
    if bool(details.note_verbale_number) != bool(details.note_verbale_on):
        field = "note_verbale_on" if details.note_verbale_number else "note_verbale_number"
        message = N_("A note verbale has a number and a date: give both.")
        found.append(Refused(message, field=field))
    return found


def _sender_faults(election: Election, organization: Organization) -> list[Refused]:
    if organization.is_archived or organization.merged_into_id:
        return [Refused(N_("This organization is archived."), field="organization")]
    if organization.country == election.host_country:
        message = N_("The host state does not observe its own election.")
        return [Refused(message, field="organization")]
    return []


def create_delegation(
    *, actor: Actor, election: Election, organization: Organization, details: DelegationDetails
) -> Delegation:
    """Enter the delegation that an organization was invited to send; one an election."""
    actor.require(Capability.EDIT_DELEGATIONS)
    today = clock.today(election.time_zone)
    details = replace(details, format=details.format or USUAL_FORMATS.get(organization.kind))
    if faults := _sender_faults(election, organization) + _faults(details, today):
        raise Several(faults)
    delegation = Delegation(
        election_id=election.id,
        organization=organization,
        status=DelegationStatus.INVITED,
        **asdict(details),
    )
    try:
        with db.session.begin_nested():
            db.session.add(delegation)
            db.session.flush()
    except IntegrityError as error:
        existing = delegation_of(election.id, organization.id)
        if existing is None:
            raise
        raise Refused(
            N_("%(name)s already has a delegation to this election."),
            field="organization",
            name=localized(organization, "name"),
            delegation_id=existing.id,
        ) from error
    _step(delegation, None, DelegationStatus.INVITED, details.invited_on or today, None, actor)
    return delegation


def _step(
    delegation: Delegation,
    old: DelegationStatus | None,
    new: DelegationStatus,
    on: date,
    remark: str | None,
    actor: Actor,
) -> None:
    db.session.add(
        DelegationStep(
            delegation_id=delegation.id,
            from_status=old,
            to_status=new,
            effective_on=on,
            actor_name=actor.name,
            remark=remark,
        )
    )
    delegation.status = new
    db.session.flush()


def update_delegation(
    *, actor: Actor, delegation: Delegation, details: DelegationDetails, seen_version: int
) -> Delegation:
    """Change a delegation; raises `Stale` where somebody else changed it meanwhile."""
    actor.require(Capability.EDIT_DELEGATIONS)
    election = db.session.get_one(Election, delegation.election_id)
    if faults := _faults(details, clock.today(election.time_zone)):
        raise Several(faults)
    values = asdict(details)
    if delegation.version != seen_version:
        raise Stale(
            N_(
                "This delegation was changed meanwhile. What you entered is still below; "
                "check it and save again."
            ),
            differences=[
                Difference(name, getattr(delegation, name), value)
                for name, value in values.items()
                if getattr(delegation, name) != value
            ],
        )
    if delegation.status in NEEDS_NOTE_VERBALE and not details.note_verbale_number:
        raise Refused(
            N_("An announced delegation keeps its note verbale."), field="note_verbale_number"
        )
    for name, value in values.items():
        setattr(delegation, name, value)
    db.session.flush()
    return delegation


def _check_step_date(delegation: Delegation, to_status: DelegationStatus, on: date) -> None:
    election = db.session.get_one(Election, delegation.election_id)
    if on > clock.today(election.time_zone):
        raise Refused(
            N_("A step is entered once it has been taken: the date cannot be in the future."),
            field="effective_on",
        )
    last = db.session.scalar(
        sa.select(sa.func.max(DelegationStep.effective_on)).where(
            DelegationStep.delegation_id == delegation.id
        )
    )
    if last and on < last:
        raise Refused(
            N_("The step before was on %(day)s: this one cannot be earlier."),
            field="effective_on",
            day=last,
        )
    note_on = delegation.note_verbale_on
    if to_status is DelegationStatus.ANNOUNCED and note_on and on < note_on:
        raise Refused(
            N_("The note verbale is dated %(day)s: the delegation was not announced before it."),
            field="effective_on",
            day=note_on,
        )


def advance_delegation(
    *,
    actor: Actor,
    delegation: Delegation,
    to_status: DelegationStatus,
    effective_on: date,
    remark: str | None = None,
) -> Delegation:
    """Take a delegation one step on in its life."""
    actor.require(Capability.EDIT_DELEGATIONS)
    if not may_become(delegation.status, to_status):
        raise Refused(
            N_("A delegation that is “%(old)s” cannot become “%(new)s”."),
            field="to_status",
            old=Words((STATUSES[delegation.status],)),
            new=Words((STATUSES[to_status],)),
        )
    if to_status in NEEDS_NOTE_VERBALE and not delegation.note_verbale_number:
        raise Refused(N_("Enter the number and date of its note verbale first."), field="to_status")
    _check_step_date(delegation, to_status, effective_on)
    _step(delegation, delegation.status, to_status, effective_on, remark, actor)
    return delegation


def appoint_head(
    *, actor: Actor, delegation: Delegation, name: str, title: str | None, effective_on: date
) -> DelegationHead:
    """Say who heads the delegation from a day on; earlier heads stay on record."""
    actor.require(Capability.EDIT_DELEGATIONS)
    head = DelegationHead(
        delegation_id=delegation.id, name=name, title=title, effective_on=effective_on
    )
    db.session.add(head)
    db.session.flush()
    return head


def add_contact(
    *, actor: Actor, delegation: Delegation, effective_on: date, **values: str | None
) -> DelegationContact:
    """Add a contact (name, duty, email, phone) from a day on."""
    actor.require(Capability.EDIT_DELEGATIONS)
    email = values.get("email")
    if email and not is_email(email):
        raise Refused(N_("This is not an e-mail address."), field="email")
    contact = DelegationContact(delegation_id=delegation.id, effective_on=effective_on, **values)
    db.session.add(contact)
    db.session.flush()
    return contact


def end_contact(*, actor: Actor, contact: DelegationContact, ended_on: date) -> None:
    """Say on which day a contact stopped being one."""
    actor.require(Capability.EDIT_DELEGATIONS)
    if contact.ended_on:
        raise Refused(
            N_("This contact ended on %(day)s already."), field="ended_on", day=contact.ended_on
        )
    if ended_on < contact.effective_on:
        raise Refused(N_("A contact cannot end before it began."), field="ended_on")
    contact.ended_on = ended_on
    db.session.flush()


def resume_contact(*, actor: Actor, contact: DelegationContact, today: date) -> None:
    """Take back on the same day that a contact ended; an end that is past is history."""
    actor.require(Capability.EDIT_DELEGATIONS)
    if contact.ended_on and contact.ended_on < today:
        raise Refused(N_("This contact ended on %(day)s already."), day=contact.ended_on)
    contact.ended_on = None
    db.session.flush()


def attach_note_verbale(
    *, actor: Actor, delegation: Delegation, content: bytes, filename: str
) -> None:
    """Keep the scan of the note verbale: PDF, JPEG or PNG by content, at most 10 MB."""
    actor.require(Capability.EDIT_DELEGATIONS)
    upload = received(
        content,
        filename,
        largest=LARGEST_SCAN,
        field="scan",
        kinds=SCANS,
        unnamed="note-verbale",
    )
    delegation.note_verbale_scan = storage.put(upload.content)
    delegation.note_verbale_scan_name = upload.name
    db.session.flush()


def merge_organizations(
    *, actor: Actor, duplicate: Organization, into: Organization
) -> Organization:
    """Make one organization of two; the duplicate's delegations go to the one that is kept, which
    is returned.

    Refused where both have a delegation to the same election: which of them counts is for a
    person to say.
    """
    mark_merged(actor=actor, organization=duplicate, into=into)
    rows = db.session.scalars(
        sa.select(Delegation).where(Delegation.organization_id == duplicate.id)
    ).all()
    try:
        with db.session.begin_nested():
            for row in rows:
                row.organization_id = into.id
            db.session.flush()
    except IntegrityError as error:
        raise Refused(
            N_("Both have a delegation to the same election: remove one of them first."),
            field="into",
        ) from error
    return into
