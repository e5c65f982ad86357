"""What a message looks like when it arrives, and how the way to the server is made safe."""

import socket
import threading
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import getaddresses, parsedate_to_datetime

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.calendars import event
from tests.factories.mail import (
    SENDER,
    certificate,
    mail_server,
    only,
    server_context,
)
from tracker.config import Security
from tracker.kernel import mail
from tracker.kernel.errors import Refused
from tracker.kernel.mail import (
    Attachment,
    MailFailure,
    Message,
    Method,
    ascii_address,
    compose,
    mailer,
)
from tracker.kernel.text import normalize
from tracker.meetings.calendars import invitation

MOMENT = datetime(2022, 11, 10, 6, tzinfo=UTC)
ARABIC = "محمد عبد الرحمن، رئيس بعثة جامعة الدول العربية لمراقبة الانتخابات"
KAZAKH = "Әлия Өмірзаққызы Құнанбаева, Қазақстан Республикасының Сыртқы істер министрлігі"


def message(**changes):
    usual = {"to": ("Ann", "ann@example.org"), "subject": "Meeting", "text": "Come at eleven.\n"}
    return Message(**usual | changes)


def deliver(**changes):
    return mailer.deliver(message(**changes), message_id="abc", moment=MOMENT)


def read(header):
    return str(make_header(decode_header(header.replace("\r\n", ""))))


def calendar(method=Method.REQUEST):
    invited = event(attendees=((KAZAKH, "aliya@example.org"),), organizer=SENDER, summary=ARABIC)
    return {"calendar": invitation(invited, method=method.value), "method": method}


def test_a_plain_message_arrives_whole():
    with mail_server() as inbox:
        assert deliver() is None
    received = inbox.received[0]
    letter = received.letter
    assert (received.sender, received.recipients) == (SENDER[1], ["ann@example.org"])
    assert letter["From"] == "Observer headquarters <observers@mfa.example.org>"
    assert letter["To"] == "Ann <ann@example.org>"
    assert letter["Subject"] == "Meeting"
    assert letter["Message-ID"] == "<abc@mfa.example.org>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(letter["Date"]) == MOMENT
    assert letter.get_payload(decode=True) == b"Come at eleven.\r\n"


def test_a_paper_comes_as_it_was():
    content = b"%PDF-1.7\r\n\x00\xff\n.\r\n" * 5000
    with mail_server() as inbox:
        assert deliver(attachment=Attachment("digest-kz-2022-ru.pdf", content)) is None
    letter = inbox.received[0].letter
    assert letter.get_content_type() == "multipart/mixed"
    text, paper = letter.get_payload()
    assert text.get_payload(decode=True) == b"Come at eleven.\r\n"
    assert paper.get_content_type() == "application/pdf"
    assert paper.get_content_disposition() == "attachment"
    assert paper.get_filename() == "digest-kz-2022-ru.pdf"
    assert paper.get_payload(decode=True) == content


@pytest.mark.parametrize("method", Method)
def test_an_invitation_is_an_alternative_to_answer_and_a_file(method):
    given = calendar(method)
    with mail_server() as inbox:
        assert deliver(text=f"{KAZAKH}\n", **given) is None
    letter = inbox.received[0].letter
    assert letter.get_content_type() == "multipart/mixed"
    alternative, file = letter.get_payload()
    assert alternative.get_content_type() == "multipart/alternative"
    plain, answerable = alternative.get_payload()
    assert plain.get_content_type() == "text/plain"
    assert plain.get_payload(decode=True).decode() == f"{KAZAKH}\r\n"
    assert answerable.get_content_type() == "text/calendar"
    assert answerable.get_param("method") == method
    assert answerable.get_param("charset").upper() == "UTF-8"
    assert file.get_content_type() == "application/ics"
    assert file.get_filename() == "invite.ics"
    for part in (answerable, file):
        assert part.get_payload(decode=True) == given["calendar"]
        found = icalendar.Calendar.from_ical(part.get_payload(decode=True))
        assert found["METHOD"] == method
        vevent = found.walk("VEVENT")[0]
        assert vevent["SUMMARY"] == ARABIC
        assert vevent["ATTENDEE"].params["CN"] == KAZAKH


def test_a_calendar_without_its_method_is_a_mistake():
    with pytest.raises(ValueError, match="belong together"):
        message(calendar=b"BEGIN:VCALENDAR")


