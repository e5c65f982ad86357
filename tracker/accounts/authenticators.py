"""What we ask of passwords, one-time codes and passkeys beyond the library's own checks.

What these need is a key in the database, which is read at their first use: an application is
built before its database is there, and serves on when it comes back.
"""

from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from flask import Flask, request
from flask_babel import gettext as _
from flask_security import MfRecoveryCodesUtil, PasswordUtil, Totp, WebauthnUtil
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tracker.accounts.rules import network_of, normalized_password, password_problem
from tracker.kernel.encryption import keyring


class PasswordSalt(str):
    """The key that passwords are hashed with, besides the salt that each has of its own."""

    __slots__ = ()

    def encode(self, *_encoding: str) -> bytes:
        """What Flask-Security asks for at each password."""
        return keyring.digest("password salt").encode()


class Passwords(PasswordUtil):
    """A password that somebody chooses meets the same rules wherever it is chosen."""

    def validate(
        self, password: str, is_register: bool, **kwargs: Any
    ) -> tuple[list[str] | None, str]:
        """What is wrong with it, and how it is hashed."""
        user = kwargs.get("user")
        email, name = getattr(user, "email", ""), getattr(user, "name", "")
        problem = password_problem(password, email=email, name=name)
        return ([_(problem)] if problem else None), normalized_password(password)


class OneTimeCodes(Totp):
    """Codes of which none is taken twice (RFC 6238, section 5.2); their secrets are encrypted."""

    def __init__(self, _secrets: dict[str, str], issuer: str) -> None:
        self._issuer = issuer

    @property
    def _totp(self) -> Any:
        return Totp({"1": keyring.digest("totp")}, self._issuer)._totp

    def get_last_counter(self, user: Any) -> int | None:
        """The time step of the last code that was taken."""
        counter: int | None = user.totp_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Remember the time step; stored with the sign-in."""
        user.totp_counter = tmatch.counter


class RecoveryCodes(MfRecoveryCodesUtil):
    """Encrypts recovery codes."""

    def __init__(self, _app: Flask) -> None:
        """Nothing is read yet."""

    @property
    def cryptor(self) -> MultiFernet:  # type: ignore[override]  # never set but by the library
        """The cipher that the library uses."""
        return MultiFernet([Fernet(keyring.derived_key())])


class Passkeys(WebauthnUtil):
    """A passkey knows its owner by finger, face or PIN: alone it is two factors.

    The library would take only roaming keys first; here the telephone or computer itself will do.
    """

    def authenticator_selection(self, user: Any, usage: str) -> AuthenticatorSelectionCriteria:
        """What is asked when a passkey is made."""
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        )

    def user_verification(self, user: Any, usage: list[str]) -> UserVerificationRequirement:
        """What is asked whenever it is used."""
        return UserVerificationRequirement.REQUIRED


def network() -> str | None:
    """Where this request comes from, as attempts are counted."""
    return network_of(request.remote_addr)


def can_use_passkeys() -> bool:
    """Whether browsers make passkeys for this host: for a name, not for a number (WebAuthn
    Level 2, 5.1.2: an effective domain)."""
    host = request.host.rsplit(":", maxsplit=1)[0]
    return not host.replace(".", "").isdecimal() and not host.startswith("[")
