"""What people type about accounts, and sign-in with its lock."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_security.forms import (
    ChangePasswordForm,
    LoginForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
)
from flask_security.recovery_codes import MfRecoveryForm
from flask_security.utils import get_message
from flask_security.webauthn import WebAuthnRegisterForm
from wtforms import (
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
)
from wtforms.validators import DataRequired, EqualTo, InputRequired, NumberRange

from tracker.accounts.authenticators import network
from tracker.accounts.labels import DELIVERIES, NOTICES, RECOVERIES, ROLES, SCOPES
from tracker.accounts.models import Attempt, Delivery, LinkKind, Notice, Scope
from tracker.accounts.operations import count_attempts, is_any_locked
from tracker.accounts.operations.attempts import Subject
from tracker.accounts.rules import LONGEST_TOKEN_DAYS, NAMES_OF_TOKENS, SERVICE_ROLES
from tracker.kernel.forms import Boxes, Form, VersionedForm, line
from tracker.kernel.i18n import LANGUAGES
from tracker.kernel.permissions import Role

FAILED = _l(
    "Sign-in failed. Check the address and the password; "
    "after several failures wait fifteen minutes."
)


class Counted:
    """A form whose failures are counted, and which is refused for a while after too many."""

    def subjects(self) -> list[Subject]:
        """What the failures count against."""
        raise NotImplementedError

    def counted(self, check: Callable[[], bool]) -> bool:
        """What `check` says, unless it was tried too often; the attempt is counted.

        Checked even when locked, so that the time taken tells nothing.
        """
        subjects, where = self.subjects(), network()
        if where:
            subjects.append((Attempt.NETWORK, where))
        is_right = check()
        if is_any_locked(subjects):
            return False
        count_attempts(subjects, succeeded=is_right)
        return is_right


class SignInForm(Counted, LoginForm):
    """Sign-in that is refused for a while after repeated failures, account or not."""

    def subjects(self) -> list[Subject]:
        """The address typed, account or not."""
        return [(Attempt.ACCOUNT, self.email.data or "")]

    def validate(self, **kwargs: Any) -> bool:
        """Check the credentials unless the identity or the network is locked."""
        is_right = self.counted(partial(super().validate, **kwargs))
        if not is_right:
            if not self.errors:  # right, but locked: the same words as for a wrong password
                self.form_errors.append(FAILED)
            return False
        # A passkey is two factors; a password alone must not be a way around it.
        if self.user and self.user.webauthn and not self.user.tf_primary_method:
            self.form_errors.append(_("This account signs in with its passkey."))
            return False
        return True


class SecondFactorForm(Counted, TwoFactorVerifyCodeForm):
    """The code of the second factor, with the same lock."""

    def subjects(self) -> list[Subject]:
        """The account between password and code."""
        return [(Attempt.SECOND_FACTOR, str(getattr(self.user, "id", "")))]

    def validate(self, **kwargs: Any) -> bool:
        """Check the code unless the account or the network is locked."""
        return self.counted(partial(super().validate, **kwargs))


class RecoveryCodeForm(Counted, MfRecoveryForm):
    """A recovery code in place of the second factor, counted with it."""

    def subjects(self) -> list[Subject]:
        """The account between password and code."""
        return [(Attempt.SECOND_FACTOR, str(getattr(self.user, "id", "")))]

    def validate(self, **kwargs: Any) -> bool:
        """Check the code unless the account or the network is locked."""
        return self.counted(partial(super().validate, **kwargs))


class AgainForm(Counted, VerifyForm):
    """The password once more of somebody who is signed in."""

    def subjects(self) -> list[Subject]:
        """The account that is signed in."""
        return [(Attempt.AGAIN, str(self.user.id))]

    def validate(self, **kwargs: Any) -> bool:
        """Check the password unless it was tried too often."""
        return self.counted(partial(super().validate, **kwargs))


class NewPasswordForm(Counted, ChangePasswordForm):
    """Another password, for who knows the present one."""

    def subjects(self) -> list[Subject]:
        """The account that is signed in."""
        return [(Attempt.AGAIN, str(current_user.id))]

    def validate(self, **kwargs: Any) -> bool:
        """Check both passwords; only a wrong present one is an attempt to be counted."""
        subjects = self.subjects()
        is_right = bool(super().validate(**kwargs))
        if is_any_locked(subjects):
            return False
        if self.password.errors:
            count_attempts(subjects, succeeded=False)
        if not (self.password.data or "").strip():
            self._say_the_rest()
        return is_right

    def _say_the_rest(self) -> None:
        """Where nothing is given as the present password, the library says either that or what is
        wrong with the new one."""
        errors: list[str] = list(self.new_password.errors)
        if current_user.password and not self.password.errors:
            self.password.errors = get_message("PASSWORD_NOT_PROVIDED")[:1]
        if self.new_password.data and not errors:
            checked = current_app.extensions["security"].password_util
            errors, _normalized = checked.validate(self.new_password.data, False, user=current_user)
            self.new_password.errors = errors or []


class PasskeyForm(WebAuthnRegisterForm):
    """A new passkey; each signs in by itself, so there is nothing to choose but a name."""

    usage = RadioField(choices=[("first", "")], default="first")

    def validate(self, **kwargs: Any) -> bool:
        """Check the name."""
        self.usage.data = "first"
        return bool(super().validate(**kwargs))


class LinkForm(Form):
    """The password that the holder of a link chooses."""

    password = PasswordField(_l("New password"), [DataRequired(_l("Give the password."))])
    again = PasswordField(
        _l("New password once more"),
        [EqualTo("password", _l("The two passwords differ."))],
    )


class EntryForm(Form):
    """Sign in by a link of the command line: an act of its own, which no preview of a link does."""


class RecoveryForm(Form):
    """What a person lost, and how the administrator knows who asks."""

    kind = SelectField(_l("What was lost"), coerce=LinkKind)
    reason = line(
        _l("Why, and how you know who asks"),
        200,
        required=_l("Say why, and how you know who asks."),
    )

    def offer(self) -> None:
        """Fill the list to choose from."""
        self.kind.choices = [(kind.value, _(label)) for kind, label in RECOVERIES.items()]


def _choice(kind: Notice) -> SelectField:
    return SelectField(_l(NOTICES[kind]), coerce=Delivery)


class NoticesForm(Form):
    """When one is told of what by mail; fields are called as the kinds are."""

    lists = _choice(Notice.LISTS)
    meeting_requests = _choice(Notice.MEETING_REQUESTS)
    submissions = _choice(Notice.SUBMISSIONS)
    followed = _choice(Notice.FOLLOWED)
    decisions = _choice(Notice.DECISIONS)
    answers = _choice(Notice.ANSWERS)
    meetings = _choice(Notice.MEETINGS)
    messages = _choice(Notice.MESSAGES)

    def offer(self, kinds: Iterable[Notice]) -> None:
        """Leave the fields of these kinds, and fill their lists."""
        for kind in set(Notice) - set(kinds):
            del self[kind.value]
        for kind in kinds:
            choices = [(delivery.value, _(label)) for delivery, label in DELIVERIES.items()]
            self[kind.value].choices = choices

    @property
    def chosen(self) -> dict[Notice, Delivery]:
        """What was chosen, for each kind that was offered."""
        return {kind: self[kind.value].data for kind in Notice if kind.value in self}


class UserForm(Form):
    """A new account."""

    name = line(_l("Name"), 200, required=_l("Give the name."))
    email = line(_l("E-mail address"), 254, required=_l("Give the e-mail address."))
    roles = Boxes(_l("Roles"), coerce=Role)
    language = SelectField(_l("Language"))

    def offer(self) -> None:
        """Fill the lists to choose from.

        Without the role of a focal point: it is nothing without a delegation, and the page of the
        delegation gives both.
        """
        roles = ((role, label) for role, label in ROLES.items() if role is not Role.FOCAL_POINT)
        self.roles.choices = [(role.value, _(label)) for role, label in roles]
        self.language.choices = [("", _("As the browser")), *LANGUAGES.items()]


class RolesForm(VersionedForm):
    """The roles of an account."""

    roles = Boxes(_l("Roles"), coerce=Role)

    def offer(self) -> None:
        """Fill the list of roles."""
        self.roles.choices = [(role.value, _(label)) for role, label in ROLES.items()]


class TokenForm(Form):
    """A token of one's own."""

    name = line(
        _l("What the token is for"), NAMES_OF_TOKENS, required=_l("Say what the token is for.")
    )
    days = IntegerField(
        _l("Days until it ends"),
        [
            InputRequired(_l("Give a number from 1 to 365.")),
            NumberRange(1, LONGEST_TOKEN_DAYS, _l("Give a number from 1 to 365.")),
        ],
        default=90,
    )
    scopes = Boxes(
        _l("What it may be used for"),
        [InputRequired(_l("Choose what the token may be used for."))],
        coerce=Scope,
    )

    def offer(self, scopes: Iterable[Scope]) -> None:
        """Fill the list of scopes."""
        self.scopes.choices = [(scope.value, _(SCOPES[scope])) for scope in scopes]


class ServiceTokenForm(TokenForm):
    """A token for another system."""

    role = SelectField(
        _l("Whose work the system does"),
        coerce=Role,
        description=_l("It may do nothing that this role may not."),
    )

    def offer(self, scopes: Iterable[Scope]) -> None:
        """Fill the lists to choose from."""
        super().offer(scopes)
        self.role.choices = [(role.value, _(ROLES[role])) for role in SERVICE_ROLES]
