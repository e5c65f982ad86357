"""Every setting of an installation: its name in the environment, its default, its meaning."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
BUNDLED = Path(__file__).resolve().parent / "_bundled"
SHORTEST_SECRET = 32
PLACEHOLDERS = frozenset({"changeme", "change-me", "secret", "dev", "development", "test"})
MEGABYTE = 1024 * 1024


class SettingsError(Exception):
    """The environment does not make a safe or complete configuration."""


def project_folder(name: str) -> Path:
    """The folder `name` (templates, migrations): the checkout's, or the one inside the wheel."""
    checkout = CHECKOUT / name
    return checkout if (CHECKOUT / "pyproject.toml").exists() else BUNDLED / name


@dataclass(frozen=True)
class Settings:
    """The configuration of one installation."""

    instance: Path
    database_url: str
    secret_key: str
    redis_url: str | None
    host: str
    port: int
    max_upload: int = 12 * MEGABYTE

    @property
    def is_https(self) -> bool:
        """Whether cookies are to be sent over HTTPS only: everywhere but on this machine alone."""
        return self.host not in {"127.0.0.1", "localhost", "::1"}

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment; raise `SettingsError` with one clear line where it will not do."""
        instance = Path(environ.get("TRACKER_INSTANCE") or CHECKOUT / "instance").resolve()
        default_url = f"sqlite:///{instance / 'tracker.sqlite'}"
        database_url = environ.get("TRACKER_DATABASE_URL") or default_url
        host = environ.get("TRACKER_HOST") or "127.0.0.1"
        is_production = database_url != default_url or host not in {"127.0.0.1", "localhost"}
        port = environ.get("PORT") or "8000"
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise SettingsError(f"PORT must be a number from 1 to 65535, not {port!r}.")
        return cls(
            instance=instance,
            database_url=database_url,
            secret_key=_secret_key(environ, instance, is_production=is_production),
            redis_url=environ.get("TRACKER_REDIS_URL") or None,
            host=host,
            port=int(port),
        )


def _secret_key(environ: Mapping[str, str], instance: Path, *, is_production: bool) -> str:
    given = environ.get("TRACKER_SECRET_KEY", "").strip()
    if given:
        if len(given) < SHORTEST_SECRET or given.lower() in PLACEHOLDERS or len(set(given)) < 8:
            raise SettingsError(
                "TRACKER_SECRET_KEY is not a real secret: give at least 32 random characters, "
                "for example from `openssl rand -hex 32`."
            )
        return given
    if is_production:
        raise SettingsError(
            "TRACKER_SECRET_KEY is not set. An installation with its own database or a public "
            "address needs one: at least 32 random characters, kept secret and backed up."
        )
    instance.mkdir(parents=True, exist_ok=True)
    kept = instance / "secret_key"
    try:
        # Only one of several starting processes may make the key; the others read it.
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return kept.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    return kept.read_text(encoding="ascii").strip()
