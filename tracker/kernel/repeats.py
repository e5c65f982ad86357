"""The same form sent twice is done once: a double click, a reload, the back button.

Two sendings are the same when the same person sends the same fields and files to the same address
from the same page: each page's forms carry a signed token against forgery, which holds the moment
the page was made. The first one's answer, a redirect and what it said, is stored with its effects
in one transaction; the second gets that answer. While the first is under way the second waits: on
SQLite for the one writer, on PostgreSQL for the row.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Response, current_app, redirect, request, session
from flask_login import current_user
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel import clock
from tracker.kernel.database import Model, UtcDateTime, db
from tracker.kernel.encryption import EncryptedString

KEPT = timedelta(hours=24)  # longer than a session lives
TOKEN = "csrf_token"  # noqa: S105 - the name of a field
FLASHES = "_flashes"  # where Flask keeps what the next page says


class FormAnswer(Model):
    """What the first sending of a form was answered with."""

    __tablename__ = "form_answers"
    __table_args__ = ({"info": {"audit": "skip"}},)

    # Digest of who sends what to where.
    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    answer: Mapped[str | None] = mapped_column(EncryptedString)  # JSON: the address, what it said
    created_at: Mapped[datetime] = mapped_column(index=True)


def once(work: Callable[[], Response]) -> Response:
    """The answer of `work`, or the one that the same form had before; commits nothing itself.

    A request without the token, such as one of a script in the page, is always worked on.
    """
    if TOKEN not in request.form or "HX-Request" in request.headers:
        return work()
    key = _key()
    if not is_first(key):
        return _repeated(key)
    before = len(session.get(FLASHES, ()))
    response = work()
    if response.status_code in {301, 302, 303}:
        said = [list(each) for each in session.get(FLASHES, ())[before:]]
        keep(key, json.dumps([response.location, said]))
    else:
        db.session.execute(sa.delete(FormAnswer).where(FormAnswer.key == key))
    return response


def _key() -> str:
    """A digest of who sends what to where."""
    who = current_user.get_id() if current_user.is_authenticated else ""
    parts: list[str | bytes | None] = [who, request.full_path]
    for name, value in request.form.items(multi=True):
        parts += [name, value]
    for name, file in request.files.items(multi=True):
        content = hashlib.file_digest(file.stream, "sha256").digest()  # type: ignore[arg-type]
        parts += [name, file.filename, content]
        file.stream.seek(0)
    return digest_of(*parts)


def digest_of(*parts: str | bytes | None) -> str:
    """A digest of all parts, in which none runs into the next."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part or b""
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def is_first(key: str) -> bool:
    """Whether nobody sent the same before; the key is taken by the change under way."""
    statement = sa.text(
        "INSERT INTO form_answers (key, created_at) VALUES (:key, :now) ON CONFLICT DO NOTHING"
    ).bindparams(sa.bindparam("now", type_=UtcDateTime()))
    made: sa.CursorResult[Any] = db.session.execute(statement, {"key": key, "now": clock.now()})  # type: ignore[assignment]
    return made.rowcount == 1


def keep(key: str, answer: str) -> None:
    """Remember what the first sending was answered with."""
    db.session.execute(sa.update(FormAnswer).where(FormAnswer.key == key).values(answer=answer))


def kept(key: str) -> str | None:
    """What the first sending was answered with."""
    return db.session.scalar(sa.select(FormAnswer.answer).where(FormAnswer.key == key))


def _repeated(key: str) -> Response:
    answer = kept(key)
    location, said = json.loads(answer) if answer else (request.path, [])
    # The browser has left the first answer unread, and with it what it said.
    waiting = [list(each) for each in session.get(FLASHES, ())]
    session[FLASHES] = [*waiting, *(each for each in said if each not in waiting)]
    return current_app.make_response(redirect(str(location)))


def forget_answers() -> None:
    """Remove what nobody sends again; to be called within a change."""
    old = FormAnswer.created_at < clock.now() - KEPT
    db.session.execute(sa.delete(FormAnswer).where(old))
