"""The log of a polling station: a check counts once, and nobody fills the register with them."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tracker.credentials.models import CertificateCheck
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.limits import Limits
from tracker.public.routes.check import CHECKS_AN_HOUR, EXTENSION

CHECKS = "/verify/kz-2022/checks"
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}
STATION = {"REMOTE_ADDR": "198.51.100.9"}


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture(autouse=True)
def _election(app):
    with app.app_context(), unit_of_work(SYSTEM):
        records.election(logs_certificate_checks=True)


def check(number=0, **values):
    moment = (NOW + timedelta(minutes=4, milliseconds=number)).isoformat()
    usual = {"verdict": "valid", "reason": None, "serial": 1, "station": "No. 12"}
    return usual | {"checked_at": moment} | values


def kept(app):
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count(CertificateCheck.id)))


def test_a_phone_that_sends_again_after_a_lost_answer_counts_once(app, client):
    first = [check(number) for number in range(3)]
    none = {"verdict": "not_valid", "reason": "not_a_certificate", "serial": None, "station": ""}
    first.append(check(3, **none))
    assert client.post(CHECKS, json=first).json == {"recorded": 4}
    assert client.post(CHECKS, json=[*first, check(9)]).json == {"recorded": 1}
    assert client.post(CHECKS, json=[check(10), check(10)]).json == {"recorded": 1}
    assert kept(app) == 6


@pytest.mark.parametrize(
    "other",
    [
        {"serial": 2},
        {"station": "No. 13"},
        {"verdict": "not_valid", "reason": "lost"},
        {"checked_at": (NOW + timedelta(minutes=4, microseconds=1)).isoformat()},
    ],
)
def test_another_check_at_the_same_moment_counts_too(app, client, other):
    client.post(CHECKS, json=[check()])
    assert client.post(CHECKS, json=[check(**other)]).json == {"recorded": 1}
    assert kept(app) == 2


def test_the_same_moment_said_in_another_zone_is_the_same_check(app, client):
    client.post(CHECKS, json=[check()])
    moment = check()["checked_at"].replace("+00:00", "Z")
    assert client.post(CHECKS, json=[check(checked_at=moment)]).json == {"recorded": 0}


def test_another_election_keeps_its_own(app, client):
    with app.app_context(), unit_of_work(SYSTEM):
        records.election(slug="other", logs_certificate_checks=True)
    client.post(CHECKS, json=[check()])
    assert client.post("/verify/other/checks", json=[check()]).json == {"recorded": 1}


def test_a_network_that_sends_without_end_waits_and_others_do_not(app, client):
    app.extensions[EXTENSION] = Limits(8, None, seconds=3600)
    for number in (0, 4):
        sent = [check(number + each) for each in range(4)]
        assert client.post(CHECKS, json=sent, environ_base=STATION).status_code == 200
    answer = client.post(CHECKS, json=[check(9)], environ_base=STATION)
    assert answer.status_code == 429
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert 1 <= int(answer.headers["Retry-After"]) <= 3600
    assert kept(app) == 8
    assert client.post(CHECKS, json=[check(9)], environ_base=ELSEWHERE).json == {"recorded": 1}
    assert client.post(CHECKS, json=[check(10)]).json == {"recorded": 1}, "this machine itself"


def test_several_phones_of_one_station_come_back_at_once(client):
    for phone in range(8):
        sent = [check(phone * 500 + each, station=f"Phone {phone}") for each in range(500)]
        answer = client.post(CHECKS, json=sent, environ_base=STATION)
        assert answer.json == {"recorded": 500}
    assert CHECKS_AN_HOUR >= 2 * 8 * 500


def test_messages_without_a_check_are_counted(app, client):
    app.extensions[EXTENSION] = Limits(2, None, seconds=3600)
    answers = [client.post(CHECKS, json=[], environ_base=STATION) for _time in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_the_same_sent_twice_at_the_same_time_counts_once(app):
    sent, counted = [check(number) for number in range(20)], []

    def send():
        with clock.at(NOW):
            counted.append(app.test_client().post(CHECKS, json=sent).json["recorded"])

    threads = [threading.Thread(target=send) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counted) == [0, 0, 0, 20]
    assert kept(app) == 20
