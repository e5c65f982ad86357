"""How disclosed personal data is recorded: files each by its mark, shown data each by its record.

Who is shown the same data of a record again within `SHOWN_AGAIN` is not recorded anew: the page
that somebody works on, or that refreshes itself, would fill the record with one fact, and would
take the lock of all writers each time.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from tracker.audit.capture import append
from tracker.audit.models import AuditEntry
from tracker.kernel import clock
from tracker.kernel.actor import acting_actor
from tracker.kernel.database import db
from tracker.kernel.disclosure import Disclosure, Origin, Shown

SHOWN_AGAIN = timedelta(hours=1)  # as long as a browser keeps a portrait
EXPORTS = "exports"  # what entries about files that were made are filed under, by their mark
Named = dict[tuple[str, str], set[str]]  # columns by table and record


def unrecorded(found: list[Disclosure]) -> list[Disclosure]:
    """What of it has to be recorded: all files, and of shown data what was not shown lately."""
    new: list[Disclosure] = [each for each in found if isinstance(each, Origin)]
    if what := _named(found):
        known = _shown_lately()
        new += [
            Shown(table, record_id, tuple(sorted(names)))
            for (table, record_id), names in sorted(what.items())
            if not names <= known[table, record_id]
        ]
    return new


def record(found: list[Disclosure]) -> None:
    """Record what `unrecorded` left, within the change under way."""
    append(db.session(), [_change(each) for each in found])


def _change(each: Disclosure) -> dict[str, Any]:
    if isinstance(each, Shown):
        said: dict[str, Any] = {"shown": ", ".join(each.what)}
        about = {"action": "read", "record_table": each.table, "record_id": each.record_id}
    else:
        said = {"list": each.name, "format": each.form, "rows": each.rows}
        said |= {"filter": each.wanted} if each.wanted else {}
        about = {"action": "export", "record_table": EXPORTS, "record_id": each.mark}
    return about | {"before": None, "after": said}


def _named(found: Iterable[Disclosure]) -> Named:
    what: Named = defaultdict(set)
    for each in found:
        if isinstance(each, Shown):
            what[each.table, each.record_id].update(each.what)
    return what


def _shown_lately() -> Named:
    """What this person was shown within `SHOWN_AGAIN`; a system, which is no user, by its name."""
    who = acting_actor()
    query = sa.select(AuditEntry.record_table, AuditEntry.record_id, AuditEntry.after).where(
        AuditEntry.actor_id == who.user_id,
        AuditEntry.actor_name == who.name,
        AuditEntry.recorded_at > clock.now() - SHOWN_AGAIN,
        AuditEntry.action == "read",
    )
    found: Named = defaultdict(set)
    for table, record_id, after in db.session.execute(query):
        found[table, record_id].update((after or {}).get("shown", "").split(", "))
    return found
