"""How an election's certificates look."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, ColorField, StringField, TextAreaField
from wtforms.validators import Optional

from tracker.credentials.design import COLORS, GROUPS
from tracker.credentials.models import CertificateDesign
from tracker.credentials.operations import DesignDetails
from tracker.kernel.forms import VersionedForm, line, lines, one_line
from tracker.kernel.i18n import LANGUAGES


def _heading(label: str) -> StringField:
    return line(label, 200)


def _note(label: str) -> TextAreaField:
    return lines(label, 600)


def _color(label: str) -> ColorField:
    return ColorField(label, [Optional()], filters=[one_line])


class DesignForm(VersionedForm):
    """Texts, emblem and colours; what is left empty takes the default."""

    heading_kk = _heading(_l("Issued by, in Kazakh"))
    heading_ru = _heading(_l("Issued by, in Russian"))
    heading_en = _heading(_l("Issued by, in English"))
    note_kk = _note(_l("On the back, in Kazakh"))
    note_ru = _note(_l("On the back, in Russian"))
    note_en = _note(_l("On the back, in English"))
    emblem = FileField(_l("Emblem"), description=_l("PNG, JPEG or WebP, at most 1 megabyte."))
    drops_emblem = BooleanField(_l("Print no emblem"))
    color_head = _color(_l("Heads of delegations"))
    color_core_team = _color(_l("Core team"))
    color_long_term = _color(_l("Long-term observers"))
    color_short_term = _color(_l("Short-term observers"))
    color_expert = _color(_l("Experts"))
    color_support = _color(_l("Support staff"))

    def show(self, row: CertificateDesign | None) -> None:
        """Fill the form from what is stored."""
        for name in self._texts():
            self[name].data = getattr(row, name) if row else None
        for group in GROUPS:
            name = f"color_{group}"
            self[name].data = (getattr(row, name) if row else None) or COLORS[group]
        self.version.data = str(row.version) if row else "0"

    @staticmethod
    def _texts() -> list[str]:
        return [f"{part}_{code}" for part in ("heading", "note") for code in LANGUAGES]

    def details(self) -> DesignDetails:
        """What was typed; the default colour is none of one's own."""
        data: dict[str, Any] = self.data
        own = {group: data[f"color_{group}"] for group in GROUPS}
        return DesignDetails(
            heading={code: data[f"heading_{code}"] for code in LANGUAGES},
            note={code: data[f"note_{code}"] for code in LANGUAGES},
            colors={
                group: None if color == COLORS[group] else color for group, color in own.items()
            },
        )

    @property
    def upload(self) -> bytes | None:
        """The picture that was sent."""
        file = self.emblem.data
        content: bytes | None = file.read() if file and file.filename else None
        return content
