"""Secret addresses at which calendars are read."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.delegations.models import Delegation
from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.officials.models import Hall, Interpreter, Official


class CalendarKind(StrEnum):
    """Whose meetings a calendar shows."""

    ELECTION = "election"
    OFFICIAL = "official"
    DELEGATION = "delegation"
    HALL = "hall"
    INTERPRETER = "interpreter"
    USER = "user"


class CalendarAddress(Versioned, Model):
    """A secret address at which a telephone reads meetings; whoever holds it reads them.

    Only a keyed digest of the secret is kept, so that a stolen database opens no calendar.
    """

    __tablename__ = "calendar_addresses"

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"), index=True)
    # Whose meetings it shows; the column of that kind names them.
    kind: Mapped[CalendarKind] = mapped_column(enum_type(CalendarKind))
    official_id: Mapped[int | None] = mapped_column(sa.ForeignKey("officials.id"))
    delegation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("delegations.id"))
    hall_id: Mapped[int | None] = mapped_column(sa.ForeignKey("halls.id"))
    interpreter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("interpreters.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    language: Mapped[str] = mapped_column(sa.String(2))  # of its texts: en, ru or kk
    # Keyed, of the secret in the address.
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True, info={"audit": "redact"})
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))
    revoked_at: Mapped[datetime | None]  # from when on it shows nothing

    official: Mapped[Official | None] = relationship(lazy="joined")
    hall: Mapped[Hall | None] = relationship(lazy="joined")
    interpreter: Mapped[Interpreter | None] = relationship(lazy="joined")
    delegation: Mapped[Delegation | None] = relationship(lazy="joined")
