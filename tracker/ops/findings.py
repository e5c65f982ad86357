"""Whether what an installation says of itself is well, in a plain word, and what to do if not."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from babel.units import format_unit
from flask_babel import format_decimal, format_timedelta, get_locale
from flask_babel import gettext as _

from tracker.credentials.models import KeyPurpose
from tracker.kernel import clock, replicas
from tracker.kernel.i18n import N_, ngettext, size
from tracker.ops import state
from tracker.webhooks.queries import Standing

GIGABYTE = 1024**3
BACKUP_SOON, BACKUP_LATE = timedelta(hours=26), timedelta(hours=72)  # made every night
JOBS_SOON, JOBS_LATE = timedelta(minutes=5), timedelta(minutes=30)  # waiting for the job process
MAIL_SOON = timedelta(hours=1)  # the third attempt is after half an hour
# A key signs or encrypts for a year and is then replaced (NIST SP 800-57 part 1, 5.3.6: one to
# three years for private signature keys, up to two for symmetric data encryption keys).
KEY_SOON = timedelta(days=365)
MANY_FAILURES = 100  # failed sign-ins a day: more than forgetful people make

WORDS = {"ok": N_("well"), "warn": N_("look at it"), "bad": N_("act now"), "mute": N_("not in use")}
KEYS = {
    KeyPurpose.CERTIFICATES.value: N_("Signs certificates"),
    KeyPurpose.LISTS.value: N_("Signs lists for polling stations"),
    "data": N_("Encrypts personal data"),
    "digest": N_("Finds encrypted values again"),
    "recovery_codes": N_("Encrypts recovery codes"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `advice` where something is to be done."""

    label: str
    value: str
    tone: str = "ok"
    advice: str = ""
    endpoint: str = ""  # the page where it is put right

    @property
    def word(self) -> str:
        """How it is, in a word."""
        return str(_(WORDS[self.tone]))


def ago(length: timedelta) -> str:
    """How long ago, as the reader's language says it."""
    return str(format_timedelta(-length, add_direction=True, threshold=1.2))


def lasted(length: timedelta) -> str:
    """How long, as the reader's language says it."""
    return str(format_timedelta(length, threshold=1.2))


def took(ms: int) -> str:
    """How long a job took, in milliseconds where it was short."""
    if ms >= 1000:
        return lasted(timedelta(milliseconds=ms))
    return str(format_unit(ms, "duration-millisecond", length="short", locale=get_locale()))


def of_database(found: state.Database, newest: str) -> Iterable[Finding]:
    """The database and whether it is at this version's revision."""
    parts = {"kind": found.kind, "version": found.version, "size": size(found.size)}
    yield Finding(_("Database"), _("%(kind)s %(version)s, %(size)s", **parts))
    if found.revision == newest:
        yield Finding(_("Migrations"), _("revision %(revision)s, the newest", revision=newest))
        return
    value = _("made without migrations")
    if found.revision:
        parts = {"revision": found.revision, "newest": newest}
        value = _("revision %(revision)s, newest %(newest)s", **parts)
    advice = _("Stop the service, run “tracker migrate” and start it again.")
    yield Finding(_("Migrations"), value, "bad", advice)


def of_replicas(found: list[replicas.Replica], bound: float) -> Iterable[Finding]:
    """The replicas that readers may be answered by, after each was asked."""
    for each in found:
        label = _("Replica %(name)s", name=each.name)
        if each.behind == float("inf"):
            advice = _("Look at that server; until it is back the primary answers instead.")
            yield Finding(label, _("does not answer"), "warn", advice)
        elif each.behind > bound:
            advice = _("See what holds it up; until it catches up the primary answers instead.")
            time_ = lasted(timedelta(seconds=each.behind))
            yield Finding(label, _("behind for %(time)s", time=time_), "warn", advice)
        else:
            yield Finding(label, _("up to date"))


def of_processes(
    found: list[tuple[str, float]], last_job_at: datetime | None = None
) -> Iterable[Finding]:
    """The processes of this machine that serve, and how long the oldest has; `last_job_at` is
    when any job process began its last job."""
    web = [since for kind, since in found if kind == "web"]
    working = [since for kind, since in found if kind == "jobs"]
    if not found:
        value = _("they do not count together here")
        yield Finding(_("Processes"), value, "mute")
        return
    up = lasted(timedelta(seconds=time.time() - min(since for _kind, since in found)))
    count = ngettext("%(num)s web process", "%(num)s web processes", len(web))
    yield Finding(_("Processes"), _("%(processes)s, up for %(time)s", processes=count, time=up))
    if working:
        up = lasted(timedelta(seconds=time.time() - max(working)))
        yield Finding(_("Job process"), _("up for %(time)s", time=up))
    elif last_job_at and clock.now() - last_job_at < JOBS_SOON:
        yield Finding(_("Job process"), _("runs on another machine"))
    else:
        advice = _("Start it: “tracker serve” runs one unless told not to, “tracker work” runs it.")
        yield Finding(_("Job process"), _("does not run"), "bad", advice)


def of_queue(found: state.Queue | None) -> Iterable[Finding]:
    """What waits for the job process."""
    if found is None:
        advice = _("Look at the queue’s own service, or at the disk of the instance folder.")
        yield Finding(_("Jobs waiting"), _("the queue does not answer"), "bad", advice)
        return
    count, oldest = found.waiting.count, found.waiting.oldest_at
    age = clock.now() - oldest if oldest else timedelta()
    value = format_decimal(count)
    if count and oldest:
        value = _("%(count)s, the next since %(time)s", count=value, time=lasted(age))
    tone = "bad" if age > JOBS_LATE else "warn" if age > JOBS_SOON else "ok"
    advice = _("See whether the job process runs, and which job takes so long.")
    yield Finding(_("Jobs waiting"), value, tone, advice if tone != "ok" else "")
    broken = len(found.failures)
    advice = _("Look at the list below: give them out again once the cause is gone.")
    yield Finding(
        _("Jobs that broke"),
        format_decimal(broken),
        "warn" if broken else "ok",
        advice if broken else "",
    )


