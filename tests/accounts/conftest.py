"""An identity provider that answers, and an installation that trusts it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from tests.factories import databases, providers
from tests.journeys.demonstration import empty
from tracker.kernel.database import db


@pytest.fixture(scope="module")
def _served() -> Iterator[providers.Provider]:
    with providers.served() as found:
        yield found


@pytest.fixture
def provider(_served: providers.Provider) -> providers.Provider:
    """A provider on this machine, whose answers nobody forges yet."""
    _served.metadata, _served.forge = {}, None
    _served.asked.clear()
    return _served


@pytest.fixture
def trusting(tmp_path, provider) -> Iterator[Callable[..., Flask]]:
    """Builds an application that trusts it: `trusting(local_accounts=False, acr=("high",))`."""
    made = []

    def build(*, local_accounts: bool = True, **of_provider: Any) -> Flask:
        folder = tmp_path / f"installation{len(made)}"
        changes = {
            "provider": provider.settings(**of_provider),
            "local_accounts": local_accounts,
        }
        app = empty(
            folder,
            changes=changes,
            SECURITY_PASSWORD_HASH="plaintext",
            SECURITY_HASHING_SCHEMES=["plaintext"],
            SECURITY_PASSWORD_SINGLE_HASH=["plaintext"],
        )
        made.append((app, folder))
        return app

    yield build
    for app, folder in made:
        with app.app_context():
            db.engine.dispose()
        databases.drop(folder, databases.KIND)


@pytest.fixture
def there(trusting) -> Flask:
    """One such application."""
    return trusting()
