"""What administrators see of outgoing mail: whom it went to is masked."""

import re
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.kernel import outbox as mail
from tracker.kernel import tables
from tracker.kernel.i18n import N_
from tracker.kernel.listing import streamed_records
from tracker.kernel.mail import MailFailure, mailer
from tracker.kernel.outbox import MessageStatus, OutboxMessage
from tracker.kernel.permissions import Capability
from tracker.kernel.text import mask_ending
from tracker.kernel.web import actor, format_asked, member_asked, requires
from tracker.ops.blueprint import blueprint

STATUSES = {
    MessageStatus.QUEUED: N_("Queued"),
    MessageStatus.SENT: N_("Sent"),
    MessageStatus.FAILED: N_("Not sent"),
}
TONES = {MessageStatus.QUEUED: "go", MessageStatus.SENT: "ok", MessageStatus.FAILED: "bad"}
FAILURES = {
    MailFailure.UNREACHABLE: N_("The mail server does not answer."),
    MailFailure.INSECURE: N_("No safe connection to the mail server: check its certificate."),
    MailFailure.SIGN_IN_REFUSED: N_("The mail server refused our user or password."),
    MailFailure.SENDER_REFUSED: N_("The mail server does not take mail from our address."),
    MailFailure.DEFERRED: N_("The mail server asked to try again later."),
    MailFailure.RECIPIENT_REFUSED: N_("The recipient’s address was refused."),
    MailFailure.MESSAGE_REFUSED: N_("The message was refused for its content."),
    MailFailure.UNEXPECTED: N_("Something unexpected stopped the message."),
    MailFailure.WAITED_TOO_LONG: N_("The message waited longer than four days."),
}


ADDRESS = re.compile(r"\S+@\S+")
BOUNCED = "bounced"  # beside the statuses, to narrow the page by


def _masked(row: OutboxMessage) -> str:
    """The recipient, of whom only the domain is shown."""
    return mask_ending("@" + row.recipient.rpartition("@")[2])


def _status(row: OutboxMessage) -> str:
    return str(_("Came back") if row.bounced_at else _(STATUSES[row.status]))


def _tone(row: OutboxMessage) -> str:
    return "bad" if row.bounced_at else TONES[row.status]


def _error(row: OutboxMessage) -> str:
    """What stopped it: of a returned one the server's code and words, without an address."""
    if row.bounced_at:
        said = ADDRESS.sub("…", row.bounce_reason or "")
        return " ".join(filter(None, (row.bounce_code, said)))
    return _(FAILURES[row.last_error]) if row.last_error else ""


def _next_attempt(row: OutboxMessage) -> Any:
    return row.next_attempt_at if row.status is MessageStatus.QUEUED else None


COLUMNS = (
    tables.Column("id", _l("No."), lambda row: row.id, "num"),
    tables.Column("created_at", _l("Written (UTC)"), lambda row: row.created_at),
    tables.Column("recipient", _l("Recipient"), _masked),
    tables.Column("subject", _l("Subject"), lambda row: row.subject),
    tables.Column("status", _l("Status"), _status),
    tables.Column("attempts", _l("Attempts"), lambda row: row.attempts, "num"),
    tables.Column("next_attempt_at", _l("Next attempt (UTC)"), _next_attempt),
    tables.Column("sent_at", _l("Sent (UTC)"), lambda row: row.sent_at),
    tables.Column("error", _l("What stopped it"), _error),
)


@blueprint.get("/outbox")
@requires(Capability.ADMINISTER, of_primary=True)
def outbox() -> ResponseReturnValue:
    """Outgoing mail, the newest first, narrowed by status; also as a file."""
    is_bounced = request.args.get("status") == BOUNCED
    query = mail.messages(member_asked(MessageStatus, "status"), bounced=is_bounced)
    if format_ := format_asked():
        rows = streamed_records(query.order_by(OutboxMessage.id))
        return tables.export(COLUMNS, rows, name="outbox", format=format_)
    return render_template(
        "ops/outbox.html",
        page=mail.messages_page(query, request.args.get("cursor")),
        wanted=request.args.get("status", ""),
        statuses=STATUSES | {BOUNCED: N_("Came back")},
        status_of=_status,
        tone_of=_tone,
        masked=_masked,
        error_of=_error,
        is_configured=mailer.is_configured,
    )


@blueprint.post("/outbox/<int:message_id>/retry")
@requires(Capability.ADMINISTER, writes=True)
def retry_message(message_id: int) -> ResponseReturnValue:
    """Send a message that failed once more."""
    mail.retry_message(actor=actor(), message_id=message_id)
    flash(_("Message no. %(number)s waits to be sent again.", number=message_id), "ok")
    return redirect(url_for("ops.outbox"))
