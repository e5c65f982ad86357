"""A primary and a streaming replica, as Debian ships PostgreSQL, on this machine's loopback."""

import os
import re
import time
from pathlib import Path
from typing import Any

import psycopg

from tests.factories.postgresql import Programs, Server
from tests.factories.served import free_port

SYNCHRONOUS = "copy"  # the name by which a primary knows the replica that it waits for


def debian() -> Programs:
    """The newest version that the system has (tests/hosts/install-postgresql)."""
    found = Path("/usr/lib/postgresql").glob("*/bin/pg_basebackup")
    newest = max(found, key=lambda path: int(re.sub(r"\D", "", path.parts[4])))
    return Programs(newest.parent, "postgres" if os.geteuid() == 0 else None)


class Member(Server):
    """A server that others may follow."""

    def __init__(self, *options: str) -> None:
        super().__init__(*options, programs=debian(), port=free_port())

    def ask(self, statement: str) -> Any:
        """What the server answers to one statement."""
        address = f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            found = connection.execute(statement)  # type: ignore[call-overload]
            row = found.fetchone() if found.description else None
        return row[0] if row else None

    def wait_for(self, statement: str, seconds: float = 30) -> None:
        """Until the statement is true here."""
        end = time.monotonic() + seconds
        while not self.ask(statement):
            assert time.monotonic() < end, statement
            time.sleep(0.02)


class Copy(Member):
    """A replica that follows a primary from now on."""

    def __init__(self, primary: Member, *options: str) -> None:
        self.primary = primary
        super().__init__(*options)

    def make(self) -> None:
        """Copy the primary's data."""
        address = f"host=127.0.0.1 port={self.primary.port} user=postgres"
        address += f" application_name={SYNCHRONOUS}"
        quickly = ("--no-sync", "--checkpoint=fast", "--wal-method=stream")
        self.programs.run(
            "pg_basebackup", "-D", str(self.data), "-d", address, "--write-recovery-conf", *quickly
        )

    def catch_up(self) -> None:
        """Wait until all that the primary has by now is here."""
        # A commit, so that whole records are flushed: half of one is replayed with its other half.
        self.primary.ask("SELECT pg_current_xact_id()")
        reached = self.primary.ask("SELECT pg_current_wal_flush_lsn()")
        self.wait_for(f"SELECT pg_last_wal_replay_lsn() >= '{reached}'")

    def follow(self, address: str) -> None:
        """Receive from the primary at another address; from none where it is empty."""
        quoted = address.replace("'", "''")
        self.ask(f"ALTER SYSTEM SET primary_conninfo = '{quoted}'")
        self.ask("SELECT pg_reload_conf()")

    def pause(self) -> None:
        """Replay nothing more, though it still comes in."""
        self.ask("SELECT pg_wal_replay_pause()")
        self.wait_for("SELECT pg_get_wal_replay_pause_state() = 'paused'")

    def resume(self) -> None:
        """Replay again."""
        self.ask("SELECT pg_wal_replay_resume()")
        self.catch_up()
