"""Two hundred senders of an invented national election, and the delegation of each."""

from datetime import date, datetime, time
from itertools import product

import sqlalchemy as sa

from tracker.delegations.models import Delegation, DelegationFormat, DelegationStatus
from tracker.delegations.operations import (
    DelegationDetails,
    advance_delegation,
    create_delegation,
)
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.organizations.models import Organization, OrganizationKind
from tracker.organizations.operations import (
    OrganizationDetails,
    create_organization,
    ensure_state,
)
from tracker.organizations.states import state_codes

STATES = 60
PLACES = (
    ("of Northern Europe", "Северной Европы", "Солтүстік Еуропа"),
    ("of Southern Europe", "Южной Европы", "Оңтүстік Еуропа"),
    ("of the Balkans", "Балкан", "Балқан"),
    ("of Central Asia", "Центральной Азии", "Орталық Азия"),
    ("of South Asia", "Южной Азии", "Оңтүстік Азия"),
    ("of East Asia", "Восточной Азии", "Шығыс Азия"),
    ("of West Africa", "Западной Африки", "Батыс Африка"),
    ("of Southern Africa", "Южной Африки", "Оңтүстік Африка"),
    ("of the Andes", "Андских стран", "Анд елдері"),
    ("of the Caribbean", "Карибского бассейна", "Кариб бассейні"),
)
KINDS = (
    ("Union of Election Lawyers", "Союз юристов по выборам", "сайлау заңгерлерінің одағы"),
    ("Network for Fair Elections", "Сеть «За честные выборы»", "әділ сайлау желісі"),
    ("Association of Voters", "Ассоциация избирателей", "сайлаушылар қауымдастығы"),
    ("Civic Observatory", "Гражданская обсерватория", "азаматтық обсерваториясы"),
    ("Council of Election Experts", "Совет экспертов по выборам", "сайлау сарапшылары кеңесі"),
    ("League of Women Observers", "Лига наблюдательниц", "байқаушы әйелдер лигасы"),
    ("Institute for Democracy", "Институт демократии", "демократия институты"),
    ("Forum of Young Observers", "Форум молодых наблюдателей", "жас байқаушылар форумы"),
    ("Society for Electoral Law", "Общество избирательного права", "сайлау құқығы қоғамы"),
    ("Centre for Election Studies", "Центр изучения выборов", "сайлауды зерттеу орталығы"),
    ("Alliance of Observers", "Альянс наблюдателей", "байқаушылар альянсы"),
    ("Foundation for Public Oversight", "Фонд общественного контроля", "қоғамдық бақылау қоры"),
    ("Federation of Election Monitors", "Федерация наблюдателей", "байқаушылар федерациясы"),
    ("Academy of Elections", "Академия выборов", "сайлау академиясы"),
)


def _organization(place: tuple[str, str, str], kind: tuple[str, str, str]) -> Organization:
    """The organization of this name: one that is there already, or a new one."""
    name = f"{kind[0]} {place[0]}"
    found = db.session.scalar(sa.select(Organization).where(Organization.name_en == name))
    return found or create_organization(
        actor=SYSTEM,
        details=OrganizationDetails(
            kind=OrganizationKind.INTERNATIONAL_NGO,
            acronym=None,
            name_en=name,
            name_ru=f"{kind[1]} {place[1]}",
            name_kk=f"{place[2]} {kind[2]}",
        ),
    )


def enter_delegations(election: Election) -> list[Delegation]:
    """Have every sender invited, accept and announce its observers; the organizations first."""
    senders = [_organization(place, kind) for place, kind in product(PLACES, KINDS)]
    codes = [code for code in state_codes() if code != election.host_country]
    step = len(codes) // STATES
    senders += [ensure_state(actor=SYSTEM, country=code) for code in codes[::step][:STATES]]
    return [_delegation(election, sender, number) for number, sender in enumerate(senders, 1)]


def _delegation(election: Election, sender: Organization, number: int) -> Delegation:
    is_state = sender.kind is OrganizationKind.FOREIGN_STATE

    def at(day: date) -> datetime:
        return clock.local_moment(day, time(10), election.time_zone)

    announced_on = date(2022, 9, 22)
    with clock.at(at(announced_on)):
        delegation = create_delegation(
            actor=SYSTEM,
            election=election,
            organization=sender,
            details=DelegationDetails(
                format=DelegationFormat.STATE if is_state else DelegationFormat.SHORT_TERM,
                invited_on=date(2022, 9, 15),
                note_verbale_number=f"{number:03}/2022",
                note_verbale_on=announced_on,
                arrival_on=date(2022, 11, 15),
                departure_on=date(2022, 11, 22),
            ),
        )
        for status in (
            DelegationStatus.ACCEPTED,
            DelegationStatus.ANNOUNCED,
            DelegationStatus.ACCREDITING,
        ):
            advance_delegation(
                actor=SYSTEM, delegation=delegation, to_status=status, effective_on=announced_on
            )
    return delegation
