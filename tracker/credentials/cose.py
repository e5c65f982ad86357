"""Signed messages: COSE_Sign1 with Ed25519 over CBOR, and their form as bytes and as text.

Sources: CBOR, RFC 8949; COSE_Sign1, RFC 9052 section 4.2; EdDSA in COSE, RFC 9053 section 2.2;
Base45, RFC 9285; the zlib format, RFC 1950. Keys and signatures come from `cryptography`, the
encodings from `cbor2` and `base45`; here is only what joins them.
"""

import hashlib
import io
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import base45
import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGN1 = 18  # the CBOR tag of COSE_Sign1
ALGORITHM, KEY_ID = 1, 4  # header parameters
EDDSA = -8
KEY_ID_LENGTH = 8  # bytes
SIGNATURE_LENGTH = 64  # bytes
DEEPEST = 16  # arrays, maps and tags around an item
ZLIB = b"\x78"  # first byte of a zlib stream; a COSE_Sign1 begins with 0xD2
CREDENTIAL_PREFIX = "EOC1:"
LONGEST_TEXT = 4296  # characters: what a QR code of any version holds
LONGEST_MESSAGE = 4096  # bytes of a credential, also once inflated
LONGEST_LIST = 16 * 1024 * 1024  # bytes of a signed list, also once inflated


class Unreadable(ValueError):
    """Bytes or text that are no signed message of this kind."""


@dataclass(frozen=True)
class Message:
    """A signed message as read; nothing of it is to be believed before `is_signed_by`."""

    key_id: bytes
    payload: bytes
    protected: bytes
    signature: bytes

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the signature over header and payload is the key's."""
        try:
            key.verify(self.signature, _to_be_signed(self.protected, self.payload))
        except InvalidSignature:
            return False
        return True


def key_id_of(public_key: bytes) -> bytes:
    """The first eight bytes of the SHA-256 of the 32 raw bytes of a public key."""
    return hashlib.sha256(public_key).digest()[:KEY_ID_LENGTH]


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """The Sig_structure of RFC 9052, section 4.4, without external data."""
    return cbor2.dumps(["Signature1", protected, b"", payload])


def sign(payload: bytes, *, key: Ed25519PrivateKey, key_id: bytes) -> bytes:
    """A tagged COSE_Sign1 of `payload`; the header names the algorithm and the key."""
    protected = cbor2.dumps({ALGORITHM: EDDSA, KEY_ID: key_id})
    signature = key.sign(_to_be_signed(protected, payload))
    return cbor2.dumps(cbor2.CBORTag(SIGN1, [protected, {}, payload, signature]))


class _OnlyOwnTag(dict[int, Any]):
    """Tags that the decoder would turn into dates, numbers, references, patterns: none of ours."""

    def __getitem__(self, number: int) -> Any:
        if number == SIGN1:
            raise KeyError(number)
        raise Unreadable("a tag that is not used here")


def _known_keys(found: Mapping[Any, Any], _immutable: bool) -> Mapping[Any, Any]:
    """The map, where all keys are integers or texts: to Python, `true` and 1.0 are the key 1."""
    if not all(type(key) in (int, str) for key in found):
        raise Unreadable("a key that is neither an integer nor a text")
    return found


def decode(data: bytes) -> Any:
    """The one CBOR item that `data` is, by the rules of docs/credential.md; raises `Unreadable`."""
    stream = io.BytesIO(data)
    try:
        found = cbor2.CBORDecoder(
            stream,
            read_size=1,
            semantic_decoders=_OnlyOwnTag(),
            object_hook=_known_keys,
            max_depth=DEEPEST,
            allow_duplicate_keys=False,
        ).decode()
    except Exception as error:  # whatever strangers' bytes do to a decoder, they are no message
        raise Unreadable("not CBOR") from error
    if stream.read(1):
        raise Unreadable("bytes after the end")
    return found


def read(message: bytes) -> Message:
    """The parts of a COSE_Sign1; raises `Unreadable` where it is none, or not with Ed25519."""
    match decode(message):
        case cbor2.CBORTag(
            tag=18, value=[bytes() as protected, unprotected, bytes() as payload, bytes() as mark]
        ) if unprotected == {} and len(mark) == SIGNATURE_LENGTH:
            header = decode(protected)
        case _:
            raise Unreadable("not a COSE_Sign1")
    match header:
        case {1: int(algorithm), 4: bytes(key_id)} if (
            len(header) == 2 and algorithm == EDDSA and len(key_id) == KEY_ID_LENGTH
        ):
            return Message(key_id, payload, protected, mark)
    raise Unreadable("not signed with Ed25519 and a key id")


def pack(message: bytes) -> bytes:
    """The message deflated (zlib) where that is shorter, else as it is."""
    deflated = zlib.compress(message, 9)
    return deflated if len(deflated) < len(message) else message


def unpack(data: bytes, longest: int) -> bytes:
    """The message of `pack`; raises `Unreadable` where it has more than `longest` bytes."""
    if not data.startswith(ZLIB):
        if len(data) > longest:
            raise Unreadable("too long")
        return data
    inflater = zlib.decompressobj()
    try:
        message = inflater.decompress(data, longest)  # never more: a few bytes inflate to a million
    except zlib.error as error:
        raise Unreadable("not a zlib stream") from error
    if not inflater.eof or inflater.unused_data:
        raise Unreadable("too long, cut off, or followed by something")
    return message


def as_text(message: bytes) -> str:
    """What the QR code of a certificate says: prefix and base45, letters of QR's own alphabet."""
    encoded: bytes = base45.b45encode(pack(message))
    return CREDENTIAL_PREFIX + encoded.decode("ascii")


def from_text(text: str) -> bytes:
    """The message that a QR code says; raises `Unreadable`."""
    said = text.strip("\r\n\t")  # not blanks: a blank is a digit of base45
    if not said.startswith(CREDENTIAL_PREFIX) or len(said) > LONGEST_TEXT:
        raise Unreadable("not the text of a certificate")
    try:
        data = base45.b45decode(said.removeprefix(CREDENTIAL_PREFIX))
    except ValueError as error:
        raise Unreadable("not base45") from error
    return unpack(data, LONGEST_MESSAGE)
