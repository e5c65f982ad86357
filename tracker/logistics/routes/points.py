"""The directory of airports, stations and border crossings."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires
from tracker.logistics.forms.movements import PointForm
from tracker.logistics.labels.movements import POINT_KINDS
from tracker.logistics.operations import points as operations
from tracker.logistics.queries import movements as queries
from tracker.logistics.routes.blueprint import blueprint


@blueprint.get("/points/")
@requires(Capability.VIEW_DIRECTORIES)
def points() -> ResponseReturnValue:
    """All of them."""
    return render_template("logistics/points.html", rows=queries.points(), kinds=POINT_KINDS)


@blueprint.route("/points/new", methods=["GET", "POST"])
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def new_point() -> ResponseReturnValue:
    """A new one."""
    form = PointForm()
    form.offer()
    if form.validate_on_submit():
        made = form.attempt(operations.create_point, actor=actor(), details=form.details())
        if made is not None:
            flash(_("The changes are saved."), "ok")
            return redirect(url_for("logistics.points"))
    return render_template("logistics/edit_point.html", form=form, row=None), form.status


@blueprint.route("/points/<int:point_id>/edit", methods=["GET", "POST"])
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def edit_point(point_id: int) -> ResponseReturnValue:
    """Change one, or take it out of use."""
    row = queries.point_for(point_id)
    form = PointForm()
    form.offer()
    if request.method == "GET":
        form.show(row)
    if form.validate_on_submit():
        saved = form.attempt(
            operations.change_point,
            actor=actor(),
            point=row,
            details=form.details(),
            seen_version=form.seen_version,
        )
        if saved is not None:
            flash(_("The changes are saved."), "ok")
            return redirect(url_for("logistics.points"))
        form.renew(row)
    return render_template("logistics/edit_point.html", form=form, row=row), form.status
