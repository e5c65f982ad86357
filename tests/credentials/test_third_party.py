"""A verifier of somebody else, written from the specification alone, agrees with the product's."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.credentials import third_party
from tests.factories.vectors import (
    DAY,
    ELECTION,
    FIRST,
    HOLDER,
    LISTS,
    NEXT,
    NOW,
    PATH,
    STOLEN,
    STRANGER,
    keys_of,
    shown,
)
from tracker.accreditation.models import Function
from tracker.credentials import cose
from tracker.credentials.rules import Ended
from tracker.credentials.signed_lists import (
    RevocationList,
    open_keys,
    open_revocations,
    seal_keys,
    seal_revocations,
)
from tracker.credentials.verification import verify

VECTORS = json.loads(PATH.read_text(encoding="utf-8"))
CURRENT = third_party.read_keys(bytes.fromhex(VECTORS["keys"]["current"]))


def list_named(name):
    return third_party.read_revocations(bytes.fromhex(VECTORS["lists"][name]), CURRENT)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_every_vector_comes_out_the_same(case):
    keys = case["keys"] and third_party.read_keys(bytes.fromhex(VECTORS["keys"][case["keys"]]))
    lists = {ELECTION: list_named(case["list"])} if case["list"] else {}
    now = datetime.fromisoformat(case["now"]).timestamp()
    found = third_party.verify(case["text"], keys, lists, now, case["election"])
    assert found == (case["verdict"], case["reason"], case["claims"])


@pytest.mark.parametrize("case", VECTORS["deltas"], ids=lambda case: case["delta"])
def test_every_delta_comes_out_the_same(case):
    found = third_party.joined(list_named(case["held"]), list_named(case["delta"]))
    serials = found and {str(serial): reason for serial, reason in found["serials"].items()}
    assert serials == case["joined"]


@pytest.mark.parametrize("case", VECTORS["rejected"], ids=lambda case: case["name"])
def test_every_document_that_is_to_be_refused_is(case):
    data = bytes.fromhex(case["hex"])

    def read():
        if case["what"] == "list":
            return third_party.read_revocations(data, CURRENT)
        trusted = case["trusted"] and [bytes.fromhex(each) for each in case["trusted"]]
        return third_party.read_keys(data, trusted)

    with pytest.raises(third_party.Bad):
        read()


moments = st.integers(-3, 6).map(lambda days: NOW + days * DAY)
names = st.text(st.characters(codec="utf-8"), max_size=60)
holders = st.builds(
    replace,
    st.just(HOLDER),
    serial=st.integers(1, 40),
    function=st.sampled_from(Function),
    surname=names,
    given_names=names,
    native_name=names,
    organization=names,
    election=st.sampled_from([ELECTION, "kz-2019"]),
    regions=st.lists(st.sampled_from(["KZ-10", "KZ-75"]), max_size=4).map(tuple),
    valid_from=moments,
    valid_until=moments,
)
signers = st.sampled_from([FIRST, NEXT, STOLEN, STRANGER, LISTS])
ended = st.dictionaries(st.integers(1, 40), st.sampled_from(Ended))


@given(
    holder=holders,
    signer=signers,
    serials=ended,
    list_at=moments,
    keys_at=moments,
    now=st.timedeltas(timedelta(days=-3), timedelta(days=6)).map(lambda gap: NOW + gap),
    election=st.sampled_from([None, ELECTION]),
    damage=st.none() | st.tuples(st.integers(0, 400), st.characters(codec="ascii")),
)
def test_both_verifiers_say_the_same(
    holder, signer, serials, list_at, keys_at, now, election, damage
):
    text = signer.text(holder)
    if damage:
        place, letter = damage
        text = text[:place] + letter + text[place + 1 :]
    sealed_keys = seal_keys(keys_of(FIRST, LISTS, at=keys_at), key=LISTS.key, key_id=LISTS.key_id)
    found = RevocationList("KZ", list_at, ELECTION, serials, len(serials))
    sealed = seal_revocations(found, key=LISTS.key, key_id=LISTS.key_id)
    now = now.replace(microsecond=0).astimezone(UTC)
    own_keys = open_keys(sealed_keys)
    own = verify(
        text,
        keys=own_keys,
        lists={ELECTION: open_revocations(sealed, own_keys)},
        now=now,
        election=election,
    )
    their_keys = third_party.read_keys(sealed_keys)
    lists = {ELECTION: third_party.read_revocations(sealed, their_keys)}
    theirs = third_party.verify(text, their_keys, lists, now.timestamp(), election)
    reason = own.reason.value if own.reason else None
    assert theirs == (own.verdict.value, reason, shown(own.credential))


@given(st.integers(0, 400), st.integers(1, 255), ended)
def test_both_refuse_a_list_with_one_byte_altered(place, change, serials):
    found = RevocationList("KZ", NOW, ELECTION, serials, len(serials))
    sealed = seal_revocations(found, key=LISTS.key, key_id=LISTS.key_id)
    message = bytearray(cose.unpack(sealed, cose.LONGEST_LIST))
    message[place % len(message)] ^= change
    with pytest.raises(third_party.Bad):
        third_party.read_revocations(bytes(message), CURRENT)
    keys = open_keys(bytes.fromhex(VECTORS["keys"]["current"]))
    with pytest.raises(cose.Unreadable):
        open_revocations(bytes(message), keys)
