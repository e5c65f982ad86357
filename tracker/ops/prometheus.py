"""What Prometheus asks for: the counts of all processes, and the state as it is now.

Not for strangers: who counts our failed sign-ins learns what works. A scraper shows a token; where
none is set, only a process of this machine that no proxy speaks for is answered.
"""

import hmac
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import structlog
from flask import abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import user_logged_in
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from tracker import __version__
from tracker.config import LOOPBACK_NAMES
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.metrics import metrics
from tracker.kernel.permissions import Capability
from tracker.kernel.replicas import replicas
from tracker.kernel.web import requires
from tracker.ops import state
from tracker.ops.blueprint import blueprint
from tracker.ops.health import PATIENCE, newest_revision, waiter
from tracker.webhooks import queries as webhooks

log = structlog.get_logger()
# What a proxy adds: behind one, a stranger's request comes from this machine, too.
FORWARDED = ("Forwarded", "Via", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Proto")


@blueprint.get("/metrics", endpoint="metrics")
@requires(Capability.PUBLIC, of_primary=True)
def counts() -> ResponseReturnValue:
    """The counts, for whoever may have them; for others there is no such page."""
    if not _may_scrape():
        abort(404)
    text = metrics.exposition() + _now()
    return text, 200, {"Content-Type": CONTENT_TYPE_PLAIN_0_0_4}


def _may_scrape() -> bool:
    token = current_app.config["SETTINGS"].metrics_token
    if token is not None:
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, f"Bearer {token}".encode())
    if any(name in request.headers for name in FORWARDED):
        return False
    host = request.host
    name = f"{host.partition(']')[0]}]" if host.startswith("[") else host.partition(":")[0]
    try:
        return name in LOOPBACK_NAMES and ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


class _Now(Collector):
    """The state as gauges; what does not answer is left out, and counted as not answering."""

    def __init__(self, settings: Any) -> None:
        self._settings = settings

    def collect(self) -> Iterator[Metric]:
        """Every gauge."""
        build = GaugeMetricFamily(
            "tracker_build_info", "This version.", labels=["version", "revision"]
        )
        build.add_metric([__version__, newest_revision()], 1)
        yield build
        free, total = state.disk(self._settings.instance)
        yield GaugeMetricFamily("tracker_disk_free_bytes", "Where files are kept.", value=free)
        yield GaugeMetricFamily("tracker_disk_bytes", "Where files are kept.", value=total)
        yield from self._backup()
        yield from self._replicas()
        parts: tuple[tuple[str, Callable[[], list[Metric]]], ...] = (
            ("database", _of_database),
            ("queue", _of_queue),
        )
        is_up = GaugeMetricFamily("tracker_up", "Whether a part answers.", labels=["part"])
        for name, call in parts:
            try:
                # In a thread of its own, since a scraper has little patience.
                found = waiter.ask(f"metrics {name}", _in_context(call), within=PATIENCE)
            except Exception as error:
                log.warning("metrics left out", part=name, reason=type(error).__name__)
                found = []
            is_up.add_metric([name], 1 if found else 0)
            yield from found
        yield is_up

    def _replicas(self) -> Iterator[Metric]:
        known = replicas()
        up = GaugeMetricFamily(
            "tracker_replica_up", "Whether readers are answered by it.", labels=["replica"]
        )
        behind = GaugeMetricFamily(
            "tracker_replica_behind_seconds", "At most, where it answers.", labels=["replica"]
        )
        for each in known.look():
            up.add_metric([each.name], int(each.behind <= known.bound))
            if each.behind != float("inf"):
                behind.add_metric([each.name], each.behind)
        if known.all:
            yield from (up, behind)

    def _backup(self) -> Iterator[Metric]:
        last = state.backup(self._settings.instance)
        if last and last.at:
            age = (datetime.now(UTC) - last.at).total_seconds()
            yield GaugeMetricFamily(
                "tracker_backup_age_seconds", "Of the last that succeeded.", value=age
            )
        is_good = 1 if last and last.at and not last.is_failed else 0
        yield GaugeMetricFamily(
            "tracker_backup_ok", "Whether the last attempt succeeded.", value=is_good
        )


def _in_context(call: Callable[[], list[Metric]]) -> Callable[[], list[Metric]]:
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def run() -> list[Metric]:
        with app.app_context():  # with a session of its own, which ends with it
            return call()

    return run


def _labelled(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _of_database() -> list[Metric]:
    now = clock.now()
    database, mail, tries = state.database(), state.mail(), state.sign_ins()
    is_current = database.revision == newest_revision()
    oldest = (now - mail.oldest_at).total_seconds() if mail.oldest_at else 0
    ages = {key.purpose: (now - key.since).total_seconds() for key in state.keys_in_use()}
    told = webhooks.standing()
    receivers = {"all": told.count, "failing": len(told.failing), "off": len(told.switched_off)}
    found: list[Metric] = [
        GaugeMetricFamily("tracker_database_bytes", "Its size.", value=database.size),
        GaugeMetricFamily(
            "tracker_database_current", "Whether it is at our revision.", value=int(is_current)
        ),
        GaugeMetricFamily(
            "tracker_audit_entries", "Entries of the record.", value=state.audit_entries()
        ),
        _labelled(
            "tracker_outbox_messages",
            "Mail that has not left.",
            "status",
            {"queued": mail.queued, "failed": mail.failed},
        ),
        GaugeMetricFamily(
            "tracker_outbox_oldest_seconds", "Age of the mail that waits longest.", value=oldest
        ),
        GaugeMetricFamily(
            "tracker_sign_ins_locked", "Identities that are locked now.", value=tries.locked
        ),
        _labelled("tracker_key_age_seconds", "Of the keys in use.", "purpose", ages),
        _labelled("tracker_webhooks", "Receivers of webhooks.", "state", receivers),
        GaugeMetricFamily("tracker_webhook_messages", "To receivers, waiting.", value=told.waiting),
    ]
    db.session.rollback()
    return found


def _of_queue() -> list[Metric]:
    queue, now = state.queue(), clock.now()
    oldest = queue.waiting.oldest_at
    ended = {run.job: (now - run.ended_at).total_seconds() for run in queue.runs if run.ended_at}
    return [
        GaugeMetricFamily("tracker_jobs_queued", "Jobs that wait.", value=queue.waiting.count),
        GaugeMetricFamily(
            "tracker_jobs_oldest_seconds",
            "Age of the job that is next.",
            value=(now - oldest).total_seconds() if oldest else 0,
        ),
        GaugeMetricFamily(
            "tracker_jobs_broken",
            "Jobs that nobody has given out again.",
            value=len(queue.failures),
        ),
        _labelled("tracker_job_age_seconds", "Since each job ended last.", "job", ended),
    ]


def _now() -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Now(current_app.config["SETTINGS"]))
    return generate_latest(registry)


def _count_sign_in(_sender: Any, **_told: Any) -> None:
    metrics.signed_in("succeeded")


user_logged_in.connect(_count_sign_in)
