"""A verifier written from docs/credential.md alone: nothing of the product is in it.

It shares no decoder with the product either: base45 and CBOR are its own. Where the product and
this file disagree, one of them, or the specification, is wrong.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.credentials.third_party_encoding import (
    ABSENT,
    Pairs,
    Tag,
    Unreadable,
    absent_or,
    base45,
    cbor,
    moment,
    typed,
    uint,
)

PREFIX = "EOC1:"
LONGEST_TEXT = 4296
LARGEST_MESSAGE = 4096
LARGEST_LIST = 16 * 1024 * 1024
DAY = 24 * 60 * 60
AHEAD = 10 * 60
CERTIFICATES, LISTS = 0, 1
CERTIFICATE, REVOCATIONS, KEYS = -65537, -65538, -65539
REASONS = {1: "revoked", 2: "withdrawn", 3: "replaced", 4: "lost", 5: "returned", 6: "void"}


# --- COSE_Sign1, RFC 9052


@dataclass(frozen=True)
class Signed:
    key_id: bytes
    protected: bytes
    payload: bytes
    signature: bytes

    def holds(self, public: bytes) -> bool:
        signed = b"\x84" + b"".join(
            (_head(3, 10), b"Signature1", _string(self.protected), _string(b""))
        )
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(
                self.signature, signed + _string(self.payload)
            )
        except (InvalidSignature, ValueError):
            return False
        return True


def _string(data: bytes) -> bytes:
    return _head(2, len(data)) + data


def _head(major: int, number: int) -> bytes:
    """The shortest first bytes of an item."""
    if number < 24:
        return bytes([major << 5 | number])
    info = 24 if number < 2**8 else 25 if number < 2**16 else 26
    return bytes([major << 5 | info]) + number.to_bytes(1 << (info - 24), "big")


def inflated(data: bytes, largest: int) -> bytes:
    if data[:1] != b"\x78":
        if len(data) > largest:
            raise Unreadable
        return data
    stream = zlib.decompressobj()
    try:
        found = stream.decompress(data, largest + 1)
    except zlib.error as error:
        raise Unreadable from error
    if len(found) > largest or not stream.eof or stream.unused_data:
        raise Unreadable
    return found


def signed(data: bytes, largest: int) -> Signed:
    message = cbor(inflated(data, largest))
    if not isinstance(message, Tag):
        raise Unreadable
    parts = message.content
    if not isinstance(parts, list) or len(parts) != 4:
        raise Unreadable
    protected, unprotected, payload, signature = parts
    if len(typed(unprotected, Pairs)) or len(typed(signature, bytes)) != 64:
        raise Unreadable
    header = typed(cbor(typed(protected, bytes)), Pairs)
    algorithm, key_id = header.get(1), typed(header.get(4), bytes)
    if len(header) != 2 or type(algorithm) is not int or algorithm != -8 or len(key_id) != 8:
        raise Unreadable
    return Signed(key_id, protected, typed(payload, bytes), signature)


# --- claims


def claims_of(payload: bytes) -> dict[str, Any]:
    claims = typed(cbor(payload), Pairs)
    certificate = typed(claims.get(CERTIFICATE), Pairs)
    function = uint(certificate.get(2), 10)
    serial = uint(certificate.get(0), 2**32)
    regions = absent_or(certificate.get(8), list, [])
    portrait = absent_or(certificate.get(9), bytes, b"")
    if function == 0 or serial == 0:
        raise Unreadable
    if certificate.get(8) == [] or not all(isinstance(region, str) for region in regions):
        raise Unreadable
    if certificate.get(9) is not ABSENT and len(portrait) != 16:
        raise Unreadable
    return {
        "issuer": typed(claims.get(1), str),
        "serial": serial,
        "election": typed(certificate.get(1), str),
        "function": function,
        "surname": absent_or(certificate.get(3), str, ""),
        "given_names": absent_or(certificate.get(4), str, ""),
        "native_name": absent_or(certificate.get(5), str, ""),
        "citizenship": absent_or(certificate.get(6), str, ""),
        "organization": absent_or(certificate.get(7), str, ""),
        "regions": regions,
        "portrait": portrait.hex(),
        "valid_from": moment(claims.get(5)),
        "valid_until": moment(claims.get(4)),
        "issued_at": moment(claims.get(6)),
    }


def read(text: str) -> tuple[Signed, dict[str, Any]]:
    text = text.strip("\r\n\t")
    if len(text) > LONGEST_TEXT or not text.startswith(PREFIX):
        raise Unreadable
    message = signed(base45(text.removeprefix(PREFIX)), LARGEST_MESSAGE)
    return message, claims_of(message.payload)


# --- lists


@dataclass(frozen=True)
class Key:
    public: bytes
    purpose: int
    lost: bool

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.public).digest()[:8]


@dataclass(frozen=True)
class KeyList:
    issuer: str
    at: int
    keys: tuple[Key, ...]

    def find(self, key_id: bytes, purpose: int) -> Key | None:
        for key in self.keys:
            if key.id == key_id and key.purpose == purpose:
                return key
        return None

    def signed_list(self, message: Signed) -> bool:
        key = self.find(message.key_id, LISTS)
        return key is not None and not key.lost and message.holds(key.public)


@dataclass(frozen=True)
class RevocationList:
    issuer: str
    at: int
    election: str
    count: int
    since: int | None
    reasons: dict[int, str]


def _key(entry: Any) -> Key:
    entry = typed(entry, Pairs)
    public, purpose = typed(entry.get(0), bytes), uint(entry.get(1), 2)
    moment(entry.get(2))
    lost = entry.get(3) is not ABSENT
    if lost:
        moment(entry.get(3))
    if len(public) != 32:
        raise Unreadable
    return Key(public, purpose, lost)


def open_keys(data: bytes, trusted: set[bytes] | None = None) -> KeyList:
    """The key list; `trusted` are the ids of the keys for lists of the older one, None: any."""
    message = signed(data, LARGEST_LIST)
    payload = typed(cbor(message.payload), Pairs)
    keys = tuple(_key(entry) for entry in typed(payload.get(KEYS), list))
    if len({key.id for key in keys}) != len(keys):
        raise Unreadable
    found = KeyList(typed(payload.get(1), str), moment(payload.get(6)), keys)
    if trusted is not None and message.key_id not in trusted:
        raise Unreadable
    if not found.signed_list(message):
        raise Unreadable
    return found


def serials_of(data: bytes) -> list[int]:
    serials, serial, difference, shift = [], 0, 0, 0
    for byte in data:
        difference |= (byte & 0x7F) << shift
        shift += 7
        if byte & 0x80:
            if shift == 35:
                raise Unreadable
            continue
        if difference < 1:
            raise Unreadable
        serial += difference
        serials.append(serial)
        difference = shift = 0
    if shift:
        raise Unreadable
    return serials


def open_revocations(data: bytes, keys: KeyList) -> RevocationList:
    message = signed(data, LARGEST_LIST)
    if not keys.signed_list(message):
        raise Unreadable
    payload = typed(cbor(message.payload), Pairs)
    body = typed(payload.get(REVOCATIONS), Pairs)
    reasons: dict[int, str] = {}
    for number, serials in typed(body.get(3), Pairs).pairs:
        reason = REASONS.get(uint(number, 2**64), "void")
        reasons |= dict.fromkeys(serials_of(typed(serials, bytes)), reason)
    since = body.get(2)
    return RevocationList(
        issuer=typed(payload.get(1), str),
        at=moment(payload.get(6)),
        election=typed(body.get(0), str),
        count=uint(body.get(1), 2**64),
        since=None if since is ABSENT else moment(since),
        reasons=reasons,
    )


def join(held: RevocationList, delta: RevocationList) -> RevocationList | None:
    """The list held with the delta, or None where the whole list has to be loaded."""
    if delta.since is None or held.election != delta.election:
        return None
    reasons = held.reasons | delta.reasons
    if len(reasons) != delta.count:
        return None
    return RevocationList(held.issuer, delta.at, held.election, delta.count, held.since, reasons)


# --- the checks


def _held_keys(data: bytes | None) -> KeyList | None:
    try:
        return None if data is None else open_keys(data)
    except Unreadable:
        return None


def _held_list(data: bytes | None, keys: KeyList, election: str) -> RevocationList | None:
    """A list that does not open, is a delta or another election's is as good as none."""
    try:
        found = None if data is None else open_revocations(data, keys)
    except Unreadable:
        return None
    return found if found and found.since is None and found.election == election else None


