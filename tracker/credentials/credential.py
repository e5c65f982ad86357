"""What a certificate's QR code says: the claims of one certificate as a CBOR Web Token.

docs/credential.md specifies it for everybody who writes a verifier. Registered claims are those of
RFC 8392; the others stand in one map under a key of the private range (IANA, CWT claims).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

import cbor2

from tracker.accreditation.models import Function
from tracker.credentials.cose import Unreadable, decode

ISSUER, EXPIRES, NOT_BEFORE, ISSUED = 1, 4, 5, 6  # RFC 8392, section 3.1
CERTIFICATE = -65537
PORTRAIT_HASH_LENGTH = 16  # bytes: the first half of a SHA-256
MOST_REGIONS = 4
# So that the QR code stays within version 13 at level M, which is 35 mm of modules that a cheap
# camera tells apart: 483 characters, less the prefix, two bytes each three.
LARGEST_PAYLOAD = 232  # bytes; header, signature and their lengths take 86 more
CUT = "…"


class Claim(IntEnum):
    """Keys of the map under `CERTIFICATE`."""

    SERIAL = 0
    ELECTION = 1
    FUNCTION = 2
    SURNAME = 3
    GIVEN_NAMES = 4
    NATIVE_NAME = 5
    CITIZENSHIP = 6
    ORGANIZATION = 7
    REGIONS = 8
    PORTRAIT = 9


FUNCTION_CODES: dict[Function, int] = {
    Function.HEAD: 1,
    Function.DEPUTY_HEAD: 2,
    Function.CORE_TEAM: 3,
    Function.LONG_TERM_OBSERVER: 4,
    Function.SHORT_TERM_OBSERVER: 5,
    Function.EXPERT: 6,
    Function.INTERPRETER: 7,
    Function.ASSISTANT: 8,
    Function.DRIVER: 9,
}
FUNCTIONS = {code: function for function, code in FUNCTION_CODES.items()}


@dataclass(frozen=True, kw_only=True)
class Credential:
    """What one certificate says of its holder. Moments are aware and hold whole seconds."""

    issuer: str  # ISO 3166-1 alpha-2 of the host country
    serial: int  # within the election
    election: str
    function: Function
    surname: str
    given_names: str = ""
    native_name: str = ""
    citizenship: str  # as stored with the observer: ISO 3166-1, or ICAO Doc 9303-3, section 5
    organization: str
    regions: tuple[str, ...] = ()  # ISO 3166-2; none: the whole country
    portrait: bytes  # the first 16 bytes of the SHA-256 of the printed portrait (JPEG)
    valid_from: datetime
    valid_until: datetime  # from this moment on it is no longer valid
    issued_at: datetime


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def payload_of(credential: Credential) -> bytes:
    """The claims as CBOR; what is empty is left out."""
    claims: dict[int, Any] = {
        Claim.SERIAL: credential.serial,
        Claim.ELECTION: credential.election,
        Claim.FUNCTION: FUNCTION_CODES[credential.function],
        Claim.SURNAME: credential.surname,
        Claim.GIVEN_NAMES: credential.given_names,
        Claim.NATIVE_NAME: credential.native_name,
        Claim.CITIZENSHIP: credential.citizenship,
        Claim.ORGANIZATION: credential.organization,
        Claim.REGIONS: list(credential.regions),
        Claim.PORTRAIT: credential.portrait,
    }
    return cbor2.dumps(
        {
            ISSUER: credential.issuer,
            EXPIRES: _seconds(credential.valid_until),
            NOT_BEFORE: _seconds(credential.valid_from),
            ISSUED: _seconds(credential.issued_at),
            CERTIFICATE: {int(key): value for key, value in claims.items() if value},
        }
    )


def _shortened(text: str, size: int) -> str:
    """`text` within `size` bytes of UTF-8, with a mark where it was cut."""
    raw = text.encode()
    if len(raw) <= size:
        return text
    room = max(size - len(CUT.encode()), 0)
    return raw[:room].decode(errors="ignore").rstrip() + CUT


def fitted(credential: Credential) -> Credential:
    """The credential within `LARGEST_PAYLOAD`: the name in own script goes first, then the longest
    of the other texts are cut, and say so; the certificate itself prints them whole."""
    if len(payload_of(credential)) <= LARGEST_PAYLOAD:
        return credential
    found = replace(credential, native_name="")
    while (over := len(payload_of(found)) - LARGEST_PAYLOAD) > 0:
        texts = ("organization", "given_names", "surname")
        name = max(texts, key=lambda each: len(getattr(found, each).encode()))
        size = len(getattr(found, name).encode())
        shorter = _shortened(getattr(found, name), max(size - over, size * 3 // 4))
        found = replace(found, **{name: shorter})  # type: ignore[arg-type]  # all three are text
    return found


def _text(claims: Mapping[int, Any], key: Claim) -> str:
    found = claims.get(key, "")
    if not isinstance(found, str):
        raise Unreadable(f"claim {key} is no text")
    return found


def _election(claims: Mapping[int, Any]) -> str:
    if Claim.ELECTION not in claims:
        raise Unreadable("of no election")
    return _text(claims, Claim.ELECTION)


def _moment(claims: Mapping[int, Any], key: int) -> datetime:
    found = claims.get(key)
    if type(found) is not int or not 0 <= found < 1 << 36:
        raise Unreadable(f"claim {key} is no moment")
    return datetime.fromtimestamp(found, UTC)


def _regions(claims: Mapping[int, Any]) -> tuple[str, ...]:
    if Claim.REGIONS not in claims:
        return ()
    found = claims[Claim.REGIONS]
    if not isinstance(found, list) or not all(isinstance(code, str) for code in found) or not found:
        raise Unreadable("the regions are no list of codes")
    return tuple(found)


def _portrait(claims: Mapping[int, Any]) -> bytes:
    if Claim.PORTRAIT not in claims:
        return b""
    found = claims[Claim.PORTRAIT]
    if not isinstance(found, bytes) or len(found) != PORTRAIT_HASH_LENGTH:
        raise Unreadable("no hash of a portrait")
    return found


def credential_of(payload: bytes) -> Credential:
    """The credential that a payload holds; raises `Unreadable`. Unknown claims are passed over."""
    claims = decode(payload)
    if not isinstance(claims, dict) or not isinstance(claims.get(CERTIFICATE), dict):
        raise Unreadable("not the claims of a certificate")
    own = claims[CERTIFICATE]
    serial, function = own.get(Claim.SERIAL), own.get(Claim.FUNCTION)
    issuer = claims.get(ISSUER)
    if type(serial) is not int or not 0 < serial < 1 << 32 or type(function) is not int:
        raise Unreadable("no serial, or no function")
    if not isinstance(issuer, str) or function not in FUNCTIONS:
        raise Unreadable("no issuer, or an unknown function")
    return Credential(
        issuer=issuer,
        serial=serial,
        election=_election(own),
        function=FUNCTIONS[function],
        surname=_text(own, Claim.SURNAME),
        given_names=_text(own, Claim.GIVEN_NAMES),
        native_name=_text(own, Claim.NATIVE_NAME),
        citizenship=_text(own, Claim.CITIZENSHIP),
        organization=_text(own, Claim.ORGANIZATION),
        regions=_regions(own),
        portrait=_portrait(own),
        valid_from=_moment(claims, NOT_BEFORE),
        valid_until=_moment(claims, EXPIRES),
        issued_at=_moment(claims, ISSUED),
    )
