"""What people write of bulletins and press notes, in three languages beside each other."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DateTimeLocalField
from wtforms.validators import Optional

from tracker.kernel.forms import LOCAL_FORMATS, Form, VersionedForm, line, lines
from tracker.kernel.i18n import LANGUAGES
from tracker.publications.models import Bulletin, PressNote
from tracker.publications.operations import BulletinTexts, NoteTexts


class DraftForm(Form):
    """As of which moment a bulletin speaks."""

    as_of = DateTimeLocalField(
        _l("As of"),
        [Optional()],
        format=LOCAL_FORMATS,
        description=_l("Local time. Left empty: now."),
    )


class BulletinForm(VersionedForm):
    """The words of a bulletin, and what a correction corrects."""

    text_kk = lines(_l("Text in Kazakh"), 10_000)
    text_ru = lines(_l("Text in Russian"), 10_000)
    text_en = lines(_l("Text in English"), 10_000)
    correction_kk = lines(_l("What it corrects, in Kazakh"), 1000)
    correction_ru = lines(_l("What it corrects, in Russian"), 1000)
    correction_en = lines(_l("What it corrects, in English"), 1000)

    def show(self, row: Bulletin) -> None:
        """Fill the form from what is stored."""
        _show(self, row, ("text", "correction"))

    def texts(self) -> BulletinTexts:
        """What was typed."""
        return BulletinTexts(text=_typed(self, "text"), correction=_typed(self, "correction"))


class NoteForm(VersionedForm):
    """The words of a press note; the closing paragraph is never typed."""

    title_kk = line(_l("Title in Kazakh"), 300)
    title_ru = line(_l("Title in Russian"), 300)
    title_en = line(_l("Title in English"), 300)
    text_kk = lines(_l("Text in Kazakh"), 10_000)
    text_ru = lines(_l("Text in Russian"), 10_000)
    text_en = lines(_l("Text in English"), 10_000)
    photo_credit = line(_l("Credit of the photograph"), 200)
    photo_alt_kk = line(_l("What the photograph shows, in Kazakh"), 300)
    photo_alt_ru = line(_l("What the photograph shows, in Russian"), 300)
    photo_alt_en = line(_l("What the photograph shows, in English"), 300)
    press_contact = line(_l("Contact for the press"), 300, _l("Telephone and address to ask at."))
    correction_kk = lines(_l("What it corrects, in Kazakh"), 1000)
    correction_ru = lines(_l("What it corrects, in Russian"), 1000)
    correction_en = lines(_l("What it corrects, in English"), 1000)

    def show(self, row: PressNote) -> None:
        """Fill the form from what is stored."""
        _show(self, row, ("title", "text", "photo_alt", "correction"))
        self.photo_credit.data, self.press_contact.data = row.photo_credit, row.press_contact

    def texts(self) -> NoteTexts:
        """What was typed."""
        return NoteTexts(
            title=_typed(self, "title"),
            text=_typed(self, "text"),
            photo_alt=_typed(self, "photo_alt"),
            correction=_typed(self, "correction"),
            photo_credit=self.photo_credit.data or "",
            press_contact=self.press_contact.data or "",
        )


class PhotoForm(Form):
    """A photograph of the meeting."""

    photo = FileField(
        _l("Photograph"), description=_l("JPEG, PNG or WebP; place and camera are taken off it.")
    )


def _show(form: VersionedForm, row: Any, names: tuple[str, ...]) -> None:
    for name in names:
        for code in LANGUAGES:
            form[f"{name}_{code}"].data = getattr(row, f"{name}_{code}")
    form.version.data = str(row.version)


def _typed(form: VersionedForm, name: str) -> dict[str, str]:
    return {code: form[f"{name}_{code}"].data or "" for code in LANGUAGES}
