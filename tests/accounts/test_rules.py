"""The rules of accounts as pure functions."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracker.accounts.models import Attempt
from tracker.accounts.rules import (
    LIMITS,
    SessionLimits,
    device_of,
    is_locked,
    needs_second_factor,
    network_of,
    normalized_password,
    password_problem,
)
from tracker.kernel.permissions import Role

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_every_attempt_has_a_limit():
    assert set(LIMITS) == set(Attempt)
    for attempt, most in LIMITS.items():
        assert not is_locked(attempt, most - 1)
        assert is_locked(attempt, most)


@pytest.mark.parametrize("password", ["qwerty123456789", "1234567890QWERTYuiop", "iloveyouforever"])
def test_passwords_of_known_breaches_are_refused_in_any_case(password):
    for each in (password, password.upper(), password.title()):
        assert "stolen" in (password_problem(each) or "")


@pytest.mark.parametrize(
    "password",
    ["Observer-Mission-2026", "election.observer!", "Наблюдатель2026", "СайлауБайқаушы1"],
)
def test_words_of_this_work_make_no_password(password):
    assert "guess" in (password_problem(password) or "")


def test_no_more_than_a_hundred_and_twenty_eight_characters_are_asked_or_cut():
    sentence = "".join(chr(0x61 + number % 26) + str(number) for number in range(60))
    assert password_problem(sentence[:64]) is None
    assert password_problem(sentence[:128]) is None
    assert password_problem(sentence[:129]) is not None


def test_a_long_sentence_will_do():
    assert password_problem("my observer collects old stamps") is None
    assert password_problem("eleven plain oranges", email="a@b.example", name="Aigul") is None
    assert password_problem("алма ағашының түбінде") is None


# What a keyboard gives: no control characters, and no space but one.
printable = st.characters(exclude_categories=("C", "Z")) | st.just(" ")


@given(st.text(printable, min_size=1, max_size=40))
def test_a_password_is_the_same_however_its_letters_are_composed(text):
    assert text.isprintable()
    once = normalized_password(text)
    assert normalized_password(once) == once


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_a_network_of_its_own(address):
    assume(not address.is_loopback)
    assert network_of(str(address)) == str(IPv4Address(address))
    assert network_of(f"::ffff:{address}") == str(IPv4Address(address))


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_whoever_holds_a_64_is_one(address, rest):
    assume(not address.is_loopback and address.ipv4_mapped is None)
    prefix = (int(address) >> 64) << 64
    assume(prefix and IPv6Address(prefix | rest).ipv4_mapped is None)
    assert network_of(str(address)) == network_of(str(IPv6Address(prefix | rest)))
    assert ip_network(network_of(str(address))).prefixlen == 64


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", None, "", "unix:"])
def test_this_machine_is_no_network(address):
    found = network_of(address)
    assert found is None or address == "::ffff:127.0.0.1"


@given(
    st.timedeltas(timedelta(), timedelta(days=2)),
    st.timedeltas(timedelta(), timedelta(days=2)),
)
def test_a_session_ends_once_and_for_all(used_after, asked_after):
    limits = SessionLimits()
    seen = START + used_after
    now = seen + asked_after
    is_over = limits.is_over(started_at=START, seen_at=seen, now=now)
    assert is_over == (asked_after >= limits.idle or used_after + asked_after >= limits.longest)
    later = limits.is_over(started_at=START, seen_at=seen, now=now + timedelta(hours=1))
    assert later or not is_over


def test_administrators_always_need_more_than_a_password():
    assert needs_second_factor(["administrator", "auditor"], frozenset())
    assert not needs_second_factor(["registrar"], frozenset())
    assert needs_second_factor(["registrar"], frozenset({Role.REGISTRAR}))


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36",
            "Chrome, Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537.36 Edg/140", "Edge, Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18 Safari/605",
            "Safari, iPhone",
        ),
        ("curl/8", ""),
    ],
)
def test_a_browser_is_named_as_its_user_knows_it(agent, said):
    assert device_of(agent) == said
