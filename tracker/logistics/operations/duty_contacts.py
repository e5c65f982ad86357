"""What changes the entries that headquarters itself keeps on its contacts sheet."""

from dataclasses import asdict, dataclass

from tracker.elections.models import Election
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Difference, Stale
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.logistics.models.duty import DutyContact


@dataclass(frozen=True, kw_only=True)
class ContactDetails:
    """Whom to call, and for what."""

    name_en: str
    name_ru: str | None = None
    name_kk: str | None = None
    duty: str | None = None
    phone: str
    email: str | None = None
    note: str | None = None
    position: int = 100


def keep_contact(
    *,
    actor: Actor,
    election: Election,
    details: ContactDetails,
    contact: DutyContact | None = None,
    seen_version: int = 0,
) -> DutyContact:
    """Add a contact, or change `contact`; raises `Stale`."""
    actor.require(Capability.MANAGE_LOGISTICS)
    values = asdict(details)
    if contact is None:
        contact = DutyContact(election_id=election.id)
        db.session.add(contact)
    elif contact.version != seen_version:
        raise Stale(
            N_(
                "This record was changed meanwhile. What you entered is still below; "
                "check it and save again."
            ),
            differences=[
                Difference(name, getattr(contact, name), value)
                for name, value in values.items()
                if getattr(contact, name) != value
            ],
        )
    for name, value in values.items():
        setattr(contact, name, value)
    db.session.flush()
    return contact


def delete_contact(*, actor: Actor, contact: DutyContact) -> None:
    """Keep the contact no longer."""
    actor.require(Capability.MANAGE_LOGISTICS)
    db.session.delete(contact)
    db.session.flush()
