"""A list as a delegation would send it: most of its people known, one corrected, two in trouble."""

import csv
import io

import sqlalchemy as sa

from tracker.delegations.models import Delegation
from tracker.demonstration.people import invent
from tracker.elections.models import Election
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.lists.checking import standings_of
from tracker.lists.operations import Received, receive_list
from tracker.organizations.models import Organization

SENDER = "TWESCO"
FUNCTIONS = {"head": "глава миссии", "deputy_head": "заместитель главы миссии"}
HEADER = (
    "№ п/п",
    "Фамилия",
    "Имя",
    "Пол",
    "Дата рождения",
    "Гражданство",
    "Номер паспорта",
    "Действителен до",
    "Функция",
    "Эл. почта",
)


def _rows(delegation: Delegation) -> list[list[str]]:
    rows = []
    for standing in standings_of(delegation.id).values():
        said = standing.values
        rows.append(
            [
                said["surname"],
                said["given_names"],
                said["sex"],
                ".".join(reversed(said["birth_date"].split("-"))),
                said["citizenship"],
                said["document_number"],
                ".".join(reversed(said["document_expiry"].split("-"))),
                FUNCTIONS.get(said["function"], "наблюдатель"),
                said.get("email", ""),
            ]
        )
    rows[-1][-1] = "corrected@example.org"
    for number, (day, email) in enumerate((("31.02.1970", "ok@example.org"), ("", "no address"))):
        person = invent("list", "MN", 60 + number)
        expires = person.document_expires_on.strftime("%d.%m.%Y")
        document = [person.document_number, expires, "наблюдатель", email]
        rows.append(
            [person.surname, person.given_names, person.sex, day or "12.03.1965", "Монголия"]
            + document
        )
    return rows


def receive_demonstration_list(election: Election) -> None:
    """Take the list in; nothing of it is accepted."""
    delegation = db.session.scalars(
        sa.select(Delegation)
        .join(Organization)
        .where(Delegation.election_id == election.id, Organization.acronym == SENDER)
    ).one()
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(HEADER)
    writer.writerows([number, *row] for number, row in enumerate(_rows(delegation), start=1))
    received = Received(filename=f"{SENDER} наблюдатели.csv", content=text.getvalue().encode())
    receive_list(
        actor=SYSTEM, election=election, delegation=delegation, received=received, at_once=True
    )
