"""What is written is read back, whatever becomes of the keys meanwhile."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import records
from tests.journeys.demonstration import SECRET, environment
from tests.journeys.demonstration import settings as installation
from tracker.app import create_app
from tracker.cli import main
from tracker.config import Settings, SettingsError
from tracker.credentials.operations.keys import key_to_sign
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.encryption import keyring
from tracker.kernel.errors import Forbidden, Refused
from tracker.kernel.keys import REFRESH, SETTLED, Keys, Purpose, unwrap, wrap
from tracker.kernel.permissions import Role
from tracker.kernel.rotation import (
    begin_rotation,
    destroy_key,
    re_encrypt,
    retire_keys,
    rewrap_keys,
    standings,
)
from tracker.kernel.storage import storage
from tracker.officials.models import Interpreter

NEW = "another secret, for tests only, 9876543210 9876543210"
LATER = SETTLED + timedelta(seconds=1)


def test_a_new_key_settles_well_after_everybody_knows_it():
    assert SETTLED.total_seconds() >= 3 * REFRESH


def test_a_wrapped_key_opens_with_its_secret_number_and_purpose_alone():
    columns = wrap(SECRET, 7, Purpose.DATA, b"k" * 32)
    opened = {"wrapped": columns["wrapped"], "by": columns["wrapped_by"]}
    assert unwrap([NEW, SECRET], 7, Purpose.DATA, **opened) == b"k" * 32
    for number, purpose in ((8, Purpose.DATA), (7, Purpose.DIGEST)):
        with pytest.raises(RuntimeError, match="damaged"):
            unwrap([SECRET], number, purpose, **opened)
    with pytest.raises(RuntimeError, match="another secret"):
        unwrap([NEW], 7, Purpose.DATA, **opened)
    assert SECRET not in str(columns)


def test_no_statement_is_needed_once_the_keys_are_known(app):
    with app.app_context():
        keyring.encrypt(b"first")
        asked = []
        sa.event.listen(db.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
        for number in range(100):
            value = f"value {number}".encode()
            assert keyring.decrypt(keyring.encrypt(value)) == value
            assert keyring.digest("value") == keyring.digest("value")
        assert asked == []


def test_keys_are_never_read_within_a_transaction_that_holds_the_write_lock(app):
    """The first value of a process may be encrypted while its transaction is the one writer."""
    with app.app_context(), unit_of_work(SYSTEM):
        records.organization()  # the lock is ours
        keyring.keys.forget()
        row = records.interpreter(phone="+7 1")
        db.session.refresh(row)
        assert row.phone == "+7 1"


def test_an_application_starts_without_its_database(tmp_path, monkeypatch):
    """Nothing is read until it is needed: the database may come later than the server."""
    url = "postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1"
    app = create_app(Settings(tmp_path, url, SECRET, None, "127.0.0.1", 8000))
    assert app.test_client().get("/healthz").status_code == 200
    with app.app_context(), pytest.raises(sa.exc.OperationalError):
        keyring.encrypt(b"value")


def test_a_table_without_keys_is_no_reason_to_make_others(app):
    """A table that was lost is a disaster to be told of, not to be covered by a new key."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM data_keys"))
    with app.app_context():
        keyring.keys.forget()
        with pytest.raises(RuntimeError, match="no data keys"):
            keyring.encrypt(b"value")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_keys_are_for_administrators(session, actor, role):
    one = actor(role)
    for change in (
        lambda: begin_rotation(actor=one),
        lambda: re_encrypt(actor=one),
        lambda: retire_keys(actor=one),
        lambda: destroy_key(actor=one, number=1),
        lambda: rewrap_keys(actor=one),
    ):
        with pytest.raises(Forbidden):
            change()


def test_keys_of_other_purposes_are_not_destroyed(session):
    for number in (2, 3, 99):
        with pytest.raises(Refused, match="no data key"):
            destroy_key(actor=SYSTEM, number=number)


