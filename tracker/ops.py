"""For the machines that watch the service: alive, and ready to work."""

import sqlalchemy as sa
from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from tracker.kernel.database import db
from tracker.kernel.permissions import Capability
from tracker.kernel.web import requires

blueprint = Blueprint("ops", __name__)
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/healthz")
@requires(Capability.PUBLIC)
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return "ok\n", 200, PLAIN


@blueprint.get("/readyz")
@requires(Capability.PUBLIC)
def readyz() -> ResponseReturnValue:
    """The database answers and has been migrated."""
    try:
        db.session.execute(sa.text("SELECT version_num FROM alembic_version")).one()
    except SQLAlchemyError:
        db.session.rollback()
        return "the database does not answer or is not migrated\n", 503, PLAIN
    return "ok\n", 200, PLAIN
