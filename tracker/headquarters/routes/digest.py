"""The daily digest: what was issued, how it looks now, when it is issued and to whom it goes."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.headquarters.digest import digest_of
from tracker.headquarters.digest_paper import print_digest
from tracker.headquarters.forms import DigestHourForm, DigestRecipientForm
from tracker.headquarters.routes.blueprint import blueprint, local_text, moment_asked
from tracker.kernel import clock
from tracker.kernel.disclosure import paper
from tracker.kernel.i18n import LANGUAGE_LABELS, LANGUAGES, language, language_asked
from tracker.kernel.mail import mailer
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage
from tracker.kernel.undo import flash_undoable
from tracker.kernel.web import actor, pdf_response, requires
from tracker.logistics.operations import digest as operations
from tracker.logistics.queries.digest import digest_for, newest_digests, recipients_of


def _page(election: Election, **forms: Any) -> str:
    hour = DigestHourForm(formdata=None, at=election.digest_at)
    forms = {"form": DigestRecipientForm(formdata=None, language=language()), "hour": hour} | forms
    return render_template(
        "headquarters/digest.html",
        election=election,
        rows=newest_digests(election.id),
        recipients=recipients_of(election.id),
        language_names=LANGUAGES,
        language_labels=LANGUAGE_LABELS,
        local=lambda moment: clock.local(moment, election.time_zone),
        now_text=local_text(election, clock.now()),
        is_configured=mailer.is_configured,
        **forms,
    )


@blueprint.get("/e/<election>/digest")
@requires(Capability.VIEW_HEADQUARTERS)
def digest(election: str) -> ResponseReturnValue:
    """What was issued, and how it goes on."""
    return _page(election_for(actor(), election))


@blueprint.get("/e/<election>/digest/preview")
@requires(Capability.VIEW_HEADQUARTERS)
def digest_preview(election: str) -> ResponseReturnValue:
    """The digest as it would be issued now, or as of a past moment; nothing is sent."""
    row = election_for(actor(), election)
    found = digest_of(row, language_asked(), moment_asked(row, "as_of"))
    name = f"digest-{row.slug}-{found.moment:%Y-%m-%d-%H%M}-{found.language}"
    with paper("digest"):
        content = print_digest(found)
    return pdf_response(content, name)


@blueprint.get("/e/<election>/digest/<int:digest_id>")
@requires(Capability.VIEW_HEADQUARTERS)
def digest_paper(election: str, digest_id: int) -> ResponseReturnValue:
    """A digest as it was issued, in one language."""
    row = election_for(actor(), election)
    found, code = digest_for(row.id, digest_id), language_asked()
    content = storage.get(getattr(found, f"paper_{code}"))
    return pdf_response(content, f"digest-{row.slug}-{found.on}-{code}")


@blueprint.post("/e/<election>/digest/hour")
@requires(Capability.MANAGE_DIGEST, writes=True)
def set_digest_hour(election: str) -> ResponseReturnValue:
    """From when on each day it is issued."""
    row = election_for(actor(), election)
    form = DigestHourForm()
    if not form.validate():
        return _page(row, hour=form), 422
    operations.set_digest_hour(actor=actor(), election=row, at=form.at.data)
    flash(_("The changes are saved."), "ok")
    return redirect(url_for("headquarters.digest", election=row.slug))


@blueprint.post("/e/<election>/digest/recipients")
@requires(Capability.MANAGE_DIGEST, writes=True)
def add_digest_recipient(election: str) -> ResponseReturnValue:
    """One address more."""
    row = election_for(actor(), election)
    form = DigestRecipientForm()
    if form.validate():
        values = {"actor": actor(), "election": row, "recipient": form.recipient()}
        if form.attempt(operations.add_digest_recipient, **values) is not None:
            flash(_("%(name)s will receive the digest.", name=form.name.data), "ok")
            return redirect(url_for("headquarters.digest", election=row.slug))
    return _page(row, form=form), 422


@blueprint.post("/e/<election>/digest/recipients/<int:recipient_id>/remove")
@requires(Capability.MANAGE_DIGEST, writes=True)
def remove_digest_recipient(election: str, recipient_id: int) -> ResponseReturnValue:
    """One address less."""
    row = election_for(actor(), election)
    around: dict[str, Any] = {"actor": actor(), "election": row}
    gone = operations.remove_digest_recipient(**around, recipient_id=recipient_id)
    said = _("The digest is not sent there any more.")
    back = "headquarters.restore_digest_recipient"
    flash_undoable(said, back, {"gone": gone}, election=row.slug)
    return redirect(url_for("headquarters.digest", election=row.slug))


@blueprint.post("/e/<election>/digest/recipients/restore")
@requires(Capability.MANAGE_DIGEST, writes=True)
def restore_digest_recipient(election: str) -> ResponseReturnValue:
    """The address that was just removed, once more."""
    row = election_for(actor(), election)
    gone = request.form.get("gone", "")
    made = operations.restore_digest_recipient(actor=actor(), election=row, gone=gone)
    flash(_("%(name)s will receive the digest.", name=made.name), "ok")
    return redirect(url_for("headquarters.digest", election=row.slug))
