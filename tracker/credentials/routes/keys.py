"""The keys that sign: which is in use, the next one, and one that was lost."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.credentials import operations, register
from tracker.credentials.forms.certificates import LostKeyForm
from tracker.credentials.labels import PURPOSES
from tracker.credentials.models import KeyPurpose, SigningKey
from tracker.credentials.routes.blueprint import blueprint
from tracker.kernel import clock
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import localized, ngettext, say
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires, time_zone


def _state(row: SigningKey, in_use: set[int]) -> tuple[str, str]:
    """The word and its tone."""
    if row.lost_at is not None:
        return _("Lost"), "bad"
    if row.id in in_use:
        return _("In use"), "ok"
    return (_("Waiting"), "go") if row.signs_from > clock.now() else (_("Earlier key"), "mute")


@blueprint.get("/signing-keys/")
@requires(Capability.MANAGE_SIGNING_KEYS)
def signing_keys() -> ResponseReturnValue:
    """All keys, the newest first."""
    now, zone = clock.now(), time_zone()
    current = (register.key_in_use(purpose, now) for purpose in KeyPurpose)
    in_use = {row.id for row in current if row is not None}
    live = register.live_by_key()
    return render_template(
        "credentials/signing_keys.html",
        rows=[
            (row, clock.local(row.signs_from, zone), _state(row, in_use), live.get(row.id, 0))
            for row in register.signing_keys()
        ],
        purposes=PURPOSES,
        unserved=[
            (election.slug, localized(election, "name"), count)
            for election, count in register.to_issue_again()
        ],
        has_passphrase=current_app.config["SETTINGS"].signing_passphrase is not None,
    )


@blueprint.post("/signing-keys/")
@requires(Capability.MANAGE_SIGNING_KEYS, writes=True, fresh=True)
def rotate_signing_key() -> ResponseReturnValue:
    """Make the next key of a purpose."""
    purpose = request.form.get("purpose", "")
    if purpose in set(KeyPurpose):
        try:
            made = operations.rotate_key(actor=actor(), purpose=KeyPurpose(purpose))
        except Refused as refusal:
            flash(say(refusal.message, refusal.params), "bad")
        else:
            moment = clock.local(made.signs_from, time_zone())
            message = _("The next key is published now and signs from %(moment)s.")
            flash(message % {"moment": say("%(moment)s", {"moment": moment})}, "ok")
    return redirect(url_for("credentials.signing_keys"))


def _void(count: int) -> str:
    """What is said of a lost key: how many certificates are void with it."""
    return ngettext(
        "The key is lost; %(num)s certificate is void and can be issued again.",
        "The key is lost; %(num)s certificates are void and can be issued again.",
        count,
    )


@blueprint.route("/signing-keys/<int:key_id>/lost", methods=["GET", "POST"])
@requires(Capability.MANAGE_SIGNING_KEYS, writes=True, fresh=True)
def lose_signing_key(key_id: int) -> ResponseReturnValue:
    """Declare a key lost, after saying what becomes void."""
    row = register.key_for(key_id)
    form = LostKeyForm()
    if form.validate_on_submit():
        count = form.attempt(
            operations.lose_key, actor=actor(), key=row, reason=form.reason.data or ""
        )
        if count is not None:
            flash(_void(count), "warn")
            return redirect(url_for("credentials.signing_keys"))
    return render_template(
        "credentials/lose_signing_key.html",
        row=row,
        form=form,
        count=len(register.live_signed_by(row.id)),
        purposes=PURPOSES,
    ), form.status
