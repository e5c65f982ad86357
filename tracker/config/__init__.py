"""Every setting of an installation: its name in the environment, its default, its meaning."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from tracker.config.mail import MailServer, Security, mail_server
from tracker.config.provider import IdentityProvider, identity_provider
from tracker.config.reading import SettingsError, is_loopback, networks, path_in, whole_number
from tracker.config.secrets import metrics_token, passphrase, previous_secret, secret_key_in
from tracker.kernel.permissions import Role

__all__ = [
    "LOOPBACK_NAMES",
    "IdentityProvider",
    "MailServer",
    "Security",
    "Settings",
    "SettingsError",
    "project_folder",
]

PACKAGE = Path(__file__).resolve().parent.parent
CHECKOUT, BUNDLED = PACKAGE.parent, PACKAGE / "_bundled"
MEGABYTE = 1024 * 1024
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
HOST_NAME = re.compile(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# RFC 9116, 2.5.3
CONTACT = re.compile(r"mailto:[^\s@,]+@[^\s@,]+|https://[^\s,]+|tel:[+0-9().-]+")


def project_folder(name: str) -> Path:
    """The folder `name` (templates, migrations): the checkout's, or the one inside the wheel."""
    checkout = CHECKOUT / name
    return checkout if (CHECKOUT / "pyproject.toml").exists() else BUNDLED / name


@dataclass(frozen=True)
class Settings:
    """The configuration of one installation."""

    instance: Path
    database_url: str
    secret_key: str = field(repr=False)
    redis_url: str | None
    host: str
    port: int
    max_upload: int = 12 * MEGABYTE
    mail: MailServer | None = None
    # What the keys that sign certificates are encrypted with; None: no keys can be made or used.
    signing_passphrase: str | None = field(default=None, repr=False)
    # What backups are encrypted with; None: none can be made or restored.
    backup_passphrase: str | None = field(default=None, repr=False)
    # Roles that need a passkey or a second factor, beside administrators, who always do.
    second_factor_roles: frozenset[Role] = frozenset()
    session_idle: timedelta = timedelta(minutes=60)
    session_longest: timedelta = timedelta(hours=12)
    # The secret before this one, until `tracker keys rewrap` has put its data keys under the new.
    secret_key_previous: str | None = field(default=None, repr=False)

    # The file of anchors of the audit record, and who receives each of its lines by mail.
    anchors: Path | None = None
    anchors_to: str = ""

    allowed_hosts: tuple[str, ...] = LOOPBACK_NAMES  # names that a request may be addressed to
    proxies: int = 0  # how many in front of us are believed about scheme and address
    metrics_token: str | None = field(default=None, repr=False)  # None: this machine alone
    security_contacts: tuple[str, ...] = ()  # where flaws are reported to, as RFC 9116 has it
    slow_query_ms: int = 200  # statements that take longer are logged; 0: none
    # Streaming replicas that readers may be answered by, and how many seconds these may be behind.
    replica_urls: tuple[str, ...] = field(default=(), repr=False)
    replica_seconds: int = 5
    api_rate: int = 600  # requests a minute of one token, or of a network that shows none
    files_url: str | None = None  # the bucket that files are kept in; None: the instance folder
    provider: IdentityProvider | None = None  # who else vouches for people; None: nobody
    # Whether passwords, passkeys and invitations open accounts; else the provider alone does.
    local_accounts: bool = True
    # Networks that messages to other systems may go to beside the public internet.
    webhook_networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets that open data keys, the newest first."""
        return tuple(filter(None, (self.secret_key, self.secret_key_previous)))

    @property
    def anchors_file(self) -> Path:
        """Where the anchors of the audit record are written."""
        return self.anchors or self.instance / "audit-anchors.txt"

    @property
    def is_https(self) -> bool:
        """Whether cookies are to be sent over HTTPS only: everywhere but on this machine alone."""
        return self.proxies > 0 or self.host not in {"127.0.0.1", "localhost", "::1"}

    @property
    def site(self) -> str:
        """What addresses in letters begin with: the first whole name that people reach it by."""
        names = [name for name in self.allowed_hosts if not name.startswith(".")]
        if self.is_https:
            return f"https://{next((n for n in names if n not in LOOPBACK_NAMES), self.host)}"
        return f"http://{names[0] if names else self.host}:{self.port}"

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
        secret_key = secret_key_in(environ, instance, is_production=is_production)
        provider = identity_provider(environ)
        return cls(
            instance=instance,
            database_url=database_url,
            secret_key=secret_key,
            redis_url=environ.get("TRACKER_REDIS_URL") or None,
            host=host,
            port=int(port),
            mail=mail_server(environ),
            signing_passphrase=passphrase(
                "SIGNING", environ, instance, is_production=is_production
            ),
            backup_passphrase=passphrase("BACKUP", environ, instance, is_production=is_production),
            second_factor_roles=_roles(environ.get("TRACKER_SECOND_FACTOR_ROLES", "")),
            session_idle=timedelta(
                minutes=whole_number(
                    environ, "TRACKER_SESSION_IDLE_MINUTES", 60, least=1, most=24 * 60
                )
            ),
            session_longest=timedelta(
                hours=whole_number(environ, "TRACKER_SESSION_HOURS", 12, least=1, most=7 * 24)
            ),
            secret_key_previous=previous_secret(environ, secret_key),
            anchors=path_in(environ, "TRACKER_AUDIT_ANCHORS"),
            anchors_to=environ.get("TRACKER_AUDIT_ANCHORS_TO", "").strip(),
            allowed_hosts=_allowed_hosts(environ, host),
            proxies=whole_number(environ, "TRACKER_PROXIES", 0, most=9),
            metrics_token=metrics_token(environ),
            security_contacts=_security_contacts(environ),
            slow_query_ms=whole_number(environ, "TRACKER_SLOW_QUERY_MS", 200, most=3_600_000),
            replica_urls=_replica_urls(environ, database_url),
            replica_seconds=whole_number(environ, "TRACKER_REPLICA_SECONDS", 5, least=1, most=3600),
            api_rate=whole_number(environ, "TRACKER_API_RATE", 600, least=1, most=1_000_000),
            files_url=_files_url(environ),
            provider=provider,
            local_accounts=_local_accounts(environ, provider),
            webhook_networks=networks(environ, "TRACKER_WEBHOOK_NETWORKS"),
        )


def _roles(text: str) -> frozenset[Role]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["all"]:
        return frozenset(Role)
    if unknown := [name for name in names if name not in set(Role)]:
        raise SettingsError(
            f"TRACKER_SECOND_FACTOR_ROLES: there is no role {unknown[0]!r}; "
            f"the roles are {', '.join(Role)}."
        )
    return frozenset(Role(name) for name in names)


def _local_accounts(environ: Mapping[str, str], provider: IdentityProvider | None) -> bool:
    given = environ.get("TRACKER_LOCAL_ACCOUNTS", "").strip() or "on"
    if given not in {"on", "off"}:
        raise SettingsError("TRACKER_LOCAL_ACCOUNTS is on or off.")
    if given == "off" and provider is None:
        raise SettingsError(
            "TRACKER_LOCAL_ACCOUNTS=off needs TRACKER_OIDC_ISSUER: else nobody could sign in."
        )
    return given == "on"


def _replica_urls(environ: Mapping[str, str], database_url: str) -> tuple[str, ...]:
    """The addresses, none of which is repeated here, since they carry passwords."""
    given = environ.get("TRACKER_REPLICA_URL", "").strip()
    if not given:
        return ()
    # An address may name several hosts, with commas between them.
    urls = tuple(re.split(r"\s*,\s*(?=postgresql)", given))
    if not all(url.startswith(("postgresql://", "postgresql+psycopg://")) for url in urls):
        raise SettingsError(
            "TRACKER_REPLICA_URL must be addresses of PostgreSQL separated by commas: "
            "postgresql+psycopg://user:password@host/database"
        )
    if database_url.startswith("sqlite"):
        raise SettingsError("TRACKER_REPLICA_URL needs PostgreSQL: SQLite has no replica.")
    return urls


def _is_any(host: str) -> bool:
    """Whether a server that binds to `host` listens on every address of the machine."""
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def _allowed_hosts(environ: Mapping[str, str], host: str) -> tuple[str, ...]:
    """The names that a request may be addressed to; by default this machine's own and `host`."""
    text = environ.get("TRACKER_ALLOWED_HOSTS", "")
    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    if not all(HOST_NAME.fullmatch(name) for name in names):
        raise SettingsError(
            "TRACKER_ALLOWED_HOSTS must be names separated by commas, without scheme and port: "
            "observers.mfa.example.org,10.0.0.5; a leading dot admits every name below."
        )
    if names:
        return names
    if _is_any(host):
        raise SettingsError(
            "TRACKER_ALLOWED_HOSTS is not set. An installation that listens on every address "
            "needs the names that people reach it by, separated by commas."
        )
    own = f"[{host}]" if ":" in host else host.lower()
    return LOOPBACK_NAMES if is_loopback(host) else (*LOOPBACK_NAMES, own)


