"""Who may do what, at every address: each route, method and role, derived from the one table.

Nothing here names a page. What is expected follows from `ROLE_CAPABILITIES`, from the capability
that the route declares and from whose record the address names, so that a new page is covered on
the day it is written. A route whose parameter has no record fails with what is to be done.
"""

from urllib.parse import urlsplit

import pytest
from werkzeug.datastructures import MultiDict

from tests.factories.addresses import capability_of, may, own_rules
from tests.factories.world import ELSEWHERE
from tracker.kernel.permissions import Capability, Role

SAFE = frozenset({"GET", "HEAD"})
KNOWN = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
# What is the same in every election, although the address names one.
EVERYWHERE = {
    "official_id": "the directory of officials is one for all elections",
    "answer_id": "ready answers are one stock for all elections",
    "matter": "the name of a kind, not a record",
    "place": "the number of a specimen, not a record",
    "file": "the name of a file, made of each election's own data",
    "lang": "the language of a page",
    "form": "the kind of a file",
    "chapter": "a chapter of the guide",
    "document_name": "a document of the installation",
    "sample": "a file of the installation",
}
MARKS = {"logistics.duty_news": "counts what came after a number; shows no record"}
# One's own only: 403 to everybody else, whether it exists or not, which tells as little as 404.
OWN_ONLY = {"meetings.revoke_calendar": Role.FOCAL_POINT}
# The form, not the address, names the record: without one there is nothing to be found.
NAMED_IN_FORM = {
    "accounts.end_session",  # the session is another person's
    "accounts.revoke_own_token",  # the token is another person's
    "ops.retry_job",
    "publications.draft_note",
}


@pytest.fixture(scope="module")
def plausible(known, forms):
    """For each route that takes a form, one filled as a person would, read from our own pages."""
    return {endpoint: MultiDict(each.form.filled()) for endpoint, each in forms.items()} | {
        endpoint: MultiDict(form) for endpoint, form in known.forms.items()
    }


def bodies(plausible, rule):
    """What is sent: nothing at all, and a form that would do."""
    return [MultiDict(), plausible.get(rule.endpoint, MultiDict({"reason": "text"}))]


def leads_to_sign_in(response):
    return response.status_code == 302 and urlsplit(response.location).path == "/sign-in"


class Asked:
    """Asks at every address and keeps what was not as it should be, to say all of it at once."""

    def __init__(self, plausible, watched):
        self._plausible, self._watched = plausible, watched
        self.wrong = []
        self.count = 0

    def ask(self, client, rule, path, methods=frozenset({"GET", "HEAD", "POST"})):
        """Each answer with what it is called; a HEAD never has a body."""
        for method in sorted(methods & rule.methods):
            for body in bodies(self._plausible, rule) if method == "POST" else [None]:
                response = client.open(path, method=method, data=body)
                self.count += 1
                said = f"{method} {path}{'' if body is None or body else ' (empty)'}"
                if method == "HEAD" and response.data:
                    self.wrong.append(f"{said}: a HEAD with a body")
                yield response, f"{rule.endpoint}: {said}: {response.status}"

    def expect(self, is_right, said):
        if not is_right:
            self.wrong.append(said)

    def expect_nothing_stored(self, said):
        if self._watched.is_changed:
            self.wrong.append(f"{said}: something was stored")
            self._watched.restore()

    def expect_nothing_but_disclosure(self, said):
        if self._watched.is_more_than_disclosed:
            self.wrong.append(f"{said}: something was stored")
        self._watched.restore()

    def finish(self):
        assert self.count, "nothing was asked"
        assert not self.wrong, "\n".join(self.wrong)


@pytest.fixture
def asked(plausible, watched):
    return Asked(plausible, watched)


def test_every_route_has_a_record_for_each_of_its_parameters(app, known):
    for rule in own_rules(app):
        known.address(rule)  # says what to do where it has none


def test_the_forms_of_most_routes_are_found_on_our_own_pages(app, plausible):
    """Else the plausible forms below would be empty ones."""
    posts = [rule for rule in own_rules(app) if "POST" in rule.methods]
    lacking = {rule.endpoint for rule in posts} - set(plausible)
    assert len(lacking) < len(posts) / 4, sorted(lacking)


@pytest.mark.parametrize("role", Role)
def test_reading_is_as_the_table_says(app, known, clients, asked, role):
    for rule in own_rules(app):
        # A HEAD is the same view without its body: once for those who may is enough.
        is_first = role is next((each for each in Role if may(app, rule, each)), None)
        methods = SAFE if is_first or not may(app, rule, role) else {"GET"}
        for response, said in asked.ask(clients[role], rule, known.address(rule), methods):
            if may(app, rule, role):
                is_right = response.status_code in {200, 302, 304, 422}
                asked.expect(is_right and not leads_to_sign_in(response), said)
            else:
                asked.expect(response.status_code == 403, said)
        asked.expect_nothing_but_disclosure(rule.endpoint)
    asked.finish()


