"""What people type about observers, submissions and decisions."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from tracker.accounts.rules import is_email
from tracker.accreditation.labels import FUNCTIONS, GROUNDS
from tracker.accreditation.models import Accreditation, Function, Ground
from tracker.accreditation.operations import Place
from tracker.accreditation.rules import Missing
from tracker.elections.rules import moment_typed
from tracker.kernel import clock
from tracker.kernel.errors import Refused
from tracker.kernel.forms import LOCAL_FORMATS, Form, VersionedForm, chosen_number, line
from tracker.kernel.i18n import N_, language
from tracker.observers.issuers import citizenship_of, issuer_of
from tracker.observers.labels import DOCUMENTS, SEXES
from tracker.observers.models import DocumentType, Observer, Sex
from tracker.observers.mrz import Mrz
from tracker.observers.operations import PersonDetails
from tracker.organizations.states import citizenship_name, special_holders, states_sorted

PERSON_TEXTS = (
    "surname",
    "given_names",
    "native_name",
    "occupation",
    "languages",
    "email",
    "phone",
)


FIELD_OF_MISSING = {
    Missing.NAMES: "surname",
    Missing.BIRTH_DATE: "birth_date",
    Missing.CITIZENSHIP: "citizenship",
    Missing.HOST_CITIZEN: "citizenship",
    Missing.DOCUMENT: "document_number",
    Missing.DOCUMENT_EXPIRY: "document_expires_on",
    Missing.DOCUMENT_EXPIRES_EARLY: "document_expires_on",
    Missing.PORTRAIT: "portrait",
    Missing.FUNCTION: "function",
    Missing.PLEDGE: "pledge_signed_on",
}
# What is said beside the field: it is empty, or what stands there will not do.
NEEDED = N_("Needed to register.")
UNFIT = {
    Missing.HOST_CITIZEN: N_("Citizens of the host country cannot be international observers."),
    Missing.DOCUMENT_EXPIRES_EARLY: N_(
        "The travel document must be valid through the day after election day."
    ),
}


def _day(label: Any) -> DateField:
    return DateField(label, [Optional()])


def _moment(typed: datetime | None, time_zone: str) -> datetime | None:
    return moment_typed(typed, time_zone, clock.now()) if typed else None


def _enum(kind: Any) -> Any:
    return lambda value: kind(value) if value else None


class ObserverForm(VersionedForm):
    """Register or change an observer; a draft may lack anything but a name."""

    lacks_note_verbale = False
    mrz = TextAreaField(
        _l("Machine-readable zone"),
        [Optional(), Length(max=400)],
        description=_l("Type, paste or scan the two or three lines at the foot of the document."),
    )
    delegation = SelectField(
        _l("Delegation"),
        [DataRequired(_l("Choose the delegation."))],
        coerce=lambda value: int(value or 0),
    )
    surname = line(_l("Surname"), 100, _l("As in the passport, in Latin letters."))
    given_names = line(_l("Given names"), 100)
    native_name = line(_l("Name in own script"), 200)
    sex = SelectField(_l("Sex"), coerce=_enum(Sex))
    birth_date = _day(_l("Date of birth"))
    citizenship = SelectField(_l("Citizenship"))
    document_kind = SelectField(_l("Travel document"), coerce=_enum(DocumentType))
    document_number = line(_l("Document number"), 20)
    issuing_state = SelectField(_l("Issued by"))
    document_expires_on = _day(_l("Valid until"))
    portrait = FileField(_l("Portrait"), description=_l("JPEG, PNG or WebP; cropped to 3:4."))
    kept_portrait = HiddenField()
    occupation = line(_l("Occupation"), 200)
    languages = line(_l("Languages"), 100, _l("Two-letter codes, for example: en ru."))
    email = line(_l("E-mail address"), 254)
    phone = line(_l("Telephone"), 60)
    function = SelectField(_l("Function"), coerce=_enum(Function))
    region = SelectField(_l("Region"))
    pledge_signed_on = _day(_l("Pledge signed on"))
    replaces_id = SelectField(
        _l("Replaces"),
        coerce=chosen_number,
        default=0,  # it is asked of the new only
        description=_l("In a large delegation: open the observer who leaves and choose “Replace”."),
    )
    is_other_person = BooleanField(_l("This is another person of the same name and date of birth"))

    def offer(
        self,
        *,
        delegations: list[tuple[int, str]],
        regions: list[tuple[str, str]],
        replaceable: list[tuple[int, str]],
    ) -> None:
        """Fill the lists to choose from."""
        code = language()
        nothing = ("", "—")
        states = states_sorted(code)
        holders = [(holder, citizenship_name(holder, code)) for holder in special_holders()]
        self.delegation.choices = [nothing, *delegations]
        self.sex.choices = [nothing, *((key.value, _(label)) for key, label in SEXES.items())]
        self.citizenship.choices = [nothing, *states, *holders]
        self.issuing_state.choices = [
            nothing,
            *((issuer_of(country), name) for country, name in states),
            *holders,
        ]
        self.document_kind.choices = [
            nothing,
            *((key.value, _(label)) for key, label in DOCUMENTS.items()),
        ]
        self.function.choices = [
            nothing,
            *((key.value, _(label)) for key, label in FUNCTIONS.items()),
        ]
        self.region.choices = [nothing, *regions]
        self.replaces_id.choices = [(0, "—"), *replaceable]

    def refuse(self, refusal: Refused) -> None:
        """Show a refusal; what is missing for the registration also beside its own field.

        The note verbale has none here: the page says where the delegation gets it.
        """
        super().refuse(refusal)
        self.lacks_note_verbale = Missing.NOTE_VERBALE in refusal.params.get("codes", ())
        for code in refusal.params.get("codes", ()):
            field = self._fields.get(FIELD_OF_MISSING.get(code, ""))
            if field is not None:
                field.errors = [*field.errors, _(UNFIT.get(code, NEEDED))]

    def validate_email(self, field: StringField) -> None:
        """Refuse what has not the shape of an address."""
        if field.data and not is_email(field.data):
            raise ValidationError(_("This is not an e-mail address."))

    def fill(self, found: Mrz) -> None:
        """Take over what the machine-readable zone says, errors or not: a person checks it."""
        self.surname.data = found.surname or self.surname.data
        self.given_names.data = found.given_names or self.given_names.data
        self.sex.data = Sex(found.sex) if found.sex else self.sex.data
        self.birth_date.data = found.birth_date or self.birth_date.data
        self.document_number.data = found.document_number or self.document_number.data
        self.document_expires_on.data = found.expiry_date or self.document_expires_on.data
        for field in (self.birth_date, self.document_expires_on):
            field.raw_data = None  # else the field shows what was typed before
        self._choose(self.citizenship, citizenship_of(found.nationality or ""))
        self._choose(self.issuing_state, found.issuing_state)
        if self.document_kind.data is None:
            is_laissez_passer = found.issuing_state in {"UNO", "UNA", "EUE"}
            passport = (
                DocumentType.PASSPORT if found.format == "TD3" else DocumentType.IDENTITY_CARD
            )
            self.document_kind.data = DocumentType.LAISSEZ_PASSER if is_laissez_passer else passport

    def _choose(self, field: SelectField, value: str | None) -> None:
        if value in {choice[0] for choice in field.choices or []}:
            field.data = value

    def show(self, row: Accreditation, person: Observer) -> None:
        """Fill the form from what is stored; the document's number is never shown here."""
        for name in (*PERSON_TEXTS, "sex", "citizenship"):
            self[name].data = getattr(person, name)
        for name in ("function", "region", "pledge_signed_on"):
            self[name].data = getattr(row, name)
        self.birth_date.data = person.born_on
        self.delegation.data = row.delegation_id
        if person.document:
            self.document_kind.data = person.document.kind
            self.issuing_state.data = person.document.issuing_state
            self.document_expires_on.data = person.document.expires_on
        self.version.data = str(row.version + person.version)

    def person(self, portrait: str | None) -> PersonDetails:
        """What was typed of the person."""
        texts = {name: self[name].data for name in PERSON_TEXTS}
        for name in ("surname", "given_names", "languages"):
            texts[name] = texts[name] or ""
        return PersonDetails(
            **texts,
            sex=self.sex.data,
            birth_date=self.birth_date.data,
            citizenship=self.citizenship.data or None,
            portrait=portrait,
            document_kind=self.document_kind.data,
            document_number=self.document_number.data,
            issuing_state=self.issuing_state.data or None,
            document_expires_on=self.document_expires_on.data,
        )

    def place(self) -> Place:
        """What was typed of the place in the delegation."""
        return Place(
            function=self.function.data,
            region=self.region.data or None,
            pledge_signed_on=self.pledge_signed_on.data,
            replaces_id=self.replaces_id.data or None,
        )