def _security_contacts(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Where flaws are reported to, as RFC 9116 writes them; a bare address is one of mail."""
    parts = environ.get("TRACKER_SECURITY_CONTACT", "").split(",")
    found = tuple(
        f"mailto:{part}" if "@" in part and ":" not in part else part
        for part in (part.strip() for part in parts)
        if part
    )
    if not all(CONTACT.fullmatch(contact) for contact in found):
        raise SettingsError(
            "TRACKER_SECURITY_CONTACT must be addresses separated by commas: "
            "security@mfa.example.org, https://… or tel:+…"
        )
    return found


def _files_url(environ: Mapping[str, str]) -> str | None:
    """The bucket and prefix that files are kept under. Who we are to it is said as every program
    that speaks S3 is told (AWS_ACCESS_KEY_ID, …): an address is shown and logged, keys never."""
    given = environ.get("TRACKER_FILES_URL", "").strip()
    if not given:
        return None
    try:
        url = urlsplit(given)
        options = parse_qsl(url.query, strict_parsing=True) if url.query else []
        endpoints = [urlsplit(value) for name, value in options if name == "endpoint_url"]
        is_bucket = url.scheme == "s3" and BUCKET_NAME.fullmatch(url.netloc) and not url.fragment
        is_known = len(endpoints) == len(options) <= 1
        is_reached = all(
            each.scheme in {"http", "https"} and each.hostname and "@" not in each.netloc
            for each in endpoints
        )
    except ValueError:
        is_bucket = None
    if not is_bucket or not is_known or not is_reached:
        raise SettingsError(
            "TRACKER_FILES_URL must look like s3://bucket/prefix or, for a store of one's own, "
            "s3://bucket/prefix?endpoint_url=https://files.example.org:9000, without keys."
        )
    return given
