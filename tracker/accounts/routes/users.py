"""The administration of users: accounts, their roles, whether they are open."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.accounts import local, operations, presence, queries
from tracker.accounts.forms import RolesForm, UserForm
from tracker.accounts.labels import LINKS, ROLES
from tracker.accounts.models import User
from tracker.accounts.routes.blueprint import blueprint
from tracker.accounts.routes.links import shown
from tracker.accounts.rules import MOST_BOUNCES
from tracker.kernel import clock, tables
from tracker.kernel.database import db
from tracker.kernel.i18n import ngettext
from tracker.kernel.outbox import bounces_of
from tracker.kernel.permissions import Capability, Role
from tracker.kernel.web import actor, format_asked, member_asked, requires, time_zone

COLUMNS = (
    tables.Column("email", _l("E-mail address"), lambda user: user.email),
    tables.Column("name", _l("Name"), lambda user: user.name),
    tables.Column("roles", _l("Roles"), lambda user: " ".join(row.name for row in user.roles)),
    tables.Column("active", _l("Active"), lambda user: "1" if user.active else "0"),
)


@blueprint.get("/users/")
@requires(Capability.ADMINISTER)
def users() -> ResponseReturnValue:
    """All accounts by address, narrowed by role; also as a file."""
    query = queries.users(role=member_asked(Role, "role"))
    if format_ := format_asked(fresh=True):
        rows = db.session.scalars(query.order_by("email"))
        return tables.export(COLUMNS, rows, name="users", format=format_)
    page = queries.users_page(query, request.args.get("cursor"))
    return render_template(
        "accounts/users.html",
        page=page,
        invited=queries.invited(found[0].id for found in page.rows),
        roles=ROLES,
        wanted=request.args.get("role", ""),
        recoveries=queries.recoveries_to_confirm(),
        kinds=LINKS,
    )


@blueprint.route("/users/new", methods=["GET", "POST"])
@requires(Capability.ADMINISTER, writes=True, fresh=True)
def create_user() -> ResponseReturnValue:
    """A new account; the link with which its owner chooses a password is shown once."""
    form = UserForm()
    form.offer()
    if form.validate_on_submit():
        made = form.attempt(
            _invited,
            email=form.email.data,
            name=form.name.data,
            roles=form.roles.data or [],
            language=form.language.data,
        )
        if made is not None:
            user, secret = made
            if secret is None:
                flash(
                    _("%(name)s can now sign in through the identity provider.", name=user.name),
                    "ok",
                )
                return redirect(url_for("accounts.user", user_id=user.id))
            return shown(secret)
    return render_template("accounts/create_user.html", form=form), form.status


def _invited(**details: object) -> tuple[User, str | None]:
    """The account and the secret of its invitation; None where the provider opens it instead."""
    user = operations.create_user(actor=actor(), **details)  # type: ignore[arg-type]
    if local.are_open():
        return user, operations.invite(actor=actor(), user=user)
    operations.allow_linking(actor=actor(), user=user)
    return user, None


@blueprint.route("/users/<int:user_id>", methods=["GET", "POST"])
@requires(Capability.ADMINISTER, writes=True, fresh=True)
def user(user_id: int) -> ResponseReturnValue:
    """One account and its roles."""
    row = queries.user_for(user_id)
    form = RolesForm()
    form.offer()
    if request.method == "GET":
        form.roles.data = [role.name for role in row.roles]
    if form.validate_on_submit():
        saved = form.attempt(
            operations.change_roles, actor=actor(), user=row, roles=form.roles.data or []
        )
        if saved is not None:
            flash(_("The roles of %(name)s were changed.", name=row.name), "ok")
            return redirect(url_for("accounts.user", user_id=row.id))
    return _page(row, form)


def _page(row: User, form: RolesForm) -> ResponseReturnValue:
    return render_template(
        "accounts/user.html",
        form=form,
        row=row,
        roles=ROLES,
        is_invited=bool(queries.invited([row.id])),
        links=queries.open_links(row.id),
        kinds=LINKS,
        me=actor().user_id,
        local=lambda moment: clock.local(moment, time_zone()),
        sessions=queries.standing_sessions(row.id, presence.limits()),
        has_second_factor=presence.has_second_factor(row),
        identities=queries.identities_of(row.id),
        is_returned=bounces_of(row.email) >= MOST_BOUNCES,
    ), form.status


@blueprint.post("/users/<int:user_id>/active")
@requires(Capability.ADMINISTER, writes=True, fresh=True)
def user_active(user_id: int) -> ResponseReturnValue:
    """Disable an account, or enable it again: as asked, not the other of what is found."""
    row = queries.user_for(user_id)
    operations.set_active(actor=actor(), user=row, active=request.form.get("active") == "1")
    if row.active:
        flash(_("%(name)s can sign in again.", name=row.name), "ok")
    else:
        flash(_("%(name)s can no longer sign in and was signed out.", name=row.name), "ok")
    return redirect(url_for("accounts.user", user_id=row.id))


@blueprint.post("/users/<int:user_id>/end-sessions")
@requires(Capability.ADMINISTER, writes=True, fresh=True)
def end_sessions(user_id: int) -> ResponseReturnValue:
    """Sign somebody out everywhere; who knows the password signs in again."""
    row = queries.user_for(user_id)
    count = operations.end_sessions(actor=actor(), user=row)
    message = ngettext("%(num)s session was ended.", "%(num)s sessions were ended.", count)
    flash(message if count else _("There was no session."), "ok")
    return redirect(url_for("accounts.user", user_id=row.id))
