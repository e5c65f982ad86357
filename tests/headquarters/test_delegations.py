"""The list of delegations says of each how many stand where, on the page and in files alike."""

import csv
import io

from tests.conftest import NOW
from tests.factories import records
from tracker.accreditation.models import AccreditationStatus
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import unit_of_work
from tracker.kernel.permissions import Role

S = AccreditationStatus
NUMBERS = {S.DRAFT: 3, S.REGISTERED: 2, S.SUBMITTED: 1}
NAMES = ["Draft", "Registered", "Submitted", "Accredited"]


def test_who_is_entered_only_is_no_registered_observer(app, sign_in):
    with app.app_context(), clock.at(NOW), unit_of_work(SYSTEM):
        of = records.delegation(records.election())
        for status, number in NUMBERS.items():
            for _each in range(number):
                records.accreditation(of, status=status)
    with clock.at(NOW):
        client = sign_in(Role.REGISTRAR)
        page = client.get("/e/kz-2022/delegations/").text
        export = client.get("/e/kz-2022/delegations/?format=csv").text.lstrip("\ufeff")
    [row] = csv.DictReader(io.StringIO(export))
    assert [row[name] for name in NAMES] == ["3", "2", "1", "0"]
    heads = "".join(f'<th class="num">{name}</th>' for name in NAMES)
    cells = "".join(f'<td class="num">{number}</td>' for number in ("3", "2", "1", ""))
    assert heads in page
    assert cells in page
