"""Anchors the record: once a day in the job process, and whenever `tracker audit anchor` says so.

The entry that announces a line is committed before the line is written, since a line must never
vouch for what did not come to be. A process that dies between the two leaves a line announced and
not written: verification names it, and the next round announces it anew and writes it.
"""

from datetime import UTC
from pathlib import Path

from tracker.audit.anchors import ANCHOR, Anchor, Lines, opened, since_anew
from tracker.audit.capture import append
from tracker.audit.operations import OWN
from tracker.audit.queries import announced_lines, head
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.mail import Message
from tracker.kernel.outbox import queue_message

SUBJECT = "Anchor of the audit record"
LETTER = """\
The audit record reached entry {position} at {at:%Y-%m-%d %H:%M} UTC. Keep this message: the line
below proves later that no entry up to this one was changed, added or taken away.

{anchor}

To compare, keep such lines in a file, one below the other, and run
`tracker audit verify --anchors FILE`.
"""


def anchor_record(*, file: Path, recipient: str = "", is_anew: bool = False) -> Anchor:
    """Announce the next line in the record and write it; mail it to `recipient` as well.

    `is_anew` begins a file where the former one was lost or put away. Raises `Refused` where the
    file is not what the record announced, so that a lost line cannot be written over.
    """
    with opened(file) as held:
        with clock.at(clock.now()), unit_of_work(SYSTEM):  # one moment: of the entry and the line
            anchor = _announced(held.lines(), is_anew=is_anew)
            if recipient:
                text = LETTER.format(position=anchor.position, at=anchor.at, anchor=anchor)
                letter = Message(to=("", recipient), subject=SUBJECT, text=text)
                queue_message(letter, key=f"anchor-{anchor.position}")
        held.append(anchor)
    return anchor


def _announced(lines: Lines, *, is_anew: bool) -> Anchor:
    """The line that comes next; the last entry of the record announces it."""
    _refuse_unless_whole(lines, is_anew=is_anew)
    follows = lines.own_digest(len(lines.anchors))
    if follows is None:
        raise Refused(N_("The last line of the file of anchors cannot be read."))
    said = {"line": len(lines.anchors) + 1, "follows": follows, "anew": is_anew}
    change = {"action": ANCHOR, "record_table": OWN, "record_id": str(said["line"])}
    append(db.session(), [change | {"before": None, "after": said}])
    position, digest = head()
    return Anchor.following(follows, position=position, digest=digest, at=clock.now())


def _refuse_unless_whole(lines: Lines, *, is_anew: bool) -> None:
    if is_anew:
        if lines.anchors:
            raise Refused(N_("The file of anchors is not empty: put it away first, and keep it."))
        return
    most = max((said.line for said in since_anew(announced_lines())), default=0)
    # One line may be announced and not written (see above); more than one is a loss.
    if most > len(lines.anchors) + 1:
        raise Refused(
            N_(
                "The file of anchors has %(lines)s lines, and %(announced)s were announced: bring "
                "it back from where it is kept, or begin another with --anew."
            ),
            lines=len(lines.anchors),
            announced=most,
        )


def anchor_today(*, file: Path, recipient: str = "") -> bool:
    """Anchor the record unless that was done on this day (UTC); whether it was done now."""
    last = Lines.of(file).last
    if last and last.at.astimezone(UTC).date() >= clock.now().date():
        return False
    anchor_record(file=file, recipient=recipient)
    return True
