"""What is counted: right across processes, bounded whatever is asked, and not for strangers."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
import urllib.request
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from tests.factories.served import Served, silent
from tests.journeys.demonstration import demonstration, settings, signed_in
from tracker.app import create_app
from tracker.kernel import metrics as counting
from tracker.kernel.jobs import jobs
from tracker.kernel.metrics import METHODS
from tracker.kernel.permissions import Role

ROOT = Path(__file__).parents[2]
TOKEN = "0123456789abcdef0123456789abcdef"


def samples(text):
    """Every sample: name, labels, value. Fails where the text is not one that Prometheus reads."""
    return [
        (sample.name, sample.labels, sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]


def value(text, wanted, **labels):
    """The value of one sample, 0 where it was never counted."""
    found = [
        number
        for name, given_labels, number in samples(text)
        if name == wanted and labels.items() <= given_labels.items()
    ]
    return sum(found)


@pytest.fixture
def scraped(app, client):
    """The counts as they are now."""
    return lambda: client.get("/metrics").text


# What is counted


def test_requests_by_endpoint_method_and_status(client, scraped):
    # Read to their end, as a server does: only then has an answer been given.
    for _time in range(3):
        client.get("/healthz", buffered=True)
    client.get("/nowhere/1", buffered=True)
    form = {"email": "ann@example.org", "password": "x"}
    client.post("/sign-in", data=form, buffered=True)
    text = scraped()
    about = {"method": "GET", "status": "2xx"}
    assert value(text, "tracker_requests_total", endpoint="ops.healthz", **about) == 3
    assert value(text, "tracker_requests_total", endpoint="none", status="4xx") == 1
    assert value(text, "tracker_requests_total", endpoint="security.login", method="POST") == 1
    assert value(text, "tracker_request_seconds_count", endpoint="ops.healthz") == 3
    assert value(text, "tracker_request_seconds_sum", endpoint="ops.healthz") > 0
    assert value(text, "tracker_request_seconds_bucket", endpoint="ops.healthz", le="+Inf") == 3
    assert value(text, "tracker_request_statements_sum", endpoint="security.login") > 2


def test_sign_ins_that_fail_lock_and_succeed(app, client, sign_in, scraped):
    for _time in range(6):
        client.post("/sign-in", data={"email": "ann@example.org", "password": "wrong"})
    text = scraped()
    assert value(text, "tracker_sign_ins_total", outcome="failed") >= 5
    assert value(text, "tracker_sign_ins_locked") == 1
    assert value(text, "tracker_sign_ins_total", outcome="succeeded") == 0
    assert "ann" not in text


def test_jobs_that_run_break_and_wait(app, client, scraped):
    def breaks():
        raise ValueError

    jobs._handlers |= {"works": lambda: None, "breaks": breaks}
    with app.app_context():
        for name in ("works", "breaks", "works", "works"):
            jobs.enqueue(name)
        for _time in range(2):
            jobs.huey.execute(jobs.huey.dequeue())
    text = scraped()
    assert value(text, "tracker_jobs_total", job="works", outcome="done") == 1
    assert value(text, "tracker_jobs_total", job="breaks", outcome="failed") == 1
    assert value(text, "tracker_job_seconds_count", job="works") == 1
    assert value(text, "tracker_jobs_queued") == 2
    assert 0 < value(text, "tracker_jobs_oldest_seconds") < 60
    assert value(text, "tracker_jobs_broken") == 1
    assert value(text, "tracker_errors_total") >= 1


def test_the_state_of_the_installation(tmp_path):
    app = demonstration(tmp_path)
    (tmp_path / "backup.json").write_text(
        '{"at": "2022-11-18T00:00:00+00:00", "bytes": 5, "outcome": "made", "verified_at": null}'
    )
    text = app.test_client().get("/metrics").text
    assert value(text, "tracker_build_info") == 1
    assert value(text, "tracker_database_current") == 1
    assert value(text, "tracker_database_bytes") > 1_000_000
    assert value(text, "tracker_audit_entries") > 1_000
    assert value(text, "tracker_up", part="database") == 1
    assert value(text, "tracker_up", part="queue") == 1
    assert value(text, "tracker_backup_ok") == 1
    assert value(text, "tracker_backup_age_seconds") > 86_400 * 365
    assert value(text, "tracker_key_age_seconds", purpose="certificates") > 0
    assert value(text, "tracker_disk_free_bytes") > 0


# Bounds


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("demonstration"))


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=30),
    st.sampled_from([*sorted(METHODS), "BREW", "ZHANBOLATOVA", "get"]),
)
def test_labels_are_names_in_our_code_whatever_is_asked(shared, path, method):
    client = shared.test_client()
    client.open(f"/{path}", method=method, buffered=True)
    client.get(f"/e/{path}/observers/", buffered=True)
    endpoints = {*shared.view_functions, "kept", "none"}
    seen = samples(client.get("/metrics").text)
    about = [labels for name, labels, _value in seen if name.startswith("tracker_request")]
    assert {labels["endpoint"] for labels in about} <= endpoints
    assert {labels["method"] for labels in about if "method" in labels} <= METHODS | {"OTHER"}
    assert {labels["status"] for labels in about if "status" in labels} <= {
        "1xx", "2xx", "3xx", "4xx", "5xx",
    }  # fmt: skip


def test_no_label_holds_more_than_a_word(shared):
    client = signed_in(shared, Role.ADMINISTRATOR)
    for path in ("/system", "/users/", "/e/kz-2022/", "/audit/"):
        client.get(path, buffered=True)
    for _name, labels, _value in samples(client.get("/metrics").text):
        for name, text in labels.items():
            if name != "le":
                assert re.fullmatch(r"[A-Za-z0-9_.]+", text), (name, text)


# Who may ask


def scrape(app, *, peer="127.0.0.1", **headers):
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    client = app.test_client()
    return client.get("/metrics", headers=named, environ_overrides={"REMOTE_ADDR": peer})


@pytest.mark.parametrize(
    ("options", "is_answered"),
    [
        ({}, True),
        ({"peer": "::1"}, True),
        ({"Host": "127.0.0.1:8000"}, True),
        ({"Host": "[::1]:8000"}, True),
        ({"peer": "10.0.0.7"}, False),
        ({"peer": "203.0.113.9"}, False),
        ({"peer": ""}, False),
        ({"X_Forwarded_For": "203.0.113.9"}, False),
        ({"X_Forwarded_For": "127.0.0.1"}, False),
        ({"X_Forwarded_Proto": "https"}, False),
        ({"Forwarded": "for=127.0.0.1"}, False),
        ({"X_Real_IP": "127.0.0.1"}, False),
        ({"Via": "1.1 proxy"}, False),
        ({"peer": "203.0.113.9", "Authorization": "Bearer "}, False),
    ],
)
def test_without_a_token_only_this_machine_is_answered(app, options, is_answered):
    answer = scrape(app, **options)
    assert answer.status_code == (200 if is_answered else 404)
    assert ("tracker_requests" in answer.text) is is_answered


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_name_that_people_use_is_no_way_in(tmp_path, proxies):
    changes = {"allowed_hosts": ("observers.example.org", "localhost"), "proxies": proxies}
    app = create_app(replace(settings(tmp_path), **changes), TESTING=True)
    assert scrape(app, Host="observers.example.org").status_code == 404
    assert scrape(app, X_Forwarded_For="127.0.0.1").status_code == 404


@pytest.mark.parametrize(
    ("given_token", "is_answered"),
    [
        (f"Bearer {TOKEN}", True),
        (f"Bearer {TOKEN[:-1]}", False),
        (f"Bearer {TOKEN}x", False),
        (f"bearer {TOKEN}", False),
        (TOKEN, False),
        (f"Basic {TOKEN}", False),
        ("Bearer ", False),
        ("Bearer é", False),
        (None, False),
    ],
)
def test_with_a_token_only_who_shows_it_is_answered(tmp_path, given_token, is_answered):
    app = create_app(replace(settings(tmp_path), metrics_token=TOKEN), TESTING=True)
    headers = {} if given_token is None else {"Authorization": given_token}
    for peer in ("127.0.0.1", "203.0.113.9"):
        answer = scrape(app, peer=peer, **headers)
        assert answer.status_code == (200 if is_answered else 404)


# Several processes


def count_apart(folder, number):
    """Start a process that counts so often and ends; its number."""
    script = f"""
        import os
        from pathlib import Path
        from tracker.kernel import metrics as counting
        counting.share_counts(Path({str(folder)!r}))
        counting.metrics.configure()
        counting.metrics.process_started("web")
        for _time in range({number}):
            counting.metrics.answered("a.page", "GET", 200, seconds=0.1, statements=3)
        print(os.getpid())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def test_counts_of_processes_are_added_up_and_the_dead_are_cleared_away(tmp_path):
    first = count_apart(tmp_path, 7)
    folder = tmp_path / "metrics"
    assert (folder / f"counter_{first}.db").exists()
    own = folder / f"counter_{os.getpid()}.db"
    own.write_bytes((folder / f"counter_{first}.db").read_bytes())  # of one that lives
    second = count_apart(tmp_path, 5)  # clears, before it counts, what the first has left
    names = {path.name for path in folder.iterdir()}
    assert f"counter_{first}.db" not in names
    assert {own.name, f"counter_{second}.db", f"histogram_{second}.db"} <= names
    script = f"""
        import os
        os.environ[{counting.VARIABLE!r}] = {str(folder)!r}
        from tracker.kernel.metrics import metrics
        print(metrics.exposition().decode())
        print("# processes", metrics.processes())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert value(done.stdout, "tracker_requests_total", endpoint="a.page") == 12
    assert "# processes []" in done.stdout  # both have ended
    assert value(done.stdout, "tracker_process_start_time_seconds") == 0


@pytest.fixture
def server(tmp_path):
    served = Served(tmp_path)
    served.start()
    yield served
    if served.process.poll() is None:
        served.stop()


def get(address):
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.read().decode()


def test_a_server_counts_with_all_its_processes(server, tmp_path):
    """`tracker serve`: two workers and the job process; one is killed, and nothing is lost."""

    def ask():
        for _time in range(25):
            get(f"{server.address}/healthz")

    threads = [threading.Thread(target=ask) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    end = time.monotonic() + 60
    while value(get(f"{server.address}/metrics"), "tracker_jobs_total", job="send_mail") < 1:
        assert time.monotonic() < end, "the job process counts nothing"
        time.sleep(0.5)
    text = get(f"{server.address}/metrics")
    assert value(text, "tracker_requests_total", endpoint="ops.healthz") == 100
    started = "tracker_process_start_time_seconds"
    kinds = [labels["kind"] for name, labels, _value in samples(text) if name == started]
    assert sorted(kinds) == ["jobs", "web", "web"]
    found = [labels for name, labels, _value in samples(text) if name == started]
    number = next(labels["pid"] for labels in found if labels["kind"] == "web")
    os.kill(int(number), signal.SIGKILL)
    end = time.monotonic() + 60
    while True:  # another worker takes its place
        with suppress(OSError):  # what the killed one had taken is lost with it
            with_new = samples(get(f"{server.address}/metrics"))
            pids = {labels["pid"] for name, labels, _value in with_new if name == started}
            if number not in pids and len(pids) == 3:
                break
        assert time.monotonic() < end
        time.sleep(0.5)
    text = get(f"{server.address}/metrics")
    assert value(text, "tracker_requests_total", endpoint="ops.healthz") == 100
    server.stop()
    log = (tmp_path / "server.log").read_text().splitlines()
    entries = [line for line in log if not line.startswith("Serving on ")]
    assert all(line.startswith("{") and line.endswith("}") for line in entries)


# What does not answer


def test_counts_are_given_without_a_database(tmp_path):
    with silent() as port:
        url = f"postgresql+psycopg://tracker@127.0.0.1:{port}/tracker"
        app = create_app(replace(settings(tmp_path), database_url=url), TESTING=True)
        began = time.monotonic()
        answer = app.test_client().get("/metrics")
        assert time.monotonic() - began < 30  # and not for ever
    assert answer.status_code == 200
    assert value(answer.text, "tracker_up", part="database") == 0
    assert value(answer.text, "tracker_up", part="queue") == 1
    assert value(answer.text, "tracker_build_info") == 1