# Any sequence of what can happen

STEPS = st.one_of(
    st.tuples(st.just("write"), st.text(max_size=30)),
    st.tuples(st.just("change"), st.text(max_size=30)),
    st.tuples(st.just("store"), st.binary(max_size=50)),
    st.tuples(st.sampled_from(["rotate", "pass", "retire", "destroy", "rewrap", "restart"])),
    # Another process, whose keys are those it has read, writes or looks again.
    st.tuples(st.just("theirs"), st.text(max_size=30)),
    st.tuples(st.just("look")),
)


class Installation:
    """What is stored, and what should be read."""

    def __init__(self, app):
        self.app, self.secrets = app, [SECRET]
        self.digest = keyring.digest("value")
        self.begin()

    def begin(self):
        self.values, self.files = {}, {}
        self.moment = clock.now()
        self.configure()

    def configure(self):
        keyring.configure(self.app, self.secrets, db.engine)
        self.other = Keys(self.secrets, db.engine)
        self.other.ring()

    def put(self, text, key=None):
        with unit_of_work(SYSTEM):
            row = db.session.get(Interpreter, key) if key else records.interpreter()
            row.phone = text
            db.session.flush()
            self.values[row.id] = text

    def write(self, text):
        self.put(text)

    def change(self, text):
        if self.values:
            self.put(text, key=max(self.values))

    def theirs(self, text):
        """A value that another process writes with the newest key it knows."""
        ring = self.other.ring()
        token = (ring.prefix + ring.newest.encrypt(text.encode())).decode()
        self.put("soon replaced")
        key = max(self.values)
        with unit_of_work(SYSTEM):
            update = sa.text("UPDATE interpreters SET phone = :token WHERE id = :id")
            db.session.execute(update, {"token": token, "id": key})
        self.values[key] = text

    def look(self):
        self.other.read()

    def store(self, content):
        self.files[storage.put(content)] = content

    def rotate(self):
        with unit_of_work(SYSTEM):
            begin_rotation(actor=SYSTEM)

    def run(self):
        re_encrypt(actor=SYSTEM)

    def retire(self):
        self.moment += LATER  # by when the other process has looked again
        self.look()
        with clock.at(self.moment), unit_of_work(SYSTEM):
            retire_keys(actor=SYSTEM)

    def destroy(self):
        self.retire()
        for number in [row.number for row in standings() if row.state == "retired"]:
            with clock.at(self.moment), unit_of_work(SYSTEM):
                destroy_key(actor=SYSTEM, number=number)

    def rewrap(self):
        self.secrets = [f"{NEW} {len(self.secrets[0])}", self.secrets[0]]
        self.configure()
        with unit_of_work(SYSTEM):
            rewrap_keys(actor=SYSTEM)
        del self.secrets[1:]
        self.configure()

    def restart(self):
        self.configure()

    def check(self):
        query = sa.select(Interpreter.id, Interpreter.phone)
        found = {row.id: row.phone for row in db.session.execute(query)}
        db.session.rollback()
        assert {key: found[key] for key in self.values} == self.values
        assert {name: storage.get(name) for name in self.files} == self.files
        assert keyring.digest("value") == self.digest


def test_whatever_happens_to_keys_what_was_written_is_read(app):
    with app.app_context():
        here = Installation(app)

    @settings(max_examples=25)
    @given(st.lists(STEPS, min_size=3, max_size=14))
    def holds(steps):
        with app.app_context():
            here.begin()
            for name, *values in steps:
                getattr(here, {"pass": "run"}.get(name, name))(*values)
                here.check()

    holds()


# The command


@pytest.fixture
def run(tmp_path):
    """The command on an installation with a file, a value and a signing key."""
    app = create_app(installation(tmp_path))
    around = environment(tmp_path)

    def invoke(*arguments, **changes):
        return CliRunner().invoke(main, ["keys", *arguments], env=around | changes)

    assert CliRunner().invoke(main, ["migrate"], env=around).exit_code == 0
    with app.app_context():
        with unit_of_work(SYSTEM):
            records.interpreter(phone="+7 1")
            storage.put(b"scan")
            key_to_sign(SYSTEM)
        db.engine.dispose()
    yield invoke
    with app.app_context():
        db.engine.dispose()


