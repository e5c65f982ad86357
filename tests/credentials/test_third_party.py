"""The verifier of a third party, written from docs/credential.md, agrees with the vectors, and with
the product on whatever the product signs and whatever becomes of it on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import base45
import cbor2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.credentials import third_party, third_party_encoding
from tests.factories.vectors import (
    ELECTION,
    FIRST,
    HOLDER,
    LISTS,
    NEXT,
    NOW,
    OTHER_LISTS,
    STOLEN,
    STRANGER,
    Signer,
    keys_of,
    shown,
)
from tracker.accreditation.models import Function
from tracker.credentials import cose
from tracker.credentials.credential import fitted, payload_of
from tracker.credentials.rules import Ended
from tracker.credentials.signed_lists import (
    RevocationList,
    open_keys,
    open_revocations,
    seal_keys,
    seal_revocations,
)
from tracker.credentials.verification import verify

VECTORS = json.loads(
    (Path(__file__).parents[2] / "docs" / "credential-vectors.json").read_text("utf-8")
)
KEYS = {name: bytes.fromhex(document) for name, document in VECTORS["keys"].items()}
LISTS_BY_NAME = {name: bytes.fromhex(document) for name, document in VECTORS["lists"].items()}


def by_name(cases: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


@by_name(VECTORS["cases"])
def test_case(case: dict[str, Any]) -> None:
    keys = KEYS.get(case["keys"])
    lists = {"kz-2022": LISTS_BY_NAME[case["list"]]} if case["list"] else {}
    now = datetime.fromisoformat(case["now"]).timestamp()

    verdict, reason, claims = third_party.verify(case["text"], keys, lists, now, case["election"])

    assert (verdict, reason, claims) == (case["verdict"], case["reason"], case["claims"])


@pytest.mark.parametrize("case", VECTORS["deltas"])
def test_delta(case: dict[str, Any]) -> None:
    keys = third_party.open_keys(KEYS["current"])
    held = third_party.open_revocations(LISTS_BY_NAME[case["held"]], keys)
    delta = third_party.open_revocations(LISTS_BY_NAME[case["delta"]], keys)

    joined = third_party.join(held, delta)

    if case["joined"] is None:
        assert joined is None
    else:
        assert joined is not None
        assert joined.at == delta.at
        assert {str(serial): reason for serial, reason in joined.reasons.items()} == case["joined"]


@by_name(VECTORS["rejected"])
def test_rejected(case: dict[str, Any]) -> None:
    document = bytes.fromhex(case["hex"])
    trusted = case["trusted"] and {bytes.fromhex(key_id) for key_id in case["trusted"]}
    keys = third_party.open_keys(KEYS["current"])

    def opened() -> object:
        if case["what"] == "keys":
            return third_party.open_keys(document, trusted)
        return third_party.open_revocations(document, keys)

    with pytest.raises(third_party.Unreadable):
        opened()


# --- against the product

DAY = timedelta(days=1)
texts = st.text(max_size=30)
seconds = st.sampled_from([-DAY.total_seconds(), -600, 0, 600, DAY.total_seconds()])
moments = st.builds(
    lambda whole, off: NOW + timedelta(seconds=whole + off), seconds, st.integers(-2, 2)
) | st.integers(-100, 100).map(lambda hours: NOW + timedelta(hours=hours))
serials = st.integers(1, 40) | st.integers(1, 2**32 - 1)
credentials = st.builds(
    replace,
    st.just(HOLDER),
    serial=serials,
    election=st.sampled_from([ELECTION, ELECTION, "kz-2019"]),
    function=st.sampled_from(Function),
    surname=texts,
    given_names=texts,
    native_name=st.text(max_size=200),
    regions=st.lists(st.sampled_from(["KZ-10", "KZ-75"]), max_size=4).map(tuple),
    portrait=st.just(b"") | st.binary(min_size=16, max_size=16),
    valid_from=moments,
    valid_until=moments,
)
# Where a byte changes (from 0 to 1 of the whole), and by what: never, in the message, in what is
# signed before it is signed.
changes = st.none() | st.tuples(
    st.sampled_from(["message", "payload"]),
    st.floats(0, 1, exclude_max=True),
    st.integers(1, 255),
)


def changed(data: bytes, place: float, by: int) -> bytes:
    found = bytearray(data)
    found[int(place * len(found))] ^= by
    return bytes(found)


def document(message: bytes, signer: Signer, change: tuple[str, float, int] | None) -> bytes:
    """A signed message with one byte altered, before or after it is signed."""
    if change is None:
        return message
    where, place, by = change
    if where == "message":
        return changed(message, place, by)
    payload = changed(cose.read(message).payload, place, by)
    return cose.sign(payload, key=signer.key, key_id=signer.key_id)


@st.composite
def key_lists(draw: st.DrawFn) -> bytes | None:
    signer = draw(st.sampled_from([LISTS, LISTS, LISTS, LISTS, FIRST, OTHER_LISTS]))
    signers = draw(st.lists(st.sampled_from([FIRST, NEXT, LISTS]), max_size=3, unique=True))
    found = keys_of(FIRST, LISTS, *signers, at=draw(moments))
    sealed = seal_keys(found, key=signer.key, key_id=signer.key_id)
    message = cose.unpack(sealed, cose.LONGEST_LIST)
    changed_one = document(message, signer, draw(changes) if draw(st.booleans()) else None)
    return draw(st.sampled_from([cose.pack(changed_one)] * 9 + [None]))


@st.composite
def revocation_lists(draw: st.DrawFn) -> bytes | None:
    signer = draw(st.sampled_from([LISTS, LISTS, LISTS, LISTS, FIRST, OTHER_LISTS]))
    ends = draw(st.dictionaries(serials, st.sampled_from(Ended), max_size=30))
    election = draw(st.sampled_from([ELECTION] * 9 + ["kz-2019"]))
    since = draw(st.sampled_from([None] * 9 + [NOW - DAY]))
    found = RevocationList("KZ", draw(moments), election, ends, len(ends), since)
    sealed = seal_revocations(found, key=signer.key, key_id=signer.key_id)
    message = cose.unpack(sealed, cose.LONGEST_LIST)
    changed_one = document(message, signer, draw(changes) if draw(st.booleans()) else None)
    return draw(st.sampled_from([cose.pack(changed_one)] * 9 + [None]))


@st.composite
def certificate_texts(draw: st.DrawFn) -> str:
    signer = draw(st.sampled_from([FIRST, FIRST, FIRST, NEXT, STOLEN, STRANGER, LISTS]))
    payload = payload_of(fitted(draw(credentials)))
    message = cose.sign(payload, key=signer.key, key_id=signer.key_id)
    text = cose.as_text(document(message, signer, draw(changes)))
    if draw(st.integers(0, 4)):
        return text
    place, letter = draw(st.integers(0, len(text) - 1)), draw(st.characters(codec="utf-8"))
    return text[:place] + letter + text[place + 1 :]


def opened_or_none(open_it: Any, data: bytes | None, *around: Any) -> Any:
    try:
        return None if data is None else open_it(data, *around)
    except cose.Unreadable:
        return None


def both(
    text: str, keys: bytes | None, revoked: bytes | None, now: datetime, election: str | None
) -> tuple[Any, Any]:
    """What the third party says, and what the product does."""
    lists = {} if revoked is None else {ELECTION: revoked}
    ours = opened_or_none(open_keys, keys)
    found = None if ours is None else opened_or_none(open_revocations, revoked, ours)
    own = {} if found is None else {ELECTION: found}
    answer = verify(text, keys=ours, lists=own, now=now, election=election)
    reason = answer.reason and answer.reason.value
    return third_party.verify(text, keys, lists, now.timestamp(), election), (
        answer.verdict.value,
        reason,
        shown(answer.credential),
    )


@given(
    certificate_texts(),
    key_lists(),
    revocation_lists(),
    moments,
    st.sampled_from([ELECTION, ELECTION, None]),
)
def test_both_verifiers_say_the_same(
    text: str, keys: bytes | None, revoked: bytes | None, now: datetime, election: str | None
) -> None:
    theirs, ours = both(text, keys, revoked, now, election)
    assert theirs == ours


cbor_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2**65)
    | st.floats()
    | st.text(max_size=3)
    | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.integers(-2, 3) | st.text(max_size=1), inner, max_size=3)
        | inner.map(lambda value: cbor2.CBORTag(18, value))
        | inner.map(lambda value: cbor2.CBORTag(32, value))
    ),
    max_leaves=6,
)


@given(st.sampled_from([1, 4, 5, 6, 7, True, 1.0, "1", *range(100, 111)]), cbor_values)
def test_both_take_the_same_for_claims(key: Any, value: Any) -> None:
    """Any value in place of any claim, or beside them; from 100 on: in the certificate's own."""
    claims = cbor2.loads(payload_of(HOLDER))
    if type(key) is int and key >= 100:
        claims[-65537][key - 100] = value
    elif type(key) in (bool, float):
        claims["in place of"] = value
    else:
        claims[key] = value
    payload = cbor2.dumps(claims)
    if type(key) in (bool, float):
        payload = payload.replace(cbor2.dumps("in place of"), cbor2.dumps(key))
    text = cose.as_text(cose.sign(payload, key=FIRST.key, key_id=FIRST.key_id))
    theirs, ours = both(text, KEYS["current"], LISTS_BY_NAME["fresh"], NOW, ELECTION)
    assert theirs == ours


