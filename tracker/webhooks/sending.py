"""Sends one message: to an address that was looked at, within a time, following nothing.

A receiver's name may resolve to a machine inside our own networks, by mistake or on purpose
(server-side request forgery). So every address that the name has is judged, and the connection
goes to one that was judged, not to whatever the name says a moment later (DNS rebinding).
"""

import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from urllib.parse import urlsplit

from tracker.webhooks.models import DeliveryFailure
from tracker.webhooks.rules import Network, failure_of, may_reach

TIMEOUT = 10.0  # seconds from the first packet to the last
BEGINNING = 1_000  # bytes of an answer that are kept


class Reach:
    """Which networks messages may go to beside the public internet; `create_app` says it."""

    def __init__(self) -> None:
        self.networks: tuple[Network, ...] = ()

    def configure(self, networks: Sequence[Network]) -> None:
        """Allow these."""
        self.networks = tuple(networks)


reach = Reach()


@dataclass(frozen=True)
class Answer:
    """How an attempt ended: why it failed (None: taken), and what was answered, if anything."""

    failure: DeliveryFailure | None
    took_ms: int
    code: int | None = None
    beginning: str | None = None


class _Forbidden(Exception):
    """The name leads where no message may go."""


class _Connection(HTTPConnection):
    """A connection to addresses that were judged, whatever the name says by now."""

    def __init__(self, host: str, port: int, addresses: Sequence[str], *, tls: bool) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self.default_port = 443 if tls else 80
        self._addresses = addresses
        self._context = ssl.create_default_context() if tls else None
        self._is_late = threading.Event()

    @property
    def is_late(self) -> bool:
        """Whether it was cut off for its time."""
        return self._is_late.is_set()

    def connect(self) -> None:
        """Connect to the first address that answers; the certificate must be the name's."""
        self.sock = self._connected()
        if self.is_late:
            raise TimeoutError
        if self._context is not None:
            self.sock = self._context.wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()

    def _connected(self) -> socket.socket:
        *others, last = self._addresses
        for address in others:
            with suppress(OSError):
                return socket.create_connection((address, self.port), TIMEOUT / 3)
        return socket.create_connection((last, self.port), TIMEOUT / 2)

    def cut(self) -> None:
        """End it from another thread: whoever sends a byte a second would hold us for hours."""
        self._is_late.set()
        if self.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


def _judged(host: str, port: int, networks: Sequence[Network]) -> list[str]:
    """The addresses of `host`, at most three; raises `_Forbidden` where one of all may not be."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all(may_reach(ip_address(each.partition("%")[0]), networks) for each in addresses):
        raise _Forbidden
    return addresses[:3]


def post(
    address: str, *, headers: Mapping[str, str], body: bytes, networks: Sequence[Network]
) -> Answer:
    """Send `body` once; never raises for what a receiver, a name or a network does."""
    began = time.monotonic()

    def ended(failure: DeliveryFailure | None, code: int | None = None, text: str = "") -> Answer:
        took = round((time.monotonic() - began) * 1_000)
        return Answer(failure, took, code, text if code else None)

    url = urlsplit(address)
    tls = url.scheme == "https"
    port = url.port or (443 if tls else 80)
    try:
        connection = _Connection(
            url.hostname or "", port, _judged(url.hostname or "", port, networks), tls=tls
        )
    except _Forbidden:
        return ended(DeliveryFailure.FORBIDDEN_ADDRESS)
    except (OSError, UnicodeError):  # no such name; no name at all
        return ended(DeliveryFailure.UNREACHABLE)
    watch = threading.Timer(TIMEOUT, connection.cut)
    watch.start()
    try:
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        connection.request("POST", path, body, dict(headers))
        response = connection.getresponse()
        text = response.read(BEGINNING).decode("utf-8", "replace")
        return ended(failure_of(response.status), response.status, text)
    except (OSError, HTTPException, ValueError) as error:
        return ended(_why(error, is_late=connection.is_late))
    finally:
        watch.cancel()
        connection.close()


def _why(error: Exception, *, is_late: bool) -> DeliveryFailure:
    if is_late or isinstance(error, TimeoutError):
        return DeliveryFailure.TOO_SLOW
    return (
        DeliveryFailure.INSECURE if isinstance(error, ssl.SSLError) else DeliveryFailure.UNREACHABLE
    )