class SubmissionForm(Form):
    """Which registered observers to present."""

    remark = line(_l("Remark"), 500)
    override_reason = line(
        _l("Reason for submitting after the close"),
        500,
        _l("Only an administrator; the reason stands in the history."),
    )


class DecisionForm(Form):
    """The resolution; the rows are read by the route."""

    resolution_number = line(_l("Number of the resolution"), 40)
    effective_at = DateTimeLocalField(
        _l("Takes effect at (local time)"), [Optional()], format=LOCAL_FORMATS
    )
    remark = line(_l("Remark"), 500)

    def begin(self, time_zone: str) -> None:
        """Offer the present minute as the moment from which the resolution stands."""
        now = clock.local(clock.now(), time_zone)
        self.effective_at.data = now.replace(tzinfo=None, second=0, microsecond=0)

    def moment(self, time_zone: str) -> datetime | None:
        """From when it takes effect, where that was typed."""
        return _moment(self.effective_at.data, time_zone)


class ReturnedForm(Form):
    """The annex with the commission's decisions in it."""

    file = FileField(
        _l("Annex with decisions"),
        [FileRequired(_l("Choose the file."))],
        description=_l("The spreadsheet that was given out, with the column “Decision” filled in."),
    )


class EndForm(Form):
    """Withdraw or revoke."""

    ground = SelectField(
        _l("Ground"), [DataRequired(_l("Choose the ground."))], coerce=_enum(Ground)
    )
    ground_text = line(_l("In words"), 500, _l("Needed where the ground is “other”."))
    effective_at = DateTimeLocalField(
        _l("Takes effect at (local time)"),
        [Optional()],
        format=LOCAL_FORMATS,
        description=_l("Left empty: now."),
    )

    def offer(self, grounds: tuple[Ground, ...]) -> None:
        """Fill the list of grounds; who is replaced is withdrawn by the replacement itself."""
        offered = (ground for ground in grounds if ground is not Ground.REPLACED)
        self.ground.choices = [
            ("", "—"),
            *((ground.value, _(GROUNDS[ground])) for ground in offered),
        ]

    def moment(self, time_zone: str) -> datetime | None:
        """From when it takes effect, where that was typed."""
        return _moment(self.effective_at.data, time_zone)
