"""Lists of a person or two, received and accepted as a registrar does."""

import sqlalchemy as sa

from tracker.accreditation.models import Accreditation
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.permissions import Role
from tracker.lists.acceptance import accept_list, begin_acceptance
from tracker.lists.checking import Sent, check_sent
from tracker.lists.operations import Received, receive_list

REGISTRAR = Actor(1, "Registrar", frozenset({Role.REGISTRAR}))
COMMISSION = Actor(2, "Commission", frozenset({Role.COMMISSION}))
HEAD = "Surname;Given names;Sex;Date of birth;Citizenship;Passport No;Valid until;Function;E-mail\n"
KAYA = "KAYA;EROL;M;1965-03-12;TR;U1234567;2030-01-01;Head of mission;erol@example.org\n"
CELIK = "CELIK;AYSE;F;1975-05-20;TR;U7654321;2030-01-01;STO;ayse@example.org\n"


def receive(election, delegation, text, **more):
    content = text if isinstance(text, bytes) else text.encode()
    received = Received(filename="list.csv", content=content, **more)
    return receive_list(
        actor=REGISTRAR, election=election, delegation=delegation, received=received
    )


def accept(election, delegation, found):
    begin_acceptance(actor=REGISTRAR, found=found)
    return accept_list(actor=REGISTRAR, election=election, delegation=delegation, list_id=found.id)


def enter(election, delegation, text, **more):
    found = receive(election, delegation, text, **more)
    return found, accept(election, delegation, found)


def rows(election, delegation, text, **more):
    check = check_sent(Sent(content=text.encode(), **more), election, delegation)
    return {item.row.number: item for item in check.rows}


def codes(item):
    return [problem.code for problem in item.row.problems]


def live(delegation):
    query = sa.select(sa.func.count()).where(
        Accreditation.delegation_id == delegation.id, Accreditation.is_live
    )
    return db.session.scalar(query)
