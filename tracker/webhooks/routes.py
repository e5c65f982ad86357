"""Pages on which administrators keep the receivers of events and see what was sent to them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.elections.queries import elections
from tracker.kernel import clock, tables
from tracker.kernel.i18n import localized
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, format_asked, member_asked, requires
from tracker.webhooks import labels, operations, queries
from tracker.webhooks.forms import WebhookForm
from tracker.webhooks.models import DeliveryStatus, EventKind, Webhook, WebhookDelivery

blueprint = Blueprint("webhooks", __name__)


def _names() -> dict[int, str]:
    return {row.id: localized(row, "name") for row in elections()}


def _kind(kind: str) -> str:
    """What an event is called; its own word where this version does not know it any more."""
    known = {each.value: label for each, label in labels.EVENTS.items()}
    known[EventKind.PING.value] = labels.PING
    return str(_(known[kind])) if kind in known else kind


def _state(row: Webhook) -> tuple[str, str]:
    """How a receiver is, in words, and the tone of it."""
    if row.off_because:
        tone = "mute" if row.off_because == "asked" else "bad"
        return str(_(labels.OFF[row.off_because])), tone
    return (str(_("nothing reaches it")), "warn") if row.failing_since else (str(_("on")), "ok")


def _columns(names: dict[int, str]) -> tuple[tables.Column, ...]:
    """What a file of receivers says; no address, which may hold a key of theirs."""

    def kinds(row: tuple[Webhook, int]) -> str:
        return ", ".join(_kind(kind) for kind in row[0].kinds.split())

    def election(row: tuple[Webhook, int]) -> str:
        return names[row[0].election_id] if row[0].election_id else str(_("Every election"))

    return (
        tables.Column("name", _l("Receiver"), lambda row: row[0].name),
        tables.Column("election", _l("Election"), election),
        tables.Column("events", _l("Events"), kinds),
        tables.Column("status", _l("Status"), lambda row: _state(row[0])[0]),
        tables.Column("waiting", _l("Messages waiting"), lambda row: row[1], "num"),
    )


def _failure(row: WebhookDelivery) -> str:
    return str(_(labels.FAILURES[row.failure])) if row.failure else ""


def _back(row: Webhook) -> ResponseReturnValue:
    return redirect(url_for("webhooks.webhook", webhook_id=row.id))


@blueprint.get("/webhooks/")
@requires(Capability.ADMINISTER, of_primary=True)
def index() -> ResponseReturnValue:
    """All receivers by name; also as a file."""
    rows, names = queries.webhooks(), _names()
    if format_ := format_asked():
        return tables.export(_columns(names), rows, name="webhooks", format=format_)
    return render_template(
        "webhooks/index.html", rows=rows, names=names, state_of=_state, kind_of=_kind
    )


def _form() -> WebhookForm:
    form = WebhookForm()
    form.offer(list(_names().items()))
    return form


@blueprint.route("/webhooks/new", methods=["GET", "POST"])
@requires(Capability.ADMINISTER, writes=True, fresh=True)
def create() -> ResponseReturnValue:
    """A new receiver; its secret is shown once."""
    form = _form()
    if form.validate_on_submit():
        made = form.attempt(operations.register_webhook, actor=actor(), details=form.details())
        if made is not None:
            return render_template("webhooks/secret.html", row=made, is_new=True)
    return render_template("webhooks/create.html", form=form), form.status


@blueprint.get("/webhooks/<int:webhook_id>")
@requires(Capability.ADMINISTER, of_primary=True)
def webhook(webhook_id: int) -> ResponseReturnValue:
    """One receiver and the messages to it, the newest first, narrowed by status."""
    row = queries.webhook_for(actor(), webhook_id)
    status = member_asked(DeliveryStatus, "status")
    return render_template(
        "webhooks/webhook.html",
        row=row,
        page=queries.deliveries_page(row, status, request.args.get("cursor")),
        wanted=request.args.get("status", ""),
        statuses=labels.STATUSES,
        tones=labels.TONES,
        names=_names(),
        state=_state(row),
        kind_of=_kind,
        failure_of=_failure,
        has_former=row.previous_until is not None and row.previous_until > clock.now(),
    )


@blueprint.route("/webhooks/<int:webhook_id>/edit", methods=["GET", "POST"])
@requires(Capability.ADMINISTER, writes=True, fresh=True)
def edit(webhook_id: int) -> ResponseReturnValue:
    """Change where and of what a receiver is told."""
    row = queries.webhook_for(actor(), webhook_id)
    form = _form()
    if request.method == "GET":
        form.show(row)
    if form.validate_on_submit():
        changed = form.attempt(
            operations.change_webhook,
            actor=actor(),
            webhook=row,
            details=form.details(),
            seen_version=form.seen_version,
        )
        if changed is not None:
            flash(_("%(name)s was saved.", name=changed.name), "ok")
            return _back(changed)
    form.renew(row)
    return render_template("webhooks/edit.html", form=form, row=row), form.status


@blueprint.post("/webhooks/<int:webhook_id>/rotate")
@requires(Capability.ADMINISTER, writes=True, fresh=True)
def rotate(webhook_id: int) -> ResponseReturnValue:
    """Make another secret, which is shown once."""
    row = queries.webhook_for(actor(), webhook_id)
    operations.rotate_secret(actor=actor(), webhook=row)
    return render_template("webhooks/secret.html", row=row, is_new=False)


@blueprint.post("/webhooks/<int:webhook_id>/switch")
@requires(Capability.ADMINISTER, writes=True, fresh=True)
def switch(webhook_id: int) -> ResponseReturnValue:
    """Switch a receiver off, or on again: what was asked for, not the other of what is found."""
    row = queries.webhook_for(actor(), webhook_id)
    if request.form.get("on") != "1":
        operations.switch_off(actor=actor(), webhook=row)
        flash(_("%(name)s is told nothing more.", name=row.name), "ok")
    else:
        operations.switch_on(actor=actor(), webhook=row)
        flash(_("%(name)s is told again of what happens from now on.", name=row.name), "ok")
    return _back(row)


@blueprint.post("/webhooks/<int:webhook_id>/remove")
@requires(Capability.ADMINISTER, writes=True, fresh=True)
def remove(webhook_id: int) -> ResponseReturnValue:
    """Forget a receiver."""
    row = queries.webhook_for(actor(), webhook_id)
    operations.remove_webhook(actor=actor(), webhook=row)
    flash(_("%(name)s was removed with every message to it.", name=row.name), "ok")
    return redirect(url_for("webhooks.index"))


@blueprint.post("/webhooks/<int:webhook_id>/test")
@requires(Capability.ADMINISTER, writes=True)
def test(webhook_id: int) -> ResponseReturnValue:
    """Send a test message."""
    row = queries.webhook_for(actor(), webhook_id)
    operations.send_test(actor=actor(), webhook=row)
    flash(_("The test message is on its way: it stands first in the list below."), "ok")
    return _back(row)


@blueprint.post("/webhooks/<int:webhook_id>/deliveries/<int:delivery_id>/again")
@requires(Capability.ADMINISTER, writes=True)
def send_again(webhook_id: int, delivery_id: int) -> ResponseReturnValue:
    """Send a message once more."""
    row = queries.webhook_for(actor(), webhook_id)
    delivery = queries.delivery_for(row, delivery_id)
    operations.send_again(actor=actor(), webhook=row, delivery=delivery)
    flash(_("The message waits to be sent again."), "ok")
    return _back(row)
