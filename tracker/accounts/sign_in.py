"""Flask-Security on Flask-Login as this system uses it; every credential is checked by them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_security import Security, SQLAlchemyUserDatastore

from tracker.accounts import local, presence, provider
from tracker.accounts.authenticators import (
    OneTimeCodes,
    Passkeys,
    Passwords,
    PasswordSalt,
    RecoveryCodes,
    can_use_passkeys,
)
from tracker.accounts.forms import (
    FAILED,
    AgainForm,
    NewPasswordForm,
    PasskeyForm,
    RecoveryCodeForm,
    SecondFactorForm,
    SignInForm,
)
from tracker.accounts.models import Passkey, RoleRow, User
from tracker.accounts.rules import FRESH, SHORTEST_PASSWORD
from tracker.kernel.database import db

# Views that come with Flask-Security and so declare no capability of ours: what guards each.
LIBRARY_ENDPOINTS = {
    "security.login": "public: signing in",
    "security.logout": "only ends the caller's own session",
    "security.verify": "signed in: the password once more",
    "security.change_password": "signed in: own password",
    "security.two_factor_setup": "signed in, fresh: own second factor",
    "security.two_factor_setup_validate": "signed in, by a signed state token",
    "security.two_factor_token_validation": "between password and second factor",
    "security.two_factor_rescue": "between password and second factor; mail is off",
    "security.tf_select": "between password and second factor",
    "security.mf_recovery": "between password and second factor",
    "security.mf_recovery_codes": "signed in, fresh: own recovery codes",
    "security.wan_register": "signed in, fresh: own passkeys",
    "security.wan_register_response": "signed in, by a signed state token",
    "security.wan_delete": "signed in, fresh: own passkeys",
    "security.wan_signin": "public: signing in with a passkey",
    "security.wan_signin_response": "public: the answer of the authenticator, by a signed token",
    "security.wan_verify": "signed in: the passkey once more",
    "security.wan_verify_response": "signed in: the answer of the authenticator",
    "security.static": "files of the library",
}

NO_PASSKEY = _l("This passkey does not open an account here.")
WRONG_CODE = _l("This code is not right or no longer valid.")

MESSAGES = {
    "GENERIC_AUTHN_FAILED": FAILED,
    "INVALID_PASSWORD": _l("The password is not right."),
    "PASSWORD_NOT_PROVIDED": _l("Give the password."),
    "EMAIL_NOT_PROVIDED": _l("Give the e-mail address."),
    "INVALID_EMAIL_ADDRESS": _l("This is not an e-mail address."),
    "PASSWORD_INVALID_LENGTH": _l("A password has at least 12 characters."),
    "RETYPE_PASSWORD_MISMATCH": _l("The two passwords differ."),
    "PASSWORD_IS_THE_SAME": _l("Choose a password other than the present one."),
    "PASSWORD_CHANGE": _l("Your password was changed."),
    "TWO_FACTOR_INVALID_TOKEN": WRONG_CODE,
    "INVALID_RECOVERY_CODE": WRONG_CODE,
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": _l("Your second factor is set."),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": _l("You are signed in."),
    "TWO_FACTOR_DISABLED": _l("Your second factor is off."),
    "TWO_FACTOR_PERMISSION_DENIED": _l("Sign in with your password first."),
    "REAUTHENTICATION_REQUIRED": _l("Confirm that it is you."),
    "REAUTHENTICATION_SUCCESSFUL": _l("Thank you, go on."),
    "WEBAUTHN_REGISTER_SUCCESSFUL": _l("The passkey “%(name)s” was added."),
    "WEBAUTHN_CREDENTIAL_DELETED": _l("The passkey “%(name)s” was removed."),
    "WEBAUTHN_NAME_REQUIRED": _l("Give the passkey a name."),
    "WEBAUTHN_NAME_INUSE": _l("You have a passkey of this name already."),
    "WEBAUTHN_NAME_NOT_FOUND": _l("You have no passkey of this name."),
    "WEBAUTHN_NAME_DISALLOWED_CHARACTERS": _l("Use letters, digits, spaces and hyphens only."),
    "WEBAUTHN_EXPIRED": _l("That took too long. Try once more."),
    "WEBAUTHN_CREDENTIAL_ID_INUSE": _l("This passkey is registered already."),
    "WEBAUTHN_UNKNOWN_CREDENTIAL_ID": NO_PASSKEY,
    "WEBAUTHN_ORPHAN_CREDENTIAL_ID": NO_PASSKEY,
    "WEBAUTHN_MISMATCH_USER_HANDLE": NO_PASSKEY,
    "WEBAUTHN_CREDENTIAL_WRONG_USAGE": NO_PASSKEY,
    "WEBAUTHN_NO_VERIFY": NO_PASSKEY,
    "API_ERROR": _l("That did not work. Try once more."),
    "DISABLED_ACCOUNT": NO_PASSKEY,
    "LOGIN": _l("Sign in to see this page."),
    "UNAUTHENTICATED": _l("Sign in to see this page."),
}


PASSKEYS: Mapping[str, Any] = {
    "SECURITY_WEBAUTHN": True,
    "SECURITY_WAN_RP_NAME": "Observer Mission Tracker",
    "SECURITY_WAN_ALLOW_USER_HINTS": False,  # they would tell which accounts there are
    "SECURITY_WAN_ALLOW_AS_VERIFY": ["first"],
    "SECURITY_WAN_NAME_ALLOWED_CHARS": None,
    "SECURITY_WAN_REGISTER_URL": "/account/passkeys",
    "SECURITY_WAN_POST_REGISTER_VIEW": "/account",
    "SECURITY_WAN_DELETE_URL": "/account/passkeys/delete",
    "SECURITY_WAN_SIGNIN_URL": "/sign-in/passkey",
    "SECURITY_WAN_VERIFY_URL": "/account/verify/passkey",
}
SECOND_FACTOR: Mapping[str, Any] = {
    "SECURITY_TWO_FACTOR": True,
    "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "SECURITY_TWO_FACTOR_SETUP_URL": "/account/second-factor",
    "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/sign-in/second-factor",
    "SECURITY_TWO_FACTOR_RESCUE_URL": "/sign-in/rescue",
    "SECURITY_TWO_FACTOR_SELECT_URL": "/sign-in/select",
    "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
    "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": True,
    "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/account",
    "SECURITY_TOTP_SECRETS": {"1": "in the database"},
    "SECURITY_TOTP_ISSUER": "Observer Mission Tracker",
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/account/recovery-codes",
    "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/sign-in/recovery-code",
}


def settings() -> dict[str, Any]:
    """Flask-Security's settings."""
    return {
        "SECURITY_PASSWORD_SALT": PasswordSalt("in the database"),
        "SECURITY_PASSWORD_HASH": "argon2",
        # A token would open pages beside the session: not listed, not ended, and in addresses.
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_CACHE_CONTROL": None,  # the library's is not well formed; ours stands instead
        "SECURITY_PASSWORD_LENGTH_MIN": SHORTEST_PASSWORD,
        "SECURITY_DATETIME_FACTORY": lambda: datetime.now(UTC),
        "SECURITY_FRESHNESS": FRESH,
        "SECURITY_FRESHNESS_GRACE_PERIOD": FRESH,
        "SECURITY_DEFAULT_REMEMBER_ME": False,
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_POST_LOGIN_VIEW": "/",
        "SECURITY_POST_LOGOUT_VIEW": "/sign-in",
        "SECURITY_VERIFY_URL": "/account/verify",
        "SECURITY_REGISTERABLE": False,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_CHANGE_URL": "/account/password",
        "SECURITY_POST_CHANGE_VIEW": "/account",
        "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_JOIN_USER_ROLES": True,
        "SECURITY_SCRIPT_NONCE_KEY": "csp_nonce",
        "SECURITY_FLASH_MESSAGES": True,
        **PASSKEYS,
        **SECOND_FACTOR,
        **{f"SECURITY_MSG_{name}": (text, "warn") for name, text in MESSAGES.items()},
    }


def init_app(app: Flask) -> None:
    """Install sign-in."""
    for name, value in settings().items():
        app.config.setdefault(name, value)
    # One object an application: tests and commands build several in one process.
    security = Security(
        password_util_cls=Passwords,
        totp_cls=OneTimeCodes,
        webauthn_util_cls=Passkeys,
        mf_recovery_codes_util_cls=RecoveryCodes,
    )
    security.init_app(
        app,
        SQLAlchemyUserDatastore(db, User, RoleRow, Passkey),
        login_form=SignInForm,
        verify_form=AgainForm,
        change_password_form=NewPasswordForm,
        two_factor_verify_code_form=SecondFactorForm,
        mf_recovery_form=RecoveryCodeForm,
        wan_register_form=PasskeyForm,
    )
    # Pages alone: what the library would say as JSON tells more, and hands out tokens.
    security.want_json(lambda _request: False)
    presence.init_app(app)
    provider.init_app(app)
    local.init_app(app)
    app.jinja_env.globals["can_use_passkeys"] = can_use_passkeys
