"""The description is right: requests that follow it and requests that do not, by the hundred.

`TRACKER_FUZZ_ROUNDS` multiplies what is tried, as in the tests of the house.
"""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from tests.factories import tokens
from tests.factories.world import world
from tests.journeys.demonstration import demonstration
from tracker.accounts.queries import user_by_email
from tracker.demonstration.installation import address_of
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import unit_of_work
from tracker.kernel.permissions import Role

ROUNDS = int(os.environ.get("TRACKER_FUZZ_ROUNDS", "1"))
BUDGET = settings(
    max_examples=6 * ROUNDS,
    derandomize=ROUNDS == 1,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
]
OTHERWISE = {
    "confirm_certificates": Role.FOCAL_POINT,
    "decide_submission": Role.COMMISSION,
    "revoke_observer": Role.COMMISSION,
    "cancel_meeting": Role.COORDINATOR,
    "create_calendar": Role.COORDINATOR,
    "request_meeting": Role.COORDINATOR,
    "schedule_meeting": Role.COORDINATOR,
}


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """A demonstration, its records, and the headers of programs by role."""
    app = demonstration(tmp_path_factory.mktemp("demonstration"))
    known, headers = world(app), {}
    with app.app_context(), unit_of_work(SYSTEM):
        for role in (Role.REGISTRAR, *OTHERWISE.values()):
            _id, secret = tokens.personal(user_by_email(address_of(role)))
            headers[role] = {"Authorization": f"Bearer {secret}"}
    return app, known, headers


def operations(app):
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for found in schema.get_all_operations():
        operation = found.ok()
        yield operation.definition.raw["operationId"], operation


def tried(operation, mode, header, records):
    """How many requests of an operation were answered as described; raises where one was not."""
    count = 0

    @BUDGET
    @given(case=operation.as_strategy(generation_mode=mode, path_parameters=records))
    def check(case):
        nonlocal count
        count += 1
        case.call_and_validate(headers=header, checks=CHECKS)

    check()
    return count


@pytest.mark.parametrize("mode", GenerationMode)
def test_the_interface_is_as_described(installation, mode):
    app, known, headers = installation
    wrong, count = [], 0
    for name, operation in operations(app):
        role = OTHERWISE.get(name, Role.REGISTRAR)
        records = {each.name: known.values[each.name] for each in operation.path_parameters}
        can_be_wrong = operation.body or operation.query or operation.headers
        if mode is GenerationMode.NEGATIVE and not can_be_wrong:
            continue  # but for the record that it names
        try:
            count += tried(operation, mode, headers[role], records or None)
        except Exception as error:
            wrong.append(f"{name}: {error}")
    assert not wrong, "\n\n".join(wrong)
    assert count > 100
