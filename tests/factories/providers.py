"""A real OpenID provider on this machine, and what can be forged of its answers."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import oidc_provider_mock
import requests
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from oidc_provider_mock import User
from werkzeug.serving import make_server

from tracker.config import IdentityProvider
from tracker.kernel.permissions import Role

CLIENT, CLIENT_SECRET = "tracker", "a secret of tests 0123456789"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
ROLES = {
    "registrars": frozenset({Role.REGISTRAR}),
    "coordinators": frozenset({Role.COORDINATOR}),
    "CN=IT,OU=Groups": frozenset({Role.ADMINISTRATOR}),
}


@dataclass
class Provider:
    """One provider: its people, its key, and what is done to its answers on their way."""

    issuer: str = ""
    storage: Any = None
    asked: list[str] = field(default_factory=list)  # paths, as they came
    metadata: dict[str, Any] = field(default_factory=dict)  # said in place of the true ones
    forge: Callable[[str], str | None] | None = None  # an ID token to another; None leaves it out

    def settings(self, **more: Any) -> IdentityProvider:
        """The settings of an installation that trusts it."""
        given = {"roles": ROLES, "label": "Ministry account"} | more
        return IdentityProvider(
            issuer=self.issuer, client_id=CLIENT, client_secret=CLIENT_SECRET, **given
        )

    def knows(self, subject: str, *groups: str, **claims: Any) -> None:
        """Enter a person, or change one; `auth_time` is now unless it is given."""
        standard = {
            "email": f"{subject}@mfa.example.org",
            "email_verified": True,
            "name": subject.capitalize(),
            "auth_time": int(time.time()),
            "groups": list(groups),
        }
        kept = {key: value for key, value in (standard | claims).items() if value is not None}
        self.storage.store_user(User(sub=subject, claims=kept))

    @property
    def key(self) -> RSAKey:
        """What it signs with."""
        return RSAKey.import_key(self.storage.jwk.as_dict(is_private=True))

    def token(self, claims: dict[str, Any], **header: Any) -> str:
        """A token that it could have signed."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid} | header, claims, self.key)

    def changed(self, **claims: Any) -> Callable[[str], str]:
        """Forges a token that is signed rightly and says something else; None takes a claim out."""

        def forge(token: str) -> str:
            said = jwt.decode(token, self.key).claims | claims
            return self.token({key: value for key, value in said.items() if value is not None})

        return forge

    def logout_token(self, **claims: Any) -> dict[str, Any]:
        """The claims of a logout token, changed by `claims`; None takes one out."""
        now = int(time.time())
        right = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 120,
            "jti": "one",
            "events": {LOGOUT_EVENT: {}},
        }
        return {key: value for key, value in (right | claims).items() if value is not None}

    def answer(self, address: str, subject: str) -> str:
        """What the provider sends the browser back to once `subject` has signed in there."""
        found = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=10)
        assert found.status_code == 302, found.text
        return str(found.headers["Location"])

    def _note(self) -> None:
        self.storage = flask.g.oidc_provider_mock_storage
        self.asked.append(flask.request.path)

    def _change(self, response: flask.Response) -> flask.Response:
        path, said = flask.request.path, response.get_json(silent=True)
        if path == "/.well-known/openid-configuration":
            response.set_data(json.dumps(said | self.metadata))
        elif path == "/oauth2/token" and self.forge and "id_token" in said:
            said["id_token"] = self.forge(said["id_token"])
            response.set_data(json.dumps({k: v for k, v in said.items() if v is not None}))
        return response


@contextmanager
def served() -> Iterator[Provider]:
    """A provider that answers as long as the block lasts."""
    found = Provider()
    app = oidc_provider_mock.app(require_nonce=True)
    app.before_request(found._note)
    app.after_request(found._change)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    found.issuer = f"http://127.0.0.1:{server.server_port}"
    try:
        requests.get(f"{found.issuer}/jwks", timeout=10)
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def query_of(address: str) -> dict[str, str]:
    """The query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def path_of(address: str) -> str:
    """An address of ours without its host."""
    url = urlsplit(address)
    return f"{url.path}?{url.query}" if url.query else url.path


def begin(client: FlaskClient, path: str = "/sign-in/provider") -> str:
    """Where the browser is sent in order to sign in."""
    found = client.get(path)
    assert found.status_code == 302, found.text
    return str(found.location)


def enter(client: FlaskClient, provider: Provider, subject: str, path: str = "") -> Any:
    """Sign in as `subject` and give our answer to what the provider said."""
    address = begin(client, path or "/sign-in/provider")
    return client.get(path_of(provider.answer(address, subject)))
