"""What the register answers: a typed number, a scanned text; and a polling station's log."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Response, abort, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.accounts.authenticators import network
from tracker.accounts.models import Attempt
from tracker.accounts.operations import count_attempts, is_any_locked
from tracker.credentials import register
from tracker.credentials.credential import Credential
from tracker.credentials.labels import REASONS, VERDICTS
from tracker.credentials.numbers import answer_for_number
from tracker.credentials.operations.checks import MOST_CHECKS, Check, record_checks
from tracker.credentials.register import RegisterAnswer
from tracker.credentials.rules import Reason, Verdict, verdict_for
from tracker.credentials.signed_lists import RevocationList
from tracker.credentials.verification import verify
from tracker.elections.models import Election
from tracker.elections.regions import region_names
from tracker.kernel import clock
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import language_asked
from tracker.kernel.limits import Left, Limits
from tracker.kernel.permissions import Capability
from tracker.kernel.text import normalize
from tracker.kernel.web import requires
from tracker.public.elections import election_of
from tracker.public.routes.blueprint import blueprint
from tracker.public.shown import shown_certificate, shown_credential

LARGEST_QUESTION = 2 * 1024 * 1024  # bytes: whatever a scanner reads is answered, not refused

EXTENSION = "check_limits"
# From one network: twenty phones of a station that come back at once with five hundred each. Who is
# refused keeps what it has and sends it later (static/verify/page.js).
CHECKS_AN_HOUR = 10_000


def check_text(election: Election, text: str) -> tuple[Reason | None, Credential | None]:
    """What the register itself says of a scanned text; it can always tell."""
    now = clock.now()
    keys = register.key_list(now)
    none = RevocationList(election.host_country, now, election.slug, {}, 0)
    lists = {election.slug: none}
    answer = verify(text, keys=keys, lists=lists, now=now, election=election.slug)
    if answer.reason is not None or answer.credential is None:
        return answer.reason, answer.credential
    found = register.register_answer(election.id, answer.credential.serial, now)
    return found.reason, answer.credential


def _typed_answer(election: Election, typed: str) -> RegisterAnswer | None:
    """How a typed number stands; None for who has tried too many that are no numbers."""
    where = network()
    subjects = [(Attempt.CERTIFICATE_NUMBER, where)] if where else []
    if subjects and is_any_locked(subjects):
        return None
    answer = answer_for_number(election.id, typed, clock.now())
    # What is not the whole of a number is no guess at one.
    if answer.reason is Reason.UNKNOWN_NUMBER and subjects:
        count_attempts(subjects, succeeded=False)
    return answer


@blueprint.get("/verify/<election>/number")
@requires(Capability.PUBLIC)
def number(election: str) -> ResponseReturnValue:
    """How the certificate of a typed number stands."""
    row = election_of(election)
    typed = request.args.get("number", "")[:40]
    with force_locale(language_asked()):
        answer = _typed_answer(row, typed)
        if answer is None:
            abort(429)
        found = answer.certificate
        places = region_names(row.host_country)
        regions = [places.get(code, code) for code in found.regions.split()] if found else []
        return render_template(
            "public/number.html",
            election=row,
            typed=typed,
            verdict=answer.verdict.value,
            verdict_word=_(VERDICTS[answer.verdict]),
            reason=_(REASONS[answer.reason]) if answer.reason else "",
            number=found.number if found else "",
            holder=shown_certificate(row, found) if found else None,
            where=", ".join(regions) or _("Whole country"),
            last_day=clock.last_day(found.valid_until, row.time_zone) if found else None,
            moment=clock.local(clock.now(), row.time_zone),
        )


@blueprint.post("/verify/<election>/check")
@requires(Capability.PUBLIC, largest_upload=LARGEST_QUESTION, takes_json=True)
def check(election: str) -> ResponseReturnValue:
    """The same for programs: `text` or `number` in JSON, the answer in JSON; changes nothing."""
    row = election_of(election)
    sent = request.get_json(silent=True)
    asked = sent if isinstance(sent, dict) else {}
    if isinstance(text := asked.get("text"), str):
        reason, credential = check_text(row, text)
        return _standing(reason, shown_credential(credential) if credential else None)
    if isinstance(typed := asked.get("number"), str):
        answer = _typed_answer(row, typed)
        if answer is None:
            return _answer({"message": _("Too many attempts. Wait a few minutes.")}, 429)
        found = answer.certificate
        return _standing(answer.reason, shown_certificate(row, found) if found else None)
    return _answer({"message": _("Send JSON with “text” or “number”.")}, 400)


def _standing(reason: Reason | None, claims: dict[str, Any] | None) -> Response:
    """How a certificate stands, with what it claims where that could be read."""
    verdict = verdict_for(reason)
    return _answer(
        {
            "verdict": verdict.value,
            "reason": reason.value if reason else None,
            "message": _(REASONS[reason]) if reason else _(VERDICTS[verdict]),
            "claims": claims,
            "at": clock.now().isoformat(timespec="seconds"),
        }
    )


def _answer(content: Mapping[str, Any], status: int = 200) -> Response:
    response = jsonify(content)
    response.status_code = status
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.post("/verify/<election>/checks")
@requires(Capability.PUBLIC, writes=True, takes_json=True)
def checks(election: str) -> ResponseReturnValue:
    """The log of a polling station, where the election keeps one."""
    row = election_of(election)
    sent = request.get_json(silent=True)
    if not isinstance(sent, list) or len(sent) > MOST_CHECKS:
        message = _("Send a JSON list of at most %(count)s checks.", count=MOST_CHECKS)
        return _answer({"message": message}, 400)
    if (left := _left(len(sent))) is not None and left.is_over:
        refused = _answer({"message": _("Too many attempts. Wait a few minutes.")}, 429)
        refused.headers["Retry-After"] = str(left.seconds)
        return refused
    try:
        count = record_checks(election=row, checks=[_check(each) for each in sent])
    except Refused:
        raise
    except (KeyError, TypeError, ValueError, OverflowError):
        return _answer({"message": _("One of the checks cannot be read.")}, 400)
    return _answer({"recorded": count})


def _left(count: int) -> Left | None:
    """What the network of who asks may still send; None for this machine itself."""
    limits: Limits = current_app.extensions[EXTENSION]
    where = network()
    return limits.take(f"checks {where}", max(1, count)) if where else None


def init_app(app: Flask, redis_url: str | None) -> None:
    """Count the checks that come from a network."""
    app.extensions[EXTENSION] = Limits(CHECKS_AN_HOUR, redis_url, seconds=3600)


def _check(sent: Any) -> Check:
    """One check as it was sent; raises ValueError, KeyError or TypeError where it is none."""
    reason, serial = sent["reason"], sent["serial"]
    moment = datetime.fromisoformat(sent["checked_at"])
    if moment.tzinfo is None or abs(moment - clock.now()) > timedelta(days=3650):
        raise ValueError("not a moment of this time")
    if serial is not None and (type(serial) is not int or not 0 < serial < 1 << 31):
        raise ValueError("not a serial")
    return Check(
        verdict=Verdict(sent["verdict"]),
        reason=None if reason is None else Reason(reason),
        serial=serial,
        station=normalize(str(sent.get("station") or "")),
        checked_at=moment,
    )
