"""Ready answers: kept by those who handle requests, in three languages."""

from dataclasses import dataclass, fields

from sqlalchemy.exc import IntegrityError

from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Difference, Refused, Stale
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.logistics.models.assistance import CannedAnswer


@dataclass(frozen=True, kw_only=True)
class AnswerDetails:
    """A ready answer as it is typed."""

    title_en: str
    title_ru: str
    title_kk: str
    text_en: str
    text_ru: str
    text_kk: str


def keep_answer(
    *,
    actor: Actor,
    details: AnswerDetails,
    answer: CannedAnswer | None = None,
    seen_version: int = 0,
) -> CannedAnswer:
    """Add a ready answer, or change `answer`; raises `Stale`."""
    actor.require(Capability.HANDLE_REQUESTS)
    values = {each.name: getattr(details, each.name) for each in fields(details)}
    if answer is None:
        answer = CannedAnswer()
        db.session.add(answer)
    elif answer.version != seen_version:
        raise Stale(
            N_(
                "This answer was changed meanwhile. What you entered is still below; "
                "check it and save again."
            ),
            differences=[
                Difference(name, getattr(answer, name), value)
                for name, value in values.items()
                if getattr(answer, name) != value
            ],
        )
    for name, value in values.items():
        setattr(answer, name, value)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Refused(N_("There is an answer with this title."), field="title_en") from error
    return answer


def delete_answer(*, actor: Actor, answer: CannedAnswer) -> None:
    """Keep the answer no longer; what was said with it stays said."""
    actor.require(Capability.HANDLE_REQUESTS)
    db.session.delete(answer)
    db.session.flush()
