"""What the job process does with lists: checks the large ones, stores the accepted ones."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import structlog

from tracker.accounts.queries import actor_of
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.jobs import jobs
from tracker.kernel.outage import puts_off
from tracker.lists.acceptance import accept_list, interrupt
from tracker.lists.checking import check_list
from tracker.lists.models import ListStatus, ObserverList
from tracker.lists.operations import store_check

log = structlog.get_logger()
BROKEN = N_("Something unexpected stopped the work; nothing was stored. Try again.")


def _around(list_id: int) -> tuple[ObserverList, Election, Delegation]:
    found = db.session.get_one(ObserverList, list_id)
    election = db.session.get_one(Election, found.election_id)
    return found, election, db.session.get_one(Delegation, found.delegation_id)


def _guarded(list_id: int, work: Callable[[], Any]) -> None:
    """Do the work; whatever stops it is said on the list, which is open again."""
    try:
        work()
    except Refused as refusal:
        with unit_of_work(SYSTEM):
            interrupt(found=db.session.get_one(ObserverList, list_id), reason=refusal)
    except Exception as error:
        if puts_off(error, list_id=list_id):
            return
        log.exception("list job failed", list_id=list_id)
        with unit_of_work(SYSTEM):
            interrupt(found=db.session.get_one(ObserverList, list_id), reason=Refused(BROKEN))


def check(list_id: int) -> None:
    """Check a large list."""

    def work() -> None:
        with unit_of_work(SYSTEM):
            found, election, delegation = _around(list_id)
            if found.status is ListStatus.CHECKING:
                store_check(found, check_list(found, election, delegation))
                found.status = ListStatus.CHECKED

    _guarded(list_id, work)


def accept(list_id: int) -> None:
    """Store an accepted list in one transaction, as the person who accepted it."""

    def work() -> None:
        given_by = db.session.get_one(ObserverList, list_id).accepted_by_id
        actor = actor_of(given_by)
        db.session.rollback()  # what is written must not begin as a read (SQLite would refuse it)
        with unit_of_work(actor):
            _found, election, delegation = _around(list_id)
            accept_list(
                actor=actor,
                election=election,
                delegation=delegation,
                list_id=list_id,
                progress=lambda done, total: jobs.report(f"list-{list_id}", done, total),
            )

    _guarded(list_id, work)


def resume() -> int:
    """Give out again what a process that died left behind: it had stored nothing."""
    names = {ListStatus.CHECKING: "check_list", ListStatus.ACCEPTING: "accept_list"}
    query = sa.select(ObserverList.id, ObserverList.status).where(ObserverList.status.in_(names))
    waiting = db.session.execute(query).all()
    db.session.rollback()
    for list_id, status in waiting:
        jobs.enqueue_once(names[status], list_id=list_id)
    return len(waiting)


HANDLERS = {"check_list": check, "accept_list": accept}
