"""Rules about people of an identity provider, tried with everything that a claim may hold."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.providers import ROLES
from tracker.accounts.rules import (
    SKEW,
    authenticated_at,
    claimed_values,
    is_confirmed,
    is_email,
    person_of,
    roles_by_claims,
)
from tracker.kernel.permissions import Role

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(["groups", "roles", "realm.roles", "https://a.example/roles", "a.b.c"])
VALUES = st.sampled_from([*ROLES, "others", "registrar", "administrator", "focal_point"])
HELD = st.frozensets(st.sampled_from(Role))


@given(st.dictionaries(NAMES | st.text(), JSON), NAMES)
def test_any_claim_is_texts_or_nothing(claims, name):
    found = claimed_values(claims, name)
    assert all(isinstance(value, str) for value in found)
    if isinstance(claims.get(name), str):
        assert found == {claims[name]}


@pytest.mark.parametrize(
    ("claims", "name", "found"),
    [
        ({"groups": ["a", "b", 7, None, "a"]}, "groups", {"a", "b"}),
        ({"groups": "a b"}, "groups", {"a b"}),  # one value with a space, not two
        ({"groups": {"a": True}}, "groups", set()),
        ({"realm": {"roles": ["a"]}}, "realm.roles", {"a"}),
        ({"realm.roles": ["a"], "realm": {"roles": ["b"]}}, "realm.roles", {"a"}),
        ({"realm": {"roles": {"deep": "a"}}}, "realm.roles.deep", {"a"}),
        ({"realm": ["roles"]}, "realm.roles", set()),
        ({}, "realm.roles", set()),
    ],
)
def test_where_a_claim_is_found(claims, name, found):
    assert claimed_values(claims, name) == found


@given(st.frozensets(VALUES), HELD)
def test_claims_give_what_the_mapping_says_and_never_make_a_focal_point(claimed, held):
    found = roles_by_claims(claimed, ROLES | {"others": frozenset({Role.FOCAL_POINT})}, held)
    given_here = frozenset[Role]().union(*(ROLES.get(value, frozenset()) for value in claimed))
    assert found - {Role.FOCAL_POINT} == given_here
    assert (Role.FOCAL_POINT in found) == (Role.FOCAL_POINT in held)


@given(HELD)
def test_without_a_mapped_value_nobody_has_a_role(held):
    assert roles_by_claims({"nothing"}, ROLES, held) <= {Role.FOCAL_POINT}


@given(st.frozensets(VALUES), HELD)
def test_a_second_sign_in_with_the_same_claims_changes_nothing(claimed, held):
    once = roles_by_claims(claimed, ROLES, held)
    assert roles_by_claims(claimed, ROLES, once) == once


@given(JSON, st.floats(allow_nan=False, allow_infinity=False))
def test_a_moment_of_proof_is_never_later_than_now(said, asked_at):
    found = authenticated_at({"auth_time": said}, NOW)
    assert 0 <= found <= NOW.timestamp()
    if found == 0:
        assert not is_confirmed(found, NOW.timestamp())


def test_clocks_may_differ_by_a_minute():
    now, skew = NOW.timestamp(), SKEW.total_seconds()
    assert authenticated_at({"auth_time": now + skew}, NOW) == now
    assert authenticated_at({"auth_time": now + skew + 1}, NOW) == 0
    assert is_confirmed(now - skew, now)
    assert not is_confirmed(now - skew - 1, now)


@given(st.dictionaries(st.sampled_from(["email", "email_verified", "name", "groups"]), JSON))
def test_any_claims_describe_a_person_or_leave_it_empty(claims):
    found = person_of(claims | {"iss": "https://a.example", "sub": "one"}, "groups")
    assert found.email == "" or is_email(found.email)
    assert len(found.name) <= 200
    assert found.name.isprintable()
    assert found.is_email_verified == (claims.get("email_verified") is True)


def test_a_name_is_clean_and_an_address_small():
    claims = {
        "iss": "https://a.example",
        "sub": "one",
        "email": " Aigul@MFA.example.org ",
        "name": "\u202e Айгүл\n  Оспанова ",
        "preferred_username": "aigul",
    }
    found = person_of(claims, "groups")
    assert (found.email, found.name) == ("aigul@mfa.example.org", "Айгүл Оспанова")
    assert person_of(claims | {"name": " "}, "groups").name == "aigul"
