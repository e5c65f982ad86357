"""One's own account: language, what opens it, and where it is open."""

from flask import abort, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from tracker.accounts import operations, presence, queries
from tracker.accounts.labels import METHODS, ROLES
from tracker.accounts.routes.blueprint import blueprint
from tracker.accounts.rules import needs_second_factor
from tracker.kernel import clock
from tracker.kernel.i18n import LANGUAGE_COOKIE, LANGUAGES
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, back_to, remember, requires, time_zone

YEAR = 31_536_000


@blueprint.post("/language")
@requires(Capability.PUBLIC, writes=True)
def language() -> ResponseReturnValue:
    """Choose the language of all pages; remembered for the account and for this browser."""
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        abort(400)
    person = actor()
    if person.user_id:
        operations.set_language(user_id=person.user_id, language=chosen)
    response = current_app.make_response(back_to("/"))
    remember(response, LANGUAGE_COOKIE, chosen, age=YEAR)
    return response


@blueprint.get("/account")
@requires(Capability.SIGNED_IN)
def account() -> ResponseReturnValue:
    """Name and roles, what opens the account, and the sessions in which it is open."""
    user = queries.user_for(actor().user_id or 0)
    required = current_app.config["SETTINGS"].second_factor_roles
    return render_template(
        "accounts/account.html",
        user=user,
        roles=ROLES,
        methods=METHODS,
        needs_more=needs_second_factor((row.name for row in user.roles), required)
        and not presence.has_second_factor(user),
        sessions=queries.standing_sessions(user.id, presence.limits()),
        this_session=g.get("session_id"),
        local=lambda moment: clock.local(moment, time_zone()),
    )


@blueprint.post("/account/sessions/<int:session_id>/end")
@requires(Capability.SIGNED_IN, writes=True, fresh=True)
def end_session(session_id: int) -> ResponseReturnValue:
    """Sign out in another browser."""
    operations.end_session(actor=actor(), session_id=session_id)
    flash(_("That session was ended."), "ok")
    return redirect(url_for("accounts.account"))


@blueprint.post("/account/sessions/end-others")
@requires(Capability.SIGNED_IN, writes=True, fresh=True)
def end_other_sessions() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    key = session.get(presence.KEY)
    count = operations.end_other_sessions(user_id=actor().user_id or 0, except_key=key)
    message = ngettext(
        "%(num)s other session was ended.", "%(num)s other sessions were ended.", count
    )
    flash(message if count else _("There was no other session."), "ok")
    return redirect(url_for("accounts.account"))