@pytest.mark.parametrize("name", [KAZAKH, ARABIC, 'Smith, John "Jack" (OSCE)', "=?utf-8?q?x?="])
def test_names_of_every_alphabet_arrive_as_they_are(name):
    with mail_server() as inbox:
        assert deliver(to=(name, "ann@example.org"), subject=f"{name}: {name}") is None
    letter = inbox.received[0].letter
    [(found, address)] = getaddresses([letter["To"].replace("\r\n", "")])
    assert (read(found), address) == (name, "ann@example.org")
    assert read(letter["Subject"]) == f"{name}: {name}"


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
NAMES = st.lists(WORDS | st.sampled_from([KAZAKH, ARABIC, "a" * 90, "Head,", "\\"]), max_size=5)


@given(NAMES.map(" ".join))
def test_no_name_or_subject_is_lost_or_makes_a_header(text):
    letter = compose(
        message(to=(text, "ann@example.org"), subject=text),
        sender=(text, SENDER[1]),
        message_id="abc",
        moment=MOMENT,
    )
    head = letter.as_bytes().split(b"\r\n\r\n", 1)[0]
    assert max(map(len, head.split(b"\r\n"))) <= 998  # RFC 5322 2.1.1
    head.decode("ascii")
    lines = head.decode().replace("\r\n ", " ").split("\r\n")
    found = dict(line.split(": ", 1) for line in lines)
    assert set(found) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version"),
        *("Content-Type", "Content-Transfer-Encoding"),
    }
    assert read(found["Subject"]) == normalize(text)
    for header, address in (("To", "ann@example.org"), ("From", SENDER[1])):
        [(name, spec)] = getaddresses([found[header]])
        assert (read(name), spec) == (normalize(text), address)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\u2028", "\x00"])
def test_a_line_end_in_a_name_or_subject_makes_no_header(end):
    sly = f"Ann{end}Bcc: eve@example.net{end}{end}Another text"
    with mail_server() as inbox:
        assert deliver(to=(sly, "ann@example.org"), subject=sly) is None
    received = inbox.received[0]
    assert received.recipients == ["ann@example.org"]
    assert received.letter["Bcc"] is None
    assert received.letter.get_payload(decode=True) == b"Come at eleven.\r\n"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "@example.org",
        "ann@",
        "ann@@example.org",
        "ann@example..org",
        ".ann@example.org",
        "ann@example.org>\r\nRCPT TO:<eve@example.net",
        "ann@example.org\nBcc: eve@example.net",
        "ann@example.org, eve@example.net",
        "ann <ann@example.org",
        "ann smith@example.org",
        "ann@exam\uff20ple.org",  # becomes a second @ where compatible letters are folded
        f"ann@{'x' * 64}.org",
        f"{'a' * 250}@example.org",
    ],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(Refused):
        message(to=("Ann", address))


def test_a_domain_in_other_letters_is_written_in_ascii():
    assert ascii_address("info@сайлау.қаз") == "info@xn--80aa0ai1aq.xn--80ao21a"
    with mail_server() as inbox:
        assert deliver(to=("Ann", "info@сайлау.қаз")) is None
    assert inbox.received[0].recipients == ["info@xn--80aa0ai1aq.xn--80ao21a"]


def test_a_mailbox_in_other_letters_needs_a_server_that_delivers_to_it():
    with mail_server() as inbox:
        assert deliver(to=(KAZAKH, "әлия@example.org")) is None
    assert inbox.received[0].recipients == ["әлия@example.org"]
    assert "<әлия@example.org>" in inbox.received[0].content.decode()


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """The file of a certificate that this machine trusts."""
    file = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return file


LOGIN = {"user": "tracker", "password": "a pass=word/with%signs"}


def test_with_starttls_and_login(trusted):
    options = {
        "tls_context": server_context(trusted),
        "require_starttls": True,
        "auth_required": True,
        "authenticator": only(**LOGIN),
    }
    with mail_server(**options) as inbox:
        mailer.configure(inbox.settings(security=Security.STARTTLS, **LOGIN))
        assert deliver() is None
        wrong = LOGIN | {"password": "wrong"}
        mailer.configure(inbox.settings(security=Security.STARTTLS, **wrong))
        assert deliver() is MailFailure.SIGN_IN_REFUSED
    [received] = inbox.received
    assert received.is_encrypted
    assert received.user == b"tracker"


