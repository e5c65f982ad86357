"""The administrators' page: how this installation is, and what to do where it is not well."""

import platform
import ssl
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

import structlog
from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker import __version__
from tracker.kernel import clock
from tracker.kernel.i18n import N_
from tracker.kernel.jobs import jobs
from tracker.kernel.mail import mailer
from tracker.kernel.metrics import metrics
from tracker.kernel.permissions import Capability
from tracker.kernel.replicas import replicas
from tracker.kernel.storage import storage
from tracker.kernel.web import actor, requires, time_zone
from tracker.ops import findings, state
from tracker.ops.blueprint import blueprint
from tracker.ops.findings import Finding
from tracker.ops.health import PATIENCE, newest_revision, waiter
from tracker.retention.queries import count_due
from tracker.webhooks.queries import standing

log = structlog.get_logger()
LIBRARIES = (
    *("flask", "flask-security", "sqlalchemy", "cryptography", "argon2-cffi", "webauthn"),
    *("granian", "huey", "typst", "pillow"),
)
JOBS = {
    "expire": N_("End accreditations with their election"),
    "look_at_tables": N_("Refresh the database’s statistics"),
    "send_mail": N_("Send mail"),
    "send_webhooks": N_("Tell other systems"),
    "issue_digest": N_("Issue the digest of the day"),
    "tell_people": N_("Tell people of changes"),
    "check_list": N_("Check a list"),
    "accept_list": N_("Store an accepted list"),
    "certificate_batch": N_("Issue or print certificates"),
    "plan_meetings": N_("Plan meetings"),
    "invite_to_all": N_("Send invitations to meetings"),
    "kept_job": N_("Do what the queue had lost"),
    "look_for_work": N_("Look for work that waits"),
    "anchor": N_("Anchor the audit record"),
    "retention_purge": N_("Purge personal data"),
}
OUTCOMES = {"done": (N_("done"), "ok"), "failed": (N_("failed"), "bad")}
FIRST = {"bad": 0, "warn": 1}  # what wants somebody comes first
RUNNING = (N_("running"), "go")


def _queue() -> state.Queue | None:
    """The queue; None where it does not answer."""
    try:
        return waiter.ask("queue page", state.queue, within=PATIENCE)
    except Exception as error:
        log.warning("queue does not answer", reason=type(error).__name__)
        return None


def _file_store_answers() -> bool:
    try:
        waiter.ask("file store page", storage.place.check, within=PATIENCE)
    except Exception as error:
        log.warning("file store does not answer", reason=type(error).__name__)
        return False
    return True


def _looked_at(queue: state.Queue | None) -> Iterable[Finding]:
    """Everything that was looked at, what is not well first."""
    instance = current_app.config["SETTINGS"].instance
    yield from findings.of_database(state.database(), newest_revision())
    known = replicas()
    yield from findings.of_replicas(known.look(), known.bound)
    yield findings.of_backup(state.backup(instance))
    yield findings.of_disk(*state.disk(instance))
    if current_app.config["SETTINGS"].files_url:
        yield findings.of_file_store(answers=_file_store_answers())
    last_job_at = max((run.began_at for run in queue.runs), default=None) if queue else None
    yield from findings.of_processes(metrics.processes(), last_job_at)
    yield from findings.of_queue(queue)
    yield findings.of_mail(state.mail(), is_configured=mailer.is_configured)
    yield findings.of_webhooks(standing())
    yield from findings.of_sign_ins(state.sign_ins())
    yield from findings.of_keys(state.keys_in_use())
    yield findings.of_retention(count_due())


def _runs(queue: state.Queue) -> list[dict[str, Any]]:
    """The last run of each kind of job, the latest first."""
    zone = time_zone()
    rows = [
        {
            "name": _(JOBS[run.job]) if run.job in JOBS else run.job,
            "at": clock.local(run.began_at, zone),
            "state": OUTCOMES.get(run.outcome, RUNNING),
            "took": findings.took(run.ms) if run.ended_at else "",
        }
        for run in queue.runs
    ]
    return sorted(rows, key=lambda row: row["at"], reverse=True)


def _broken(queue: state.Queue) -> list[dict[str, Any]]:
    zone = time_zone()
    return [
        {
            "name": _(JOBS[row.job]) if row.job in JOBS else row.job,
            "at": clock.local(row.failed_at, zone),
            "kind": row.kind,
            "task_id": row.task_id if row.message is not None else "",
        }
        for row in queue.failures
    ]


def _versions() -> list[tuple[str, str]]:
    """What this version stands on."""
    found = [(name, version(name)) for name in LIBRARIES]
    return [
        ("Python", platform.python_version()),
        ("OpenSSL", ssl.OPENSSL_VERSION.split()[1]),
        *found,
    ]


@blueprint.get("/system")
@requires(Capability.ADMINISTER, of_primary=True)
def system() -> ResponseReturnValue:
    """How this installation is."""
    queue = _queue()
    found = sorted(_looked_at(queue), key=lambda each: FIRST.get(each.tone, 2))
    return render_template(
        "ops/system.html",
        findings=found,
        open_count=sum(each.tone in FIRST for each in found),
        runs=_runs(queue) if queue else [],
        broken=_broken(queue) if queue else [],
        version=__version__,
        versions=_versions(),
    )


@blueprint.post("/system/retry")
@requires(Capability.ADMINISTER, writes=True)
def retry_job() -> ResponseReturnValue:
    """Give a job out once more that broke."""
    name = jobs.retry(actor=actor(), task_id=request.form.get("job", ""))
    log.info("job given out again", job=name, user=actor().user_id)
    shown = _(JOBS[name]) if name in JOBS else name
    flash(_("Given out again: %(job)s.", job=shown), "ok")
    return redirect(url_for("ops.system"))
