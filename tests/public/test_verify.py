"""What anybody may ask without signing in: lists, numbers, texts, portraits, and nothing else."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tests.factories.portraits import portrait
from tests.factories.vectors import PATH
from tracker.accounts.models import Attempt
from tracker.accounts.rules import LIMITS
from tracker.accreditation.models import AccreditationStatus
from tracker.credentials import operations, queries
from tracker.credentials.models import CertificateCheck
from tracker.credentials.numbers import read_number
from tracker.credentials.signed_lists import open_keys, open_revocations
from tracker.credentials.signing import vault
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes

BASE = "/verify/kz-2022/"


@pytest.fixture
def made(app):
    """Two certificates of an election, as their numbers and texts; the second is void."""
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        election = records.election()
        delegation = records.delegation(election)
        rows = [
            records.accreditation(
                delegation,
                status=AccreditationStatus.ACCREDITED,
                person=records.observer(portrait=portrait()),
            )
            for _ in range(2)
        ]
        issued = operations.issue_certificates(
            actor=SYSTEM, election=election, accreditation_ids=[row.id for row in rows]
        )
        found = queries.certificates_with(election.id, issued.ids)
        operations.void_certificate(actor=SYSTEM, certificate=found[1], reason="Misprint")
        db.session.commit()
        return [(row.number, row.credential, row.portrait) for row in found]


@pytest.fixture
def now(made):
    with clock.at(NOW + timedelta(minutes=5)):
        yield


def ask(client, **question):
    return client.post(f"{BASE}check", json=question)


def test_lists_are_signed_dated_and_for_everybody(client, now):
    keys = client.get("/verify/keys")
    revocations = client.get(f"{BASE}revocations")
    for answer in (keys, revocations):
        assert answer.mimetype == "application/cwt"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in answer.headers
    found = open_revocations(revocations.data, open_keys(keys.data))
    assert list(found.serials) == [2]
    assert found.issued_at == NOW + timedelta(minutes=5)
    delta = client.get(f"{BASE}revocations?since={int(NOW.timestamp())}")
    assert open_revocations(delta.data, open_keys(keys.data)).since is not None


@pytest.mark.parametrize(
    "path",
    [
        f"{BASE}revocations?since=-1",
        f"{BASE}revocations?since=tomorrow",
        f"{BASE}revocations?since={'9' * 40}",
        f"{BASE}revocations?since=٣",
        "/verify/none/revocations",
        "/verify/none/",
        "/verify/portraits/zz",
        f"/verify/portraits/{'0' * 32}",
    ],
)
def test_nonsense_is_not_found(client, now, path):
    assert client.get(path).status_code == 404


def test_before_the_first_certificate_there_is_no_list(app, client):
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        records.election()
        db.session.commit()
    assert client.get("/verify/keys").status_code == 404
    assert client.get(f"{BASE}?language=en").status_code == 200


def test_without_the_passphrase_lists_say_so(client, now):
    vault.configure(None)
    answer = client.get("/verify/keys")
    assert (answer.status_code, answer.mimetype) == (503, "text/plain")


def test_one_list_serves_everybody_of_a_minute(client, now, monkeypatch):
    first = client.get(f"{BASE}revocations").data
    monkeypatch.setattr(vault, "open", None)  # whoever signs again fails
    assert client.get(f"{BASE}revocations").data == first


def test_a_typed_number_answers_with_what_is_printed(client, now, made):
    (good, _text, _portrait), (void, *_rest) = made
    page = client.get(f"{BASE}number?number={good.lower().replace('-', ' ')}&language=en")
    assert "verdict valid" in page.get_data(as_text=True)
    assert "SURNAME" in page.get_data(as_text=True)
    page = client.get(f"{BASE}number?number={void}&language=ru").get_data(as_text=True)
    assert "Удостоверение признано недействительным." in page
    wrong_code = f"{good[:-1]}{'2' if good[-1] != '2' else '3'}"
    answers = [
        ask(client, number=number).get_json() for number in (wrong_code, f"999999{good[6:]}")
    ]
    for answer in answers:
        assert (answer["reason"], answer["claims"]) == ("unknown_number", None)


@pytest.mark.parametrize("length", [0, 3, 6, 7, 10])
def test_who_types_a_part_of_a_number_is_asked_for_the_whole_of_it(client, now, made, length):
    (good, *_rest), _void = made
    typed = good[:length]
    answer = ask(client, number=typed).get_json()
    assert (answer["verdict"], answer["reason"]) == ("cannot_tell", "incomplete_number")
    page = client.get(f"{BASE}number?number={typed}&language=en").get_data(as_text=True)
    assert "Type the whole number, with the letters after the dash" in page
    assert "There is no certificate" not in page
    for _again in range(LIMITS[Attempt.CERTIFICATE_NUMBER] + 1):
        assert ask(client, number=typed).status_code == 200


def test_the_answer_shows_the_whole_number(client, now, made):
    (good, *_rest), _void = made
    page = client.get(f"{BASE}number?number={good}").get_data(as_text=True)
    assert good in page.split("</dl>")[0]


def test_who_tries_numbers_one_by_one_is_stopped_and_others_are_not(client, now, made):
    def tried(number, address):
        return client.post(
            f"{BASE}check", json={"number": number}, environ_base={"REMOTE_ADDR": address}
        )

    (good, *_rest), _void = made
    for guess in range(LIMITS[Attempt.CERTIFICATE_NUMBER]):
        assert tried(f"{guess:06d}-AAAA", "203.0.113.7").status_code == 200
        assert tried(good, "203.0.113.8").get_json()["verdict"] == "valid"
    assert tried(good, "203.0.113.7").status_code == 429
    page = client.get(f"{BASE}number?number={good}", environ_base={"REMOTE_ADDR": "203.0.113.7"})
    assert page.status_code == 429
    assert tried(good, "203.0.113.8").get_json()["verdict"] == "valid"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("000641-7KQX", (641, "7KQX")),
        ("641 7kqx", (641, "7KQX")),
        ("6417KQX", (641, "7KQX")),
        ("000641–7KQX", (641, "7KQX")),
        ("1000000-2345", (1_000_000, "2345")),
        ("000000-7KQX", (0, "7KQX")),
        ("000641-7КQХ", (641, "7KQX")),
        ("ооо64і-ветҮ", (641, "BETY")),
        ("641", None),
        ("000641", None),
        ("234567", None),
        ("000641-7KQ", None),
        ("٦٤١7KQX", None),
        ("7KQX-000641", None),
        ("0" * 1000 + "641-7KQX", None),
    ],
)
def test_numbers_are_read_as_people_type_them(typed, read):
    assert read_number(typed) == read


def test_a_text_is_answered_from_the_register(client, now, made):
    (_number, good, _portrait), (_other, void, _none) = made
    answer = ask(client, text=good).get_json()
    assert (answer["verdict"], answer["claims"]["serial"]) == ("valid", 1)
    assert "birth" not in json.dumps(answer)
    assert ask(client, text=void).get_json()["reason"] == "void"
    assert ask(client, text=good[:-30]).get_json()["reason"] == "not_a_certificate"
    with clock.at(NOW + timedelta(days=30)):
        assert ask(client, text=good).get_json()["reason"] == "expired"


def test_no_vector_and_no_flood_breaks_the_answer(client, now):
    for case in json.loads(PATH.read_text(encoding="utf-8"))["cases"]:
        answer = ask(client, text=case["text"])
        assert (answer.status_code, answer.get_json()["verdict"]) == (200, "not_valid"), case
    assert ask(client, text="EOC1:" + "A" * 1_000_000).get_json()["reason"] == "not_a_certificate"
    assert client.post(f"{BASE}check", data=b"x" * 5_000_000).status_code in {400, 413}


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"text": 5}', b'{"text": null}', b"\xff\xfe"]
)
def test_other_questions_are_told_what_to_send(client, now, body):
    answer = client.post(f"{BASE}check", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert "JSON" in answer.get_json()["message"]


def test_a_portrait_is_given_to_whoever_has_its_hash(client, now, made):
    assert client.get(f"/verify/portraits/{made[0][2][:32]}").mimetype == "image/jpeg"


def check(**values):
    moment = (NOW + timedelta(minutes=4)).isoformat()
    usual = {"verdict": "valid", "reason": None, "serial": 1, "checked_at": moment}
    return usual | {"station": "No. 12"} | values


def test_a_log_is_kept_only_where_the_election_asks_for_it(app, client, now):
    assert client.post(f"{BASE}checks", json=[check()]).status_code == 404
    with app.app_context():
        expect_writes(True)
        db.session.execute(sa.text("UPDATE elections SET logs_certificate_checks = TRUE"))
        db.session.commit()
    sent = [check(), check(verdict="not_valid", reason="expired", serial=None, station="")]
    answer = client.post(f"{BASE}checks", json=sent)
    assert answer.get_json() == {"recorded": 2}
    with app.app_context():
        rows = db.session.scalars(sa.select(CertificateCheck).order_by("id")).all()
        assert [(row.verdict, row.serial, row.station) for row in rows] == [
            ("valid", 1, "No. 12"),
            ("not_valid", None, None),
        ]
        columns = set(CertificateCheck.__table__.columns.keys())
        assert not columns & {"address", "device", "user_agent"}
    for wrong in (
        {},
        [check()] * 501,
        ["x"],
        [check(verdict="fine")],
        [check(serial="1")],
        [check(serial=-1)],
        [check(checked_at="now")],
        [check(checked_at="2022-11-18T06:00:00")],
        [check(checked_at="9999-12-31T23:59:59+00:00")],
    ):
        assert client.post(f"{BASE}checks", json=wrong).status_code == 400, wrong
    assert client.post(f"{BASE}checks", data=b"\x00").status_code == 400


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_the_page_may_use_the_camera_and_no_other_page_may(client, now, language):
    page = client.get(f"{BASE}?language={language}")
    assert f'<html lang="{language}"' in page.get_data(as_text=True)
    assert "'wasm-unsafe-eval'" in page.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
    assert "camera=(self)" in page.headers["Permissions-Policy"]
    assert "Set-Cookie" not in page.headers
    other = client.get("/sign-in")
    assert "wasm" not in other.headers["Content-Security-Policy"]
    assert "camera=()" in other.headers["Permissions-Policy"]


def test_the_worker_keeps_what_exists(client, now):
    text = client.get("/verify/worker.js").get_data(as_text=True)
    lines = dict(line.removeprefix("const ").split(" = ", 1) for line in text.splitlines()[:3])
    for address in json.loads(lines["PAGES"].rstrip(";")) + json.loads(lines["FILES"].rstrip(";")):
        with client.get(address) as answer:
            assert answer.status_code == 200, address
