"""Certificates, their life, the keys that sign them and the batches that print them, as stored."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accreditation.models import Accreditation, Function
from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.kernel.storage import StorageKey


class KeyPurpose(StrEnum):
    """What a key signs: never both, so that a stolen one cannot vouch for itself."""

    CERTIFICATES = "certificates"
    LISTS = "lists"  # the list of keys and the revocation lists


class SigningKey(Model):
    """A pair of Ed25519 keys; the newest of its purpose that has begun to sign is the one in use.

    The private half is a PKCS #8 PEM, encrypted with the installation's passphrase.
    """

    __tablename__ = "signing_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[KeyPurpose] = mapped_column(enum_type(KeyPurpose))
    # Named by what it signs; hexadecimal.
    key_id: Mapped[str] = mapped_column(sa.String(16), unique=True)
    public_key: Mapped[str] = mapped_column(sa.String(64))  # the raw 32 bytes in hexadecimal
    # PKCS #8 PEM, encrypted with the passphrase.
    private_key: Mapped[str] = mapped_column(sa.Text, info={"audit": "redact"})
    signs_from: Mapped[datetime]  # from which moment on it is used
    lost_at: Mapped[datetime | None]  # declared lost: nothing that it signed is believed
    lost_reason: Mapped[str | None] = mapped_column(sa.String(500))  # why, as somebody wrote it
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))


class CertificateKind(StrEnum):
    """What the certificate says its holder is."""

    OBSERVER = "observer"
    SUPPORT = "support"


class CertificateStatus(StrEnum):
    """Where a certificate is."""

    ISSUED = "issued"
    PRINTED = "printed"
    HANDED_OVER = "handed_over"
    RETURNED = "returned"
    LOST = "lost"
    REPLACED = "replaced"
    VOID = "void"


_LIVE_SQL = "status IN ('issued', 'printed', 'handed_over')"


class Certificate(Versioned, Model):
    """What an accredited person carries; valid only while the accreditation stands."""

    __tablename__ = "certificates"
    __table_args__ = (
        sa.UniqueConstraint("election_id", "serial"),
        sa.CheckConstraint("serial >= 1", name="serial"),
        sa.CheckConstraint("valid_from < valid_until", name="validity"),
        sa.CheckConstraint("replaces_id != id", name="replaces_another"),
        # One accreditation, one certificate that may be carried.
        sa.Index(
            "uq_certificates_one_live",
            "accreditation_id",
            unique=True,
            sqlite_where=sa.text(_LIVE_SQL),
            postgresql_where=sa.text(_LIVE_SQL),
        ),
        sa.Index("ix_certificates_by_accreditation", "accreditation_id", "serial"),
        sa.Index("ix_certificates_by_status", "election_id", "status", "serial"),
        sa.Index("ix_certificates_by_delegation", "delegation_id", "serial"),
        sa.Index("ix_certificates_by_portrait", "portrait"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    delegation_id: Mapped[int] = mapped_column(sa.ForeignKey("delegations.id"))
    # The accreditation by which it is valid.
    accreditation_id: Mapped[int] = mapped_column(sa.ForeignKey("accreditations.id"))
    serial: Mapped[int]  # 1, 2, 3 … within the election
    # Typed together with the serial: serials alone could be tried one after the other.
    code: Mapped[str] = mapped_column(sa.String(4), info={"audit": "redact"})
    kind: Mapped[CertificateKind] = mapped_column(enum_type(CertificateKind))
    function: Mapped[Function] = mapped_column(enum_type(Function))  # as it is printed
    # Where it is valid: ISO 3166-2, by spaces; empty: everywhere.
    regions: Mapped[str] = mapped_column(sa.String(40), default="")
    valid_from: Mapped[datetime]  # from which moment on it is valid
    valid_until: Mapped[datetime]  # until which moment it is valid
    status: Mapped[CertificateStatus] = mapped_column(
        enum_type(CertificateStatus), default=CertificateStatus.ISSUED
    )
    status_at: Mapped[datetime]  # when the current status took effect
    # The key that it is signed with.
    signing_key_id: Mapped[int] = mapped_column(sa.ForeignKey("signing_keys.id"), index=True)
    # The signed text, as the QR code says it.
    credential: Mapped[str] = mapped_column(sa.Text, info={"audit": "redact"})
    # The portrait that is printed; the first half of its name is signed.
    portrait: Mapped[str] = mapped_column(StorageKey)
    # The certificate in whose place it was issued.
    replaces_id: Mapped[int | None] = mapped_column(sa.ForeignKey("certificates.id"), unique=True)
    issued_at: Mapped[datetime] = mapped_column(default=clock.now)  # when it was signed
    # Who issued it, as they were called then.
    issued_by: Mapped[str] = mapped_column(sa.String(200))
    # By the delegation itself, beside the signature that headquarters took.
    # The delegation confirmed it, beside the signature that headquarters took.
    receipt_confirmed_at: Mapped[datetime | None]
    # Who confirmed it, as they were called then.
    receipt_confirmed_by: Mapped[str | None] = mapped_column(sa.String(200))

    accreditation: Mapped[Accreditation] = relationship(lazy="raise", viewonly=True)

    @property
    def number(self) -> str:
        """How people write it: the serial and the code that proves it was read off the paper."""
        return f"{self.serial:06}-{self.code}"


class CertificateStep(Model):
    """One step of a certificate's life; append-only."""

    __tablename__ = "certificate_steps"
    __table_args__ = (sa.Index("ix_certificate_steps_in_order", "certificate_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # The certificate that it belongs to.
    certificate_id: Mapped[int] = mapped_column(sa.ForeignKey("certificates.id"))
    from_status: Mapped[CertificateStatus | None] = mapped_column(
        enum_type(CertificateStatus, "from_status")
    )
    to_status: Mapped[CertificateStatus] = mapped_column(enum_type(CertificateStatus, "to_status"))
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    # Who signed for it, when it was handed over.
    received_by: Mapped[str | None] = mapped_column(sa.String(200))


class BatchTask(StrEnum):
    """What a batch does."""

    ISSUE = "issue"
    PRINT = "print"


class PaperKind(StrEnum):
    """What a batch prints."""

    BADGES = "badges"  # A6, one a page, both sides
    SHEETS = "sheets"  # four A6 on an A4 with crop marks, both sides
    CERTIFICATES = "certificates"  # A4 in three languages


class BatchStatus(StrEnum):
    """How far a batch is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class CertificateBatch(Versioned, Model):
    """Many certificates issued or printed at once by the job process."""

    __tablename__ = "certificate_batches"
    __table_args__ = (
        sa.CheckConstraint("(task = 'print') = (paper IS NOT NULL)", name="paper_to_print"),
        sa.Index("ix_certificate_batches_newest", "election_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    task: Mapped[BatchTask] = mapped_column(enum_type(BatchTask))
    paper: Mapped[PaperKind | None] = mapped_column(enum_type(PaperKind))
    language: Mapped[str] = mapped_column(sa.String(2))  # of the sheet to sign: en, ru or kk
    # Accreditations to issue to, or certificates to print: ids, by spaces, in order.
    members: Mapped[str] = mapped_column(sa.Text, info={"audit": "skip"})
    count: Mapped[int]  # how many members it has
    terms: Mapped[str] = mapped_column(sa.Text, default="")  # JSON: validity, regions, reason
    status: Mapped[BatchStatus] = mapped_column(enum_type(BatchStatus), default=BatchStatus.WAITING)
    file: Mapped[str | None] = mapped_column(StorageKey)  # what was printed, a PDF
    # Why it failed, in JSON: message and parameters.
    problem: Mapped[str | None] = mapped_column(sa.Text)
    requested_at: Mapped[datetime] = mapped_column(default=clock.now)  # when it was asked for
    requested_by_id: Mapped[int | None]  # the account that asked for it
    # Who asked for it, as they were called then.
    requested_by: Mapped[str] = mapped_column(sa.String(200))
    finished_at: Mapped[datetime | None]  # when it was done, or failed


class CertificateDesign(Versioned, Model):
    """What an election's certificates look like; what is empty takes the default."""

    __tablename__ = "certificate_designs"

    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"), primary_key=True)
    heading_en: Mapped[str | None] = mapped_column(sa.String(200))  # who issues it
    heading_ru: Mapped[str | None] = mapped_column(sa.String(200))
    heading_kk: Mapped[str | None] = mapped_column(sa.String(200))
    note_en: Mapped[str | None] = mapped_column(sa.String(600))  # rights and duties, on the back
    note_ru: Mapped[str | None] = mapped_column(sa.String(600))
    note_kk: Mapped[str | None] = mapped_column(sa.String(600))
    emblem: Mapped[str | None] = mapped_column(StorageKey)  # of the host state, PNG or SVG
    # The band of heads and deputies: #rrggbb.
    color_head: Mapped[str | None] = mapped_column(sa.String(7))
    # The band of the core team: #rrggbb.
    color_core_team: Mapped[str | None] = mapped_column(sa.String(7))
    # The band of long-term observers: #rrggbb.
    color_long_term: Mapped[str | None] = mapped_column(sa.String(7))
    # The band of short-term observers: #rrggbb.
    color_short_term: Mapped[str | None] = mapped_column(sa.String(7))
    color_expert: Mapped[str | None] = mapped_column(sa.String(7))  # the band of experts: #rrggbb
    # The band of support staff: #rrggbb.
    color_support: Mapped[str | None] = mapped_column(sa.String(7))


class CertificateCheck(Model):
    """One check at a polling station, where the election asks for them; no device, no address."""

    __tablename__ = "certificate_checks"
    __table_args__ = (
        sa.Index("ix_certificate_checks_newest", "election_id", "checked_at", "id"),
        # Sent by whoever stands at a polling station: counted, not part of the record of work.
        {"info": {"audit": "skip"}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    verdict: Mapped[str] = mapped_column(sa.String(20))  # valid, or what it was instead
    reason: Mapped[str | None] = mapped_column(sa.String(30))  # why it was not valid
    serial: Mapped[int | None]  # of the certificate, where it could be read
    # The polling station, as the commission typed it.
    station: Mapped[str | None] = mapped_column(sa.String(40))
    checked_at: Mapped[datetime]  # when it was checked, by the clock of the device
    # When it was sent here, by our clock.
    received_at: Mapped[datetime] = mapped_column(default=clock.now)