@given(st.binary(max_size=40))
@example(b"\x81" * 15 + b"\x80")
@example(b"\x81" * 16 + b"\x80")
@example(b"\x81" * 16 + b"\x00")
@example(b"\xd2" * 16 + b"\x00")
@example(b"\xd2" * 17 + b"\x00")
@example(bytes.fromhex("a2010101f5"))  # the key 1 twice
@example(bytes.fromhex("a2 01 01 f5 02"))  # 1 and true
@example(bytes.fromhex("d81c8101"))  # a tag that is not ours
@example(bytes.fromhex("c482 20 01"))
@example(bytes.fromhex("5f41004101ff"))  # in pieces
@example(bytes.fromhex("7f61c361a9ff"))  # a letter cut between pieces
@example(bytes.fromhex("5f5f4100ffff"))
@example(bytes.fromhex("9f00ff"))
@example(bytes.fromhex("bf0000ff"))
@example(bytes.fromhex("bf00ff"))
@example(bytes.fromhex("ff"))
@example(bytes.fromhex("81ff"))
@example(bytes.fromhex("f81f"))
@example(bytes.fromhex("1c"))
@example(bytes.fromhex("1f"))
@example(bytes.fromhex("df00"))
@example(bytes.fromhex("f7"))
def test_both_take_the_same_for_cbor(data: bytes) -> None:
    def is_read(read: Any, refusal: type[Exception]) -> bool:
        try:
            read(data)
        except refusal:
            return False
        return True

    theirs = is_read(third_party.cbor, third_party.Unreadable)
    assert theirs == is_read(cose.decode, cose.Unreadable)


@given(st.text(third_party_encoding.ALPHABET, max_size=12) | st.text(max_size=6))
def test_both_read_the_same_base45(text: str) -> None:
    text = text.rstrip("\n")  # which the library does itself, and both verifiers before it
    try:
        theirs = third_party.base45(text)
    except third_party.Unreadable:
        with pytest.raises(ValueError, match="base45"):
            base45.b45decode(text)
    else:
        assert base45.b45decode(text) == theirs
