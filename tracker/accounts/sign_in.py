"""Flask-Security on Flask-Login as this system uses it; every credential is checked by them."""

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_security import Security, SQLAlchemyUserDatastore

from tracker.accounts.forms import SecondFactorForm, SignInForm
from tracker.accounts.models import RoleRow, User
from tracker.kernel.database import db
from tracker.kernel.encryption import keyring

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
    "security.static": "files of the library",
}

FAILED = _l(
    "Sign-in failed. Check the address and the password; "
    "after several failures wait fifteen minutes."
)
WRONG_CODE = _l("This code is not right or no longer valid.")


def settings() -> dict[str, Any]:
    """Flask-Security's settings."""
    messages = {
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
        "REAUTHENTICATION_REQUIRED": _l("Give your password once more."),
        "LOGIN": _l("Sign in to see this page."),
        "UNAUTHENTICATED": _l("Sign in to see this page."),
    }
    return {
        "SECURITY_PASSWORD_SALT": keyring.digest("password salt"),
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_LENGTH_MIN": 12,
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
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_SETUP_URL": "/account/second-factor",
        "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/sign-in/second-factor",
        "SECURITY_TWO_FACTOR_RESCUE_URL": "/sign-in/rescue",
        "SECURITY_TWO_FACTOR_SELECT_URL": "/sign-in/select",
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": True,
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/account",
        "SECURITY_TOTP_SECRETS": {"1": keyring.digest("totp")},
        "SECURITY_TOTP_ISSUER": "Observer Mission Tracker",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/account/recovery-codes",
        "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/sign-in/recovery-code",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [keyring.derived_key("recovery codes")],
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_JOIN_USER_ROLES": True,
        "SECURITY_SCRIPT_NONCE_KEY": "csp_nonce",
        "SECURITY_FLASH_MESSAGES": True,
    } | {f"SECURITY_MSG_{name}": (text, "warn") for name, text in messages.items()}


def init_app(app: Flask) -> None:
    """Install sign-in."""
    for name, value in settings().items():
        app.config.setdefault(name, value)
    # One object an application: tests and commands build several in one process.
    Security().init_app(
        app,
        SQLAlchemyUserDatastore(db, User, RoleRow),
        login_form=SignInForm,
        two_factor_verify_code_form=SecondFactorForm,
    )
