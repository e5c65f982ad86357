"""Accounts as Flask-Security wants them, their sessions, links, tokens, and failed attempts."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from flask_security import AsaList, RoleMixin, UserMixin, WebAuthnMixin
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.kernel.encryption import EncryptedString
from tracker.kernel.permissions import Role

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
    name: Mapped[str] = mapped_column(sa.String(40), unique=True)  # the value in the table of roles
    description: Mapped[str | None] = mapped_column(sa.String(200))  # a note that no page shows


class User(Versioned, Model, UserMixin):
    """One person's account; `fs_uniquifier` is the session's identity and is rotated to end it."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    # The address that its owner signs in with.
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))  # what the owner is called on pages
    # Of letters: en, ru or kk; none: of the page they came from.
    language: Mapped[str | None] = mapped_column(sa.String(2))
    # An Argon2 hash; none: another way in.
    password: Mapped[str | None] = mapped_column(sa.String(255), info=SECRET)
    active: Mapped[bool] = mapped_column(default=True)  # whether it can sign in
    # Whether the demonstration made it.
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    # Names its sessions; another one ends them all.
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True, info=SECRET)
    # The second factor: authenticator, or none.
    tf_primary_method: Mapped[str | None] = mapped_column(sa.String(64))
    # Of the authenticator (RFC 6238), encrypted by the library.
    tf_totp_secret: Mapped[str | None] = mapped_column(sa.String(255), info=SECRET)
    # The time step of the last code taken: no code works twice (RFC 6238, 5.2).
    totp_counter: Mapped[int | None] = mapped_column(sa.BigInteger, info={"audit": "skip"})
    # Codes that work once each, encrypted by the library.
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(
        MutableList.as_mutable(AsaList()), info=SECRET
    )
    # What authenticators know the account by instead of its address (WebAuthn Level 2, 14.6.1).
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(  # type: ignore[assignment]
        sa.String(64), unique=True, info=SECRET
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    # When its owner ended the first-run tour or put it off; until then it is offered.
    toured_at: Mapped[datetime | None] = mapped_column(info={"audit": "skip"})

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
    name: Mapped[str] = mapped_column(sa.String(64))  # what its owner calls it
    # By which the authenticator knows it.
    credential_id: Mapped[bytes] = mapped_column(sa.LargeBinary(1024), unique=True, info=SECRET)
    # What its signatures are checked with (COSE).
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary, info=SECRET)
    # As it last said: a lower one betrays a copy.
    sign_count: Mapped[int] = mapped_column(default=0, info={"audit": "skip"})
    # How it can be reached: usb, nfc, internal …
    transports: Mapped[list[str] | None] = mapped_column(
        MutableList.as_mutable(AsaList()), info={"audit": "skip"}
    )
    # Whether its maker keeps a copy elsewhere.
    backup_state: Mapped[bool] = mapped_column(default=False, info={"audit": "skip"})
    # single_device or multi_device (synchronized).
    device_type: Mapped[str] = mapped_column(sa.String(64))
    # What it said beside its key, in JSON.
    extensions: Mapped[str | None] = mapped_column(sa.String(255), info={"audit": "skip"})
    # When it last signed somebody in.
    lastuse_datetime: Mapped[datetime] = mapped_column(info={"audit": "skip"})
    # What it may do: first (in place of a password) or secondary.
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
    # Of the random key in the cookie.
    key_digest: Mapped[str] = mapped_column(sa.String(64), unique=True, info=SECRET)
    # How they signed in: password, authenticator, webauthn …
    method: Mapped[str] = mapped_column(sa.String(40))
    device: Mapped[str] = mapped_column(sa.String(60))  # browser and system: "Firefox, Windows"
    # The network address that it began from.
    address: Mapped[str | None] = mapped_column(EncryptedString, info=SECRET)
    started_at: Mapped[datetime] = mapped_column(default=clock.world)  # when its owner signed in
    # When it was last used, to the minute.
    seen_at: Mapped[datetime] = mapped_column(default=clock.world, info={"audit": "skip"})
    ended_at: Mapped[datetime | None]  # signed out, shut out, or used too long ago


class LinkKind(StrEnum):
    """What a link lets its holder do."""

    INVITATION = "invitation"  # choose the first password
    PASSWORD = "password"  # noqa: S105 - choose another password
    EVERYTHING = "everything"  # the same, and passkeys and second factor are taken away
    IDENTITY = (
        "identity"  # no link: the identity provider's person of this address gets the account
    )
    ENTRY = "entry"  # sign in once, without anything else; made on the command line alone


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
    # Why it is needed, as an administrator wrote it.
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    # The account of the administrator who asked for it.
    started_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("users.id", ondelete="SET NULL")
    )
    # The administrator who asked for it, as they were called then.
    started_by: Mapped[str] = mapped_column(sa.String(200))
    started_at: Mapped[datetime] = mapped_column(default=clock.now)  # when it was asked for
    # The second administrator, where it is a recovery.
    confirmed_by: Mapped[str | None] = mapped_column(sa.String(200))
    confirmed_at: Mapped[datetime | None]  # since when a recovery has a secret
    # Of what the link holds; none before it is confirmed.
    secret_digest: Mapped[str | None] = mapped_column(sa.String(64), unique=True, info=SECRET)
    expires_at: Mapped[datetime]  # from when on it opens nothing
    used_at: Mapped[datetime | None]  # when it was used; it opens nothing a second time
    cancelled_at: Mapped[datetime | None]  # when an administrator took it back

    user: Mapped[User] = relationship(foreign_keys=[user_id])


