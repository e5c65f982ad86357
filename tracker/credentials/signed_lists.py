"""The two signed lists that a verifier holds: which keys sign, and which serials no longer hold.

A revocation list is small: serials in ascending order as the gaps between them, one byte for most
(unsigned LEB128), a list for each reason. With `since` it is a delta: it names those added after
that moment (and some before it, which does no harm), and `count` says how many the whole list has,
so that a reader who missed one notices and loads the whole list.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tracker.credentials import cose
from tracker.credentials.cose import Unreadable
from tracker.credentials.models import KeyPurpose
from tracker.credentials.rules import Ended

ISSUER, ISSUED = 1, 6
REVOCATIONS, KEYS = -65538, -65539
REASON_CODES: dict[Ended, int] = {
    Ended.REVOKED: 1,
    Ended.WITHDRAWN: 2,
    Ended.REPLACED: 3,
    Ended.LOST: 4,
    Ended.RETURNED: 5,
    Ended.VOID: 6,
}
REASONS = {code: reason for reason, code in REASON_CODES.items()}


class ListClaim(IntEnum):
    """Keys of the map of a revocation list."""

    ELECTION = 0
    COUNT = 1
    SINCE = 2
    SERIALS = 3


class KeyClaim(IntEnum):
    """Keys of the map of one key."""

    PUBLIC = 0
    PURPOSE = 1
    SIGNS_FROM = 2
    LOST_AT = 3


PURPOSE_CODES = {KeyPurpose.CERTIFICATES: 0, KeyPurpose.LISTS: 1}
PURPOSES = {code: purpose for purpose, code in PURPOSE_CODES.items()}


@dataclass(frozen=True)
class PublicKey:
    """A key as verifiers know it."""

    raw: bytes  # 32 bytes
    purpose: KeyPurpose
    signs_from: datetime
    lost_at: datetime | None = None

    @property
    def key_id(self) -> bytes:
        """By which messages name it."""
        return cose.key_id_of(self.raw)

    @property
    def key(self) -> Ed25519PublicKey:
        """For checking a signature."""
        return Ed25519PublicKey.from_public_bytes(self.raw)


@dataclass(frozen=True)
class KeyList:
    """All keys of an installation at a moment, by key id."""

    issuer: str
    issued_at: datetime
    keys: Mapping[bytes, PublicKey]


@dataclass(frozen=True)
class RevocationList:
    """Serials of one election that no longer hold, and why; `since` where it is a delta."""

    issuer: str
    issued_at: datetime
    election: str
    serials: Mapping[int, Ended]
    count: int
    since: datetime | None = None

    def after(self, older: "RevocationList") -> "RevocationList | None":
        """`older` brought up to date by this delta; None where something is missing."""
        if older.election != self.election:
            return None
        if self.since is None:
            return self
        serials = {**older.serials, **self.serials}
        if len(serials) != self.count:
            return None
        return RevocationList(self.issuer, self.issued_at, self.election, serials, self.count)


def encode_serials(serials: Iterable[int]) -> bytes:
    """Ascending serials as gaps from one to the next, the first from zero, in unsigned LEB128."""
    encoded, last = bytearray(), 0
    for serial in serials:
        gap, last = serial - last, serial
        while gap > 127:
            encoded.append(gap & 127 | 128)
            gap >>= 7
        encoded.append(gap)
    return bytes(encoded)


def decode_serials(data: bytes) -> list[int]:
    """The serials of `encode_serials`; raises `Unreadable`."""
    found, last, gap, shift = [], 0, 0, 0
    for byte in data:
        gap |= (byte & 127) << shift
        if byte > 127:
            shift += 7
            if shift > 28:
                raise Unreadable("a gap of more than 35 bits")
            continue
        if not gap:
            raise Unreadable("serials do not ascend")
        last += gap
        found.append(last)
        gap = shift = 0
    if shift:
        raise Unreadable("serials are cut off")
    return found


def _sealed(
    kind: int, body: Any, *, issuer: str, at: datetime, key: Ed25519PrivateKey, key_id: bytes
) -> bytes:
    payload = cbor2.dumps({ISSUER: issuer, ISSUED: int(at.timestamp()), kind: body})
    return cose.pack(cose.sign(payload, key=key, key_id=key_id))


def seal_revocations(found: RevocationList, *, key: Ed25519PrivateKey, key_id: bytes) -> bytes:
    """The list as signed bytes."""
    groups: dict[int, list[int]] = {}
    for serial in sorted(found.serials):
        groups.setdefault(REASON_CODES[found.serials[serial]], []).append(serial)
    body: dict[int, Any] = {
        int(ListClaim.ELECTION): found.election,
        int(ListClaim.COUNT): found.count,
        int(ListClaim.SERIALS): {code: encode_serials(groups[code]) for code in sorted(groups)},
    }
    if found.since is not None:
        body[int(ListClaim.SINCE)] = int(found.since.timestamp())
    at = found.issued_at
    return _sealed(REVOCATIONS, body, issuer=found.issuer, at=at, key=key, key_id=key_id)


def seal_keys(found: KeyList, *, key: Ed25519PrivateKey, key_id: bytes) -> bytes:
    """The list of keys as signed bytes."""
    body = []
    for each in sorted(found.keys.values(), key=lambda row: (row.signs_from, row.raw)):
        entry: dict[int, Any] = {
            int(KeyClaim.PUBLIC): each.raw,
            int(KeyClaim.PURPOSE): PURPOSE_CODES[each.purpose],
            int(KeyClaim.SIGNS_FROM): int(each.signs_from.timestamp()),
        }
        if each.lost_at is not None:
            entry[int(KeyClaim.LOST_AT)] = int(each.lost_at.timestamp())
        body.append(entry)
    at = found.issued_at
    return _sealed(KEYS, body, issuer=found.issuer, at=at, key=key, key_id=key_id)


def _is_uint(value: Any) -> bool:
    return type(value) is int and value >= 0  # `true` is no number


def _moment(value: Any) -> datetime:
    if type(value) is not int or not 0 <= value < 1 << 36:
        raise Unreadable("no moment")
    return datetime.fromtimestamp(value, UTC)


def _opened(data: bytes, kind: int) -> tuple[cose.Message, str, datetime, Any]:
    message = cose.read(cose.unpack(data, cose.LONGEST_LIST))
    claims = cose.decode(message.payload)
    if (
        not isinstance(claims, dict)
        or not isinstance(claims.get(ISSUER), str)
        or kind not in claims
    ):
        raise Unreadable("not such a list")
    return message, claims[ISSUER], _moment(claims.get(ISSUED)), claims[kind]


def _public_key(entry: Any) -> PublicKey:
    match entry:
        case {0: bytes() as raw, 1: code} if len(raw) == 32 and _is_uint(code) and code in PURPOSES:
            return PublicKey(
                raw,
                PURPOSES[code],
                _moment(entry.get(int(KeyClaim.SIGNS_FROM))),
                _moment(entry[KeyClaim.LOST_AT]) if KeyClaim.LOST_AT in entry else None,
            )
    raise Unreadable("not a key")


def open_keys(data: bytes, *, trusted: Iterable[bytes] | None = None) -> KeyList:
    """The list of keys; raises `Unreadable` where it is none or not signed by a key for lists.

    `trusted`: ids of keys for lists that the reader trusts already, from an older list or because
    the Ministry gave them; where none are given, the list is believed as it stands.
    """
    message, issuer, at, body = _opened(data, KEYS)
    if not isinstance(body, list):
        raise Unreadable("not a list of keys")
    keys = {each.key_id: each for each in map(_public_key, body)}
    if len(keys) != len(body):
        raise Unreadable("a key stands twice")
    signer = keys.get(message.key_id)
    is_known = trusted is None or message.key_id in set(trusted)
    if signer is None or signer.purpose is not KeyPurpose.LISTS or not is_known:
        raise Unreadable("not signed by a key for lists that is trusted")
    if signer.lost_at is not None or not message.is_signed_by(signer.key):
        raise Unreadable("the signature does not hold")
    return KeyList(issuer, at, keys)


def open_revocations(data: bytes, keys: KeyList) -> RevocationList:
    """The revocation list; raises `Unreadable` where it is none or no key for lists signed it."""
    message, issuer, at, body = _opened(data, REVOCATIONS)
    signer = keys.keys.get(message.key_id)
    if signer is None or signer.purpose is not KeyPurpose.LISTS or signer.lost_at is not None:
        raise Unreadable("not signed by a key for lists")
    if not message.is_signed_by(signer.key):
        raise Unreadable("the signature does not hold")
    match body:
        case {0: str() as election, 1: count, 3: dict() as groups} if _is_uint(count):
            serials: dict[int, Ended] = {}
            for code, group in groups.items():
                if not isinstance(group, bytes) or not _is_uint(code):
                    raise Unreadable("not a list of serials")
                # A reason that a later version brings ends a certificate all the same.
                serials |= dict.fromkeys(decode_serials(group), REASONS.get(code, Ended.VOID))
            start = _moment(body[ListClaim.SINCE]) if ListClaim.SINCE in body else None
            return RevocationList(issuer, at, election, serials, count, start)
    raise Unreadable("not a revocation list")
