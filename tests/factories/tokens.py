"""Tokens for tests, and programs that send them."""

from collections.abc import Iterable

from flask import Flask
from flask.testing import FlaskClient

from tracker.accounts.models import AccessToken, Scope, User
from tracker.accounts.operations import create_personal_token, create_service_token
from tracker.accounts.queries import actor_of
from tracker.accounts.rules import scopes_for
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.permissions import Role


def personal(user: User, scopes: Iterable[Scope] | None = None) -> tuple[int, str]:
    """A token of this user with these scopes, or with all that its roles have: id and secret."""
    actor = actor_of(user.id)
    wanted = scopes_for(actor.roles) if scopes is None else scopes
    made = create_personal_token(actor=actor, user=user, name="Program", scopes=wanted, days=90)
    return _used(made)


def service(role: Role, scopes: Iterable[Scope] | None = None) -> tuple[int, str]:
    """A token of another system that does work of this role."""
    wanted = scopes_for([role]) if scopes is None else scopes
    made = create_service_token(actor=SYSTEM, role=role, name="System", scopes=wanted, days=90)
    return _used(made)


def _used(made: tuple[AccessToken, str]) -> tuple[int, str]:
    """As after its first request of the day: none of a test has to note the day."""
    token, secret = made
    token.last_used_on = clock.world().date()
    return token.id, secret


def program(app: Flask, secret: str, language: str = "en") -> FlaskClient:
    """A client that sends the token with each request."""
    client = app.test_client(use_cookies=False)
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    return client
