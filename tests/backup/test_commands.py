"""Backups as operators make, verify and restore them on the command line."""

import re

from click.testing import CliRunner

from tests.factories.backups import PASSPHRASE
from tests.journeys.demonstration import SECRET, demonstration
from tracker.cli import main
from tracker.kernel import last_backup


def test_the_commands(tmp_path):
    source = tmp_path / "demonstration"
    demonstration(source)
    environment = {
        "TRACKER_INSTANCE": str(source),
        "TRACKER_SECRET_KEY": SECRET,
        "TRACKER_BACKUP_PASSPHRASE": PASSPHRASE,
    }

    def run(*arguments, **values):
        return CliRunner().invoke(main, arguments, env=environment | values)

    made = run("backup", str(tmp_path / "a.backup"))
    assert made.exit_code == 0, made.output
    assert re.search(r"read back: \d{5} rows in \d{2,3} tables, \d{3,} files\.", made.stdout)
    assert (tmp_path / "a.backup").stat().st_mode & 0o077 == 0
    assert last_backup.read(source).outcome == "made"
    again = run("backup", str(tmp_path / "a.backup"))
    assert (again.exit_code, "exists already" in again.stderr) == (1, True)
    verified = run("backup", "--verify", str(tmp_path / "a.backup"))
    assert verified.exit_code == 0, verified.output
    assert "The backup can be restored" in verified.stdout
    folder = tmp_path / "new"
    restored = run("restore", str(tmp_path / "a.backup"), TRACKER_INSTANCE=str(folder))
    assert restored.exit_code == 0, restored.output
    assert "The audit record holds" in restored.stdout
    for command in (("audit", "verify"), ("totals", "kz-2022", "--recount")):
        assert run(*command, TRACKER_INSTANCE=str(folder)).exit_code == 0
    assert (folder / "demonstration_clock.json").exists()
    second = run("restore", str(tmp_path / "a.backup"), TRACKER_INSTANCE=str(folder))
    assert (second.exit_code, len(second.stderr.strip().splitlines())) == (1, 1)
    without = run("backup", str(tmp_path / "b.backup"), TRACKER_BACKUP_PASSPHRASE="")
    assert without.exit_code == 0  # a local installation has made one of its own
