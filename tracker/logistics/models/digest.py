"""Daily digests that were issued, and who receives them."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel import clock
from tracker.kernel.database import Model
from tracker.kernel.encryption import EncryptedString
from tracker.kernel.storage import StorageKey

REDACT, SKIP = {"audit": "redact"}, {"audit": "skip"}


class Digest(Model):
    """The digest of one local day of an election; however many processes there are, one a day."""

    __tablename__ = "digests"
    __table_args__ = (sa.UniqueConstraint("election_id", "on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    on: Mapped[date]  # the local day that it tells of
    as_of: Mapped[datetime]  # the moment that it holds for
    paper_en: Mapped[str] = mapped_column(StorageKey)  # the digest as PDF
    paper_ru: Mapped[str] = mapped_column(StorageKey)
    paper_kk: Mapped[str] = mapped_column(StorageKey)
    recipients: Mapped[int]  # how many people it was addressed to
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class DigestRecipient(Model):
    """Somebody who receives an election's digest, in a language; once, however often entered."""

    __tablename__ = "digest_recipients"
    __table_args__ = (
        sa.UniqueConstraint("election_id", "email_digest"),
        sa.CheckConstraint("language IN ('en', 'ru', 'kk')", name="language"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    name: Mapped[str] = mapped_column(EncryptedString, info=REDACT)
    # The address that the letter goes to.
    email: Mapped[str] = mapped_column(EncryptedString, info=REDACT)
    email_digest: Mapped[str] = mapped_column(sa.String(64), info=SKIP)  # keyed, of the address
    language: Mapped[str] = mapped_column(sa.String(2))  # of the letter: en, ru or kk
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))
