"""What people type about a list."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from tracker.accreditation.labels import FUNCTIONS
from tracker.accreditation.models import Function
from tracker.kernel.forms import Choices, Form, chosen_number, line, offer_one
from tracker.kernel.i18n import language
from tracker.lists.labels import DELIMITER_LABELS, ENCODING_LABELS
from tracker.lists.models import ObserverList
from tracker.lists.operations import NewChoices, Received
from tracker.lists.typed import FIELDS
from tracker.observers.issuers import issuer_of
from tracker.observers.labels import DOCUMENTS, SEXES
from tracker.organizations.states import citizenship_name, special_holders, states_sorted


def _function(value: Any) -> Function | None:
    return Function(value) if value else None


class UploadForm(Form):
    """A list as a delegation sent it, and what holds for everyone on it."""

    delegation = SelectField(
        _l("Delegation"), [DataRequired(_l("Choose the delegation."))], coerce=chosen_number
    )
    file = FileField(
        _l("List"),
        [FileRequired(_l("Choose the file."))],
        description=_l(
            "A spreadsheet (xlsx, xls, ods) or text (csv, tsv), up to 24 megabytes and 50,000 rows."
        ),
    )
    portraits = FileField(
        _l("Portraits"),
        description=_l(
            "A zip of pictures named by document number, by surname and given names, or by row "
            "number. Pictures inside the spreadsheet are found by themselves."
        ),
    )
    function = SelectField(_l("Function of those for whom the list says none"), coerce=_function)
    pledge_signed_on = DateField(_l("Everyone signed the pledge on"), [Optional()])

    def offer(self, delegations: Choices) -> None:
        """Fill the lists to choose from."""
        offer_one(self.delegation, delegations)
        self.function.choices = _functions()

    def received(self) -> Received:
        """What was sent; a file can be read once."""
        portraits = self.portraits.data
        return Received(
            filename=self.file.data.filename or "",
            content=self.file.data.read(),
            portraits=portraits.read() if portraits and portraits.filename else None,
            function=self.function.data,
            pledge_signed_on=self.pledge_signed_on.data,
        )


def _functions() -> list[tuple[str, str]]:
    return [("", "—"), *((key.value, str(_(label))) for key, label in FUNCTIONS.items())]


DAYS = {"day": True, "month": False}
ORDERS = {"surname": True, "given": False}


def _word(chosen: bool | None, words: dict[str, bool]) -> str:
    return next((word for word, value in words.items() if value is chosen), "")


class ChoicesForm(Form):
    """What a person says against what was recognized; the columns are read by the route."""

    sheet = SelectField(_l("Sheet"))
    header_row = SelectField(_l("Header in row"), coerce=int)
    encoding = SelectField(_l("Encoding"))
    delimiter = SelectField(_l("Delimiter"))
    day_first = SelectField(_l("Dates such as 03/04/1970"))
    surname_first = SelectField(_l("Names in one cell"))
    function = SelectField(_l("Function of those for whom the list says none"), coerce=_function)
    pledge_signed_on = DateField(_l("Everyone signed the pledge on"), [Optional()])

    def offer(self, sheets: list[str]) -> None:
        """Fill the lists to choose from."""
        self.sheet.choices = [(name, name) for name in sheets] or [("", "—")]
        self.header_row.choices = [
            (0, str(_("no header"))),
            *((number, str(number)) for number in range(1, 41)),
        ]
        self.encoding.choices = list(ENCODING_LABELS.items())
        self.delimiter.choices = [(key, _(label)) for key, label in DELIMITER_LABELS.items()]
        self.day_first.choices = [
            ("", str(_("as the column shows"))),
            ("day", str(_("day first: 3 April"))),
            ("month", str(_("month first: 4 March"))),
        ]
        self.surname_first.choices = [
            ("", str(_("as the list shows"))),
            ("surname", str(_("surname first"))),
            ("given", str(_("given names first"))),
        ]
        self.function.choices = _functions()

    def show(self, found: ObserverList) -> None:
        """Fill the form from what was recognized, and from what was chosen before."""
        self.sheet.data = found.facts.get("sheet")
        self.header_row.data = found.facts.get("header_row", 0)
        self.encoding.data = found.facts.get("encoding")
        self.delimiter.data = found.facts.get("delimiter")
        self.day_first.data = _word(found.choices.get("day_first"), DAYS)
        self.surname_first.data = _word(found.choices.get("surname_first"), ORDERS)
        self.function.data = found.function
        self.pledge_signed_on.data = found.pledge_signed_on

    def choices(self, found: ObserverList, columns: Mapping[int, str]) -> NewChoices:
        """What was chosen; of sheets and encodings only where the file has any."""
        is_text = bool(found.facts.get("encoding"))
        return NewChoices(
            sheet=self.sheet.data if found.facts.get("sheets") else None,
            encoding=self.encoding.data if is_text else None,
            delimiter=self.delimiter.data if is_text else None,
            header_row=self.header_row.data,
            day_first=DAYS.get(self.day_first.data or ""),
            surname_first=ORDERS.get(self.surname_first.data or ""),
            columns=columns,
            function=self.function.data,
            pledge_signed_on=self.pledge_signed_on.data,
        )


class PersonForm(Form):
    """One person of a delegation; what is missing for the registration may come later."""

    surname = line(_l("Surname"), 100, _l("As in the passport, in Latin letters."))
    given_names = line(_l("Given names"), 100)
    native_name = line(_l("Name in own script"), 200)
    sex = SelectField(_l("Sex"))
    birth_date = DateField(_l("Date of birth"), [Optional()])
    citizenship = SelectField(_l("Citizenship"))
    document_kind = SelectField(_l("Travel document"))
    document_number = line(_l("Document number"), 20)
    issuing_state = SelectField(_l("Issued by"))
    document_expiry = DateField(_l("Valid until"), [Optional()])
    portrait = FileField(_l("Portrait"), description=_l("JPEG, PNG or WebP; cropped to 3:4."))
    function = SelectField(_l("Function"))
    occupation = line(_l("Occupation"), 200)
    languages = line(_l("Languages"), 100, _l("Two-letter codes, for example: en ru."))
    email = line(_l("E-mail address"), 254)
    phone = line(_l("Telephone"), 60)
    pledge_signed_on = DateField(_l("Pledge signed on"), [Optional()])

    def offer(self) -> None:
        """Fill the lists to choose from."""
        nothing, code = ("", "—"), language()
        states = states_sorted(code)
        holders = [(holder, citizenship_name(holder, code)) for holder in special_holders()]
        self.sex.choices = [nothing, *((key.value, _(label)) for key, label in SEXES.items())]
        self.citizenship.choices = [nothing, *states, *holders]
        issuers = ((issuer_of(country), name) for country, name in states)
        self.issuing_state.choices = [nothing, *issuers, *holders]
        self.document_kind.choices = [
            nothing,
            *((key.value, _(label)) for key, label in DOCUMENTS.items()),
        ]
        self.function.choices = _functions()

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse a person without any name, beside what is wrong with single fields."""
        is_right = bool(super().validate(extra_validators))
        if self.surname.data or self.given_names.data:
            return is_right
        self.surname.errors = [*self.surname.errors, _("Give the name.")]
        return False

    def values(self) -> dict[str, str]:
        """What was typed, in the fields of a list."""
        return {
            name: data.isoformat() if isinstance(data, date) else str(data)
            for name in FIELDS
            if (data := self[name].data)
        }

    def show(self, values: Mapping[str, str]) -> None:
        """Fill the form from the record; the document's number is never shown here."""
        for name in FIELDS:
            value = values.get(name)
            if value and name != "document_number":
                is_day = isinstance(self[name], DateField)
                self[name].data = date.fromisoformat(value) if is_day else value


class ReturnForm(Form):
    """Why a list goes back to its delegation."""

    reason = TextAreaField(
        _l("What is to be mended"),
        [Length(max=1_000)],
        description=_l("The delegation reads this beside its list."),
    )
