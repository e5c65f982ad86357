"""What an administrator decides of the look of an election's certificates."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image

from tracker.credentials.design import GROUPS, is_usable
from tracker.credentials.models import CertificateDesign
from tracker.elections.models import Election
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.i18n import LANGUAGES, N_
from tracker.kernel.permissions import Capability
from tracker.kernel.pictures import opened_picture
from tracker.kernel.storage import storage

LARGEST_EMBLEM = 1024 * 1024
MOST_PIXELS = 16_000_000
SIDE = 800  # pixels of the stored emblem: 13 mm at more dots than a printer has


@dataclass(frozen=True, kw_only=True)
class DesignDetails:
    """Texts by language, colours by group of functions; empty takes the default."""

    heading: Mapping[str, str | None]
    note: Mapping[str, str | None]
    colors: Mapping[str, str | None]


def save_design(
    *,
    actor: Actor,
    election: Election,
    details: DesignDetails,
    emblem: bytes | None = None,
    drops_emblem: bool = False,
    seen_version: int,
) -> CertificateDesign:
    """Save the design; raises `Refused` for a colour on which white words cannot be read."""
    actor.require(Capability.EDIT_ELECTIONS)
    row = db.session.get(CertificateDesign, election.id)
    if row is None:
        row = CertificateDesign(election_id=election.id)
        db.session.add(row)
    elif row.version != seen_version:
        raise Stale(N_("Somebody else changed this record at the same moment. Open it again."))
    for language in LANGUAGES:
        setattr(row, f"heading_{language}", details.heading.get(language) or None)
        setattr(row, f"note_{language}", details.note.get(language) or None)
    for group in GROUPS:
        color = (details.colors.get(group) or "").lower()
        if color and not is_usable(color):
            raise Refused(
                N_("White words cannot be read on this colour: choose a darker one."),
                field=f"color_{group}",
            )
        setattr(row, f"color_{group}", color or None)
    if emblem is not None:
        row.emblem = _stored_emblem(emblem)
    elif drops_emblem:
        row.emblem = None
    db.session.flush()
    return row


def _stored_emblem(upload: bytes) -> str:
    """The picture as a PNG made anew from its pixels; raises `Refused` where it is none."""
    if len(upload) > LARGEST_EMBLEM:
        raise Refused(N_("The file is larger than %(limit)s megabytes."), field="emblem", limit=1)
    picture = opened_picture(upload, field="emblem", mode="RGBA", most_pixels=MOST_PIXELS)
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return storage.put(buffer.getvalue())
