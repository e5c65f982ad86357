"""Who may do what as a program: each route, method, role and scope, derived from the tables.

Nothing here names a route but the bodies that writes need; a new route is covered on the day it is
written, and one that writes fails here until it has a body.
"""

import base64

import pytest

from tests.factories import tokens
from tests.factories.addresses import Watched, api_rules, capability_of, may
from tests.factories.world import ELSEWHERE, LIST
from tracker.accounts.models import AccessToken, Scope, User
from tracker.accounts.queries import user_by_email
from tracker.accounts.rules import SCOPES, capabilities_in
from tracker.demonstration.installation import address_of
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Capability, Role, capabilities_of

METHODS = frozenset({"GET", "POST", "PATCH"})
KNOWN = METHODS | {"HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"}
ANY_VERSION = {"If-Match": "*"}
DONE = frozenset({200, 201, 307})
# Done, or refused for how the record stands: never for who asks.
LET_IN = DONE | {409, 422}


def bodies(known):
    """For each route that takes one, a body as a program would send it."""
    values = known.values
    ending = {"ground": "other", "ground_text": "test"}
    delegation = {"delegation_id": values["delegation_id"]}
    decision = {"observer_id": values["accreditation_id"], "decision": "returned"}
    return {
        "accept_list": {},
        "cancel_meeting": {"reason": "test"},
        "choose_reading": {},
        "create_calendar": {},
        "create_observer": delegation | {"surname": "NEW"},
        "deliver_list": delegation
        | {"filename": "list.csv", "content": base64.b64encode(LIST).decode()},
        "discard_list": {},
        "mend_row": {"cells": {"given_names": "NEW"}},
        "return_list": {"reason": "test"},
        "schedule_meeting": {
            "title": "Lists",
            "starts_at": "2022-11-18T09:00:00+06:00",
            "ends_at": "2022-11-18T09:30:00+06:00",
            "official_ids": [values["official_id"]],
            "delegation_ids": [values["delegation_id"]],
        },
        "send_list": {},
        "undo_list": {},
        "confirm_certificates": {"certificates": 1},
        "correct_observer": {"occupation": "Judge"},
        "register_observer": {},
        "withdraw_observer": ending,
        "write_message": {"text": "Lists"},
        "revoke_observer": ending,
        "submit_observers": {"observers": [values["accreditation_id"]]},
        "decide_submission": {"decisions": [decision]},
        "request_meeting": delegation
        | {"whom": "official", "official_id": values["official_id"], "topics": "Lists"},
        "request_assistance": delegation | {"kind": "visa", "title": "Visa"},
    }


@pytest.fixture(scope="module")
def programs(app, known):
    """A program of each role, with all scopes that the role has."""
    found = {}
    with app.app_context(), unit_of_work(SYSTEM):
        for role in Role:
            _id, secret = tokens.personal(user_by_email(address_of(role)))
            found[role] = tokens.program(app, secret)
    return found


@pytest.fixture(scope="module")
def narrowed(app, known, programs):
    """A program of each role whose token says one scope alone, whether the role has it or not."""
    found = {}
    with app.app_context(), unit_of_work(SYSTEM):
        for role in Role:
            user: User = user_by_email(address_of(role))
            for scope in Scope:
                token_id, secret = tokens.personal(user, [Scope.READ])
                db.session.get_one(AccessToken, token_id).scopes = scope
                found[role, scope] = tokens.program(app, secret)
    return found


@pytest.fixture(scope="module")
def watched(folder, clients, narrowed):
    """The installation as it is once all tokens are made."""
    return Watched(folder)


def asks(app, known, rule, **changes):
    """Each method of a route with its address and what is sent."""
    sent = bodies(known)
    for method in sorted(METHODS & rule.methods):
        options = {}
        if method != "GET":
            name = rule.endpoint.partition(".")[2]
            view = app.view_functions[rule.endpoint]
            assert name in sent, f"give {rule.endpoint} a body in tests/house/test_api.py"
            assert view.writes, f"{rule.endpoint} takes {method} and does not say that it writes"
            options = {"json": sent[name], "headers": ANY_VERSION}
        yield method, known.address(rule, **changes), options


def finish(wrong):
    assert not wrong, "\n".join(wrong)


def test_every_route_needs_what_some_scope_holds(app):
    free = {Capability.PUBLIC, Capability.SIGNED_IN}
    for rule in api_rules(app):
        capability = capability_of(app, rule)
        assert capability in free | capabilities_in(Scope), (
            f"no token reaches {rule.endpoint}: name {capability} in accounts/rules.py (SCOPES)"
        )
    used = {capability_of(app, rule) for rule in api_rules(app)}
    read_by_fields = {Capability.SEE_BIRTH_DATES}
    assert set().union(*SCOPES.values()) - used == read_by_fields


