"""A real receiver on this machine: it keeps what it is sent and answers as a test wants."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path

from tests.factories.mail import server_context
from tracker.webhooks.sending import reach

HERE = ip_network("127.0.0.0/8")


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    moment: float


@dataclass
class Answer:
    """What is said to a request; `before` is called first, `pause` seconds between bytes."""

    code: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"taken"
    before: Callable[[], object] = lambda: None
    pause: float = 0


@dataclass
class Receiver:
    """What came, and the answers given first; then every request is taken."""

    port: int = 0
    scheme: str = "http"
    received: list[Received] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it is."""
        return f"{self.scheme}://127.0.0.1:{self.port}/events?key=7"

    @property
    def ids(self) -> list[str]:
        """The ids of what came, in order."""
        return [each.headers["webhook-id"] for each in self.received]


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append(Received(self.path, headers, body, time.time()))
            answer = receiver.answers.pop(0) if receiver.answers else Answer()
            answer.before()
            self.send_response(answer.code)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self._end(answer)

        def _end(self, answer: Answer) -> None:
            self._headers_buffer.append(b"\r\n")
            content = b"".join(self._headers_buffer) + answer.body
            self._headers_buffer = []
            try:
                if not answer.pause:
                    self.wfile.write(content)
                for byte in content if answer.pause else b"":
                    self.wfile.write(bytes([byte]))
                    time.sleep(answer.pause)
            except OSError:  # nobody waits for it any more
                self.close_connection = True

        def log_message(self, *_arguments: object) -> None:
            """Nothing on standard error."""

    return Handler


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_arguments: object) -> None:
        """A client that does not trust us, or goes away, is no error of a test."""


@contextmanager
def receiver(certificate: Path | None = None) -> Iterator[Receiver]:
    """A receiver until the block ends, and messages may go to this machine; over TLS with a
    `certificate`."""
    found = Receiver()
    server = _Server(("127.0.0.1", 0), _handler(found))
    found.port = server.server_address[1]
    if certificate is not None:
        found.scheme = "https"
        server.socket = server_context(certificate).wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    reach.configure([HERE])
    try:
        yield found
    finally:
        reach.configure([])
        server.shutdown()
        thread.join()
        server.server_close()
