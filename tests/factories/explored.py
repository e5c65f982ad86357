"""A demonstration with every record that tests know, and what is found by opening all its pages:
made once a run."""

import pickle
from functools import lru_cache
from pathlib import Path

from tests.factories import once
from tests.factories.addresses import Found, page_forms
from tests.factories.world import World, world
from tests.journeys.demonstration import demonstration, signed_in
from tracker.kernel.database import db
from tracker.kernel.permissions import Role


def _explore(folder: Path) -> None:
    app = demonstration(folder / "installation")
    known = world(app)
    forms = page_forms(app, known, {role: signed_in(app, role) for role in Role})
    (folder / "found").write_bytes(pickle.dumps((known, forms)))
    with app.app_context():
        db.engine.dispose()


def installation() -> Path:
    """The folder of that demonstration, to be copied; nobody uses it."""
    return once.made("explored", _explore) / "installation"


@lru_cache
def _found() -> tuple[World, dict[str, Found]]:
    found = (installation().parent / "found").read_bytes()
    return pickle.loads(found)  # type: ignore[no-any-return]  # made by ourselves


def known() -> World:
    """Its records, by the parameters of addresses."""
    return _found()[0]


def forms() -> dict[str, Found]:
    """The first form that its pages show, for each endpoint that takes one."""
    return _found()[1]
