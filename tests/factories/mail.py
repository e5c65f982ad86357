"""A real mail server on this machine: it keeps what it is sent and answers as a test wants."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage, Message
from email.parser import BytesParser
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tracker.config import MailServer, Security
from tracker.kernel import mail

SENDER = ("Observer headquarters", "observers@mfa.example.org")


@dataclass
class Received:
    """One message as the server took it."""

    sender: str
    recipients: list[str]
    content: bytes
    user: bytes | None
    is_encrypted: bool

    @property
    def letter(self) -> EmailMessage:
        """The message, parsed."""
        return cast(EmailMessage, BytesParser(_class=Message).parsebytes(self.content))


@dataclass
class Inbox:
    """What came, and the answers that the server gives first (to RCPT and at the end of DATA)."""

    port: int = 0
    received: list[Received] = field(default_factory=list)
    to_recipients: list[str] = field(default_factory=list)
    to_content: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: PLR0913 - aiosmtpd calls it so
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if self.to_recipients:
            return self.to_recipients.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        known = session.auth_data.login if session.auth_data else None
        self.received.append(
            Received(
                envelope.mail_from,
                envelope.rcpt_tos,
                envelope.content,
                known,
                session.ssl is not None,
            )
        )
        return self.to_content.pop(0) if self.to_content else "250 OK"

    def settings(self, **changes: Any) -> MailServer:
        """What an installation would be told of this server."""
        usual = {"host": "127.0.0.1", "security": Security.NONE, "sender": SENDER}
        return MailServer(**usual | {"port": self.port} | changes)


class _Server(Controller):
    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # any free one was asked for
        super()._trigger_server()


@contextmanager
def mail_server(**options: Any) -> Iterator[Inbox]:
    """A server with aiosmtpd's `options`; everything is sent to it until the block ends."""
    inbox = Inbox()
    server = _Server(inbox, hostname="127.0.0.1", port=0, enable_SMTPUTF8=True, **options)
    server.start()
    inbox.port = server.port
    mail.mailer.configure(inbox.settings())
    try:
        yield inbox
    finally:
        mail.mailer.configure(None)
        server.stop()


def only(user: str, password: str) -> Any:
    """An authenticator that knows one user."""
    wanted = LoginPassword(user.encode(), password.encode())

    def judge(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> Any:
        return AuthResult(success=given == wanted, auth_data=given, handled=False)

    return judge


def certificate(folder: Path) -> Path:
    """A certificate of 127.0.0.1 that vouches for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def server_context(file: Path) -> ssl.SSLContext:
    """What the server needs to speak TLS with that certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context