@pytest.mark.parametrize("role", Role)
def test_each_role_may_what_the_table_says(app, known, programs, watched, role):
    wrong = []
    for rule in api_rules(app):
        for method, path, options in asks(app, known, rule):
            response = programs[role].open(path, method=method, **options)
            said = f"{role}: {method} {path}: {response.status} {response.data[:200]!r}"
            if not may(app, rule, role):
                if response.status_code != 403 or watched.is_changed:
                    wrong.append(said)
            elif response.status_code not in (DONE if method == "GET" else LET_IN):
                wrong.append(said)
            if method == "GET" and watched.is_more_than_disclosed:
                wrong.append(f"{said}: something was stored")
            if response.status_code >= 400 and watched.is_changed:
                wrong.append(f"{said}: something was stored")
            watched.restore()
    finish(wrong)


@pytest.mark.parametrize("role", Role)
def test_each_scope_opens_what_it_holds_and_the_role_has(app, known, narrowed, watched, role):
    wrong = []
    for scope in Scope:
        reach = capabilities_in([scope]) & capabilities_of(frozenset({role}))
        for rule in api_rules(app):
            is_in = capability_of(app, rule) in reach
            for method, path, options in asks(app, known, rule):
                response = narrowed[role, scope].open(path, method=method, **options)
                if (response.status_code == 403) is is_in or response.status_code >= 500:
                    wrong.append(f"{role} with {scope}: {method} {path}: {response.status}")
                watched.restore()
    finish(wrong)


def test_strangers_and_sessions_are_turned_away(app, known, clients, watched):
    wrong = []
    callers = {"nobody": app.test_client(), **clients}
    for rule in api_rules(app):
        is_public = capability_of(app, rule) is Capability.PUBLIC
        for who, client in callers.items():
            for method, path, options in asks(app, known, rule):
                response = client.open(path, method=method, **options)
                expected = DONE if is_public else {401}
                if response.status_code not in expected or watched.is_changed:
                    wrong.append(f"{who}: {method} {path}: {response.status}")
                watched.restore()
    finish(wrong)


def test_a_focal_point_finds_nothing_of_another_delegation(app, known, programs, watched):
    wrong, covered = [], set()
    for rule in api_rules(app):
        others = {name: known.other(rule, name) for name in rule.arguments}
        others = {name: value for name, value in others.items() if value is not None}
        if not others or not may(app, rule, Role.FOCAL_POINT):
            continue
        covered |= set(others)
        for method, path, options in asks(app, known, rule, **others):
            response = programs[Role.FOCAL_POINT].open(path, method=method, **options)
            if response.status_code != 404 or watched.is_changed:
                wrong.append(f"{method} {path}: {response.status}")
    finish(wrong)
    assert {"accreditation_id", "delegation_id", "certificate_id", "request_id"} <= covered


@pytest.mark.parametrize("role", Role)
def test_records_of_one_election_are_not_found_under_another(app, known, programs, watched, role):
    wrong = []
    for rule in api_rules(app):
        if "election" not in rule.arguments or rule.arguments == {"election"}:
            continue
        if not may(app, rule, role):
            continue
        for method, path, options in asks(app, known, rule, election=ELSEWHERE):
            response = programs[role].open(path, method=method, **options)
            if response.status_code != 404 or watched.is_changed:
                wrong.append(f"{method} {path}: {response.status}")
    finish(wrong)


def test_no_route_takes_another_method(app, known, programs):
    wrong = []
    for path in {known.address(rule) for rule in api_rules(app)}:
        adapter = app.url_map.bind("localhost")
        for method in KNOWN - set(adapter.allowed_methods(path)):
            response = programs[Role.REGISTRAR].open(path, method=method)
            if (response.status_code, response.mimetype) != (405, "application/problem+json"):
                wrong.append(f"{method} {path}: {response.status}")
    finish(wrong)


def test_whatever_changes_a_record_asks_for_its_version(app, known, programs, watched):
    asked = set()
    for rule in api_rules(app):
        view = app.view_functions[rule.endpoint]
        if not getattr(view, "takes_version", False):
            continue
        role = next(role for role in Role if may(app, rule, role))
        for method, path, options in asks(app, known, rule):
            response = programs[role].open(path, method=method, json=options["json"])
            assert response.status_code == 428, path
            assert not watched.is_changed
            asked.add(rule.endpoint)
    assert "api.correct_observer" in asked
