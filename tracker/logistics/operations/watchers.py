"""Who follows an assistance request, and what they are told of it by mail."""

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.accounts.models import Notice, User
from tracker.accounts.operations.telling import News, tell
from tracker.accounts.queries import actor_of
from tracker.delegations.queries import delegation_ids_of
from tracker.elections.models import Election
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.i18n import N_, say
from tracker.kernel.permissions import Capability
from tracker.logistics.labels.assistance import STATUSES
from tracker.logistics.models.assistance import (
    AssistanceComment,
    AssistanceRequest,
    AssistanceStep,
    AssistanceWatcher,
)
from tracker.organizations.labels import sender_name


def watch_assistance(*, actor: Actor, request: AssistanceRequest, is_watching: bool) -> None:
    """Follow a request, or follow it no more; the same twice changes nothing."""
    actor.require(Capability.ASK_ASSISTANCE)
    key = (request.id, actor.user_id)
    standing = db.session.get(AssistanceWatcher, key)
    if is_watching and standing is None:
        db.session.add(AssistanceWatcher(assistance_id=request.id, user_id=actor.user_id))
    elif not is_watching and standing is not None:
        db.session.delete(standing)
    db.session.flush()


def tell_of_step(actor: Actor, request: AssistanceRequest, step: AssistanceStep) -> None:
    """Tell all who follow the request what became of it, in their languages."""
    for user in _followers(actor, request):
        with force_locale(user.language or "en"):
            params = {"who": step.actor_name, "status": _(STATUSES[step.to_status])}
            lines = [say(N_("%(who)s: %(status)s"), params), step.assignee_name, step.reason]
            _send(user, request, lines, f"assistance-{request.id}-step-{step.id}")


def tell_of_comment(actor: Actor, request: AssistanceRequest, comment: AssistanceComment) -> None:
    """Tell all who follow the request of a comment; of an internal one headquarters alone."""
    for user in _followers(actor, request, is_internal=comment.is_internal):
        with force_locale(user.language or "en"):
            lines = [_("%(who)s wrote:", who=comment.created_by), comment.text]
            _send(user, request, lines, f"assistance-{request.id}-comment-{comment.id}")


def _followers(
    actor: Actor, request: AssistanceRequest, *, is_internal: bool = False
) -> list[User]:
    """Who follows it or sees to it, may still read it, and has not done it themselves."""
    watching = sa.select(AssistanceWatcher.user_id).where(
        AssistanceWatcher.assistance_id == request.id
    )
    query = sa.select(User).where(
        sa.or_(User.id.in_(watching), User.id == request.assignee_id),
        User.active,
        User.id != (actor.user_id or 0),
    )
    return [
        user
        for user in db.session.scalars(query.order_by(User.id)).all()
        if _may_read(user, request, is_internal=is_internal)
    ]


def _may_read(user: User, request: AssistanceRequest, *, is_internal: bool) -> bool:
    if actor_of(user.id).may(Capability.VIEW_HEADQUARTERS):
        return True
    return not is_internal and request.delegation_id in delegation_ids_of(user.id)


def _send(user: User, request: AssistanceRequest, lines: list[str | None], key: str) -> None:
    election = db.session.get_one(Election, request.election_id)
    news = News(
        kind=Notice.FOLLOWED,
        key=key,
        message=N_("Request No. %(number)s: %(title)s"),
        params={"number": str(request.number), "title": request.title},
        more=(sender_name(request.delegation.organization), *filter(None, lines)),
        path=f"/e/{election.slug}/requests/{request.id}",
        zone=election.time_zone,
    )
    tell([user], news)
