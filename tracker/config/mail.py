"""The mail server: one address that says where it is, how it is reached and who we are to it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import SplitResult, unquote, urlsplit

from tracker.config.reading import SettingsError, is_loopback

MAIL_SENDER = re.compile(r'(?:"?([^"<>]*?)"?\s*<)?([^\s"<>@]+@[^\s"<>@]+)(>?)')


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


def mail_server(environ: Mapping[str, str]) -> MailServer | None:
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
    if not is_loopback(url.hostname or ""):
        raise SettingsError(
            "TRACKER_MAIL_URL would send mail over the network in clear: use smtps:// or add "
            "?starttls=1. Only a mail server on this machine does without."
        )
    return Security.NONE


def _mail_sender(text: str) -> tuple[str, str]:
    found = MAIL_SENDER.fullmatch(text)
    if found is None or (found[1] is None) != (found[3] == ""):
        raise SettingsError(
            "TRACKER_MAIL_FROM must be an address or a name and an address: Name <name@host>."
        )
    return (found[1] or "").strip(), found[2]
