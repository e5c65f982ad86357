"""Where messages may go, and what is made of the answers that receivers give."""

import socket
import threading

import pytest

from tests.factories.jobs import work
from tests.factories.mail import certificate
from tests.factories.receivers import Answer, receiver
from tests.factories.webhooks import only_row, ping, register
from tracker.kernel import clock
from tracker.webhooks import sending
from tracker.webhooks.jobs import send_due
from tracker.webhooks.models import DeliveryFailure, DeliveryStatus
from tracker.webhooks.rules import DELAYS

pytestmark = pytest.mark.usefixtures("as_jobs_begin")
S = DeliveryStatus


def test_redirects_are_not_followed(there):
    with receiver() as elsewhere:
        there.answers = [Answer(307, {"Location": elsewhere.address})]
        register(there.address)
        ping()
        work()
        assert elsewhere.received == []
    assert only_row().failure is DeliveryFailure.REDIRECTED


@pytest.mark.parametrize("pause", [0, 0.05])
def test_who_is_slow_is_cut_off(there, monkeypatch, pause):
    """At once, and byte by byte, each of them within any timeout of a socket."""
    monkeypatch.setattr(sending, "TIMEOUT", 0.4)
    go_on = threading.Event()
    there.answers = [Answer(pause=pause, before=lambda: pause or go_on.wait(20))]
    register(there.address)
    ping()
    work()
    go_on.set()
    row = only_row()
    assert (row.status, row.failure) == (S.QUEUED, DeliveryFailure.TOO_SLOW)
    assert row.answer_code is None


def test_a_long_answer_is_kept_in_part(there):
    there.answers = [Answer(body="қ".encode() * 100_000)]
    register(there.address)
    ping()
    work()
    assert only_row().answer == "қ" * (sending.BEGINNING // 2)


def test_noise_is_no_answer(there):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            connection, _address = server.accept()
            connection.recv(100_000)
            connection.sendall(b"\x00\xff noise\r\n\r\n")
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        register(f"http://127.0.0.1:{server.getsockname()[1]}/")
        ping()
        work()
        thread.join()
    assert only_row().failure is DeliveryFailure.UNREACHABLE


def test_a_name_that_leads_inside_gets_nothing(there, monkeypatch):
    real = socket.getaddrinfo

    def resolved(host, port, *arguments, **named):
        if host == "receiver.example.org":
            return real("8.8.8.8", port, *arguments, **named) + real("127.0.0.1", port)
        return real(host, port, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    sending.reach.configure([])
    register(f"https://receiver.example.org:{there.port}/")
    ping()
    work()
    assert there.received == []
    assert only_row().failure is DeliveryFailure.FORBIDDEN_ADDRESS


def test_the_connection_goes_to_the_address_that_was_judged(there, monkeypatch):
    """A name that leads elsewhere the second time that it is asked for (DNS rebinding)."""
    real, asked = socket.getaddrinfo, []

    def resolved(host, port, *arguments, **named):
        if host == "receiver.example.org":
            asked.append(host)
            return real("127.0.0.1" if len(asked) == 1 else "127.0.0.2", port, *arguments, **named)
        return real(host, port, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    found = sending.post(
        f"http://receiver.example.org:{there.port}/",
        headers={},
        body=b"{}",
        networks=sending.reach.networks,
    )
    assert (found.failure, len(asked)) == (None, 1)
    assert there.received[0].headers["host"] == f"receiver.example.org:{there.port}"


@pytest.mark.parametrize("address", ["https://2130706433/", "https://0x7f.1/", "https://127.1/"])
def test_other_spellings_of_this_machine_are_seen_through(address):
    found = sending.post(address, headers={}, body=b"{}", networks=[])
    assert found.failure is DeliveryFailure.FORBIDDEN_ADDRESS


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path, monkeypatch):
    file = certificate(tmp_path)
    with receiver(file) as safe:
        register(safe.address)
        ping()
        send_due()
        assert (only_row().failure, safe.received) == (DeliveryFailure.INSECURE, [])
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        with clock.at(clock.now() + DELAYS[0]):
            send_due()
        assert only_row().status is S.DELIVERED
        # The same machine under a name that the certificate does not bear.
        named = safe.address.replace("127.0.0.1", "localhost")
        found = sending.post(named, headers={}, body=b"", networks=sending.reach.networks)
        assert found.failure is DeliveryFailure.INSECURE