class ProviderIdentity(Model):
    """One person of the identity provider and the account that is theirs.

    Only issuer and subject name a person for good (OpenID Connect Core 1.0, 5.7); found by a
    keyed digest of both, since a subject may be somebody's name.
    """

    __tablename__ = "provider_identities"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(sa.String(255))  # the provider, as it writes its own name
    # What the provider calls the person.
    subject: Mapped[str] = mapped_column(EncryptedString, info=SECRET)
    # Keyed, of issuer and subject.
    subject_digest: Mapped[str] = mapped_column(sa.String(64), unique=True, info=SECRET)
    # Since when the provider opens the account.
    linked_at: Mapped[datetime] = mapped_column(default=clock.now)

    user: Mapped[User] = relationship()


class ProviderSession(Model):
    """What the provider calls a session that began with it, so that either side can end both."""

    __tablename__ = "provider_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    # The session that it is here.
    session_id: Mapped[int] = mapped_column(
        sa.ForeignKey("sign_in_sessions.id", ondelete="CASCADE"), unique=True
    )
    # The person whose it is there.
    identity_id: Mapped[int] = mapped_column(
        sa.ForeignKey("provider_identities.id", ondelete="CASCADE"), index=True
    )
    # Keyed, of the provider's name for its session.
    sid_digest: Mapped[str | None] = mapped_column(sa.String(64), index=True, info=SECRET)
    # Given back when its owner signs out there too; nothing is opened with it here.
    id_token: Mapped[str] = mapped_column(EncryptedString, info=SECRET)

    session: Mapped[SignInSession] = relationship()


class Scope(StrEnum):
    """What a token may be used for; which capabilities that takes is the table in `rules`."""

    READ = "read"
    PERSONAL = "personal"
    REGISTER = "register"
    SUBMIT = "submit"
    DECIDE = "decide"
    MEETINGS = "meetings"
    ASSISTANCE = "assistance"


class AccessToken(Model):
    """What a program shows in place of a session; of its secret the digest is kept.

    A personal token has an owner (`user_id`) and may at most what the owner may at that moment; one
    of another system has a role instead. Moments are the world's, as those of sessions are.
    """

    __tablename__ = "access_tokens"
    __table_args__ = (
        sa.CheckConstraint("(user_id IS NULL) = (role IS NOT NULL)", name="owner_or_role"),
        sa.Index("ix_access_tokens_user", "user_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))  # what it is for, as its maker calls it
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    # Of another system's token; none: it is its owner's.
    role: Mapped[Role | None] = mapped_column(enum_type(Role))
    # What it may be used for: values of `Scope`, by spaces.
    scopes: Mapped[str] = mapped_column(sa.String(200))
    # Of the secret that the program shows.
    secret_digest: Mapped[str] = mapped_column(sa.String(64), unique=True, info=SECRET)
    created_at: Mapped[datetime] = mapped_column(default=clock.world)
    created_by: Mapped[str] = mapped_column(sa.String(200))
    expires_at: Mapped[datetime]  # from when on it opens nothing
    # The day of its last use, UTC.
    last_used_on: Mapped[date | None] = mapped_column(info={"audit": "skip"})
    revoked_at: Mapped[datetime | None]  # when somebody revoked it; from then on it opens nothing
    # Who revoked it, as they were called then.
    revoked_by: Mapped[str | None] = mapped_column(sa.String(200))

    user: Mapped[User | None] = relationship(lazy="joined")

    @property
    def scope_set(self) -> frozenset[Scope]:
        """What it may be used for."""
        return frozenset(Scope(name) for name in self.scopes.split())


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
    # Keyed, of the address, account or network.
    identity_digest: Mapped[str] = mapped_column(sa.String(64))
    # When it was refused, by the installation's clock.
    failed_at: Mapped[datetime] = mapped_column(default=clock.now)


class Notice(StrEnum):
    """What somebody may be told of by mail."""

    LISTS = "lists"  # a list of observers came, was accepted or returned
    MEETING_REQUESTS = "meeting_requests"  # a delegation asks for a meeting
    SUBMISSIONS = "submissions"  # candidates were presented
    FOLLOWED = "followed"  # assistance requests that one follows or sees to
    DECISIONS = "decisions"  # observers of one's delegation were decided or returned
    ANSWERS = "answers"  # a request of one's delegation was answered
    MEETINGS = "meetings"  # a meeting of one's delegation is scheduled, moved or cancelled
    MESSAGES = "messages"  # the other side of a thread wrote


class Delivery(StrEnum):
    """When somebody is told."""

    AT_ONCE = "at_once"
    DAILY = "daily"  # all of a day in one letter
    NEVER = "never"


class NoticePreference(Model):
    """What one person chose for one kind of notice; without a row the default of the role holds."""

    __tablename__ = "notice_preferences"

    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[Notice] = mapped_column(enum_type(Notice), primary_key=True)
    delivery: Mapped[Delivery] = mapped_column(enum_type(Delivery))


class WaitingNotice(Model):
    """One line of the letter that somebody gets once a day; gone with that letter."""

    __tablename__ = "waiting_notices"
    __table_args__ = (
        sa.UniqueConstraint("user_id", "key"),
        sa.Index("ix_waiting_notices_due", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[Notice] = mapped_column(enum_type(Notice))
    key: Mapped[str] = mapped_column(sa.String(160))  # names what it tells, and no person
    # The line, in the reader's language.
    text: Mapped[str] = mapped_column(EncryptedString, info=SECRET)
    path: Mapped[str] = mapped_column(sa.String(200))  # the page that it tells of
    due_at: Mapped[datetime]  # when the letter is sent