def lines(result):
    assert result.exit_code == 0, result.output
    return [line.split("\t") for line in result.stdout.splitlines()]


def test_the_life_of_a_key_from_the_command_line(run, tmp_path):
    found = lines(run("list"))
    assert [row[:2] for row in found[:3]] == [
        ["1", "data"],
        ["2", "digest"],
        ["3", "recovery_codes"],
    ]
    assert found[0][3:] == ["0 days", "in use", "2", "this secret"]
    assert {row[1] for row in found[3:]} == {"signs certificates", "signs lists"}
    result = run("destroy", "1")
    assert (result.exit_code, result.stderr) == (1, "Error: Data key 1 is in use.\n")
    result = run("rotate", "--no-wait")
    assert "Everything goes under data key 4." in result.stdout
    assert "1 values and 1 files were put under the newest key." in result.stdout
    assert "No data key could be retired" in run("finish").stdout  # two minutes have not passed
    with clock.at(clock.now() + LATER):
        assert "`tracker keys destroy 1` destroys it" in run("finish").stdout
        states = {row[0]: row[4:6] for row in lines(run("list"))}
        assert (states["1"], states["4"]) == (["retired", "0"], ["in use", "2"])
        assert run("destroy", "1").stdout == "Data key 1 is destroyed.\n"
    assert {row[0]: row[4:6] for row in lines(run("list"))}["1"] == ["destroyed", "-"]
    assert run("destroy", "1").exit_code == 1


def test_a_rotation_stays_until_the_key_before_is_retired(run, monkeypatch):
    waited = []
    now = clock.now

    def sleep(seconds):
        waited.append(seconds)
        monkeypatch.setattr(clock, "now", lambda: now() + timedelta(seconds=seconds))

    monkeypatch.setattr("tracker.ops.key_commands.time.sleep", sleep)
    result = run("rotate")
    assert "Data key 1 is retired" in result.stdout
    [seconds] = waited
    assert SETTLED.total_seconds() - 30 < seconds <= SETTLED.total_seconds() + 1


def test_a_new_secret_from_the_command_line(run, tmp_path):
    assert {row[6] for row in lines(run("list", TRACKER_SECRET_KEY=NEW))[:3]} == {"another secret"}
    result = run("rewrap", TRACKER_SECRET_KEY=NEW)
    assert result.exit_code == 1
    assert re.search(r"wrapped by another secret.*TRACKER_SECRET_KEY_PREVIOUS", result.stderr)
    both = {"TRACKER_SECRET_KEY": NEW, "TRACKER_SECRET_KEY_PREVIOUS": SECRET}
    assert {row[6] for row in lines(run("list", **both))[:3]} == {"previous secret"}
    assert run("rewrap", **both).stdout.startswith("3 keys were put under this secret.")
    assert {row[6] for row in lines(run("list", TRACKER_SECRET_KEY=NEW))[:3]} == {"this secret"}
    assert run("rotate", "--no-wait").exit_code == 1


def test_the_previous_secret_is_another_and_in_no_repr(tmp_path):
    around = {"TRACKER_INSTANCE": str(tmp_path), "TRACKER_SECRET_KEY": SECRET}
    with pytest.raises(SettingsError, match="are the same"):
        Settings.load(around | {"TRACKER_SECRET_KEY_PREVIOUS": SECRET})
    found = Settings.load(around | {"TRACKER_SECRET_KEY_PREVIOUS": NEW})
    assert found.secrets == (SECRET, NEW)
    assert Settings.load(around).secrets == (SECRET,)
    assert not re.search(f"{NEW}|{SECRET}", repr(found))
