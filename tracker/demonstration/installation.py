"""Builds the demonstration: accounts, the election of 2022, a practice election, its clock.

The demonstration's clock starts two days before election day and runs while it is served; the
practice election is open then, so that a newcomer can submit and accredit within the deadlines.
"""

import json
import os
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Flask, appcontext_pushed, current_app

from tracker.accounts.models import User
from tracker.accounts.operations import create_user
from tracker.audit.models import AuditEntry
from tracker.demonstration.election import build_election
from tracker.demonstration.week import build_week
from tracker.elections.models import Election, ElectionKind
from tracker.elections.operations import ElectionDetails, create_election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Role

ZONE = ZoneInfo("Asia/Almaty")
SLUG = "kz-2022"
START = datetime(2022, 11, 18, 10, 40, tzinfo=ZONE)
PEOPLE = {
    Role.REGISTRAR: "Aigul Nurlan",
    Role.COORDINATOR: "Daniyar Omar",
    Role.OFFICIAL: "Saule Bek",
    Role.COMMISSION: "Marat Ospan",
    Role.FOCAL_POINT: "Selin Demir",
    Role.ADMINISTRATOR: "Timur Akhmet",
    Role.AUDITOR: "Gulnar Sadyk",
}


def _instance() -> Path:
    folder: Path = current_app.config["SETTINGS"].instance
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def address_of(role: Role) -> str:
    """The demonstration account's address."""
    return f"{role.value.replace('_', '-')}@example.org"


def load(*, report: Callable[[str], None]) -> None:
    """Build what is not there yet, and say how to sign in."""
    is_new = db.session.scalar(sa.select(Election.id).where(Election.slug == SLUG)) is None
    if is_new:
        refuse_real_accounts()
    password = _password()
    if is_new:
        with unit_of_work(SYSTEM):
            with clock.at(datetime(2022, 9, 21, 12, tzinfo=ZONE)):
                _accounts(password)
                election = create_election(actor=SYSTEM, details=_details())
                practice = create_election(actor=SYSTEM, details=_practice())
                election.is_demonstration = practice.is_demonstration = True
            build_election(election)
            build_week(practice)
        resume_clock()
    else:
        db.session.rollback()
    report("Demonstration sign-ins (one a role):")
    for role in PEOPLE:
        report(f"  {role.value:<14} {address_of(role)}  {password}")


def refuse_real_accounts() -> None:
    """Its accounts, one an administrator, open with a password that is shown to everybody."""
    if db.session.scalar(sa.select(User.id).where(~User.is_demonstration).limit(1)) is not None:
        raise Refused(
            N_("There are accounts here: a demonstration needs an installation of its own.")
        )


def _password() -> str:
    """From the environment, else generated once and kept for the next start."""
    kept = _instance() / "demonstration_password"
    if not kept.exists():
        chosen = os.environ.get("TRACKER_DEMO_PASSWORD") or secrets.token_urlsafe(9)
        kept.touch(mode=0o600)
        kept.write_text(chosen, encoding="utf-8")
    return kept.read_text(encoding="utf-8")


def _accounts(password: str) -> None:
    for role, name in PEOPLE.items():
        create_user(
            actor=SYSTEM,
            email=address_of(role),
            name=name,
            roles=[role],
            password=password,
            is_demonstration=True,
        )


def _details() -> ElectionDetails:
    return ElectionDetails(
        slug=SLUG,
        kind=ElectionKind.EARLY_PRESIDENTIAL,
        name_en="Early presidential election",
        name_ru="Внеочередные выборы Президента",
        name_kk="Кезектен тыс Президент сайлауы",
        host_country="KZ",
        time_zone="Asia/Almaty",
        election_on=date(2022, 11, 20),
        opens_at=datetime(2022, 9, 22, tzinfo=ZONE),
    )


def _practice() -> ElectionDetails:
    return ElectionDetails(
        slug="practice",
        kind=ElectionKind.LOCAL,
        name_en="Practice election",
        name_ru="Учебные выборы",
        name_kk="Жаттығу сайлауы",
        host_country="KZ",
        time_zone="Asia/Almaty",
        election_on=date(2022, 12, 18),
        opens_at=datetime(2022, 11, 1, tzinfo=ZONE),
    )


def _clock_file() -> Path:
    return _instance() / "demonstration_clock.json"


def resume_clock() -> None:
    """Go on where the demonstration stopped: at its start, or at the last recorded change."""
    if db.session.scalar(sa.select(Election.id).where(Election.slug == SLUG)) is None:
        db.session.rollback()
        return
    last = db.session.scalar(sa.select(sa.func.max(AuditEntry.recorded_at)))
    db.session.rollback()
    _set_clock(max(START, last or START))


def move_clock(moment: datetime) -> None:
    """Let the demonstration's clock show a later moment from now on, in all its processes.

    Raises `Refused` for an installation that is no demonstration, and for an earlier moment: what
    was recorded would lie in the future.
    """
    if not _clock_file().exists():
        raise Refused(N_("Only a demonstration has a clock that can be set."))
    last = db.session.scalar(sa.select(sa.func.max(AuditEntry.recorded_at)))
    db.session.rollback()
    if moment < (last or START):
        raise Refused(N_("The clock can only be set forward."))
    _set_clock(moment)


def _set_clock(moment: datetime) -> None:
    offset = moment - datetime.now(UTC)
    partial = _clock_file().with_suffix(".partial")
    partial.write_text(json.dumps({"offset_seconds": offset.total_seconds()}))
    partial.replace(_clock_file())  # a process that reads meanwhile finds the old or the new one
    clock.set_offset(offset)


def follow_clock(app: Flask, instance: Path) -> None:
    """Set this process's clock as the demonstration's file says, also when that changes.

    The clock of an installation without such a file, a real one, shows the real time.
    """
    file = instance / "demonstration_clock.json"
    seen: list[int] = []

    def follow(_sender: Flask, **_extra: object) -> None:
        changed = file.stat().st_mtime_ns
        if seen != [changed]:
            seen[:] = [changed]
            offset = json.loads(file.read_text())["offset_seconds"]
            clock.set_offset(timedelta(seconds=offset))

    if file.exists():
        follow(app)
        appcontext_pushed.connect(follow, app, weak=False)
    else:
        clock.set_offset(timedelta())