def test_with_tls_from_the_first_byte(trusted):
    options = {"ssl_context": server_context(trusted), "auth_require_tls": False}
    with mail_server(authenticator=only(**LOGIN), **options) as inbox:
        mailer.configure(inbox.settings(security=Security.TLS, **LOGIN))
        assert deliver() is None
    assert inbox.received[0].user == b"tracker"


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_certificate_that_nobody_vouches_for_gets_no_password(tmp_path, security):
    context = server_context(certificate(tmp_path))
    is_tls = security is Security.TLS
    options = {"ssl_context" if is_tls else "tls_context": context}
    with mail_server(authenticator=only(**LOGIN), **options) as inbox:
        mailer.configure(inbox.settings(security=security, **LOGIN))
        assert deliver() is MailFailure.INSECURE
    assert inbox.received == []


def test_a_certificate_of_another_host_is_not_taken(trusted):
    with mail_server(tls_context=server_context(trusted)) as inbox:
        mailer.configure(inbox.settings(security=Security.STARTTLS, host="localhost"))
        assert deliver() is MailFailure.INSECURE
    assert inbox.received == []


def test_a_server_that_offers_no_encryption_gets_nothing():
    with mail_server(authenticator=only(**LOGIN), auth_require_tls=False) as inbox:
        mailer.configure(inbox.settings(security=Security.STARTTLS, **LOGIN))
        assert deliver() is MailFailure.INSECURE
    assert inbox.received == []


def test_a_server_that_knows_no_login_is_said_to_refuse_it(trusted):
    with mail_server(tls_context=server_context(trusted), auth_exclude_mechanism=["LOGIN"]) as box:
        mailer.configure(box.settings(security=Security.STARTTLS, user="x", password="y"))
        assert deliver() is MailFailure.SIGN_IN_REFUSED


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ("450 4.2.1 greylisted, come back", MailFailure.DEFERRED),
        ("550 5.1.1 no such user <ann@example.org>", MailFailure.RECIPIENT_REFUSED),
        ("421 4.3.2 closing", MailFailure.DEFERRED),
    ],
)
def test_answers_to_the_recipient(answer, failure):
    with mail_server() as inbox:
        inbox.to_recipients = [answer]
        assert deliver() is failure
        assert deliver() is None


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ("452 4.3.1 disk full", MailFailure.DEFERRED),
        ("554 5.7.1 looks like spam", MailFailure.MESSAGE_REFUSED),
    ],
)
def test_answers_to_the_content(answer, failure):
    with mail_server() as inbox:
        inbox.to_content = [answer]
        assert deliver() is failure


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with mail_server() as inbox:
        mailer.configure(inbox.settings(port=port))
        assert deliver() is MailFailure.UNREACHABLE


def talk(*lines):
    """A server of a few words: it says the next line after each command, then hangs up."""
    server = socket.create_server(("127.0.0.1", 0))

    def run():
        connection, _address = server.accept()
        with server, connection, connection.makefile("rb") as commands:
            for line in lines:
                connection.sendall(line.encode() + b"\r\n")
                command = commands.readline()
                if command.upper() == b"DATA\r\n":
                    connection.sendall(b"354 go on\r\n")
                    while commands.readline() != b".\r\n":
                        pass

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return server.getsockname()[1], thread


TAKEN = ("220 hello", "250 hello", "250 sender", "250 recipient", "250 taken")


@pytest.mark.parametrize(
    ("lines", "failure"),
    [
        (("554 no service here",), MailFailure.UNREACHABLE),
        (("220 hello",), MailFailure.UNREACHABLE),
        (("220 hello", "250 hello", "550 not from you"), MailFailure.SENDER_REFUSED),
        (("220 hello", "250 hello", "451 later"), MailFailure.DEFERRED),
        (TAKEN[:4], MailFailure.UNREACHABLE),  # hangs up after the content: taken or not?
        (TAKEN, None),  # hangs up instead of saying goodbye
        ((*TAKEN, "500 what?"), None),  # says goodbye wrongly
    ],
)
def test_servers_of_few_words(lines, failure):
    port, thread = talk(*lines)
    with mail_server() as inbox:
        mailer.configure(inbox.settings(port=port))
        assert deliver() is failure
    thread.join()


def test_a_server_that_says_nothing_is_not_waited_for_long(monkeypatch):
    monkeypatch.setattr(mail, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, mail_server() as inbox:
        mailer.configure(inbox.settings(port=silent.getsockname()[1]))
        assert deliver() is MailFailure.UNREACHABLE
