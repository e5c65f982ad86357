"""`tracker keys`: the keys that encrypt, their rotation and their end."""

import time
from collections.abc import Callable
from datetime import datetime

import click

from tracker.credentials.register import signing_keys
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.keys import SETTLED
from tracker.kernel.rotation import (
    Pass,
    begin_rotation,
    destroy_key,
    re_encrypt,
    retire_keys,
    rewrap_keys,
    standings,
)

keys = click.Group("keys", help="The keys that encrypt personal data.")
PASSES = 20  # each leaves less; what people hold in the last one is left for another day
STEP = 1_000  # values and files between two lines of progress


def _age(moment: datetime) -> str:
    return f"{(clock.now() - moment).days} days"


@keys.command("list")
def list_keys() -> None:
    """One line a key: number, purpose, made on, age, state, values still under it, secret."""
    for row in standings():
        values = "-" if row.values is None else str(row.values)
        made = f"{row.created_at:%Y-%m-%d}"
        words = (str(row.number), row.purpose.value, made, _age(row.created_at), row.state.value)
        click.echo("\t".join((*words, values, row.wrapping.value)))
    for key in signing_keys():
        state = "lost" if key.lost_at else "signing"
        made, age = f"{key.created_at:%Y-%m-%d}", _age(key.created_at)
        purpose = f"signs {key.purpose.value}"
        click.echo("\t".join((key.key_id, purpose, made, age, state, "-", "signing passphrase")))
    db.session.rollback()


@keys.command("rotate")
@click.option("--new", "is_forced", is_flag=True, help="Make a key though a rotation is not done.")
@click.option("--wait/--no-wait", default=True, help="Stay until the key before can be retired.")
def rotate(is_forced: bool, wait: bool) -> None:
    """Make a new data key and put everything under it, while the system serves.

    Run again after a crash: it goes on where it stopped.
    """
    with unit_of_work(SYSTEM):
        number = begin_rotation(actor=SYSTEM, is_forced=is_forced)
    began = time.monotonic()
    click.echo(f"Everything goes under data key {number}.")
    _say(re_encrypt(actor=SYSTEM, progress=_progress()))
    if not wait:
        click.echo("The keys before are retired by `tracker keys finish`.")
        return
    rest = SETTLED.total_seconds() + 1 - (time.monotonic() - began)
    if rest > 0:
        click.echo(f"Waiting {rest:.0f} seconds until no process encrypts with the key before.")
        time.sleep(rest)
    _finish()


@keys.command("finish")
def finish() -> None:
    """Put what is left under the newest data key and retire the keys before, making none."""
    _finish()


def _finish() -> None:
    for _number in range(PASSES):
        done = re_encrypt(actor=SYSTEM, progress=_progress())
        if not done.values and not done.files:
            break
        _say(done)
    with unit_of_work(SYSTEM):
        retired = retire_keys(actor=SYSTEM)
    for place in done.unreadable:
        click.echo(f"cannot be read: {place}", err=True)
    for number in retired:
        click.echo(f"Data key {number} is retired: `tracker keys destroy {number}` destroys it.")
    if not retired:
        click.echo("No data key could be retired; `tracker keys list` shows what is left.")


def _say(done: Pass) -> None:
    click.echo(f"{done.values} values and {done.files} files were put under the newest key.")


def _progress() -> Callable[[Pass], None]:
    """Says now and then how far a pass is."""
    said = 0

    def report(done: Pass) -> None:
        nonlocal said
        if done.values + done.files - said >= STEP:
            said = done.values + done.files
            click.echo(f"  {done.values} values, {done.files} files", err=True)

    return report


@keys.command("destroy")
@click.argument("number", type=int)
def destroy(number: int) -> None:
    """Destroy the retired data key NUMBER; refused while something is under it."""
    with unit_of_work(SYSTEM):
        destroy_key(actor=SYSTEM, number=number)
    click.echo(f"Data key {number} is destroyed.")


@keys.command("rewrap")
def rewrap() -> None:
    """Put all keys under TRACKER_SECRET_KEY, so that TRACKER_SECRET_KEY_PREVIOUS can go."""
    with unit_of_work(SYSTEM):
        count = rewrap_keys(actor=SYSTEM)
    click.echo(f"{count} keys were put under this secret. The previous one is not needed any more.")
