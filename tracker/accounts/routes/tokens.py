"""Tokens: one's own, and for administrators those of other systems; the secret is shown once."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.accounts import operations, queries
from tracker.accounts.forms import ServiceTokenForm, TokenForm
from tracker.accounts.labels import ROLES, SCOPE_WORDS
from tracker.accounts.models import AccessToken
from tracker.accounts.routes.blueprint import blueprint
from tracker.accounts.rules import SCOPES, scopes_for
from tracker.kernel import clock, tables
from tracker.kernel.i18n import whose
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, format_asked, requires, time_zone


def _owner(row: AccessToken) -> str:
    if row.role is None:
        return row.user.name if row.user else ""
    return f"{_('another system')} · {_(ROLES[row.role])}"


def _standing(row: AccessToken) -> str:
    if row.revoked_at:
        return str(_("revoked by %(name)s", name=whose(row.revoked_by)))
    return str(_("ended") if row.expires_at <= clock.world() else _("active"))


def _scopes(row: AccessToken) -> str:
    return ", ".join(_(SCOPE_WORDS[scope]) for scope in sorted(row.scope_set))


COLUMNS = (
    tables.Column("name", _l("What it is for"), lambda row: row.name),
    tables.Column("owner", _l("Whose"), _owner),
    tables.Column("scopes", _l("May be used for"), _scopes),
    tables.Column("created_by", _l("Made by"), lambda row: whose(row.created_by)),
    tables.Column("created_at", _l("Made (UTC)"), lambda row: row.created_at),
    tables.Column("expires_at", _l("Ends (UTC)"), lambda row: row.expires_at),
    tables.Column("last_used_on", _l("Last used"), lambda row: row.last_used_on),
    tables.Column("status", _l("Status"), _standing),
)


@blueprint.route("/account/tokens/new", methods=["GET", "POST"])
@requires(Capability.SIGNED_IN, writes=True, fresh=True)
def create_token() -> ResponseReturnValue:
    """A token for one's own programs."""
    form = TokenForm()
    form.offer(scopes_for(actor().roles))
    if form.validate_on_submit():
        made = form.attempt(
            operations.create_personal_token,
            actor=actor(),
            user=queries.user_for(actor().user_id or 0),
            name=form.name.data or "",
            scopes=form.scopes.data or [],
            days=form.days.data or 0,
        )
        if made is not None:
            return render_template("accounts/token.html", token=made[0], secret=made[1])
    return render_template("accounts/create_token.html", form=form), form.status


@blueprint.post("/account/tokens/<int:token_id>/revoke")
@requires(Capability.SIGNED_IN, writes=True)
def revoke_own_token(token_id: int) -> ResponseReturnValue:
    """End a token of one's own."""
    operations.revoke_token(actor=actor(), token=queries.token_for(actor(), token_id))
    flash(_("The token was revoked: it opens nothing any more."), "ok")
    return redirect(url_for("accounts.account"))


@blueprint.get("/tokens/")
@requires(Capability.ADMINISTER)
def tokens() -> ResponseReturnValue:
    """All tokens: whose they are, who made them, when they were used last; also as a file."""
    if format_ := format_asked(fresh=True):
        return tables.export(COLUMNS, queries.tokens(), name="tokens", format=format_)
    return render_template(
        "accounts/tokens.html",
        page=queries.tokens_page(request.args.get("cursor")),
        roles=ROLES,
        words=SCOPE_WORDS,
        now=clock.world(),
        local=lambda moment: clock.local(moment, time_zone()),
    )


@blueprint.route("/tokens/new", methods=["GET", "POST"])
@requires(Capability.ADMINISTER, writes=True, fresh=True)
def create_service_token() -> ResponseReturnValue:
    """A token for another system."""
    form = ServiceTokenForm()
    form.offer(SCOPES)
    if form.validate_on_submit():
        made = form.attempt(
            operations.create_service_token,
            actor=actor(),
            role=form.role.data,
            name=form.name.data or "",
            scopes=form.scopes.data or [],
            days=form.days.data or 0,
        )
        if made is not None:
            return render_template("accounts/token.html", token=made[0], secret=made[1])
    return render_template("accounts/create_service_token.html", form=form), form.status


@blueprint.post("/tokens/<int:token_id>/revoke")
@requires(Capability.ADMINISTER, writes=True)
def revoke_token(token_id: int) -> ResponseReturnValue:
    """End anybody's token."""
    operations.revoke_token(actor=actor(), token=queries.token_for(actor(), token_id))
    flash(_("The token was revoked: it opens nothing any more."), "ok")
    return redirect(url_for("accounts.tokens"))
