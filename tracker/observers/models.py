"""Persons as stored; personal data is ciphertext, with keyed digests to find it by equality."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type, ordered_by_bytes
from tracker.kernel.encryption import EncryptedString
from tracker.kernel.storage import StorageKey
from tracker.kernel.words import Searched

PERSONAL = {"audit": "redact"}
_NO_PORTRAIT = sa.text("portrait IS NULL")


class Sex(StrEnum):
    """As in the travel document; X where it is unspecified (ICAO Doc 9303-3, 4.1.1)."""

    FEMALE = "F"
    MALE = "M"
    UNSPECIFIED = "X"


class DocumentType(StrEnum):
    """What the person travels on."""

    PASSPORT = "passport"
    DIPLOMATIC_PASSPORT = "diplomatic_passport"
    SERVICE_PASSPORT = "service_passport"
    LAISSEZ_PASSER = "laissez_passer"
    IDENTITY_CARD = "identity_card"
    OTHER = "other"


class Observer(Searched, Versioned, Model):
    """A person; may come back to later elections."""

    __tablename__ = "observers"
    SEARCHED = ("surname", "given_names", "native_name")
    __table_args__ = (
        sa.Index("ix_observers_identity", "identity_digest"),
        sa.Index("ix_observers_block", "block_key", "birth_digest"),
        sa.Index("ix_observers_birth", "birth_digest"),
        # Whom the attention list asks about, found without reading everybody else.
        sa.Index(
            "ix_observers_without_portrait",
            "id",
            sqlite_where=_NO_PORTRAIT,
            postgresql_where=_NO_PORTRAIT,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    surname: Mapped[str] = mapped_column(sa.String(100))  # as in the passport
    # As in the passport; empty where it has none.
    given_names: Mapped[str] = mapped_column(sa.String(100), default="")
    # The whole name in the person's own script.
    native_name: Mapped[str | None] = mapped_column(sa.String(200))
    # The names in plain Latin letters, to be found by.
    search_key: Mapped[str] = mapped_column(sa.Text, info={"audit": "skip"})
    # The names in plain Latin letters, to be sorted by.
    sort_key: Mapped[str] = mapped_column(ordered_by_bytes(220), info={"audit": "skip"})
    sex: Mapped[Sex | None] = mapped_column(enum_type(Sex), active_history=True)
    # The day of birth, ISO 8601.
    birth_date: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    # Keyed, of names and day of birth: by it the same person is found.
    identity_digest: Mapped[str | None] = mapped_column(
        sa.String(64), info=PERSONAL, active_history=True
    )
    # Where likely spellings of one name meet, and people of one day of birth (`matching`).
    block_key: Mapped[str] = mapped_column(
        sa.String(40), default="", server_default="", info={"audit": "skip"}
    )
    # Keyed, of the day of birth.
    birth_digest: Mapped[str | None] = mapped_column(sa.String(64), info={"audit": "skip"})
    # ISO 3166-1 alpha-2, or a holder's own code of ICAO Doc 9303-3: UNO, XXA.
    citizenship: Mapped[str | None] = mapped_column(sa.String(3), index=True, active_history=True)
    # The office or profession at home.
    occupation: Mapped[str | None] = mapped_column(sa.String(200))
    # What the person speaks: ISO 639-1, by spaces.
    languages: Mapped[str] = mapped_column(sa.String(100), default="")
    email: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    phone: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    portrait: Mapped[str | None] = mapped_column(StorageKey)  # a JPEG, cut to the size of a badge
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    document: Mapped["TravelDocument | None"] = relationship(
        back_populates="observer", lazy="joined", uselist=False
    )

    @property
    def born_on(self) -> date | None:
        """The day of birth, where it is known."""
        return date.fromisoformat(self.birth_date) if self.birth_date else None


class SharedIdentity(Model):
    """Names with a day of birth that more than one person carries; kept by `identities`."""

    __tablename__ = "shared_identities"
    __table_args__ = ({"info": {"audit": "skip"}},)  # follows from rows that are recorded

    # Keyed, of names and day of birth, as with the observers.
    identity_digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)


class TravelDocument(Versioned, Model):
    """The document that a person presents; no two persons hold the same one."""

    __tablename__ = "travel_documents"
    __table_args__ = (
        sa.UniqueConstraint("issuing_state", "number_digest"),
        sa.Index("ix_travel_documents_by_expiry", "expires_on", "observer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The person whose it is.
    observer_id: Mapped[int] = mapped_column(sa.ForeignKey("observers.id"), unique=True)
    kind: Mapped[DocumentType] = mapped_column(enum_type(DocumentType))
    issuing_state: Mapped[str] = mapped_column(sa.String(3))  # a code of ICAO Doc 9303-3, section 5
    # The number as it is printed.
    number: Mapped[str] = mapped_column(EncryptedString, info=PERSONAL)
    number_digest: Mapped[str] = mapped_column(sa.String(64), info=PERSONAL)  # keyed, of the number
    # The last characters, which the mask shows.
    number_ending: Mapped[str] = mapped_column(EncryptedString, info=PERSONAL)
    expires_on: Mapped[date | None]  # its last day; none: it does not say

    observer: Mapped[Observer] = relationship(back_populates="document")


class DuplicateVerdict(StrEnum):
    """What a person decided of two records that look like one person."""

    SAME = "same"
    DIFFERENT = "different"
    DUAL_NATIONAL = "dual_national"


class DuplicateDecision(Model):
    """A decision on two persons, remembered so that nobody is asked twice."""

    __tablename__ = "duplicate_decisions"
    __table_args__ = (
        sa.UniqueConstraint("one_id", "other_id"),
        sa.CheckConstraint("one_id < other_id", name="ordered"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The person whose number is lower.
    one_id: Mapped[int] = mapped_column(sa.ForeignKey("observers.id"))
    # The person whose number is higher.
    other_id: Mapped[int] = mapped_column(sa.ForeignKey("observers.id"), index=True)
    verdict: Mapped[DuplicateVerdict] = mapped_column(enum_type(DuplicateVerdict, "verdict"))
    decided_at: Mapped[datetime] = mapped_column(default=clock.now)  # when it was decided
    decided_by: Mapped[str] = mapped_column(sa.String(200))  # who decided, as they were called then
