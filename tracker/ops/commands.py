"""`tracker mail`: what comes back of the mail that was sent."""

from mailbox import Maildir
from pathlib import Path
from typing import BinaryIO

import click

from tracker.kernel.actor import SYSTEM
from tracker.kernel.bounces import LARGEST, report_in
from tracker.kernel.database import unit_of_work
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.outbox import note_bounce

mail = click.Group("mail", help="Outgoing mail, and what comes back.")


def _noted(content: bytes) -> int | None:
    """The number of our message that this reports as returned; None where it is none of ours."""
    report = report_in(content)
    if report is None:
        return None
    with unit_of_work(SYSTEM):
        row = note_bounce(left_half=report.left_half, code=report.code, reason=report.reason)
        return row.id if row else None


@mail.command("bounce")
@click.argument("file", type=click.File("rb"), required=False)
@click.option(
    "--maildir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Read what is new in this folder of mail, and mark it as seen.",
)
def bounce(file: BinaryIO | None, maildir: Path | None) -> None:
    """Note that a message came back: a Delivery Status Notification from FILE (- for standard
    input), or all that are new in a maildir."""
    if file is not None and maildir is None:
        number = _noted(file.read(LARGEST + 1))
        if number is None:
            raise Refused(N_("This reports no message of ours as returned."))
        click.echo(f"Message No. {number} came back.")
    elif maildir is not None and file is None:
        click.echo(f"{_read(maildir)} messages came back.")
    else:
        raise click.UsageError("Give one file (or -), or --maildir.")


def _read(maildir: Path) -> int:
    """Read what is new in the folder, and mark it as seen; how many of ours came back."""
    box = Maildir(maildir, create=False)
    count = 0
    for key, letter in box.items():
        if letter.get_subdir() != "new":
            continue
        count += _noted(box.get_bytes(key)) is not None
        letter.set_subdir("cur")
        letter.add_flag("S")
        box[key] = letter
    return count
