"""What changes signing keys: the first ones, their rotation with overlap, and a lost one."""

from datetime import datetime

import sqlalchemy as sa

from tracker.credentials import register
from tracker.credentials.cose import key_id_of
from tracker.credentials.models import KeyPurpose, SigningKey
from tracker.credentials.operations.life import step_all
from tracker.credentials.rules import KEY_OVERLAP, Step
from tracker.credentials.signing import vault
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability


def hold_elections() -> None:
    """Keep others from giving out serials or making keys until this transaction ends."""
    db.session.execute(sa.select(Election.id).order_by(Election.id).with_for_update(key_share=True))


def _make_key(actor: Actor, purpose: KeyPurpose, signs_from: datetime) -> SigningKey:
    pem, public = vault.make()
    row = SigningKey(
        purpose=purpose,
        key_id=key_id_of(public).hex(),
        public_key=public.hex(),
        private_key=pem,
        signs_from=signs_from,
        created_by=actor.name,
    )
    db.session.add(row)
    db.session.flush()
    return row


def key_to_sign(actor: Actor) -> SigningKey:
    """The key that signs certificates now; the very first ones are made here, for both purposes.

    To be called with elections held (`hold_elections`).
    """
    now = clock.now()
    if register.key_in_use(KeyPurpose.LISTS, now) is None:
        _make_key(actor, KeyPurpose.LISTS, now)
    found = register.key_in_use(KeyPurpose.CERTIFICATES, now)
    return found or _make_key(actor, KeyPurpose.CERTIFICATES, now)


def rotate_key(*, actor: Actor, purpose: KeyPurpose) -> SigningKey:
    """Make the next key: published at once, it signs a day later; the old one stays known.

    Raises `Refused` where the next key is waiting already.
    """
    actor.require(Capability.MANAGE_SIGNING_KEYS)
    hold_elections()
    now = clock.now()
    waiting = [
        row
        for row in register.signing_keys()
        if row.purpose is purpose and row.signs_from > now and row.lost_at is None
    ]
    if waiting:
        raise Refused(
            N_("The next key signs from %(moment)s already."), moment=waiting[0].signs_from
        )
    is_first = register.key_in_use(purpose, now) is None
    return _make_key(actor, purpose, now if is_first else now + KEY_OVERLAP)


def lose_key(*, actor: Actor, key: SigningKey, reason: str) -> int:
    """Declare a key lost: it proves nothing from now on, and a new one signs at once.

    Every certificate in people's hands that it signed is void; returns how many, so that they can
    be issued again.
    """
    actor.require(Capability.MANAGE_SIGNING_KEYS)
    if not reason.strip():
        raise Refused(N_("Say what happened to the key."), field="reason")
    hold_elections()
    if key.lost_at is not None:
        raise Refused(N_("This key was declared lost before."))
    key.lost_at, key.lost_reason = clock.now(), reason.strip()
    db.session.flush()
    if register.key_in_use(key.purpose, clock.now()) is None:
        _make_key(actor, key.purpose, clock.now())
    certificates = register.live_signed_by(key.id)
    step_all(actor, certificates, Step.VOID, reason=reason.strip())
    return len(certificates)
