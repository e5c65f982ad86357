"""One's own account: language, what opens it, and where it is open."""

from flask import abort, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.accounts import operations, presence, queries
from tracker.accounts.forms import NoticesForm
from tracker.accounts.labels import METHODS, ROLES, SCOPE_WORDS
from tracker.accounts.models import Delivery, Notice, User
from tracker.accounts.notice_kinds import delivery_of, kinds_for
from tracker.accounts.operations.telling import chosen_by
from tracker.accounts.routes.blueprint import blueprint
from tracker.accounts.rules import MOST_BOUNCES, needs_second_factor
from tracker.kernel import clock
from tracker.kernel.i18n import LANGUAGE_COOKIE, LANGUAGES, ngettext
from tracker.kernel.outbox import bounces_of
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


@blueprint.post("/account/tour/end")
@requires(Capability.SIGNED_IN, writes=True)
def end_tour() -> ResponseReturnValue:
    """End the tour, or put it off; it stays in the account menu."""
    operations.end_tour(user_id=actor().user_id or 0)
    return back_to("/")


@blueprint.get("/account")
@requires(Capability.SIGNED_IN)
def account() -> ResponseReturnValue:
    """Name and roles, what opens the account, what one is told of, and where it is open."""
    user = queries.user_for(actor().user_id or 0)
    form = _notices(user)
    chosen = chosen_by([user.id])[user.id]
    for kind in form.chosen:
        form[kind.value].data = delivery_of(kind, [row.name for row in user.roles], chosen)
    return _page(user, form)


@blueprint.post("/account/notices")
@requires(Capability.SIGNED_IN, writes=True)
def notices() -> ResponseReturnValue:
    """Choose when one is told of what by mail."""
    user = queries.user_for(actor().user_id or 0)
    form = _notices(user)
    if form.validate_on_submit():
        kept = form.attempt(_chosen, chosen=form.chosen)
        if kept:
            flash(_("Your choice of notices was saved."), "ok")
            return redirect(url_for("accounts.account", _anchor="notices"))
    return _page(user, form), form.status


def _chosen(chosen: dict[Notice, Delivery]) -> bool:
    operations.choose_notices(actor=actor(), chosen=chosen)
    return True


def _notices(user: User) -> NoticesForm:
    form = NoticesForm()
    form.offer(kinds_for(row.name for row in user.roles))
    return form


def _page(user: User, form: NoticesForm) -> str:
    required = current_app.config["SETTINGS"].second_factor_roles
    return render_template(
        "accounts/account.html",
        user=user,
        form=form,
        is_returned=bounces_of(user.email) >= MOST_BOUNCES,
        roles=ROLES,
        methods=METHODS,
        needs_more=needs_second_factor((row.name for row in user.roles), required)
        and not (presence.has_second_factor(user) or presence.is_vouched()),
        identities=queries.identities_of(user.id),
        sessions=queries.standing_sessions(user.id, presence.limits()),
        this_session=g.get("session_id"),
        tokens=queries.tokens_of(user.id),
        words=SCOPE_WORDS,
        now=clock.world(),
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
