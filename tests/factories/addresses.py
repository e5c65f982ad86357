"""Every address of the system from its URL map, the forms of its pages, and what changed."""

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.factories.forms import PageForm, forms_of
from tests.factories.world import World
from tracker.kernel import clock
from tracker.kernel.permissions import Capability, Role, capabilities_of


def own_rules(app: Flask) -> list[Rule]:
    """The routes of this system's pages; those of libraries are named in `accounts.sign_in`, those
    for programs are `api_rules`."""
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
    return [
        rule
        for rule in rules
        if rule.endpoint != "static" and not rule.endpoint.startswith(("security.", "api."))
    ]


def api_rules(app: Flask) -> list[Rule]:
    """The routes for programs, which come with a token."""
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
    return [rule for rule in rules if rule.endpoint.startswith("api.")]


def capability_of(app: Flask, rule: Rule) -> Capability:
    """What the route demands."""
    return app.view_functions[rule.endpoint].capability


def may(app: Flask, rule: Rule, role: Role) -> bool:
    """Whether the table lets this role in."""
    return capability_of(app, rule) in capabilities_of(frozenset({role}))


@dataclass(frozen=True)
class Found:
    """A form that a page shows to a role, and where it is sent."""

    role: Role
    address: str
    form: PageForm


def page_forms(app: Flask, known: World, clients: dict[Role, FlaskClient]) -> dict[str, Found]:
    """For each endpoint that takes a form, the first one that our own pages show for it."""
    adapter = app.url_map.bind("localhost")
    found: dict[str, Found] = {}
    papers = set()  # no need to print them for each role
    for role, client in clients.items():
        for rule in own_rules(app):
            if "GET" not in rule.methods or rule.rule in papers or not may(app, rule, role):
                continue
            page = known.address(rule)
            with client.get(page) as response:  # a file is closed with its answer
                if response.mimetype != "text/html":
                    papers.add(rule.rule)
                    continue
                text = response.get_data(as_text=True)
            for form in forms_of(text):
                target = form.action or page
                path = urlsplit(target).path
                if form.method == "post" and adapter.test(path, method="POST"):
                    endpoint, _values = adapter.match(path, method="POST")
                    found.setdefault(endpoint, Found(role, target, form))
    return found


Row = tuple[object, ...]
MOMENT = "%Y-%m-%d %H:%M:%S.%f"  # as SQLite holds it


class Watched:
    """The installation as files: whether anything at all was stored, and as it was before."""

    def __init__(self, folder: Path) -> None:
        self._files = folder / "files"
        self._live = sqlite3.connect(folder / "tracker.sqlite", timeout=30)
        self._kept = sqlite3.connect(":memory:")
        self._live.backup(self._kept)
        self._seen = self._state()

    def _state(self) -> tuple[int, int]:
        """Moves with every commit of anybody else and with every new file."""
        version = self._live.execute("PRAGMA data_version").fetchone()[0]
        return version, sum(len(names) for _folder, _folders, names in os.walk(self._files))

    @property
    def is_changed(self) -> bool:
        """Whether anything was stored since."""
        return self._differs(but="")

    @property
    def is_more_than_disclosed(self) -> bool:
        """Whether anything was stored but that somebody was shown personal data (`disclosure`)."""
        return self._differs(but="WHERE action NOT IN ('read', 'export')")

    def _differs(self, *, but: str) -> bool:
        version, files = self._state()
        if (version, files) == self._seen:
            return False
        if files != self._seen[1] or self._contents(self._live, but) != self._contents(
            self._kept, but
        ):
            return True
        if not but:
            self._seen = version, files  # a session was used: that is all, and not looked at again
        return False

    def _contents(self, database: sqlite3.Connection, but: str) -> dict[str, list[Row]]:
        """All rows of all tables, but some of the audit record and when a session was last used."""
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        what = {"sign_in_sessions": "id, user_id, started_at, ended_at"}
        where = {"audit_entries": but}
        return {
            name: database.execute(
                f'SELECT {what.get(name, "*")} FROM "{name}" {where.get(name, "")}'
            ).fetchall()
            for (name,) in names
        }

    def restore(self) -> None:
        """Put the database back as it was; a file that nothing refers to may stay."""
        if self._state() != self._seen:
            # Everybody was here just now: else the next answer notes it, and is looked at for it.
            self._kept.execute(f"UPDATE sign_in_sessions SET seen_at = '{clock.world():{MOMENT}}'")
            self._kept.commit()
            self._kept.backup(self._live)
            self._seen = self._state()

    def count(self, query: str) -> int:
        """The number that a query of ours gives."""
        return int(self._live.execute(query).fetchone()[0])
