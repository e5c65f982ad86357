"""Secrets: given, read from a file, or made once for a local installation; never weak ones."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from tracker.config.reading import SettingsError, given_or_in_file

SHORTEST_SECRET = 32
SHORTEST_PASSPHRASE = 16
SHORTEST_TOKEN = 16
PLACEHOLDERS = frozenset({"changeme", "change-me", "secret", "dev", "development", "test"})


def secret_key_in(environ: Mapping[str, str], instance: Path, *, is_production: bool) -> str:
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
    return _kept_secret(instance, "secret_key")


def previous_secret(environ: Mapping[str, str], secret_key: str) -> str | None:
    """The secret that was in use before, however short: it was good enough then."""
    given = environ.get("TRACKER_SECRET_KEY_PREVIOUS", "").strip()
    if given == secret_key:
        raise SettingsError(
            "TRACKER_SECRET_KEY_PREVIOUS and TRACKER_SECRET_KEY are the same: give the secret that "
            "was in use before, or leave it out."
        )
    return given or None


def passphrase(
    purpose: str, environ: Mapping[str, str], instance: Path, *, is_production: bool
) -> str | None:
    given = given_or_in_file(environ, f"TRACKER_{purpose}_PASSPHRASE")
    if given is not None and len(given) < SHORTEST_PASSPHRASE:
        raise SettingsError(
            f"The {purpose.lower()} passphrase is too short: give at least "
            f"{SHORTEST_PASSPHRASE} characters."
        )
    if given:
        return given
    return None if is_production else _kept_secret(instance, f"{purpose.lower()}_passphrase")


def _kept_secret(instance: Path, name: str) -> str:
    """The random secret in this file of the instance; made where there is none yet."""
    instance.mkdir(parents=True, exist_ok=True)
    kept = instance / name
    try:
        # Only one of several starting processes may make it; the others read it.
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return kept.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    return kept.read_text(encoding="ascii").strip()


def metrics_token(environ: Mapping[str, str]) -> str | None:
    given = given_or_in_file(environ, "TRACKER_METRICS_TOKEN")
    if given is not None and (len(given) < SHORTEST_TOKEN or not given.isascii()):
        raise SettingsError(
            f"TRACKER_METRICS_TOKEN must have at least {SHORTEST_TOKEN} ASCII characters, "
            "for example from `openssl rand -hex 32`."
        )
    return given