def _on_the_key(message: Signed, keys: KeyList, now: float) -> str | None:
    key = keys.find(message.key_id, CERTIFICATES)
    if key is None:
        known = any(other.id == message.key_id for other in keys.keys)
        return "unknown_key" if known or now - keys.at <= DAY else "keys_too_old"
    if not message.holds(key.public):
        return "altered"
    return "key_lost" if key.lost else None


def _on_the_claims(claims: dict[str, Any], now: float, election: str | None) -> str | None:
    if election is not None and claims["election"] != election:
        return "other_election"
    if now < claims["valid_from"]:
        return "not_yet_valid"
    if now >= claims["valid_until"]:
        return "expired"
    return None


def _on_the_list(serial: int, held: RevocationList | None, now: float) -> str | None:
    if held is None:
        return "no_list"
    if serial in held.reasons:
        return held.reasons[serial]
    if held.at - now > AHEAD:
        return "clock_behind"
    return "list_too_old" if now - held.at > DAY else None


CANNOT_TELL = {"no_keys", "keys_too_old", "no_list", "clock_behind", "list_too_old"}
UNVOUCHED = {"unknown_key", "keys_too_old", "altered"}


def verify(
    text: str,
    key_list: bytes | None,
    revocation_lists: Mapping[str, bytes],
    now: float,
    election: str | None,
) -> tuple[str, str | None, dict[str, Any] | None]:
    """Verdict, reason and the claims to show; `now` in seconds since 1970."""
    try:
        message, claims = read(text)
    except Unreadable:
        return "not_valid", "not_a_certificate", None
    keys = _held_keys(key_list)
    if keys is None:
        return "cannot_tell", "no_keys", None
    reason = _on_the_key(message, keys, now)
    if reason in UNVOUCHED:
        return "cannot_tell" if reason in CANNOT_TELL else "not_valid", reason, None
    reason = reason or _on_the_claims(claims, now, election)
    if reason is None:
        own = claims["election"]
        held = _held_list(revocation_lists.get(own), keys, own)
        reason = _on_the_list(claims["serial"], held, now)
    if reason is None:
        return "valid", None, claims
    return "cannot_tell" if reason in CANNOT_TELL else "not_valid", reason, claims
