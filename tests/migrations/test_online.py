"""A revision lets the version before it go on serving: nothing it uses goes, nothing blocks."""

import re
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from flask_migrate import upgrade

from tests.factories import records
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.online import create_index_online

MIGRATIONS = Path(__file__).parents[2] / "migrations"
# Revisions up to this one are older than the rules of docs/deploy.md.
BASE = "0025"
HOW = "see docs/deploy.md, “What a migration may do”"

# What is refused, and why; the first group is the table, a second one the column.
REFUSED = (
    (r"ALTER TABLE (\w+) RENAME", "renames what the version before still uses"),
    (r"ALTER TABLE (\w+) ALTER COLUMN (\w+) TYPE", "rewrites the table under a lock"),
    (r"ALTER TABLE (\w+) ADD COLUMN (\w+) (?!.*\bDEFAULT\b).*\bNOT NULL", "lacks a default"),
    (
        r"ALTER TABLE (\w+) ADD CONSTRAINT \w+ (?:CHECK|FOREIGN KEY)(?!.*NOT VALID)",
        "looks at every row under a lock: NOT VALID first",
    ),
    (
        r"ALTER TABLE (\w+) ADD (?:CONSTRAINT \w+ )?(?:UNIQUE|EXCLUDE)",
        "builds an index under a lock",
    ),
    (r"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).* ON (\w+)", "locks: create_index_online"),
    (r"(?:UPDATE|DELETE FROM) (?!alembic_version)(\w+)", "holds rows that people work with"),
)
# What is refused until migrations/CONTRACTING says that nobody needs it any more.
CONTRACTS = (
    (r"DROP TABLE (\w+)", "drops what the version before still uses"),
    (r"ALTER TABLE (\w+) DROP COLUMN (\w+)", "drops what the version before still uses"),
    (r"ALTER TABLE (\w+) ALTER COLUMN (\w+) SET NOT NULL", "demands what it does not write"),
)


def contracting(text):
    """What is not needed any more, and the revision since which that is so."""
    lines = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    return {what: since for since, what in lines}


def broken(revision, statements, existing, leaving):
    """The rules that a revision's statements break; tables that it makes itself are its own."""
    found = []
    for statement in (" ".join(each.split()) for each in statements):
        for pattern, why in (*REFUSED, *CONTRACTS):
            match = re.search(pattern, statement, re.IGNORECASE)
            if not match or match[1] not in existing:
                continue
            since = leaving.get(".".join(filter(None, match.groups())), "")
            if (pattern, why) in CONTRACTS and since and since < revision:
                continue
            found.append(f"{revision} {why}: {statement[:80]}; {HOW}")
    return found


def statements_of(revision):
    """What the revision sends to the database, and the tables that were there before it."""
    sent = []

    def note(_connection, _cursor, statement, *_others):
        sent.append(statement)

    existing = set(sa.inspect(db.engine).get_table_names())
    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        upgrade(revision=revision)
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
    return sent, existing


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_every_new_revision_keeps_to_the_rules(app):
    leaving = contracting((MIGRATIONS / "CONTRACTING").read_text())
    walked = reversed(list(ScriptDirectory(str(MIGRATIONS)).walk_revisions()))
    found = {}
    with app.app_context():
        for script in walked:
            found[script.revision] = broken(
                script.revision, *statements_of(script.revision), leaving
            )
    assert [rule for revision, rules in found.items() if revision > BASE for rule in rules] == []
    # That this looks at what was sent is seen by the older ones.
    assert any("lacks a default" in rule or "locks" in rule for rule in sum(found.values(), []))


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE observers DROP COLUMN fax",
        "DROP TABLE observers",
        "ALTER TABLE observers RENAME TO persons",
        "ALTER TABLE observers RENAME fax TO telefax",
        "ALTER TABLE observers ALTER COLUMN fax TYPE VARCHAR(80)",
        "ALTER TABLE observers ALTER COLUMN fax SET NOT NULL",
        "ALTER TABLE observers ADD COLUMN fax VARCHAR(40) NOT NULL",
        "ALTER TABLE observers ADD CONSTRAINT ck_fax CHECK (fax <> '')",
        "ALTER TABLE observers ADD CONSTRAINT fk FOREIGN KEY(fax) REFERENCES faxes (id)",
        "ALTER TABLE observers ADD CONSTRAINT uq_fax UNIQUE (fax)",
        "CREATE INDEX ix_fax ON observers (fax)",
        "CREATE UNIQUE INDEX ix_fax ON observers (fax)",
        "UPDATE observers SET fax = ''",
        "\n  DELETE FROM observers\n WHERE fax = ''",
    ],
)
def test_what_is_refused(statement):
    assert len(broken("0031", [statement], {"observers"}, {})) == 1
    assert broken("0031", [statement], {"others"}, {}) == []  # a table of the revision's own


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE observers ADD COLUMN fax VARCHAR(40)",
        "ALTER TABLE observers ADD COLUMN fax VARCHAR(40) DEFAULT '' NOT NULL",
        "ALTER TABLE observers ADD CONSTRAINT ck_fax CHECK (fax <> '') NOT VALID",
        "ALTER TABLE observers VALIDATE CONSTRAINT ck_fax",
        "CREATE INDEX CONCURRENTLY ix_fax ON observers (fax)",
        "DROP INDEX ix_fax",
        "UPDATE alembic_version SET version_num='0031'",
        "SELECT id FROM observers",
    ],
)
def test_what_is_not(statement):
    assert broken("0031", [statement], {"observers", "alembic_version"}, {}) == []


def test_a_column_leaves_in_two_releases():
    drop = ["ALTER TABLE observers DROP COLUMN fax"]
    leaving = contracting("# a comment\n0030 observers.fax\n")
    assert broken("0031", drop, {"observers"}, leaving) == []
    assert len(broken("0030", drop, {"observers"}, leaving)) == 1
    assert len(broken("0031", ["DROP TABLE observers"], {"observers"}, leaving)) == 1


def test_what_contracts_is_no_part_of_the_models_any_more():
    columns = {
        f"{column.table}.{column.name}" for t in db.metadata.tables.values() for column in t.c
    }
    nullable = {
        f"{column.table}.{column.name}"
        for t in db.metadata.tables.values()
        for column in t.c
        if column.nullable
    }
    for what in contracting((MIGRATIONS / "CONTRACTING").read_text()):
        assert what not in db.metadata.tables
        assert what not in columns or what not in nullable


@pytest.mark.postgres
def test_an_index_is_made_while_others_write(postgres_url):
    engine = sa.create_engine(postgres_url)
    sent = []
    sa.event.listen(engine, "before_cursor_execute", lambda *found: sent.append(found[2]))
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE many (id integer, name text)"))
    for _time in range(2):  # what a former attempt left is replaced
        with engine.connect() as connection:
            context = MigrationContext.configure(connection)
            with context.begin_transaction(), Operations.context(context):
                create_index_online("ix_many_name", "many", ["name"])
    assert any("CREATE INDEX CONCURRENTLY ix_many_name" in each for each in sent)
    with engine.connect() as connection:
        is_valid = sa.text(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_many_name'::regclass"
        )
        assert connection.scalar(is_valid)
    engine.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_revision_does_not_wait_long_for_a_lock(app, postgres_url):
    with app.app_context():
        upgrade(revision="0022")
        other = psycopg.connect(postgres_url.replace("+psycopg", ""))
        try:
            other.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
                upgrade()
        finally:
            other.close()
        upgrade()
        with unit_of_work(SYSTEM):
            records.organization()
        assert db.session.scalar(sa.text("SHOW lock_timeout")) == "0"  # of migrations alone
