"""How far the record of changes was read for notices."""

from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Model


class NoticeMark(Model):
    """One row: the position in the audit record up to which everybody was told."""

    __tablename__ = "notice_marks"
    __table_args__ = ({"info": {"audit": "skip"}},)

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]  # of the last entry that was told
