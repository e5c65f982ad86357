"""What certificates of an election look like: its own design over the default, and never none.

Emblem and colours are checked when they are saved; what is broken all the same when a badge is
printed (a file that is gone) falls back to the default, because a person waits at the counter.
"""

import io
import re
from dataclasses import dataclass, field

import structlog
from PIL import Image

from tracker.accreditation.models import Function
from tracker.credentials.models import CertificateDesign
from tracker.kernel.database import db
from tracker.kernel.i18n import LANGUAGES
from tracker.kernel.storage import storage

log = structlog.get_logger()
COLOR = re.compile(r"#[0-9a-f]{6}")
LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3

# Groups of functions share a colour; on the badge the function is a word as well.
GROUPS: dict[str, tuple[Function, ...]] = {
    "head": (Function.HEAD, Function.DEPUTY_HEAD),
    "core_team": (Function.CORE_TEAM,),
    "long_term": (Function.LONG_TERM_OBSERVER,),
    "short_term": (Function.SHORT_TERM_OBSERVER,),
    "expert": (Function.EXPERT,),
    "support": (Function.INTERPRETER, Function.ASSISTANT, Function.DRIVER),
}
GROUP_OF = {function: group for group, functions in GROUPS.items() for function in functions}
COLORS = {
    "head": "#8c1d40",
    "core_team": "#5b2a86",
    "long_term": "#1d4f91",
    "short_term": "#0b6e4f",
    "expert": "#8a5200",
    "support": "#4d5560",
}


@dataclass(frozen=True)
class Design:
    """What is printed: texts by language where the election has its own, an emblem, colours."""

    heading: dict[str, str] = field(default_factory=dict)
    note: dict[str, str] = field(default_factory=dict)
    emblem: bytes | None = None  # a PNG
    colors: dict[str, str] = field(default_factory=lambda: dict(COLORS))
    is_broken: bool = False  # something of it could not be used


def _luminance(color: str) -> float:
    """The relative luminance of #rrggbb (WCAG 2.2)."""
    parts = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast_with_white(color: str) -> float:
    """How well white words stand out on the colour, from 1 to 21 (WCAG 2.2)."""
    return 1.05 / (_luminance(color) + 0.05)


def is_usable(color: str) -> bool:
    """Whether `color` is #rrggbb and dark enough for the white words of a band."""
    return bool(COLOR.fullmatch(color)) and contrast_with_white(color) >= LEAST_CONTRAST


def _emblem(key: str | None) -> bytes | None:
    if key is None:
        return None
    content = storage.get(key)
    with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
        image.verify()
    return content


def design_of(election_id: int) -> Design:
    """The design of an election, whatever of it can be used."""
    row = db.session.get(CertificateDesign, election_id)
    if row is None:
        return Design()
    emblem, is_broken = None, False
    try:
        emblem = _emblem(row.emblem)
    except (OSError, ValueError, SyntaxError):
        log.warning("emblem cannot be used", election_id=election_id)
        is_broken = True
    own = {group: getattr(row, f"color_{group}") or COLORS[group] for group in GROUPS}
    colors = {group: own[group] if is_usable(own[group]) else COLORS[group] for group in GROUPS}
    return Design(
        heading=_texts(row, "heading"),
        note=_texts(row, "note"),
        emblem=emblem,
        colors=colors,
        is_broken=is_broken or colors != own,
    )


def _texts(row: CertificateDesign, name: str) -> dict[str, str]:
    found = {code: getattr(row, f"{name}_{code}") for code in LANGUAGES}
    return {code: text for code, text in found.items() if text}
