"""The `tracker` command: what it prints, and how it ends."""

import json

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from tests.journeys.demonstration import SECRET, demonstration, environment
from tests.observers.test_mrz import TD3
from tracker.cli import main
from tracker.config import Settings, SettingsError
from tracker.kernel.database import db


@pytest.fixture(scope="module")
def around(tmp_path_factory):
    folder = tmp_path_factory.mktemp("commands")
    app = demonstration(folder)
    with app.app_context():
        db.engine.dispose()
    return environment(folder)


@pytest.fixture
def run(around):
    def invoke(*arguments, **options):
        return CliRunner().invoke(main, arguments, env=around, **options)

    return invoke


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2022-10-17T23:59", (43, 4, 1, 41, 2)),
        ("2022-10-31T12:00", (76, 4, 3, 71, 5)),
        ("2022-10-31T23:59", (139, 6, 8, 125, 14)),
        ("2022-11-08T23:59", (271, 7, 21, 233, 38)),
        ("2022-11-14T18:00", (641, 10, 35, 532, 109)),
    ],
)
def test_the_published_rows_come_out(run, as_of, expected):
    result = run("totals", "kz-2022", "--as-of", as_of, "--format", "json", "--recount")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    names = (
        "observers",
        "organizations",
        "states",
        "observers_from_organizations",
        "observers_from_states",
    )
    assert tuple(found[name] for name in names) == expected


def test_the_numbers_that_are_kept_are_proven_and_made_anew(run, around):
    engine = sa.create_engine(around["TRACKER_DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE accreditation_counts SET count = count + 1 WHERE dimension = 'sex'")
        )
    engine.dispose()
    result = run("totals", "kz-2022", "--recount")
    assert result.exit_code == 1
    assert "differ from a recount of the history: by_sex, sex." in result.output
    result = run("counts", "remake")
    assert result.exit_code == 0, result.output
    assert "kz-2022: counted anew" in result.stdout
    assert run("totals", "kz-2022", "--recount").exit_code == 0


def test_sentences(run):
    result = run("totals", "kz-2022", "--sentence", "ru")
    assert result.stdout.startswith("Аккредитован 641 наблюдатель:")
    result = run("totals", "kz-2022", "--sentence", "en", "--press")
    assert "641 observers from 35 foreign countries" in result.stdout


def test_known_at_leaves_out_what_was_recorded_later(run):
    result = run("totals", "kz-2022", "--known-at", "2022-11-08T10:59", "--format", "json")
    assert json.loads(result.stdout)["observers"] == 139


def test_the_digest_as_text_and_as_a_paper(run, tmp_path):
    result = run("digest", "kz-2022", "--as-of", "2022-11-08T23:59")
    assert result.exit_code == 0, result.output
    assert "Tuesday, 8 November 2022" in result.stdout
    assert "271 observers accredited (+132 on the day)" in result.stdout
    file = tmp_path / "digest.pdf"
    result = run("digest", "kz-2022", "--language", "kk", "--output", str(file))
    assert (result.exit_code, result.stdout) == (0, "")
    assert file.read_bytes().startswith(b"%PDF-")


def test_mrz(run):
    result = run("mrz", "--on", "2012-01-01", input=TD3)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["document_number"] == "L898902C3"
    result = run("mrz", input=TD3.replace("L898902C36", "L898902C37"))
    assert result.exit_code == 1
    assert json.loads(result.stdout)["valid"] is False


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("totals", "none"), 1),
        (("totals", "kz-2022", "--as-of", "yesterday"), 1),
        (("totals",), 2),
        (("digest", "none"), 1),
        (("digest", "kz-2022", "--as-of", "yesterday"), 1),
        (("digest", "kz-2022", "--language", "fr"), 2),
        (("digest", "kz-2022", "--output", "/nowhere/digest.pdf"), 1),
        (("totals", "kz-2022", "--sentence", "fr"), 2),
        (("user", "disable", "nobody@example.org"), 1),
        (("user", "create", "nobody", "--name", "N", "--role", "auditor"), 1),
        (("user", "create", "a@example.org", "--name", "N", "--role", "king"), 2),
        (("election", "show", "none"), 1),
        (("audit", "verify"), 0),
        (("election", "list"), 0),
    ],
)
def test_refusals_are_one_clear_line(run, arguments, code):
    result = run(*arguments)
    assert result.exit_code == code, result.output
    if code == 1:
        assert len(result.stderr.strip().splitlines()) == 1
        assert "Traceback" not in result.stderr


def test_accounts_from_the_command_line(run):
    created = run("user", "create", "new@example.org", "--name", "New", "--role", "auditor")
    assert created.exit_code == 0
    assert "Password (shown once):" in created.stdout
    assert run("user", "role", "new@example.org", "official", "registrar").exit_code == 0
    assert run("user", "disable", "new@example.org").exit_code == 0
    assert "official,registrar\tdisabled" in run("user", "list").stdout


def test_elections_from_the_command_line(run):
    names = ("--name-en", "Runoff", "--name-ru", "Второй тур", "--name-kk", "Екінші тур")
    created = run(
        "election", "create", "kz-x", "--kind", "presidential", "--on", "2023-03-19", *names
    )
    assert created.exit_code == 0, created.output
    assert "2023-03-13 18:00" in run("election", "show", "kz-x").stdout
    again = run(
        "election", "create", "kz-x", "--kind", "presidential", "--on", "2023-03-19", *names
    )
    assert again.exit_code == 1


@pytest.mark.parametrize(
    "values",
    [
        {"TRACKER_DATABASE_URL": "postgresql+psycopg://x/y"},
        {"TRACKER_HOST": "0.0.0.0"},
        {"TRACKER_HOST": "0.0.0.0", "TRACKER_SECRET_KEY": SECRET},
        {"TRACKER_SECRET_KEY": "changeme"},
        {"TRACKER_SECRET_KEY": "a" * 64},
        {"PORT": "http"},
    ],
)
def test_an_unsafe_start_refuses_with_a_clear_line(tmp_path, values):
    with pytest.raises(SettingsError) as refusal:
        Settings.load({"TRACKER_INSTANCE": str(tmp_path)} | values)
    assert "\n" not in str(refusal.value)


def test_the_clock_of_a_demonstration_is_set_forward_only(run, tmp_path):
    assert run("demo", "--clock", "2022-11-18T16:00").exit_code == 0
    back = run("demo", "--clock", "2022-11-18T09:00")
    assert (back.exit_code, back.stderr) == (1, "Error: The clock can only be set forward.\n")
    real = {"TRACKER_INSTANCE": str(tmp_path), "TRACKER_SECRET_KEY": SECRET}
    elsewhere = CliRunner().invoke(main, ["demo", "--clock", "2022-11-18T16:00"], env=real)
    assert "Only a demonstration has a clock that can be set." in elsewhere.stderr


def test_a_demonstration_is_not_made_among_real_accounts(tmp_path):
    real = {"TRACKER_INSTANCE": str(tmp_path), "TRACKER_SECRET_KEY": SECRET}

    def run(*arguments):
        return CliRunner().invoke(main, arguments, env=real)

    assert run("migrate").exit_code == 0
    created = ("user", "create", "head@mfa.example.org", "--name", "Head", "--role", "auditor")
    assert run(*created).exit_code == 0
    refused = run("demo")
    assert refused.exit_code == 1
    assert "a demonstration needs an installation of its own" in refused.stderr
    assert run("user", "list").stdout.count("@") == 1
    assert not (tmp_path / "demonstration_password").exists()
