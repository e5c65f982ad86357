"""The audit of packages never takes silence for good news; the lock files hold every package."""

import re
import runpy
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKED = re.compile(r"^([a-z0-9._-]+)==", re.MULTILINE)
HASHED = re.compile(r"^    --hash=sha256:[0-9a-f]{64}", re.MULTILINE)


@pytest.fixture(scope="module")
def audit():
    return runpy.run_path(str(ROOT / ".ci" / "audit"))


def sound(name):
    return {"name": name, "version": "1.0", "vulns": []}


WEAK = {"name": "a", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "b", "skip_reason": "Dependency not found on PyPI and could not be audited"}


@pytest.mark.parametrize(
    ("report", "code", "words"),
    [
        (None, 2, "NOT AUDITED"),
        ({"dependencies": []}, 2, "NOT AUDITED"),
        ({"dependencies": [sound("a"), sound("c")]}, 0, "2 packages looked up"),
        ({"dependencies": [sound("a"), UNKNOWN]}, 2, "1 of 2 packages are not known"),
        ({"dependencies": [UNKNOWN]}, 2, "1 of 1 packages are not known"),
        ({"dependencies": [WEAK, UNKNOWN]}, 1, "a 1.0: PYSEC-1, mended in 1.1"),
    ],
)
def test_silence_is_not_good_news(audit, report, code, words):
    found, lines = audit["verdict"]("requirements.lock", report)
    assert found == code
    assert words in "\n".join(lines)


def test_only_known_weaknesses_and_strict_runs_fail(audit, monkeypatch, capsys):
    reports = {"requirements.lock": {"dependencies": [sound("a")]}, "requirements-test.lock": None}
    monkeypatch.setitem(audit["main"].__globals__, "report_of", reports.get)
    assert audit["main"]([]) == 0
    assert audit["main"](["--strict"]) == 2
    reports["requirements-test.lock"] = {"dependencies": [WEAK]}
    assert audit["main"]([]) == 1
    assert "PYSEC-1" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_every_package_is_locked_with_its_hashes(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert len(blocks) > 20
    for block in blocks:
        assert LOCKED.match(block), block[:60]
        assert HASHED.search(block), f"{block[:40]} has no hash: `make lock`"


def test_what_the_project_asks_for_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {
        "requirements.lock": project["dependencies"],
        "requirements-test.lock": project["optional-dependencies"]["test"],
    }
    for name, packages in wanted.items():
        locked = set(LOCKED.findall((ROOT / name).read_text(encoding="utf-8")))
        asked = {re.split(r"[\[<>=~! ;]", package)[0].lower() for package in packages}
        assert not asked - locked, f"{name} lacks some: `make lock`"