def of_backup(found: state.Backup | None) -> Finding:
    """The last backup."""
    label = _("Last backup")
    age = found.age() if found else None
    if found is None or age is None:
        tried = _("never; the last attempt failed") if found else _("never")
        advice = _("Make one with “tracker backup” and let it run every night.")
        return Finding(label, tried, "warn", advice)
    parts = [ago(age)]
    if found.size is not None:
        parts.append(size(found.size))
    if found.verified_at:
        parts.append(_("restored on trial"))
    value = ", ".join(parts)
    if found.is_failed:
        advice = _("The last attempt failed: run “tracker backup” and read what it says.")
        return Finding(label, value, "bad", advice)
    tone = "bad" if age > BACKUP_LATE else "warn" if age > BACKUP_SOON else "ok"
    advice = _("See why none was made since: it should run every night.")
    return Finding(label, value, tone, advice if tone != "ok" else "")


def of_keys(found: list[state.Key]) -> Iterable[Finding]:
    """The age of each key in use."""
    now = clock.now()
    for key in found:
        age = now - key.since
        is_signing = key.purpose in {KeyPurpose.CERTIFICATES, KeyPurpose.LISTS}
        advice = ""
        if age > KEY_SOON:
            advice = (
                _("Make the next key; it signs a day later.")
                if is_signing
                else _("Replace it with “tracker keys rotate”; the service goes on meanwhile.")
            )
        yield Finding(
            _(KEYS[key.purpose]) if key.purpose in KEYS else key.purpose,
            _("in use for %(time)s", time=lasted(age)),
            "warn" if advice else "ok",
            advice,
            "credentials.signing_keys" if is_signing else "",
        )
    if not found:
        yield Finding(_("Signs certificates"), _("no key yet"), "mute")


def of_sign_ins(found: state.SignIns) -> Iterable[Finding]:
    """Sign-ins that failed."""
    is_many = found.failed >= MANY_FAILURES
    advice = _("Somebody may be trying passwords: look at the log and at the network.")
    yield Finding(
        _("Failed sign-ins in a day"),
        format_decimal(found.failed),
        "warn" if is_many else "ok",
        advice if is_many else "",
    )
    advice = _("They open by themselves; ask whether the people know of it.")
    yield Finding(
        _("Locked now"),
        format_decimal(found.locked),
        "warn" if found.locked else "ok",
        advice if found.locked else "",
    )


def of_mail(found: state.Mail, *, is_configured: bool) -> Finding:
    """Outgoing mail."""
    label, place = _("Outgoing mail"), "ops.outbox"
    parts: dict[str, Any] = {
        "queued": format_decimal(found.queued),
        "failed": format_decimal(found.failed),
    }
    value = _("%(queued)s waiting, %(failed)s not sent", **parts)
    if found.failed:
        advice = _("See what stopped them, and send them again.")
        return Finding(label, value, "warn", advice, place)
    if not is_configured:
        advice = _("No mail server is configured: nothing leaves.")
        return Finding(label, value, "warn" if found.queued else "mute", advice, place)
    is_late = found.oldest_at is not None and clock.now() - found.oldest_at > MAIL_SOON
    advice = _("The oldest waits for more than an hour: see what the mail server answers.")
    return Finding(label, value, "warn" if is_late else "ok", advice if is_late else "", place)


def of_webhooks(found: Standing) -> Finding:
    """The systems of others that are told of events."""
    label, place = _("Other systems"), "webhooks.index"
    if found.switched_off:
        value = _("switched off: %(names)s", names=", ".join(found.switched_off))
        advice = _("Ask those who run it, then switch it on again.")
        return Finding(label, value, "bad", advice, place)
    if found.failing:
        value = _("nothing reaches: %(names)s", names=", ".join(found.failing))
        advice = _("See what its last messages were answered; it is tried again by itself.")
        return Finding(label, value, "warn", advice, place)
    value = ngettext("%(num)s receiver", "%(num)s receivers", found.count)
    if found.count:
        value = _(
            "%(receivers)s, %(waiting)s waiting",
            receivers=value,
            waiting=format_decimal(found.waiting),
        )
    return Finding(label, value, "ok" if found.count else "mute", "", place)


def of_disk(free: int, total: int) -> Finding:
    """The disk of the instance folder."""
    share = free / total if total else 0
    tone = "bad" if share < 0.02 or free < GIGABYTE / 5 else "ok"
    if tone == "ok" and (share < 0.1 or free < GIGABYTE):
        tone = "warn"
    value = _("%(free)s free of %(total)s", free=size(free), total=size(total))
    advice = _("Make room: without it nothing can be stored.") if tone != "ok" else ""
    return Finding(_("Disk"), value, tone, advice)


def of_file_store(*, answers: bool) -> Finding:
    """The store of files that all machines share, where there is one."""
    if answers:
        return Finding(_("File store"), _("it answers"))
    advice = _("Look at the store’s own service and at this installation’s keys to it.")
    return Finding(_("File store"), _("it does not answer"), "bad", advice)


def of_retention(due: int) -> Finding:
    """Personal data that its period has run out for; `due` categories of it."""
    value = ngettext("%(num)s category is due", "%(num)s categories are due", due)
    advice = _("Purge what is due: first as a dry run, which says what would go.")
    tone = "warn" if due else "ok"
    return Finding(_("Retention"), value, tone, advice if due else "")
