"""Accounts as Flask-Security wants them, their sessions and links, and failed attempts."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from flask_security import AsaList, RoleMixin, UserMixin, WebAuthnMixin
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.kernel.encryption import EncryptedString

SECRET = {"audit": "redact"}

role_assignments = sa.Table(
    "role_assignments",
    Model.metadata,
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("role_id", sa.ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True),
)


class RoleRow(Model, RoleMixin):
    """A role in the database; what it may do is the table in `kernel.permissions`."""

    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40), unique=True)
    description: Mapped[str | None] = mapped_column(sa.String(200))


class User(Versioned, Model, UserMixin):
    """One person's account; `fs_uniquifier` is the session's identity and is rotated to end it."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    language: Mapped[str | None] = mapped_column(sa.String(2))
    password: Mapped[str | None] = mapped_column(sa.String(255), info=SECRET)
    active: Mapped[bool] = mapped_column(default=True)
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True, info=SECRET)
    tf_primary_method: Mapped[str | None] = mapped_column(sa.String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(sa.String(255), info=SECRET)
    # The time step of the last code taken: no code works twice (RFC 6238, 5.2).
    totp_counter: Mapped[int | None] = mapped_column(sa.BigInteger, info={"audit": "skip"})
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(
        MutableList.as_mutable(AsaList()), info=SECRET
    )
    # What authenticators know the account by instead of its address (WebAuthn Level 2, 14.6.1).
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(  # type: ignore[assignment]
        sa.String(64), unique=True, info=SECRET
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    webauthn: Mapped[list["Passkey"]] = relationship(  # type: ignore[assignment]
        back_populates="user", cascade="all, delete-orphan", order_by="Passkey.id"
    )
    roles: Mapped[list[RoleRow]] = relationship(  # type: ignore[assignment]
        secondary=role_assignments, lazy="selectin", order_by=RoleRow.name
    )


class Passkey(Model, WebAuthnMixin):
    """One authenticator that signs its owner in without a password; columns as the library names
    them (WebAuthn Level 2)."""

    __tablename__ = "passkeys"
    __table_args__ = (sa.UniqueConstraint("user_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(64))
    credential_id: Mapped[bytes] = mapped_column(sa.LargeBinary(1024), unique=True, info=SECRET)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary, info=SECRET)
    sign_count: Mapped[int] = mapped_column(default=0, info={"audit": "skip"})
    transports: Mapped[list[str] | None] = mapped_column(
        MutableList.as_mutable(AsaList()), info={"audit": "skip"}
    )
    backup_state: Mapped[bool] = mapped_column(default=False, info={"audit": "skip"})
    device_type: Mapped[str] = mapped_column(sa.String(64))
    extensions: Mapped[str | None] = mapped_column(sa.String(255), info={"audit": "skip"})
    lastuse_datetime: Mapped[datetime] = mapped_column(info={"audit": "skip"})
    usage: Mapped[str] = mapped_column(sa.String(64), info={"audit": "skip"})
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    user: Mapped[User] = relationship(back_populates="webauthn")


class SignInSession(Model):
    """One sign-in in one browser; the cookie holds a random key of which only the digest is kept.

    Its moments are the world's, also where a demonstration's clock shows another time.
    """

    __tablename__ = "sign_in_sessions"
    __table_args__ = (sa.Index("ix_sign_in_sessions_user", "user_id", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    key_digest: Mapped[str] = mapped_column(sa.String(64), unique=True, info=SECRET)
    method: Mapped[str] = mapped_column(sa.String(40))  # password, authenticator, webauthn …
    device: Mapped[str] = mapped_column(sa.String(60))  # "Firefox, Windows"
    address: Mapped[str | None] = mapped_column(EncryptedString, info=SECRET)  # network address
    started_at: Mapped[datetime] = mapped_column(default=clock.world)
    seen_at: Mapped[datetime] = mapped_column(default=clock.world, info={"audit": "skip"})
    ended_at: Mapped[datetime | None]


class LinkKind(StrEnum):
    """What a link lets its holder do."""

    INVITATION = "invitation"  # choose the first password
    PASSWORD = "password"  # noqa: S105 - choose another password
    EVERYTHING = "everything"  # the same, and passkeys and second factor are taken away


class AccountLink(Versioned, Model):
    """A link that is handed to one person in order to enter an account, once.

    A recovery is started by one administrator and confirmed by another; only then is there a
    secret, of which the digest is kept.
    """

    __tablename__ = "account_links"
    __table_args__ = (sa.Index("ix_account_links_user", "user_id", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[LinkKind] = mapped_column(enum_type(LinkKind))
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    started_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("users.id", ondelete="SET NULL")
    )
    started_by: Mapped[str] = mapped_column(sa.String(200))
    started_at: Mapped[datetime] = mapped_column(default=clock.now)
    confirmed_by: Mapped[str | None] = mapped_column(sa.String(200))
    confirmed_at: Mapped[datetime | None]
    secret_digest: Mapped[str | None] = mapped_column(sa.String(64), unique=True, info=SECRET)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(foreign_keys=[user_id])


class Attempt(StrEnum):
    """What is tried; failures are counted for each by itself."""

    ACCOUNT = "account"  # a password, by the address typed, account or not
    SECOND_FACTOR = "second_factor"  # a code, by account
    AGAIN = "again"  # the password once more of who is signed in, by account
    NETWORK = "network"  # any of these, by where they come from
    LINK = "link"  # the secret of an invitation or recovery, by where it comes from
    CERTIFICATE_NUMBER = "certificate_number"  # typed at a polling station, by where from


class FailedSignIn(Model):
    """One refused attempt; kept by a keyed digest of what was typed, account or not."""

    __tablename__ = "failed_sign_ins"
    __table_args__ = (
        sa.Index("ix_failed_sign_ins_identity", "identity_digest", "failed_at"),
        {"info": {"audit": "skip"}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[Attempt] = mapped_column(enum_type(Attempt))
    identity_digest: Mapped[str] = mapped_column(sa.String(64))
    failed_at: Mapped[datetime] = mapped_column(default=clock.now)