@pytest.mark.parametrize("role", Role)
def test_who_may_not_changes_nothing(app, known, clients, asked, role):
    for rule in own_rules(app):
        if may(app, rule, role):
            continue
        for response, said in asked.ask(clients[role], rule, known.address(rule), {"POST"}):
            asked.expect(response.status_code == 403, said)
            asked.expect_nothing_stored(said)
    asked.finish()


@pytest.mark.parametrize("role", Role)
def test_who_may_is_let_in(app, known, watched, clients, asked, role):
    for rule in own_rules(app):
        if not may(app, rule, role):
            continue
        for response, said in asked.ask(clients[role], rule, known.address(rule), {"POST"}):
            is_right = response.status_code in let_in(rule, role)
            asked.expect(is_right and not leads_to_sign_in(response), said)
            if response.status_code >= 400:
                asked.expect_nothing_stored(said)
            watched.restore()
    asked.finish()


def test_a_stranger_is_sent_to_sign_in_and_changes_nothing(app, known, watched, asked):
    for rule in own_rules(app):
        for response, said in asked.ask(app.test_client(), rule, known.address(rule)):
            if capability_of(app, rule) is Capability.PUBLIC:
                # A page for everybody may lead on, but never to the sign-in page.
                is_right = response.status_code in {200, 302, 400, 415, 422, 503}
                asked.expect(is_right and not leads_to_sign_in(response), said)
                watched.restore()
            else:
                asked.expect(leads_to_sign_in(response), said)
                asked.expect_nothing_stored(said)
    asked.finish()


def test_no_route_takes_another_method(app, known, clients):
    adapter, wrong = app.url_map.bind("localhost"), []
    for rule in own_rules(app):
        path = known.address(rule)
        for method in KNOWN - set(adapter.allowed_methods(urlsplit(path).path)):
            response = clients[Role.ADMINISTRATOR].open(path, method=method)
            if response.status_code != 405:
                wrong.append(f"{method} {path}: {response.status}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", Role)
def test_records_of_one_election_are_not_found_under_another(app, known, clients, asked, role):
    """The same identifiers under the address of an election that does not hold them."""
    for rule in own_rules(app):
        records = rule.arguments - {"election"} - set(EVERYWHERE)
        if not may(app, rule, role) or "election" not in rule.arguments or not records:
            continue
        if rule.endpoint in MARKS:
            continue
        path = known.address(rule, election=ELSEWHERE)
        for response, said in asked.ask(clients[role], rule, path):
            asked.expect(response.status_code in refusals(rule), said)
            asked.expect_nothing_stored(said)
    asked.finish()


def refusals(rule):
    return {403, 404} if rule.endpoint in OWN_ONLY else {404}


def let_in(rule, role):
    """What is answered to somebody who may: done, or refused for what the form says."""
    found = {200, 302, 400, 409, 415, 422}
    if OWN_ONLY.get(rule.endpoint, role) is not role:
        found |= {403}
    return found | {404} if rule.endpoint in NAMED_IN_FORM else found


def test_papers_of_one_record_are_not_found_below_another(app, known, clients, asked):
    """A document of a second meeting below the first, an attachment of a second request …"""
    covered = set()
    for rule in own_rules(app):
        names = {name for name in rule.arguments if known.other(rule, name) is not None}
        if len(rule.arguments - {"election", "lang"}) < 2 or not names:
            continue
        role = next(role for role in Role if may(app, rule, role))
        for name in names:
            path = known.address(rule, **{name: known.other(rule, name)})
            for response, said in asked.ask(clients[role], rule, path):
                asked.expect(response.status_code == 404, said)
                asked.expect_nothing_stored(said)
            covered.add(name)
    asked.finish()
    assert {"document_id", "follow_up_id", "attachment_id", "contact_id"} <= covered


def test_a_focal_point_finds_its_own_delegation_and_no_other(app, known, clients, asked):
    covered = set()
    for rule in own_rules(app):
        others = {name: known.other(rule, name) for name in rule.arguments}
        others = {name: value for name, value in others.items() if value is not None}
        is_public = capability_of(app, rule) is Capability.PUBLIC  # by its own secret, or for all
        if not others or is_public or not may(app, rule, Role.FOCAL_POINT):
            continue
        path = known.address(rule, **others)
        for response, said in asked.ask(clients[Role.FOCAL_POINT], rule, path):
            asked.expect(response.status_code in refusals(rule), said)
            asked.expect_nothing_stored(said)
        covered |= set(others)
    asked.finish()
    assert {"delegation_id", "accreditation_id", "assistance_id", "request_id"} <= covered
