"""Flask-Security on Flask-Login as this system uses it; every credential is checked by them."""

from typing import Any

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore

from tracker.accounts.models import RoleRow, User
from tracker.kernel.database import db
from tracker.kernel.encryption import keyring

security = Security()


def settings() -> dict[str, Any]:
    """Flask-Security's settings."""
    return {
        "SECURITY_PASSWORD_SALT": keyring.digest("password salt"),
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_POST_LOGIN_VIEW": "/",
        "SECURITY_POST_LOGOUT_VIEW": "/sign-in",
        "SECURITY_REGISTERABLE": False,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_JOIN_USER_ROLES": True,
        "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
    }


def init_app(app: Flask) -> None:
    """Install sign-in."""
    for name, value in settings().items():
        app.config.setdefault(name, value)
    security.init_app(app, SQLAlchemyUserDatastore(db, User, RoleRow))
