"""The house keeps its shape: small files, templates that are reached, GETs that change nothing."""

import ast
import hashlib
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.journeys.demonstration import demonstration, signed_in
from tracker.app import create_app  # noqa: F401 - every part is loaded
from tracker.audit.labels import TABLES
from tracker.audit.models import AuditEntry
from tracker.audit.queries import last_position
from tracker.kernel.database import db
from tracker.kernel.permissions import ROLE_CAPABILITIES, Capability, Role

ROOT = Path(__file__).parents[2]
PYTHON = sorted((ROOT / "tracker").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
ROUTES = {"route", "get", "post", "put", "patch", "delete"}  # what a blueprint decorates with


def relative(path):
    return str(path.relative_to(ROOT))


def small_module(path):
    """The tree of a file that is not too long and says why it is there."""
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") < 400, f"split {relative(path)}"
    tree = ast.parse(text)
    assert ast.get_docstring(tree), f"say in {relative(path)} why the module exists"
    return tree


@pytest.mark.parametrize("path", PYTHON, ids=relative)
def test_files_and_functions_stay_small(path):
    for node in ast.walk(small_module(path)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length < 50, f"split {relative(path)}:{node.name} ({length} lines)"


def test_files_of_tests_stay_small_as_well():
    for path in TESTS:
        small_module(path)


def is_route(node):
    """Whether a function is decorated as `@blueprint.get("/…")` does it."""
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(each, ast.Call)
        and isinstance(each.func, ast.Attribute)
        and each.func.attr in ROUTES
        for each in node.decorator_list
    )


def test_routes_load_ask_and_answer():
    lengths = {
        f"{relative(path)}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in PYTHON
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if is_route(node)
    }
    assert lengths, "no route was found: say in ROUTES how they are decorated now"
    long = [f"{name} ({length} lines)" for name, length in lengths.items() if length >= 25]
    assert not long, (
        "a route has fewer than 25 lines. Let queries read, forms say what was typed, operations "
        "and rules decide; give a branch that remains a private function beside the route: "
        + ", ".join(long)
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_templates_stay_small_and_carry_no_inline_script_or_style(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") < 150
    assert not re.search(r"\sstyle=|\son\w+=|<script(?![^>]*src)", text)


def test_every_template_is_reached():
    names = {str(path.relative_to(ROOT / "templates")) for path in TEMPLATES}
    sources = [path.read_text(encoding="utf-8") for path in (*PYTHON, *TEMPLATES)]
    named = set(re.findall(r"['\"]([\w/.-]+\.(?:html|svg))['\"]", "\n".join(sources)))
    errors = {name for name in names if name.startswith("errors/")}
    library = {name for name in names if name.startswith("security/")}
    assert sorted(names - named - errors - library) == []


def test_vendored_files_are_what_they_were():
    folder = ROOT / "tracker" / "static" / "vendor"
    sums = dict(reversed(line.split()) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert sums.keys() == {path.name for path in folder.iterdir()} - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def test_every_capability_is_held_by_a_role():
    held = frozenset().union(*ROLE_CAPABILITIES.values())
    assert set(Capability) - held == {Capability.PUBLIC, Capability.SIGNED_IN}
    assert set(ROLE_CAPABILITIES) == set(Role)


def test_the_audit_record_covers_and_names_every_business_table():
    every = db.metadata.tables.values()
    recorded = {table.name for table in every if table.info.get("audit") != "skip"}
    assert recorded == {*TABLES, *UNRECORDED_LINKS}


# Many-to-many links are recorded with the row that owns them.
UNRECORDED_LINKS = {"meeting_delegations", "meeting_officials", "role_assignments"}


def test_reading_changes_nothing(tmp_path):
    app = demonstration(tmp_path)
    client = signed_in(app, Role.AUDITOR)
    with app.app_context():
        before = last_position()
        db.session.rollback()
    for path in ("/e/kz-2022/", "/e/kz-2022/observers/1", "/e/kz-2022/totals/?recount=1"):
        assert client.get(path).status_code == 200
    with app.app_context():
        assert last_position() == before
        later = sa.select(AuditEntry.action).where(AuditEntry.position > before)
        assert set(db.session.scalars(later)) == {"read"}  # that was shown is all that is kept


def test_blocks_of_the_stylesheet_are_closed_where_they_end():
    depth = 0
    text = (ROOT / "tracker" / "static" / "app.css").read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        depth += line.count("{") - line.count("}")
        # A brace too many silently takes the next rule with it.
        assert depth >= 0, f"a brace too many at line {number} of app.css"
    assert depth == 0
