"""One message as a mail program reads it, and the way to the server that takes it.

Whatever goes wrong is named by its class alone: what servers answer repeats addresses, which
belong in no log and in no column that is not encrypted.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from enum import StrEnum
from typing import Any

from tracker.config import MailServer, Security, SettingsError
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.text import normalize

TIMEOUT = 30  # seconds that the server may leave one question unanswered
LONGEST_ADDRESS = 254  # RFC 5321 4.5.3.1.3, without its angle brackets
LONGEST_PLAIN = 500  # of a header in ASCII; longer ones are encoded, which can be folded anywhere
_LOCAL = re.compile(r'[^\s()<>\[\]:;@\\,".]+(\.[^\s()<>\[\]:;@\\,".]+)*')  # RFC 5322 3.2.3
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class Method(StrEnum):
    """What a calendar that is sent asks for (RFC 5546 3.2)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True)
class Attachment:
    """A PDF that goes with a message; `name` is its file's name."""

    name: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is to be sent; `calendar` is a whole iCalendar object whose METHOD is `method`."""

    to: tuple[str, str]  # name, address
    subject: str
    text: str
    calendar: bytes | None = None
    method: Method | None = None
    attachment: Attachment | None = None

    def __post_init__(self) -> None:
        try:
            ascii_address(self.to[1])
        except ValueError:
            message = N_("%(email)s is not an e-mail address.")
            raise Refused(message, email=self.to[1]) from None
        if (self.calendar is None) != (self.method is None):
            raise ValueError("a calendar and its method belong together")


class MailFailure(StrEnum):
    """Why a message was not sent."""

    UNREACHABLE = "unreachable"
    INSECURE = "insecure"
    SIGN_IN_REFUSED = "sign_in_refused"
    SENDER_REFUSED = "sender_refused"
    DEFERRED = "deferred"
    RECIPIENT_REFUSED = "recipient_refused"
    MESSAGE_REFUSED = "message_refused"
    UNEXPECTED = "unexpected"
    WAITED_TOO_LONG = "waited_too_long"


# Another attempt would end the same.
PERMANENT = frozenset({MailFailure.RECIPIENT_REFUSED, MailFailure.MESSAGE_REFUSED})
# Every other message would meet it now.
OF_SERVER = frozenset(
    {
        MailFailure.UNREACHABLE,
        MailFailure.INSECURE,
        MailFailure.SIGN_IN_REFUSED,
        MailFailure.SENDER_REFUSED,
    }
)


def ascii_address(address: str) -> str:
    """`address` with its domain in ASCII (IDNA); raises ValueError where it is none.

    The part before the @ may be of any letters (RFC 6531); not every server delivers to it.
    """
    local, _at, domain = address.strip().rpartition("@")
    written = domain.encode("idna").decode("ascii")
    is_shaped = _LOCAL.fullmatch(local) and local.isprintable() and _DOMAIN.fullmatch(written)
    if not is_shaped or len(local) + 1 + len(written) > LONGEST_ADDRESS:
        raise ValueError("not an e-mail address")
    return f"{local}@{written}"


def _is_plain(text: str) -> bool:
    return text.isascii() and "=?" not in text and len(text) < LONGEST_PLAIN


def _encoded(text: str, header: str) -> str:
    """`text` for a header, as encoded words where it needs them (RFC 2047)."""
    if _is_plain(text):
        return text
    return Header(text, "utf-8", header_name=header).encode(linesep="\r\n")


def _mailbox(address: Address, header: str) -> str:
    if _is_plain(address.display_name):
        return str(address)
    return f"{_encoded(address.display_name, header)}\r\n <{address.addr_spec}>"


class _Policy(EmailPolicy):
    """As `email.policy.SMTP`, but folds names and subjects right.

    The library loses a space where it breaks a long name (Python 3.11) or writes encoded words
    without one between them (3.12 to 3.14, cpython issues 92081 and 144156).
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        # A subject is kept as it is: the library would decode what looks like an encoded word.
        return (name, value) if name == "Subject" else super().header_store_parse(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name in {"From", "To"}:
            text = ", ".join(_mailbox(address, name) for address in value.addresses)
        elif name in {"Subject", "Message-ID"}:
            text = _encoded(str(value), name)
        else:
            return super().fold_binary(name, value)
        return f"{name}: {text}\r\n".encode()


# Seven bits only, since not every server on the way takes eight.
_POLICY = _Policy(linesep="\r\n", cte_type="7bit")


def _address(name: str, address: str) -> Address:
    local, _at, domain = ascii_address(address).rpartition("@")
    # Made clean first: a line end in a name would begin another header.
    return Address(normalize(name), local, domain)


def compose(
    message: Message, *, sender: tuple[str, str], message_id: str, moment: datetime
) -> EmailMessage:
    """The message in full; a calendar goes both as the alternative that mail programs answer
    (RFC 6047 2.4) and as a file, for those that know only attachments."""
    letter = EmailMessage(_POLICY)
    letter["From"] = _address(*sender)
    letter["To"] = _address(*message.to)
    letter["Subject"] = normalize(message.subject)
    letter["Date"] = moment
    letter["Message-ID"] = f"<{message_id}@{letter['From'].addresses[0].domain}>"
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence is to answer
    letter.set_content(message.text)
    if message.calendar is not None:
        letter.add_alternative(
            message.calendar.decode(),
            subtype="calendar",
            params={"method": str(message.method)},
            cte="base64",
        )
        letter.add_attachment(
            message.calendar, maintype="application", subtype="ics", filename="invite.ics"
        )
    if message.attachment is not None:
        letter.add_attachment(
            message.attachment.content,
            maintype="application",
            subtype="pdf",
            filename=message.attachment.name,
        )
    return letter


class _NoSession(Exception):
    def __init__(self, failure: MailFailure) -> None:
        super().__init__(failure)
        self.failure = failure


def _is_lost(error: OSError) -> bool:
    """Whether the network failed, and not the server's judgement (SMTPException is an OSError)."""
    is_answer = isinstance(error, smtplib.SMTPException)
    return not is_answer or isinstance(error, smtplib.SMTPServerDisconnected)


def _connect(server: MailServer, context: ssl.SSLContext) -> smtplib.SMTP:
    if server.security is Security.TLS:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)


