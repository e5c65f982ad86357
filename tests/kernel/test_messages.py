"""The server itself: where one message ends and the next begins (RFC 9112, section 6)."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.factories.served import free_port
from tests.journeys.demonstration import SECRET

SECOND = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
TRACKER = (sys.executable, "-m", "tracker.cli")


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """An installation's, for a free port."""
    folder, port = tmp_path_factory.mktemp("served"), free_port()
    found = os.environ | {
        "TRACKER_INSTANCE": str(folder),
        "TRACKER_SECRET_KEY": SECRET,
        "PORT": str(port),
    }
    subprocess.run([*TRACKER, "migrate"], env=found, check=True, capture_output=True)
    return found


@pytest.fixture(scope="module")
def port(environment):
    """A server as `tracker serve` runs it."""
    folder, port = Path(environment["TRACKER_INSTANCE"]), int(environment["PORT"])
    command = [*TRACKER, "serve", "--no-jobs", "--workers", "1"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        for _attempt in range(300):
            try:
                if b"200" in answer(port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"):
                    break
            except OSError:
                time.sleep(0.2)
        else:
            pytest.fail((folder / "log").read_text())
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def answer(port, message, patience=2):
    """All that comes back until the server closes or is silent."""
    found = b""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
        connection.sendall(message)
        try:
            while part := connection.recv(65_536):
                found += part
        except TimeoutError:
            pass
    return found


def head(*lines):
    return b"\r\n".join([b"POST /healthz HTTP/1.1", b"Host: localhost", *lines, b"", b""])


def test_two_lengths_make_no_second_request(port):
    """Of a length and chunks the chunks count, of two lengths none: what follows is a body."""
    chunked = b"Transfer-Encoding: chunked"
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(SECOND), SECOND)
    for message in (
        head(b"Content-Length: 4", chunked) + body,
        head(chunked, b"Content-Length: 4") + body,
        head(b"Content-Length: 0", b"Content-Length: %d" % len(SECOND)) + SECOND,
        head(b"Content-Length: +%d" % len(SECOND)) + SECOND,
        head(b"Transfer-Encoding: xchunked") + SECOND,
    ):
        found = answer(port, message)
        assert found.count(b"HTTP/1.1 ") == 1, message
        assert found.split(b" ", 2)[1] in {b"400", b"405"}, message


def test_a_second_request_that_is_one_is_answered(port):
    """Else the test above would prove nothing."""
    found = answer(port, head(b"Content-Length: 0") + SECOND)
    assert found.count(b"HTTP/1.1 ") == 2
    assert b"HTTP/1.1 404" in found


def test_a_second_server_does_not_share_the_port(environment, port):
    """Both would listen, and each answer half of what is asked."""
    found = subprocess.run([*TRACKER, "serve"], env=environment, capture_output=True, timeout=60)
    assert found.returncode == 1
    refusal = f"Cannot serve on 127.0.0.1:{port}: Address already in use."
    assert refusal in found.stderr.decode()
    assert b"200" in answer(port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
