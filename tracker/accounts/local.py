"""What opens an account by its own means: refused where the identity provider alone does.

That is the whole installation where the setting says so (`TRACKER_LOCAL_ACCOUNTS`), and always the
account of somebody whom the provider vouches for: a password beside it would let in whoever was
shut out there.
"""

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from tracker.accounts.provider import label
from tracker.accounts.queries import is_linked
from tracker.config import Settings
from tracker.kernel.web import SAFE_METHODS

# Ways in, for whoever is not signed in yet.
WAYS_IN = frozenset(
    {
        "security.login",
        "security.two_factor_token_validation",
        "security.two_factor_rescue",
        "security.tf_select",
        "security.mf_recovery",
        "security.wan_signin",
        "security.wan_signin_response",
    }
)
# What an account of one's own is opened and confirmed with.
OWN = frozenset(
    {
        "security.verify",
        "security.change_password",
        "security.two_factor_setup",
        "security.two_factor_setup_validate",
        "security.mf_recovery_codes",
        "security.wan_register",
        "security.wan_register_response",
        "security.wan_verify",
        "security.wan_verify_response",
    }
)
# What administrators open the accounts of others with; operations refuse those that are linked.
OF_OTHERS = frozenset({"accounts.invite", "accounts.recover", "accounts.confirm_recovery"})


def are_open() -> bool:
    """Whether passwords, passkeys and invitations open accounts of this installation."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.local_accounts


def refusal() -> ResponseReturnValue:
    """The page that says so."""
    return render_template(
        "accounts/local_refused.html", are_open=are_open(), provider=label()
    ), 403


def _refuse() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    if endpoint in WAYS_IN | OWN | OF_OTHERS and not are_open():
        # The page of sign-in stays: it leads to the provider.
        is_shown = endpoint == "security.login" and request.method in SAFE_METHODS
        return None if is_shown else refusal()
    if endpoint in OWN and current_user.is_authenticated and is_linked(current_user.id):
        return refusal()
    return None


def init_app(app: Flask) -> None:
    """Refuse before any view is asked."""
    app.before_request(_refuse)
    app.jinja_env.globals["local_accounts"] = are_open
