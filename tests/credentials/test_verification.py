"""The credential round and back, and the verifier against the vectors, altered bytes and noise."""

import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import base45
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.factories.vectors import (
    ELECTION,
    FIRST,
    HOLDER,
    NOW,
    PATH,
    key_lists,
    revocation_lists,
    shown,
    vectors,
)
from tracker.accreditation.models import AccreditationStatus, Function
from tracker.credentials import cose, rules
from tracker.credentials.credential import (
    LARGEST_PAYLOAD,
    Credential,
    credential_of,
    fitted,
    payload_of,
)
from tracker.credentials.models import CertificateStatus
from tracker.credentials.rules import Ended, Reason, Step, Verdict
from tracker.credentials.signed_lists import (
    RevocationList,
    decode_serials,
    encode_serials,
    open_keys,
    open_revocations,
)
from tracker.credentials.verification import verify

STORED = json.loads(PATH.read_text(encoding="utf-8"))
KEYS = open_keys(key_lists()["current"])
LISTS = {ELECTION: open_revocations(revocation_lists()["fresh"], KEYS)}
LONGEST_QR = 483  # characters of version 13 at level M, alphanumeric (ISO/IEC 18004)

moments = st.integers(0, 2**35).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
names = st.text(st.characters(codec="utf-8"), max_size=100)
credentials = st.builds(
    Credential,
    issuer=st.sampled_from(["KZ", "ID"]),
    serial=st.integers(1, 2**32 - 1),
    election=st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=40),
    function=st.sampled_from(Function),
    surname=names,
    given_names=names,
    native_name=st.text(max_size=200),
    citizenship=st.sampled_from(["TR", "XXA", "UNO", ""]),
    organization=st.text(max_size=200),
    regions=st.lists(st.sampled_from(["KZ-10", "KZ-75"]), max_size=4).map(tuple),
    portrait=st.binary(min_size=16, max_size=16),
    valid_from=moments,
    valid_until=moments,
    issued_at=moments,
)


def answer(text, **values):
    return verify(text, **{"keys": KEYS, "lists": LISTS, "now": NOW, "election": ELECTION} | values)


def test_the_stored_vectors_are_those_that_the_code_makes():
    assert json.loads(json.dumps(vectors())) == STORED


@pytest.mark.parametrize("case", STORED["cases"], ids=lambda case: case["name"])
def test_the_verifier_agrees_with_the_vectors(case):
    keys = open_keys(bytes.fromhex(STORED["keys"][case["keys"]])) if case["keys"] else None
    lists = {}
    if case["list"]:
        lists[ELECTION] = open_revocations(bytes.fromhex(STORED["lists"][case["list"]]), KEYS)
    found = answer(
        case["text"],
        keys=keys,
        lists=lists,
        now=datetime.fromisoformat(case["now"]),
        election=case["election"],
    )
    assert found.verdict == case["verdict"]
    assert found.reason == case["reason"]
    assert shown(found.credential) == case["claims"]


@pytest.mark.parametrize("case", STORED["rejected"], ids=lambda case: case["name"])
def test_documents_that_nobody_vouches_for_are_refused(case):
    data = bytes.fromhex(case["hex"])
    trusted = None if case["trusted"] is None else [bytes.fromhex(each) for each in case["trusted"]]

    def read():
        if case["what"] == "keys":
            return open_keys(data, trusted=trusted)
        return open_revocations(data, open_keys(bytes.fromhex(STORED["keys"][case["keys"]])))

    with pytest.raises(cose.Unreadable):
        read()


@pytest.mark.parametrize("case", STORED["deltas"], ids=lambda case: case["delta"])
def test_deltas_join_or_notice_a_gap(case):
    held, delta = (
        open_revocations(bytes.fromhex(STORED["lists"][case[name]]), KEYS)
        for name in ("held", "delta")
    )
    joined = delta.after(held)
    found = joined and {str(serial): reason.value for serial, reason in joined.serials.items()}
    assert found == case["joined"]


@given(credentials)
def test_a_credential_comes_back_and_fits_the_code(credential):
    small = fitted(credential)
    payload = payload_of(small)
    assert len(payload) <= LARGEST_PAYLOAD
    assert credential_of(payload) == small
    text = FIRST.text(credential)
    assert len(text) <= LONGEST_QR
    if len(payload_of(credential)) <= LARGEST_PAYLOAD:
        assert small == credential


@given(st.sets(st.integers(1, 2**32 - 1)))
def test_serials_come_back(serials):
    assert decode_serials(encode_serials(sorted(serials))) == sorted(serials)


