"""A verifier as somebody else would write it, from docs/credential.md and nothing of the product.

It shares no code with `tracker`: its own base45 and CBOR, the standard library's zlib and hashlib;
Ed25519 is the only thing that it takes from a library.
"""

import hashlib
import struct
import zlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
REASONS = {1: "revoked", 2: "withdrawn", 3: "replaced", 4: "lost", 5: "returned", 6: "void"}
CANNOT_TELL = {"no_keys", "keys_too_old", "no_list", "list_too_old", "clock_behind"}
DAY = 86_400


class Bad(Exception):
    """Whatever is not as the specification says."""


def need(condition):
    if not condition:
        raise Bad


def from_base45(text):
    need(len(text) % 3 != 1)
    out = bytearray()
    for start in range(0, len(text), 3):
        part = text[start : start + 3]
        need(all(letter in LETTERS for letter in part))
        value = sum(LETTERS.index(letter) * 45**place for place, letter in enumerate(part))
        size = 2 if len(part) == 3 else 1
        need(value < 256**size)
        out += value.to_bytes(size, "big")
    return bytes(out)


class Tag:
    def __init__(self, number, value):
        self.number, self.value = number, value


class Cbor:
    """RFC 8949, as much as is needed; everything else is read past or refused."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        need(self.at + count <= len(self.data))
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, low):
        if low < 24:
            return low
        need(low < 28)
        return int.from_bytes(self.take(1 << (low - 24)), "big")

    def at_break(self):
        if self.at < len(self.data) and self.data[self.at] == 0xFF:
            self.at += 1
            return True
        return False

    def string(self, major, low):
        if low != 31:
            return self.take(self.number(low))
        out = b""
        while not self.at_break():
            head = self.take(1)[0]
            need(head >> 5 == major and head & 31 != 31)
            out += self.take(self.number(head & 31))
        return out

    def repeat(self, low):
        if low == 31:
            while not self.at_break():
                yield
        else:
            for _ in range(self.number(low)):
                yield

    def item(self, depth=0):
        need(depth < 60)
        head = self.take(1)[0]
        major, low = head >> 5, head & 31
        if major == 0:
            return self.number(low)
        if major == 1:
            return -1 - self.number(low)
        if major == 2:
            return bytes(self.string(2, low))
        if major == 3:
            return self.text(low)
        if major == 4:
            return [self.item(depth + 1) for _ in self.repeat(low)]
        if major == 5:
            return self.map(low, depth + 1)
        if major == 6:
            return Tag(self.number(low), self.item(depth + 1))
        return self.simple(low)

    def text(self, low):
        try:
            return self.string(3, low).decode()
        except UnicodeDecodeError:
            raise Bad from None

    def map(self, low, depth):
        pairs = [(self.item(depth), self.item(depth)) for _ in self.repeat(low)]
        try:
            return dict(pairs)
        except TypeError:
            raise Bad from None

    def simple(self, low):
        if low in {25, 26, 27}:
            return struct.unpack({25: ">e", 26: ">f", 27: ">d"}[low], self.take(1 << (low - 24)))[0]
        need(low < 25)
        if low == 24:
            self.take(1)
        return {20: False, 21: True}.get(low)


def cbor(data):
    reader = Cbor(data)
    found = reader.item()
    need(reader.at == len(data))
    return found


def unpacked(data, longest):
    if data[:1] != b"\x78":
        need(len(data) <= longest)
        return data
    stream = zlib.decompressobj()
    try:
        out = stream.decompress(data, longest)
    except zlib.error:
        raise Bad from None
    need(stream.eof and not stream.unused_data)
    return out


def is_int(value, below):
    return type(value) is int and 0 <= value < below


def head(major, length):
    if length < 24:
        return bytes([major << 5 | length])
    size = 1 if length < 256 else 2 if length < 65_536 else 4
    return bytes([major << 5 | 24 + (1, 2, 4).index(size)]) + length.to_bytes(size, "big")


def opened(message):
    """Key id, payload, and what the signature is to hold over."""
    found = cbor(message)
    need(isinstance(found, Tag) and found.number == 18 and isinstance(found.value, list))
    need(len(found.value) == 4)
    covered, loose, payload, signature = found.value
    need(all(isinstance(part, bytes) for part in (covered, payload, signature)) and loose == {})
    header = cbor(covered)
    need(isinstance(header, dict) and len(header) == 2 and header.get(1) == -8)
    key_id = header.get(4)
    need(isinstance(key_id, bytes) and len(key_id) == 8)
    name = b"Signature1"
    signed = b"\x84" + head(3, len(name)) + name + head(2, len(covered)) + covered
    signed += b"\x40" + head(2, len(payload)) + payload
    return key_id, payload, signed, signature


def holds(public, signed, signature):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def claims_of(text):
    text = text.strip("\r\n\t")
    need(text.startswith("EOC1:") and len(text) <= 4296)
    message = opened(unpacked(from_base45(text[5:]), 4096))
    claims = cbor(message[1])
    need(isinstance(claims, dict) and isinstance(claims.get(1), str))
    need(all(is_int(claims.get(key), 1 << 36) for key in (4, 5, 6)))
    own = claims.get(-65537)
    need(isinstance(own, dict) and is_int(own.get(0), 1 << 32) and own[0] > 0)
    need(is_int(own.get(2), 10) and own[2] > 0)
    need(all(isinstance(own.get(key, ""), str) for key in (1, 3, 4, 5, 6, 7)))
    regions, portrait = own.get(8, []), own.get(9, b"")
    need(isinstance(regions, list) and all(isinstance(code, str) for code in regions))
    need(isinstance(portrait, bytes))
    return message, {
        "issuer": claims[1],
        "serial": own[0],
        "election": own.get(1, ""),
        "function": own[2],
        "surname": own.get(3, ""),
        "given_names": own.get(4, ""),
        "native_name": own.get(5, ""),
        "citizenship": own.get(6, ""),
        "organization": own.get(7, ""),
        "regions": regions,
        "portrait": portrait.hex(),
        "valid_from": claims[5],
        "valid_until": claims[4],
        "issued_at": claims[6],
    }


def list_of(data, kind):
    message = opened(unpacked(data, 16 * 1024 * 1024))
    claims = cbor(message[1])
    need(isinstance(claims, dict) and isinstance(claims.get(1), str) and kind in claims)
    need(is_int(claims.get(6), 1 << 36))
    return message, claims[6], claims[kind]


def vouched(message, keys):
    public, purpose, lost = keys.get(message[0], (b"", 0, None))
    need(purpose == 1 and lost is None and holds(public, *message[2:]))


def read_keys(data, trusted=None):
    """The moment of the list, and {key id: (public key, purpose, lost at)}."""
    message, at, body = list_of(data, -65539)
    need(isinstance(body, list))
    keys = {}
    for entry in body:
        need(isinstance(entry, dict) and isinstance(entry.get(0), bytes) and len(entry[0]) == 32)
        need(is_int(entry.get(1), 2) and is_int(entry.get(2), 1 << 36))
        need(3 not in entry or is_int(entry[3], 1 << 36))
        keys[hashlib.sha256(entry[0]).digest()[:8]] = (entry[0], entry[1], entry.get(3))
    need(trusted is None or message[0] in trusted)
    vouched(message, keys)
    return at, keys


def read_revocations(data, keys):
    """{election, at, count, since, serials: {serial: reason}}."""
    message, at, body = list_of(data, -65538)
    vouched(message, keys[1])
    need(isinstance(body, dict) and isinstance(body.get(0), str) and isinstance(body.get(3), dict))
    need(type(body.get(1)) is int and (2 not in body or is_int(body[2], 1 << 36)))
    serials = {}
    for code, group in body[3].items():
        need(isinstance(group, bytes))
        last = gap = shift = 0
        for byte in group:
            gap |= (byte & 127) << shift
            shift += 7
            if byte & 128:
                need(shift < 35)
                continue
            need(gap > 0)
            last += gap
            serials[last] = REASONS.get(code, "void")
            gap = shift = 0
        need(shift == 0)
    found = {"election": body[0], "at": at, "count": body[1], "since": body.get(2)}
    return found | {"serials": serials}


def joined(held, delta):
    """The list held, brought up to date; None where the whole is to be loaded."""
    serials = held["serials"] | delta["serials"]
    is_whole = held["election"] == delta["election"] and len(serials) == delta["count"]
    return delta | {"serials": serials, "since": None} if is_whole else None


def verify(text, keys, lists, now, election):
    """Verdict, reason, claims; `keys` and `lists` (by election) as read, or None and {}."""
    reason, claims = _checked(text, keys, lists, now, election)
    if reason is None:
        return "valid", None, claims
    return "cannot_tell" if reason in CANNOT_TELL else "not_valid", reason, claims


def _checked(text, keys, lists, now, election):
    try:
        message, claims = claims_of(text)
    except Bad:
        return "not_a_certificate", None
    if keys is None:
        return "no_keys", None
    at, known = keys
    if message[0] not in known:
        return ("keys_too_old" if now - at > DAY else "unknown_key"), None
    public, purpose, lost = known[message[0]]
    if purpose != 0:
        return "unknown_key", None
    if not holds(public, *message[2:]):
        return "altered", None
    return _standing(claims, lost, lists, now, election), claims


def _standing(claims, lost, lists, now, election):
    own = lists.get(claims["election"])
    steps = (
        (lost is not None, "key_lost"),
        (election is not None and claims["election"] != election, "other_election"),
        (now < claims["valid_from"], "not_yet_valid"),
        (now >= claims["valid_until"], "expired"),
        (own and claims["serial"] in own["serials"], own and own["serials"].get(claims["serial"])),
        (own is None, "no_list"),
        (own and own["at"] - now > 600, "clock_behind"),
        (own and now - own["at"] > DAY, "list_too_old"),
    )
    return next((reason for is_so, reason in steps if is_so), None)
