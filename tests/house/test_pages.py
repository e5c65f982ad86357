"""Every page on the demonstration election: typed addresses, three languages, files, plain words.

Who may open which is the matter of `test_matrix`; what no input may break, of `test_fuzz`.
"""

import pytest

from tests.factories.addresses import api_rules, own_rules
from tests.journeys.demonstration import signed_in
from tracker.accounts.sign_in import LIBRARY_ENDPOINTS
from tracker.kernel.permissions import Capability, Role


@pytest.fixture(scope="module")
def values(known):
    return known.values


def test_every_route_declares_a_capability_and_types_its_parameters(app):
    for rule in [*own_rules(app), *api_rules(app)]:
        view = app.view_functions[rule.endpoint]
        assert isinstance(getattr(view, "capability", None), Capability), (
            f"{rule.endpoint} declares no capability: put @requires(Capability.…) on it"
        )
        for name, converter in rule._converters.items():
            kind = type(converter).__name__
            is_typed = kind in {"IntegerConverter", "AnyConverter"}
            free = {"election", "secret", "link_secret", "matter", "reference", "photo", "file"}
            assert is_typed or name in free, (
                f"{rule.endpoint}: give <{name}> a type, for example <int:{name}>"
            )


def test_routes_of_libraries_are_named(app):
    found = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert {name for name in found if name.startswith("security.")} == set(LIBRARY_ENDPOINTS)


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_pages_answer_in_every_language(app, values, language):
    client = signed_in(app, Role.AUDITOR)
    client.set_cookie("language", language)
    paths = ("", "summary", "delegations/", "observers/", "totals/", "meetings/", "arrivals/")
    paths += ("requests/", "deployment/", "deployment/teams/", "digest")
    for path in (*paths, "duty/", "duty/roster/", "duty/contacts/"):
        page = client.get(f"/e/kz-2022/{path}").get_data(as_text=True)
        assert f'<html lang="{language}"' in page


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/e/none/",
        "/e/kz-2022/observers/999999999999999999999999",
        "/e/kz-2022/observers/0",
        "/e/kz-2022/delegations/999999",
        "/organizations/99999999999999999999",
    ],
)
def test_what_does_not_exist_is_said_plainly(app, path):
    response = signed_in(app, Role.REGISTRAR).get(path)
    assert response.status_code == 404
    assert "<h1>" in response.get_data(as_text=True)


def test_exports_come_as_files(app):
    client = signed_in(app, Role.AUDITOR)
    for path in (
        "/e/kz-2022/observers/",
        "/e/kz-2022/delegations/",
        "/e/kz-2022/submissions/",
        "/e/kz-2022/submissions/1",
        "/e/kz-2022/meetings/",
        "/e/kz-2022/meetings/requests/",
        "/e/kz-2022/arrivals/list",
        "/e/kz-2022/deployment/",
        "/e/kz-2022/deployment/teams/",
        "/e/kz-2022/deployment/unplaced",
        "/e/kz-2022/duty/",
        "/e/kz-2022/requests/",
        "/e/kz-2022/totals/",
        "/organizations/",
        "/officials/",
        "/officials/institutions/",
        "/officials/halls/",
        "/officials/interpreters/",
        "/officials/travel/",
        "/audit/",
    ):
        for kind, magic in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
            response = client.get(f"{path}?format={kind}")
            assert response.status_code == 200, path
            assert response.data.startswith(magic), path
            assert "attachment" in response.headers["Content-Disposition"]


def test_officials_take_no_files_and_see_no_personal_data(app, values):
    client = signed_in(app, Role.OFFICIAL)
    assert client.get("/e/kz-2022/observers/?format=csv").status_code == 403
    page = client.get(f"/e/kz-2022/observers/{values['accreditation_id']}").get_data(as_text=True)
    assert "Date of birth" not in page
    assert "example.org" not in page
