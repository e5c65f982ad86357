"""What people type about accounts, and sign-in with its lock."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security.forms import LoginForm, TwoFactorVerifyCodeForm
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from tracker.accounts.labels import ROLES
from tracker.accounts.operations import count_attempt, is_identity_locked
from tracker.kernel.forms import Form, VersionedForm, one_line
from tracker.kernel.i18n import LANGUAGES
from tracker.kernel.permissions import Role


class SignInForm(LoginForm):
    """Sign-in that is refused for a while after repeated failures, account or not."""

    def validate(self, **kwargs: Any) -> bool:
        """Check the credentials unless the identity is locked; count the attempt."""
        identity = self.email.data or ""
        # The password is checked even when locked, so that the time taken tells nothing.
        is_right = bool(super().validate(**kwargs))
        if is_identity_locked(identity):
            if is_right:
                message = _(
                    "Sign-in failed. Check the address and the password; "
                    "after several failures wait fifteen minutes."
                )
                self.form_errors.append(message)
            return False
        count_attempt(identity, succeeded=is_right)
        return is_right


class SecondFactorForm(TwoFactorVerifyCodeForm):
    """The code of the second factor, with the same lock."""

    def validate(self, **kwargs: Any) -> bool:
        """Check the code unless the account is locked; count the attempt."""
        identity = f"second factor of {getattr(self.user, 'id', '')}"
        is_right = bool(super().validate(**kwargs))
        if is_identity_locked(identity):
            return False
        count_attempt(identity, succeeded=is_right)
        return is_right


class RolesField(SelectMultipleField):
    """Roles as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class UserForm(Form):
    """A new account."""

    email = StringField(
        _l("E-mail address"),
        [DataRequired(_l("Give the e-mail address.")), Length(max=254)],
        filters=[one_line],
    )
    name = StringField(
        _l("Name"), [DataRequired(_l("Give the name.")), Length(max=200)], filters=[one_line]
    )
    roles = RolesField(_l("Roles"), coerce=Role)
    language = SelectField(_l("Language"))

    def offer(self) -> None:
        """Fill the lists to choose from."""
        self.roles.choices = [(role.value, _(label)) for role, label in ROLES.items()]
        self.language.choices = [("", _("As the browser")), *LANGUAGES.items()]


class RolesForm(VersionedForm):
    """The roles of an account."""

    roles = RolesField(_l("Roles"), coerce=Role)

    def offer(self) -> None:
        """Fill the list of roles."""
        self.roles.choices = [(role.value, _(label)) for role, label in ROLES.items()]
