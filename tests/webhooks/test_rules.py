"""When messages are tried again, where they may go, and how they are signed."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.webhooks.models import DeliveryFailure, OffReason
from tracker.webhooks.rules import (
    DELAYS,
    FAILING_FOR,
    PATIENCE,
    address_fault,
    failure_of,
    may_reach,
    new_secret,
    next_attempt,
    off_because,
    signature,
    signed_headers,
)

NOW = datetime(2022, 11, 10, 6, tzinfo=UTC)
LOOPBACK = [ip_network("127.0.0.0/8")]


@given(late=st.lists(st.integers(0, 3_600), min_size=len(DELAYS) + 1, max_size=len(DELAYS) + 1))
def test_attempts_grow_rarer_and_end_before_the_receiver_is_given_up(late):
    """However late each round comes: seconds after the moment that was due."""
    moment, gaps, attempt = NOW, [], 1
    while (again := next_attempt(attempt, moment)) is not None:
        gaps.append(again - moment)
        assert again - moment < PATIENCE
        moment = again + timedelta(seconds=late[attempt])
        attempt += 1
    assert attempt == len(DELAYS) + 1 == 10
    assert gaps == sorted(gaps)
    assert len(set(gaps)) == len(gaps)
    assert timedelta(days=3) < moment - NOW < FAILING_FOR < PATIENCE


@pytest.mark.parametrize("failure", DeliveryFailure)
def test_who_fails_for_days_is_switched_off_and_who_is_gone_at_once(failure):
    expected = OffReason.GONE if failure is DeliveryFailure.GONE else None
    moment = NOW + FAILING_FOR
    assert off_because(failure, NOW, moment - timedelta(seconds=1)) is expected
    assert off_because(failure, NOW, moment) is (expected or OffReason.FAILING)


@pytest.mark.parametrize(
    ("codes", "failure"),
    [
        (range(200, 300), None),
        (range(300, 400), DeliveryFailure.REDIRECTED),
        ([410], DeliveryFailure.GONE),
        ([*range(400, 410), *range(411, 600)], DeliveryFailure.REFUSED),
    ],
)
def test_what_an_answer_means(codes, failure):
    assert {failure_of(code) for code in codes} == {failure}


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1"),
        *("255.255.255.255", "::", "::1", "::127.0.0.1", "fe80::1", "fd00::1", "fec0::1"),
        *("ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"),
        *("2002:7f00:1::", "2001:0:7f00:1::"),
    ],
)
def test_networks_of_ones_own_are_out_of_reach_unless_named(address):
    found = ip_address(address)
    assert not may_reach(found, [])
    assert may_reach(found, [ip_network(address), ip_network("0.0.0.0/0")])


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_the_public_internet_is_reached(address):
    assert may_reach(ip_address(address), [])


def test_a_named_network_opens_no_other():
    assert may_reach(ip_address("127.0.0.1"), LOOPBACK)
    assert not may_reach(ip_address("10.0.0.1"), LOOPBACK)


@pytest.mark.parametrize(
    ("address", "fault", "where_allowed"),
    [
        ("https://receiver.example.org/events?key=7", None, None),
        ("https://receiver.example.org:8443", None, None),
        ("https://8.8.8.8/", None, None),
        ("http://receiver.example.org/", "Only https", "Only https"),
        ("http://127.0.0.1:9000/", "private network", None),
        ("http://localhost:9000/", "no receiver", None),
        ("https://localhost/", "no receiver", None),
        ("https://127.0.0.1/", "private network", None),
        ("https://10.0.0.1/", "private network", "private network"),
        ("https://[::1]/", "private network", "private network"),
        ("http://8.8.8.8/", "Only https", "Only https"),
        ("https://user@receiver.example.org/", "Leave user", "Leave user"),
        ("https://receiver.example.org/#a", "Leave user", "Leave user"),
        ("ftp://receiver.example.org/", "begins with https", "begins with https"),
        ("receiver.example.org", "begins with https", "begins with https"),
        ("https://", "begins with https", "begins with https"),
        ("https://receiver.example.org:0/", "begins with https", "begins with https"),
        ("https://receiver.example.org:99999/", "begins with https", "begins with https"),
        ("https://receiver.example.org/a b", "begins with https", "begins with https"),
        ("https://[receiver", "begins with https", "begins with https"),
        ("https://қабылдаушы.example.org/", "begins with https", "begins with https"),
    ],
)
def test_what_is_wrong_with_an_address(address, fault, where_allowed):
    for expected, networks in ((fault, []), (where_allowed, LOOPBACK)):
        found = address_fault(address, networks)
        assert found is None if expected is None else expected in found


def test_the_published_example_of_the_convention():
    """From the tests of the convention's own libraries."""
    found = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_both_secrets_sign_and_the_new_one_first():
    secrets = [new_secret(), new_secret()]
    assert len(set(secrets)) == 2
    headers = signed_headers(secrets, message_id="msg_1", moment=NOW, body=b"{}")
    timestamp = int(NOW.timestamp())
    assert headers["webhook-timestamp"] == str(timestamp)
    assert headers["webhook-signature"].split() == [
        signature(each, message_id="msg_1", timestamp=timestamp, body=b"{}") for each in secrets
    ]
