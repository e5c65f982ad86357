"""Own account, language, and the administration of users."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.accounts import operations, queries
from tracker.accounts.forms import RolesForm, UserForm
from tracker.accounts.labels import ROLES
from tracker.kernel import tables
from tracker.kernel.database import db
from tracker.kernel.i18n import LANGUAGE_COOKIE, LANGUAGES
from tracker.kernel.permissions import Capability, Role
from tracker.kernel.web import actor, back_to, member_asked, requires

blueprint = Blueprint("accounts", __name__)
YEAR = 31_536_000

COLUMNS = (
    tables.Column("email", _l("E-mail address"), lambda user: user.email),
    tables.Column("name", _l("Name"), lambda user: user.name),
    tables.Column("roles", _l("Roles"), lambda user: " ".join(row.name for row in user.roles)),
    tables.Column("active", _l("Active"), lambda user: "1" if user.active else "0"),
)


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
    response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR, samesite="Lax", httponly=True)
    return response


@blueprint.get("/account")
@requires(Capability.SIGNED_IN)
def account() -> ResponseReturnValue:
    """Own name, roles, language and second factor."""
    user = queries.user_for(actor().user_id or 0)
    return render_template("accounts/account.html", user=user, roles=ROLES)


@blueprint.get("/users/")
@requires(Capability.ADMINISTER)
def users() -> ResponseReturnValue:
    """All accounts by address, narrowed by role; also as a file."""
    query = queries.users(role=member_asked(Role, "role"))
    if format_ := request.args.get("format"):
        if not actor().may(Capability.EXPORT_LISTS) or format_ not in {"csv", "xlsx"}:
            abort(403)
        rows = db.session.scalars(query.order_by("email"))
        return tables.export(COLUMNS, rows, name="users", format=format_)
    page = queries.users_page(query, request.args.get("cursor"))
    return render_template(
        "accounts/users.html", page=page, roles=ROLES, wanted=request.args.get("role", "")
    )


@blueprint.route("/users/new", methods=["GET", "POST"])
@requires(Capability.ADMINISTER, writes=True)
def create_user() -> ResponseReturnValue:
    """A new account; its password is shown once."""
    form = UserForm()
    form.offer()
    if form.validate_on_submit():
        made = form.attempt(
            operations.create_user,
            actor=actor(),
            email=form.email.data,
            name=form.name.data,
            roles=form.roles.data or [],
            language=form.language.data,
        )
        if made is not None:
            user, password = made
            return render_template("accounts/create_user.html", user=user, password=password)
    return render_template("accounts/create_user.html", form=form), form.status


@blueprint.route("/users/<int:user_id>", methods=["GET", "POST"])
@requires(Capability.ADMINISTER, writes=True)
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
    return render_template("accounts/user.html", form=form, row=row, roles=ROLES), form.status


@blueprint.post("/users/<int:user_id>/active")
@requires(Capability.ADMINISTER, writes=True)
def user_active(user_id: int) -> ResponseReturnValue:
    """Disable an account, or enable it again."""
    row = queries.user_for(user_id)
    operations.set_active(actor=actor(), user=row, active=not row.active)
    if row.active:
        flash(_("%(name)s can sign in again.", name=row.name), "ok")
    else:
        flash(_("%(name)s can no longer sign in and was signed out.", name=row.name), "ok")
    return redirect(url_for("accounts.user", user_id=row.id))


@blueprint.post("/users/<int:user_id>/password")
@requires(Capability.ADMINISTER, writes=True)
def user_password(user_id: int) -> ResponseReturnValue:
    """A new password, shown once."""
    row = queries.user_for(user_id)
    password = operations.reset_password(actor=actor(), user=row)
    return render_template("accounts/user_password.html", user=row, password=password)


@blueprint.post("/users/<int:user_id>/second-factor")
@requires(Capability.ADMINISTER, writes=True)
def user_second_factor(user_id: int) -> ResponseReturnValue:
    """Take the second factor away from a person who lost it."""
    row = queries.user_for(user_id)
    operations.reset_second_factor(actor=actor(), user=row)
    flash(_("The second factor of %(name)s was taken away.", name=row.name), "ok")
    return redirect(url_for("accounts.user", user_id=row.id))
