"""When a message is tried again, whom it may be sent to, and how it is signed.

The convention is Standard Webhooks (github.com/standard-webhooks/standard-webhooks, version 1.0).
"""

import base64
import os
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from cryptography.hazmat.primitives import hashes, hmac

from tracker.kernel.i18n import N_
from tracker.webhooks.models import DeliveryFailure, OffReason

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# After the first attempt; together a little over three days.
DELAYS = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 300, 600, 840, 1_200, 1_440))
PATIENCE = timedelta(days=7)  # what waited longer, as while nothing ran, is no news any more
FAILING_FOR = timedelta(days=5)  # then a receiver is switched off; longer than all of `DELAYS`
OVERLAP = timedelta(days=7)  # both secrets sign: two offices have to write to each other
KEPT = timedelta(days=30)  # how long what is over can be looked up and sent again

SECRET_PREFIX = "whsec_"  # noqa: S105
SECRET_LENGTH = 32  # bytes; the convention: 24 to 64
LONGEST_ADDRESS = 500


def next_attempt(attempt: int, now: datetime) -> datetime | None:
    """When to try again after attempt number `attempt` (from 1) failed; None: not any more."""
    return now + DELAYS[attempt - 1] if attempt <= len(DELAYS) else None


def off_because(
    failure: DeliveryFailure, failing_since: datetime, now: datetime
) -> OffReason | None:
    """Whether a failure is the last that a receiver is asked for."""
    if failure is DeliveryFailure.GONE:
        return OffReason.GONE
    return OffReason.FAILING if now - failing_since >= FAILING_FOR else None


def failure_of(code: int) -> DeliveryFailure | None:
    """What an HTTP answer means; None where the message was taken. No redirect is followed."""
    if 200 <= code < 300:
        return None
    if 300 <= code < 400:
        return DeliveryFailure.REDIRECTED
    return DeliveryFailure.GONE if code == 410 else DeliveryFailure.REFUSED


def may_reach(address: Address, networks: Iterable[Network]) -> bool:
    """Whether a message may go to this address: one of the public internet, or of `networks`.

    An IPv6 address that stands for an IPv4 one is judged as that; tunnels to others are refused.
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return may_reach(address.ipv4_mapped, networks)
        if address.sixtofour or address.teredo or address.is_site_local:
            return any(address in network for network in networks)
    is_public = address.is_global and not address.is_multicast and not address.is_reserved
    return is_public or any(address in network for network in networks)


def literal(host: str) -> Address | None:
    """The address that `host` is written as; None for a name."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def address_fault(address: str, networks: Sequence[Network]) -> str | None:
    """What is wrong with an address of a receiver, as a msgid; None where nothing is.

    What a name resolves to is looked at when something is sent.
    """
    url = _split(address)
    if url is None or url.scheme not in {"https", "http"} or not url.hostname:
        return N_("Give an address that begins with https://.")
    if url.username is not None or url.password is not None or "#" in address:
        return N_("Leave user, password and # out of the address.")
    found = literal(url.hostname)
    is_here = url.hostname == "localhost" or (found is not None and found.is_loopback)
    if url.scheme == "http" and not is_here:
        return N_("Only https is used: http would show every message on the way.")
    if found is not None and not may_reach(found, networks):
        return N_(
            "This address lies in a private network. The setting TRACKER_WEBHOOK_NETWORKS says "
            "which of them may be reached."
        )
    if url.hostname == "localhost" and not may_reach(IPv4Address("127.0.0.1"), networks):
        return N_("This machine itself is no receiver.")
    return None


def _split(address: str) -> SplitResult | None:
    if not address.isascii() or not address.isprintable() or " " in address:
        return None
    try:
        url = urlsplit(address)
        return url if url.port != 0 else None
    except ValueError:
        return None


def new_secret() -> str:
    """A random secret as both sides write it."""
    return SECRET_PREFIX + base64.b64encode(os.urandom(SECRET_LENGTH)).decode()


def signature(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature of the convention: HMAC-SHA256 over id, seconds since 1970 and body."""
    signer = hmac.HMAC(base64.b64decode(secret.removeprefix(SECRET_PREFIX)), hashes.SHA256())
    signer.update(f"{message_id}.{timestamp}.".encode() + body)
    return f"v1,{base64.b64encode(signer.finalize()).decode()}"


def signed_headers(
    secrets: Iterable[str], *, message_id: str, moment: datetime, body: bytes
) -> dict[str, str]:
    """The headers by which a receiver knows the message for ours and for a new one.

    The receiver refuses a timestamp that is far from its own clock, and an id that it has taken.
    """
    timestamp = int(moment.timestamp())
    signed = (
        signature(each, message_id=message_id, timestamp=timestamp, body=body) for each in secrets
    )
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signed),
    }
