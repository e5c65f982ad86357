"""What changes bulletins and press notes."""

from tracker.publications.operations.bulletins import (
    BulletinTexts,
    approve_bulletin,
    discard_bulletin,
    draft_bulletin,
    edit_bulletin,
    publish_bulletin,
    recount_bulletin,
)
from tracker.publications.operations.notes import (
    NoteTexts,
    approve_note,
    discard_note,
    draft_note,
    edit_note,
    publish_note,
    put_note_photo,
)

__all__ = [
    "BulletinTexts",
    "NoteTexts",
    "approve_bulletin",
    "approve_note",
    "discard_bulletin",
    "discard_note",
    "draft_bulletin",
    "draft_note",
    "edit_bulletin",
    "edit_note",
    "publish_bulletin",
    "publish_note",
    "put_note_photo",
    "recount_bulletin",
]
