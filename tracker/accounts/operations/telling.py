"""Notices by mail about the work, as each person chose: at once, once a day, or not at all.

Subjects name no person and nothing that somebody wrote. Every letter leads to the page that it is
about and says where one changes what one is told. What is about the account itself
(`operations.notices`) is told always.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.accounts.labels import NOTICES
from tracker.accounts.models import Delivery, Notice, NoticePreference, User, WaitingNotice
from tracker.accounts.notice_kinds import delivery_of, kinds_for, next_summary
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_, force_locale, say
from tracker.kernel.mail import Message, mailer
from tracker.kernel.outbox import queue_message

PREFERENCES = "/account#notices"


@dataclass(frozen=True, kw_only=True)
class News:
    """What is told: a sentence with its values, and the page of it; `key` says it once."""

    kind: Notice
    key: str  # names no person
    message: str  # a msgid
    params: Mapping[str, object]
    path: str  # of this installation
    zone: str  # of the election, whose morning a day's letter waits for
    more: tuple[str, ...] = ()  # lines that somebody wrote, told where nothing but the reader sees


def choose_notices(*, actor: Actor, chosen: Mapping[Notice, Delivery]) -> None:
    """Keep when the actor wants to be told of what; what is not named stays as it is."""
    if unknown := set(chosen) - set(kinds_for(actor.roles)):
        raise Refused(N_("Your role is not told of this."), field=min(unknown))
    for kind, delivery in chosen.items():
        row = db.session.get(NoticePreference, (actor.user_id, kind))
        if row is None:
            db.session.add(NoticePreference(user_id=actor.user_id, kind=kind, delivery=delivery))
        else:
            row.delivery = delivery
    db.session.flush()


def chosen_by(user_ids: Iterable[int]) -> dict[int, dict[Notice, Delivery]]:
    """What each of these people chose, by their identities."""
    wanted = list(user_ids)
    found: dict[int, dict[Notice, Delivery]] = {user_id: {} for user_id in wanted}
    query = sa.select(NoticePreference).where(NoticePreference.user_id.in_(wanted))
    for row in db.session.scalars(query):
        found[row.user_id][row.kind] = row.delivery
    return found


def tell(users: Iterable[User], news: News) -> int:
    """Tell these people as each chose; how many are told. In a demonstration nobody is."""
    people = [user for user in users if user.active and not user.is_demonstration]
    chosen = chosen_by(user.id for user in people)
    count = 0
    for user in people:
        roles = [row.name for row in user.roles]
        match delivery_of(news.kind, roles, chosen[user.id]):
            case Delivery.NEVER:
                continue
            case Delivery.AT_ONCE:
                _send(user, news)
            case Delivery.DAILY:
                _keep(user, news)
        count += 1
    return count


def _sentence(news: News) -> str:
    return "\n".join([say(news.message, dict(news.params)), *news.more])


def _send(user: User, news: News) -> None:
    with force_locale(user.language or "en"):
        text = _letter([(_sentence(news), news.path)])
        message = Message(to=(user.name, user.email), subject=say(NOTICES[news.kind]), text=text)
    queue_message(message, key=f"{news.key}-user-{user.id}")


def _keep(user: User, news: News) -> None:
    """Keep it for the letter of the day; the same twice is kept once."""
    known = sa.select(WaitingNotice.id).where(
        WaitingNotice.user_id == user.id, WaitingNotice.key == news.key
    )
    if db.session.scalar(known) is not None:
        return
    with force_locale(user.language or "en"):
        text = _sentence(news)
    db.session.add(
        WaitingNotice(
            user_id=user.id,
            kind=news.kind,
            key=news.key,
            text=text,
            path=news.path,
            due_at=next_summary(clock.now(), news.zone),
        )
    )
    db.session.flush()


def _letter(items: Iterable[tuple[str, str]]) -> str:
    """The sentences, each with the address of its page, and how one is told less or more."""
    parts = [f"{text}\n{mailer.address_of(path)}" for text, path in items]
    end = say(N_("What you are told, and when, you choose in your account:"))
    return "\n\n".join([*parts, f"{end}\n{mailer.address_of(PREFERENCES)}"]) + "\n"


def send_summaries() -> int:
    """Write the letters of the day to everybody for whom something waits; how many."""
    due = sa.select(WaitingNotice.user_id).where(WaitingNotice.due_at <= clock.now()).distinct()
    people = db.session.scalars(sa.select(User).where(User.id.in_(due)).order_by(User.id)).all()
    for user in people:
        _summarize(user)
    return len(people)


def _summarize(user: User) -> None:
    query = sa.select(WaitingNotice).where(
        WaitingNotice.user_id == user.id, WaitingNotice.due_at <= clock.now()
    )
    rows = db.session.scalars(query.order_by(WaitingNotice.id)).all()
    if user.active:
        with force_locale(user.language or "en"):
            message = Message(
                to=(user.name, user.email),
                subject=say(N_("Notices of the day")),
                text=_letter((row.text, row.path) for row in rows),
            )
        queue_message(message, key=f"notices-{rows[-1].id}-user-{user.id}")
    for row in rows:
        db.session.delete(row)
    db.session.flush()
