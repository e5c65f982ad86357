"""A delegation's own people here: invited by mail to see it, and let go again."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.accounts.operations import allow_linking, cancel_link, create_user, invite
from tracker.accounts.queries import is_linked, open_links
from tracker.accounts.rules import INVITATION_LASTS, is_email
from tracker.delegations.models import Delegation, FocalPoint
from tracker.delegations.queries import delegation_ids_of
from tracker.elections.models import Election
from tracker.kernel import clock, outbox
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.i18n import N_, force_locale, localized, say
from tracker.kernel.mail import Message
from tracker.kernel.permissions import Capability, Role

SUBJECT = N_("Your delegation’s access to headquarters")
GREETING = N_(
    "%(inviter)s invites you to work for the delegation of %(sender)s to %(election)s: to bring "
    "the list of its observers and follow their accreditation, to ask for meetings and assistance, "
    "and to write to headquarters."
)
OPENING = N_("Open this address and choose a password. It works once, until %(moment)s:")
SIGNING_IN = N_("Sign in with your account at this address:")
SECURING = N_("Then set a passkey or a second factor on the page “My account”.")
WARNING = N_("If you did not expect this letter, do not open the address and tell the Ministry.")


@dataclass(frozen=True, kw_only=True)
class Invited:
    """Whom an invitation is for, and in which language it is written."""

    name: str
    email: str
    language: str


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where a letter leads: to the sign-in, or to the page of an invitation with its secret; `link`
    is None where the identity provider alone opens accounts."""

    home: str
    link: Callable[[str], str] | None


def invite_focal_point(
    *,
    actor: Actor,
    election: Election,
    delegation: Delegation,
    person: Invited,
    addresses: Addresses,
) -> User:
    """Let a person see one delegation and write to them how they enter.

    A new account is opened by a link that expires and works once; another invitation takes the
    former link back. Who has an account as a focal point already signs in with it. Raises `Refused`
    where the address belongs to somebody on headquarters' side.
    """
    actor.require(Capability.INVITE_FOCAL_POINTS)
    user = _account(actor, person)
    set_focal_point(actor=actor, delegation=delegation, user=user)
    address = _way_in(actor, user, addresses)
    with force_locale(user.language or person.language):
        text = _letter(actor, election, delegation, address or addresses.home, is_new=bool(address))
        message = Message(to=(user.name, user.email), subject=say(SUBJECT), text=text)
    key = f"focal-point-{delegation.id}-{user.id}-{secrets.token_hex(8)}"
    outbox.queue_message(message, key=key)
    return user


def _way_in(actor: Actor, user: User, addresses: Addresses) -> str | None:
    """The address at which a new account is opened; None where its owner signs in already, or
    through the identity provider, which may now open it."""
    if addresses.link is None:
        if not is_linked(user.id):
            allow_linking(actor=actor, user=user)
        return None
    if user.password is not None or user.webauthn or is_linked(user.id):
        return None
    for link in open_links(user.id):
        cancel_link(actor=actor, link=link)
    return addresses.link(invite(actor=actor, user=user))


def set_focal_point(*, actor: Actor, delegation: Delegation, user: User) -> None:
    """Let an account that is a focal point's see this delegation."""
    actor.require(Capability.INVITE_FOCAL_POINTS)
    if Role.FOCAL_POINT not in {role.name for role in user.roles}:
        raise Refused(N_("%(name)s is not a focal point."), field="user", name=user.name)
    if db.session.get(FocalPoint, (user.id, delegation.id)) is None:
        db.session.add(FocalPoint(user_id=user.id, delegation_id=delegation.id))
        db.session.flush()


def _account(actor: Actor, person: Invited) -> User:
    email = person.email.strip().lower()
    if not is_email(email):
        raise Refused(N_("This is not an e-mail address."), field="email")
    user = db.session.scalar(sa.select(User).where(User.email == email))
    if user is None:
        return create_user(
            actor=actor,
            email=email,
            name=person.name,
            roles=[Role.FOCAL_POINT],
            language=person.language,
        )
    if {role.name for role in user.roles} != {Role.FOCAL_POINT.value}:
        raise Refused(
            N_("This address belongs to an account that is no focal point’s."), field="email"
        )
    if not user.active:
        raise Refused(N_("This account is disabled: an administrator enables it."), field="email")
    return user


def _letter(
    actor: Actor,
    election: Election,
    delegation: Delegation,
    address: str,
    *,
    is_new: bool,
) -> str:
    """The text in the language that is set."""
    names = {
        "inviter": actor.name,
        "sender": localized(delegation.organization, "name"),
        "election": localized(election, "name"),
    }
    until = clock.local(clock.now() + INVITATION_LASTS, election.time_zone)
    way = say(OPENING, {"moment": until}) if is_new else say(SIGNING_IN)
    parts = [say(GREETING, names), f"{way}\n{address}", say(SECURING), say(WARNING)]
    return "\n\n".join(parts) + "\n"


def end_focal_point(*, actor: Actor, delegation: Delegation, user_id: int) -> None:
    """Take the delegation out of a person's sight, at once; the account stays.

    A link that was never used is taken back with the last delegation that the person sees. Raises
    `NotFound` where the person does not see this one.
    """
    actor.require(Capability.INVITE_FOCAL_POINTS)
    found = db.session.get(FocalPoint, (user_id, delegation.id))
    if found is None:
        raise NotFound(N_("There is no such focal point."))
    db.session.delete(found)
    db.session.flush()
    if delegation_ids_of(user_id):
        return
    for link in open_links(user_id):
        if link.user.password is None:
            cancel_link(actor=actor, link=link)
