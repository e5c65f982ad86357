"""Every setting of an installation: its name in the environment, its default, its meaning."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

CHECKOUT = Path(__file__).resolve().parent.parent
BUNDLED = Path(__file__).resolve().parent / "_bundled"
SHORTEST_SECRET = 32
SHORTEST_PASSPHRASE = 16
PLACEHOLDERS = frozenset({"changeme", "change-me", "secret", "dev", "development", "test"})
MEGABYTE = 1024 * 1024
MAIL_SENDER = re.compile(r'(?:"?([^"<>]*?)"?\s*<)?([^\s"<>@]+@[^\s"<>@]+)(>?)')


class SettingsError(Exception):
    """The environment does not make a safe or complete configuration."""


def project_folder(name: str) -> Path:
    """The folder `name` (templates, migrations): the checkout's, or the one inside the wheel."""
    checkout = CHECKOUT / name
    return checkout if (CHECKOUT / "pyproject.toml").exists() else BUNDLED / name


class Security(StrEnum):
    """How the way to the mail server is protected."""

    TLS = "tls"  # from the first byte (RFC 8314)
    STARTTLS = "starttls"  # RFC 3207, required
    NONE = "none"  # to this machine itself


MAIL_PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """The server that takes this installation's mail, and who it comes from (name, address)."""

    host: str
    port: int
    security: Security
    sender: tuple[str, str]
    user: str = ""
    password: str = field(default="", repr=False)


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
    mail: MailServer | None = None
    # What the keys that sign certificates are encrypted with; None: no keys can be made or used.
    signing_passphrase: str | None = field(default=None, repr=False)

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
            mail=_mail(environ),
            signing_passphrase=_signing_passphrase(environ, instance, is_production=is_production),
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
    return _kept_secret(instance, "secret_key")


def _signing_passphrase(
    environ: Mapping[str, str], instance: Path, *, is_production: bool
) -> str | None:
    given = environ.get("TRACKER_SIGNING_PASSPHRASE", "").strip()
    named = environ.get("TRACKER_SIGNING_PASSPHRASE_FILE", "").strip()
    if given and named:
        raise SettingsError(
            "TRACKER_SIGNING_PASSPHRASE and TRACKER_SIGNING_PASSPHRASE_FILE are both set: keep one."
        )
    if named:
        try:
            given = Path(named).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"TRACKER_SIGNING_PASSPHRASE_FILE: {named} cannot be read."
            ) from error
    if (given or named) and len(given) < SHORTEST_PASSPHRASE:
        raise SettingsError(
            f"The signing passphrase is too short: give at least {SHORTEST_PASSPHRASE} characters."
        )
    if given:
        return given
    return None if is_production else _kept_secret(instance, "signing_passphrase")


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


def _mail(environ: Mapping[str, str]) -> MailServer | None:
    """The mail server and the sender; None where neither is set. Nothing here repeats the
    address, since it carries a password."""
    address = environ.get("TRACKER_MAIL_URL", "").strip()
    sender = environ.get("TRACKER_MAIL_FROM", "").strip()
    if not address and not sender:
        return None
    if not address or not sender:
        raise SettingsError("TRACKER_MAIL_URL and TRACKER_MAIL_FROM are set both or not at all.")
    try:
        url = urlsplit(address)
        port = url.port
        is_server = url.scheme in {"smtp", "smtps"} and bool(url.hostname) and port != 0
        has_more = url.path not in {"", "/"} or url.query not in {"", "starttls=1"} or url.fragment
    except ValueError:
        is_server = False
    if not is_server or has_more or " " in address:
        raise SettingsError(
            "TRACKER_MAIL_URL must look like smtp://user:password@host:587 or smtps://host:465; "
            "write the characters / ? # @ : % of a user or password as %2F %3F %23 %40 %3A %25."
        )
    user, password = _mail_credentials(url)
    security = _mail_security(url, has_credentials=bool(user))
    return MailServer(
        host=url.hostname or "",
        port=port or MAIL_PORTS[security],
        security=security,
        sender=_mail_sender(sender),
        user=user,
        password=password,
    )


def _mail_credentials(url: SplitResult) -> tuple[str, str]:
    user, password = unquote(url.username or ""), unquote(url.password or "")
    if bool(user) != bool(password):
        raise SettingsError("TRACKER_MAIL_URL needs both a user and a password, or neither.")
    if not (user + password).isascii():
        raise SettingsError("The user and password in TRACKER_MAIL_URL must be plain ASCII.")
    return user, password


def _mail_security(url: SplitResult, *, has_credentials: bool) -> Security:
    if url.scheme == "smtps":
        if url.query:
            raise SettingsError("TRACKER_MAIL_URL: smtps:// is encrypted without starttls=1.")
        return Security.TLS
    if has_credentials or url.query:
        return Security.STARTTLS
    if not _is_loopback(url.hostname or ""):
        raise SettingsError(
            "TRACKER_MAIL_URL would send mail over the network in clear: use smtps:// or add "
            "?starttls=1. Only a mail server on this machine does without."
        )
    return Security.NONE


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _mail_sender(text: str) -> tuple[str, str]:
    found = MAIL_SENDER.fullmatch(text)
    if found is None or (found[1] is None) != (found[3] == ""):
        raise SettingsError(
            "TRACKER_MAIL_FROM must be an address or a name and an address: Name <name@host>."
        )
    return (found[1] or "").strip(), found[2]