@contextmanager
def _session(server: MailServer) -> Iterator[smtplib.SMTP]:
    """A session as the settings ask for it; raises `_NoSession` where there is none."""
    context = ssl.create_default_context()
    failing, smtp = MailFailure.UNREACHABLE, None
    try:
        smtp = _connect(server, context)
        if server.security is Security.STARTTLS:
            failing = MailFailure.INSECURE  # a server that does not offer it gets nothing
            smtp.starttls(context=context)
        if server.user:
            failing = MailFailure.SIGN_IN_REFUSED
            smtp.login(server.user, server.password)
    except OSError as error:
        if smtp is not None:
            smtp.close()
        if isinstance(error, ssl.SSLError):
            failing = MailFailure.INSECURE
        elif _is_lost(error):
            failing = MailFailure.UNREACHABLE
        raise _NoSession(failing) from None
    try:
        yield smtp
    finally:
        with suppress(OSError):  # what was taken stays taken, however the server says goodbye
            smtp.quit()
        smtp.close()


def _refusal(error: OSError) -> MailFailure:
    """What the server's answer to one message means; codes from 500 are final (RFC 5321 4.2.1)."""
    if _is_lost(error):
        return MailFailure.UNREACHABLE
    match error:
        case smtplib.SMTPNotSupportedError():  # an address in letters that it cannot deliver to
            return MailFailure.RECIPIENT_REFUSED
        case smtplib.SMTPRecipientsRefused():
            codes, final = [code for code, _said in error.recipients.values()], "recipient_refused"
        case smtplib.SMTPSenderRefused():
            codes, final = [error.smtp_code], "sender_refused"
        case smtplib.SMTPResponseException():
            codes, final = [error.smtp_code], "message_refused"
        case _:
            return MailFailure.DEFERRED
    return MailFailure(final) if min(codes) >= 500 else MailFailure.DEFERRED


class Mailer:
    """How this installation sends mail, if it does."""

    def __init__(self) -> None:
        self._server: MailServer | None = None
        self.site = ""  # what addresses of this installation begin with

    def address_of(self, path: str) -> str:
        """The address of a page, for who reads it in a letter."""
        return f"{self.site}{path}"

    def configure(self, server: MailServer | None) -> None:
        """Send through `server`; nothing leaves where there is none."""
        try:
            if server is not None:
                ascii_address(server.sender[1])
        except ValueError:
            raise SettingsError("TRACKER_MAIL_FROM is not an e-mail address.") from None
        self._server = server

    @property
    def is_configured(self) -> bool:
        """Whether mail can leave at all."""
        return self._server is not None

    @property
    def sender(self) -> tuple[str, str] | None:
        """Name and address that mail comes from, so who invites to what is invited to."""
        return self._server.sender if self._server else None

    def deliver(self, message: Message, *, message_id: str, moment: datetime) -> MailFailure | None:
        """Hand the message to the server; why it was not taken, None where it was."""
        if self._server is None:
            raise RuntimeError("no mail server is configured")
        letter = compose(message, sender=self._server.sender, message_id=message_id, moment=moment)
        try:
            with _session(self._server) as smtp:
                smtp.send_message(letter)
        except _NoSession as error:
            return error.failure
        except OSError as error:
            return _refusal(error)
        return None


mailer = Mailer()
