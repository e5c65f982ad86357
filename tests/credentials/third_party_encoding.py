"""Base45 and CBOR as the verifier of a third party reads them: nothing of the product is in it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any


class Unreadable(Exception):
    pass


# --- base45, RFC 9285


ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
DIGITS = {letter: value for value, letter in enumerate(ALPHABET)}


def base45(text: str) -> bytes:
    found = bytearray()
    for start in range(0, len(text), 3):
        group = text[start : start + 3]
        if len(group) == 1 or any(letter not in DIGITS for letter in group):
            raise Unreadable
        number = sum(DIGITS[letter] * 45**place for place, letter in enumerate(group))
        size = len(group) - 1
        if number >= 256**size:
            raise Unreadable
        found += number.to_bytes(size, "big")
    return bytes(found)


# --- CBOR, RFC 8949


DEEPEST = 16
COSE_SIGN1 = 18
BREAK = object()
ABSENT = object()  # null is an entry of another type, not an absent one


@dataclass(frozen=True)
class Tag:
    number: int
    content: Any


@dataclass(frozen=True)
class Simple:
    number: int


class Pairs:
    """A map: integers or texts as keys, each once."""

    def __init__(self, pairs: list[tuple[Any, Any]]) -> None:
        self.pairs = pairs
        self._integers = {key: value for key, value in pairs if type(key) is int}
        if any(type(key) not in (int, str) for key, _ in pairs):
            raise Unreadable
        if len({key for key, _ in pairs}) != len(pairs):
            raise Unreadable  # a key twice

    def get(self, key: int) -> Any:
        return self._integers.get(key, ABSENT)

    def __len__(self) -> int:
        return len(self.pairs)


class Cbor:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def take(self, size: int) -> bytes:
        taken = self.data[self.place : self.place + size]
        if len(taken) != size:
            raise Unreadable
        self.place += size
        return taken

    def item(self, depth: int = 0) -> Any:
        found = self.item_or_break(depth)
        if found is BREAK:
            raise Unreadable
        return found

    def item_or_break(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise Unreadable
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if major == 7:
            return self.simple(info)
        size = self.argument(info)
        if size is None and major in (0, 1, 6):
            raise Unreadable
        if major == 0:
            return size
        if major == 1:
            return -1 - size
        return (self.bytes, self.text, self.array, self.map, self.tag)[major - 2](size, depth + 1)

    def argument(self, info: int) -> Any:
        """The number that follows a first byte; None for an item of indefinite length."""
        if info < 24:
            return info
        if info in (24, 25, 26, 27):
            return int.from_bytes(self.take(1 << (info - 24)), "big")
        if info == 31:
            return None
        raise Unreadable

    def simple(self, info: int) -> Any:
        if info == 31:
            return BREAK
        if info in (25, 26, 27):
            form = {25: ">e", 26: ">f", 27: ">d"}[info]
            return struct.unpack(form, self.take(struct.calcsize(form)))[0]
        number = self.argument(info)
        if info == 24 and number < 32:
            raise Unreadable
        return {20: False, 21: True, 22: None}.get(number, Simple(number))

    def bytes(self, size: int | None, depth: int) -> bytes:
        return self.take(size) if size is not None else b"".join(self.chunks(2))

    def text(self, size: int | None, depth: int) -> str:
        pieces = [self.take(size)] if size is not None else self.chunks(3)
        try:
            return "".join(piece.decode("utf-8") for piece in pieces)
        except UnicodeDecodeError as error:
            raise Unreadable from error

    def chunks(self, major: int) -> list[bytes]:
        """The pieces of a string of indefinite length: definite ones of its own kind."""
        pieces = []
        while (first := self.take(1)[0]) != 0xFF:
            size = self.argument(first & 31)
            if first >> 5 != major or size is None:
                raise Unreadable
            pieces.append(self.take(size))
        return pieces

    def array(self, size: int | None, depth: int) -> list[Any]:
        found: list[Any] = []
        while len(found) != size:
            item = self.item_or_break(depth)
            if item is BREAK:
                if size is not None:
                    raise Unreadable
                break
            found.append(item)
        return found

    def map(self, size: int | None, depth: int) -> Pairs:
        items = self.array(None if size is None else 2 * size, depth)
        if len(items) % 2:
            raise Unreadable
        return Pairs(list(zip(items[::2], items[1::2], strict=True)))

    def tag(self, number: int, depth: int) -> Tag:
        if number != COSE_SIGN1:
            raise Unreadable
        return Tag(number, self.item(depth))


def cbor(data: bytes) -> Any:
    """The one item that the bytes are, with nothing after it."""
    reader = Cbor(data)
    item = reader.item()
    if reader.place != len(data):
        raise Unreadable
    return item


# --- types


def uint(value: Any, below: int) -> int:
    if type(value) is not int or not 0 <= value < below:
        raise Unreadable
    return value


def moment(value: Any) -> int:
    return uint(value, 2**36)


def typed(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise Unreadable
    return value


def absent_or(value: Any, kind: type, default: Any) -> Any:
    return default if value is ABSENT else typed(value, kind)
