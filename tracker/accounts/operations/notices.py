"""Letters to the owner of an account about what was done to it (OWASP ASVS 5.0, 6.3.7)."""

import secrets

from tracker.accounts.models import User
from tracker.kernel import outbox
from tracker.kernel.i18n import N_, force_locale, say
from tracker.kernel.mail import Message

NOTICES = {
    "password": N_("The password of your account was changed."),
    "second_factor": N_("The second factor of your account was changed."),
    "passkey": N_("A passkey was added to your account or removed from it."),
    "recovery": N_("Two administrators gave out a link that opens your account anew."),
    "roles": N_("The roles of your account were changed."),
    "linked": N_(
        "Your account was linked to the identity provider. From now on you sign in there alone; "
        "password, second factor and passkeys were removed."
    ),
    "unlinked": N_("Your account was unlinked from the identity provider."),
    "entry": N_("A link that opens your account once was made on the server."),
}


def tell_owner(user: User, what: str) -> None:
    """Write to the owner of an account, in their language; in a demonstration nobody is told."""
    if user.is_demonstration:
        return
    with force_locale(user.language or "en"):
        warning = say(N_("If you did not expect this, call an administrator at once."))
        message = Message(
            to=(user.name, user.email),
            subject=say(N_("Your account was changed")),
            text=f"{say(NOTICES[what])}\n\n{warning}\n",
        )
    outbox.queue_message(message, key=f"account-{user.id}-{what}-{secrets.token_hex(8)}")