@given(st.binary())
def test_no_serials_raise_anything_else(data):
    try:
        found = decode_serials(data)
    except cose.Unreadable:
        return
    assert decode_serials(encode_serials(found)) == found


@given(st.integers(0, len(FIRST.text(HOLDER)) - 1), st.characters(codec="ascii"))
def test_one_letter_changed_is_never_another_certificate(place, letter):
    text = FIRST.text(HOLDER)
    found = answer(text[:place] + letter + text[place + 1 :])
    assert found.reason in {None, Reason.NOT_A_CERTIFICATE, Reason.ALTERED, Reason.UNKNOWN_KEY}
    assert found.credential in {None, HOLDER}
    if found.credential is None:
        assert found.verdict is Verdict.NOT_VALID


@given(st.integers(0, len(cose.from_text(FIRST.text(HOLDER))) - 1), st.integers(1, 255))
def test_one_byte_altered_is_never_valid(place, change):
    message = bytearray(cose.from_text(FIRST.text(HOLDER)))
    message[place] ^= change
    found = answer(cose.as_text(bytes(message)))
    assert found.verdict is Verdict.NOT_VALID
    assert found.credential is None


@given(st.one_of(st.text(), st.binary().map(lambda raw: base45.b45encode(raw).decode())))
@example("EOC1:" + "A" * 1_000_000)
@example("А" * 1_000_000)
@example("\x00")
def test_noise_is_not_a_certificate(text):
    assert answer(text).reason is Reason.NOT_A_CERTIFICATE
    assert answer("EOC1:" + text).reason is Reason.NOT_A_CERTIFICATE


@given(st.binary())
@example(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff")  # an array of 2^64 - 1
@example(b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff")  # a byte string of 2^63 - 1
@example(b"\x81" * 100_000)  # arrays within arrays
@example(b"\xd8\x1c\x81\xd8\x1d\x00")  # an array that holds itself
def test_noise_is_no_list(data):
    for read in (open_keys, lambda raw: open_revocations(raw, KEYS)):
        with pytest.raises(cose.Unreadable):
            read(data)


def test_a_few_bytes_do_not_inflate_to_many():
    bomb = zlib.compress(b"\x00" * 10_000_000, 9)
    with pytest.raises(cose.Unreadable):
        cose.unpack(bomb, cose.LONGEST_MESSAGE)
    assert answer("EOC1:" + base45.b45encode(bomb[:2700]).decode()).reason


def test_an_unknown_reason_ends_a_certificate():
    sealed = revocation_lists()["fresh"]
    assert open_revocations(sealed, KEYS).serials[300_000] is Ended.VOID


@given(st.sampled_from(CertificateStatus), st.sampled_from(Step))
def test_the_table_of_a_certificates_life(status, step):
    way = rules.WAYS[step]
    assert (step in rules.steps_from(status)) == (status in way.sources)
    assert way.sources <= rules.LIVE  # what has ended never comes back
    if status not in rules.LIVE:
        assert rules.steps_from(status) == ()


@given(st.sampled_from(CertificateStatus), st.sampled_from(AccreditationStatus))
def test_a_certificate_holds_only_while_its_accreditation_stands(certificate, accreditation):
    reason = rules.ended(certificate, accreditation)
    fallen = accreditation in {AccreditationStatus.REVOKED, AccreditationStatus.WITHDRAWN}
    assert (reason is None) == (certificate in rules.LIVE and not fallen)


@given(moments, st.timedeltas(timedelta(seconds=1), timedelta(days=400)), moments)
def test_validity_is_from_the_first_moment_until_before_the_last(start, length, now):
    end = start + length
    reason = rules.time_reason(start, end, now)
    assert (reason is None) == (start <= now < end)
    assert rules.time_reason(start, end, end) is Reason.EXPIRED
    assert rules.time_reason(start, end, start) is None


def test_every_reason_has_its_verdict():
    assert rules.verdict_for(None) is Verdict.VALID
    assert {rules.verdict_for(reason) for reason in Reason} == {
        Verdict.NOT_VALID,
        Verdict.CANNOT_TELL,
    }


def test_a_list_of_a_million_certificates_loads_on_a_phone():
    serials = range(50, 1_000_001, 100)
    found = RevocationList("KZ", NOW, ELECTION, dict.fromkeys(serials, Ended.VOID), 10_000)
    assert len(encode_serials(serials)) <= 10_001
    assert replace(found, since=None) == found
