"""Certificates are issued, carried and ended; keys are rotated and lost; lists say what ended."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tests.factories.portraits import portrait
from tracker.accreditation.models import AccreditationStatus, Function, Ground
from tracker.accreditation.operations import revoke_accreditation
from tracker.accreditation.operations.steps import Reason as Why
from tracker.credentials import operations, queries, register
from tracker.credentials.models import (
    Certificate,
    CertificateKind,
    CertificateStatus,
    KeyPurpose,
    SigningKey,
)
from tracker.credentials.rules import KEY_OVERLAP, Ended, Reason
from tracker.credentials.signed_lists import open_revocations, seal_revocations
from tracker.credentials.signing import vault
from tracker.credentials.verification import verify
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.kernel.errors import Forbidden, Refused
from tracker.kernel.permissions import Role


@pytest.fixture
def election(session):
    return records.election()


def accredited(election, count=1, **values):
    """So many accredited people of one delegation."""
    delegation = records.delegation(election)
    return [
        records.accreditation(
            delegation,
            status=AccreditationStatus.ACCREDITED,
            person=records.observer(portrait=portrait()),
            **values,
        )
        for _ in range(count)
    ]


def issue(election, rows, **values):
    issued = operations.issue_certificates(
        actor=SYSTEM, election=election, accreditation_ids=[row.id for row in rows], **values
    )
    assert not issued.refused
    return queries.certificates_with(election.id, issued.ids)


def answer_of(certificate, election, *, at=None, **values):
    now = at or clock.now()
    keys = register.key_list(now)
    lists = {election.slug: register.revocation_list(election, now)}
    return verify(certificate.credential, keys=keys, lists=lists, now=now, **values)


def test_an_accredited_person_gets_a_certificate_that_verifies(election):
    [row] = accredited(election, region="KZ-75")
    [certificate] = issue(election, [row])
    assert certificate.serial == 1
    assert certificate.kind is CertificateKind.OBSERVER
    assert (certificate.valid_from, certificate.valid_until) == (row.status_at, election.ends_at)
    answer = answer_of(certificate, election)
    assert answer.reason is None
    assert answer.credential.regions == ("KZ-75",)
    assert bytes.fromhex(certificate.portrait).startswith(answer.credential.portrait)


def test_support_staff_get_a_support_certificate(election):
    [certificate] = issue(election, accredited(election, function=Function.INTERPRETER))
    assert certificate.kind is CertificateKind.SUPPORT


def test_serials_go_on_and_one_person_carries_one(election):
    rows = accredited(election, 3)
    assert [each.serial for each in issue(election, rows[:2])] == [1, 2]
    again = operations.issue_certificates(
        actor=SYSTEM, election=election, accreditation_ids=[row.id for row in rows]
    )
    assert len(again.ids) == 1
    assert [str(why) for _name, why in again.refused] == [
        "There is a certificate already: reissue it instead."
    ] * 2
    assert queries.last_serial(election.id) == 3


def test_nobody_without_accreditation_or_portrait_gets_one(election):
    delegation = records.delegation(election)
    waiting = records.accreditation(delegation, status=AccreditationStatus.SUBMITTED)
    faceless = records.accreditation(
        delegation,
        status=AccreditationStatus.ACCREDITED,
        person=records.observer(portrait=None),
    )
    issued = operations.issue_certificates(
        actor=SYSTEM, election=election, accreditation_ids=[waiting.id, faceless.id]
    )
    assert not issued.ids
    assert [str(why) for _name, why in issued.refused] == [
        "Not accredited.",
        "The portrait is missing.",
    ]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.REGISTRAR, Role.ADMINISTRATOR}))
def test_others_may_not_issue(election, actor, role):
    with pytest.raises(Forbidden):
        operations.issue_certificates(actor=actor(role), election=election, accreditation_ids=[])


def test_terms_are_checked(election):
    rows = accredited(election)
    for terms, field in (
        (operations.Terms(valid_until=election.ends_at + timedelta(days=1)), "valid_until"),
        (operations.Terms(valid_from=election.ends_at), "valid_from"),
        (operations.Terms(regions=("KZ-99",)), "regions"),
        (operations.Terms(regions=("KZ-75",) * 5), "regions"),
    ):
        with pytest.raises(Refused) as refusal:
            issue(election, rows, terms=terms)
        assert refusal.value.field == field


def test_the_life_of_a_certificate(election):
    [certificate] = issue(election, accredited(election))
    with pytest.raises(Refused):
        operations.hand_over_certificates(
            actor=SYSTEM, certificates=[certificate], received_by="A. Head"
        )
    operations.record_printed(actor=SYSTEM, certificates=[certificate])
    with pytest.raises(Refused) as refusal:
        operations.record_printed(actor=SYSTEM, certificates=[certificate])
    assert refusal.value.field == "reason"
    operations.record_printed(actor=SYSTEM, certificates=[certificate], reason="Paper jam")
    with pytest.raises(Refused) as refusal:
        operations.hand_over_certificates(actor=SYSTEM, certificates=[certificate], received_by=" ")
    assert refusal.value.field == "received_by"
    operations.hand_over_certificates(
        actor=SYSTEM, certificates=[certificate], received_by="A. Head"
    )
    operations.return_certificate(actor=SYSTEM, certificate=certificate)
    steps = [step.to_status.value for step in queries.steps_of(certificate.id)]
    assert steps == ["issued", "printed", "printed", "handed_over", "returned"]
    assert answer_of(certificate, election).reason is Reason.RETURNED


def test_a_reissue_ends_the_old_one_at_once(election):
    [old] = issue(election, accredited(election))
    new_id = operations.reissue_certificate(
        actor=SYSTEM, election=election, certificate=old, reason="New function"
    )
    new = db.session.get_one(Certificate, new_id)
    assert (new.replaces_id, old.status) == (old.id, CertificateStatus.REPLACED)
    assert answer_of(old, election).reason is Reason.REPLACED
    assert answer_of(new, election).reason is None


def test_a_reissue_that_cannot_be_leaves_the_old_one(election):
    [row] = accredited(election)
    [old] = issue(election, [row])
    row.status, row.is_live = AccreditationStatus.WITHDRAWN, False
    db.session.flush()
    with pytest.raises(Refused, match="not accredited any more"):
        operations.reissue_certificate(
            actor=SYSTEM, election=election, certificate=old, reason="New function"
        )
    db.session.refresh(old)
    assert old.status is CertificateStatus.ISSUED


def test_a_lost_one_ends_and_the_next_says_whose_place_it_takes(election):
    [row] = accredited(election)
    [old] = issue(election, [row])
    operations.lose_certificate(actor=SYSTEM, certificate=old, reason="Left in a taxi")
    [new] = issue(election, [row])
    assert new.replaces_id == old.id
    assert answer_of(old, election).reason is Reason.LOST


def test_a_revoked_accreditation_ends_its_certificate(election):
    [row] = accredited(election)
    [certificate] = issue(election, [row])
    before = register.revocation_list(election, clock.now())
    assert before.serials == {}
    with clock.at(NOW + timedelta(minutes=5)):
        revoke_accreditation(actor=SYSTEM, row=row, reason=Why(Ground.INTERFERENCE))
        assert answer_of(certificate, election).reason is Reason.REVOKED
        delta = register.revocation_list(election, clock.now(), since=before.issued_at)
        assert delta.serials == {1: Ended.REVOKED}
        assert delta.after(before).serials == {1: Ended.REVOKED}


def test_lists_are_signed_and_deltas_notice_what_is_missing(election):
    rows = accredited(election, 3)
    first, second, _third = issue(election, rows)
    operations.void_certificate(actor=SYSTEM, certificate=first, reason="Misprint")
    with clock.at(NOW + timedelta(hours=2)):  # a delta reaches an hour further back
        whole = register.revocation_list(election, clock.now())
    with clock.at(NOW + timedelta(hours=3)):
        operations.void_certificate(actor=SYSTEM, certificate=second, reason="Misprint")
        delta = register.revocation_list(election, clock.now(), since=whole.issued_at)
        assert delta.serials == {2: Ended.VOID}
        assert sorted(delta.after(whole).serials) == [1, 2]
        empty = register.revocation_list(election, clock.now(), since=clock.now())
        stale = type(whole)(whole.issuer, whole.issued_at, whole.election, {}, 0)
        assert delta.after(stale) is None
        assert empty.count == 2
        key = register.key_in_use(KeyPurpose.LISTS, clock.now())
        sealed = seal_revocations(
            delta, key=vault.open(key.private_key), key_id=bytes.fromhex(key.key_id)
        )
        read = open_revocations(sealed, register.key_list(clock.now()))
        assert (read.serials, read.count) == (delta.serials, 2)


def test_a_key_is_rotated_with_overlap(election):
    [old] = issue(election, accredited(election))
    first = register.key_in_use(KeyPurpose.CERTIFICATES, clock.now())
    fresh = operations.rotate_key(actor=SYSTEM, purpose=KeyPurpose.CERTIFICATES)
    assert fresh.signs_from == NOW + KEY_OVERLAP
    with pytest.raises(Refused):
        operations.rotate_key(actor=SYSTEM, purpose=KeyPurpose.CERTIFICATES)
    assert issue(election, accredited(election))[0].signing_key_id == first.id
    with clock.at(NOW + KEY_OVERLAP):
        [new] = issue(election, accredited(election))
        assert new.signing_key_id == fresh.id
        assert answer_of(old, election).reason is None
        assert answer_of(new, election).reason is None


def test_a_lost_key_voids_what_it_signed_in_one_step(election):
    rows = accredited(election, 3)
    certificates = issue(election, rows)
    operations.void_certificate(actor=SYSTEM, certificate=certificates[0], reason="Misprint")
    lost = register.key_in_use(KeyPurpose.CERTIFICATES, clock.now())
    assert operations.lose_key(actor=SYSTEM, key=lost, reason="Laptop stolen") == 2
    assert answer_of(certificates[1], election).reason is Reason.KEY_LOST
    assert sorted(queries.without_certificate(election.id)) == [row.id for row in rows]
    [new, *_others] = issue(election, rows)
    assert new.signing_key_id != lost.id
    assert answer_of(new, election).reason is None


def test_the_private_key_is_stored_encrypted(election):
    issue(election, accredited(election))
    [pem] = set(
        db.session.scalars(
            sa.select(SigningKey.private_key).where(SigningKey.purpose == KeyPurpose.LISTS)
        )
    )
    assert pem.startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    vault.configure("another passphrase")
    with pytest.raises(Refused, match="not the right one"):
        vault.open(pem)
    vault.configure(None)
    with pytest.raises(Refused, match="TRACKER_SIGNING_PASSPHRASE"):
        vault.open(pem)


def test_those_without_a_certificate_are_counted_as_they_are_listed(election):
    rows = accredited(election, 5)
    first, *_others = issue(election, rows[:3])
    operations.lose_certificate(actor=SYSTEM, certificate=first, reason="Left in a taxi")
    revoke_accreditation(actor=SYSTEM, row=rows[1], reason=Why(Ground.INTERFERENCE))
    waiting = queries.without_certificate(election.id)
    assert sorted(waiting) == [rows[0].id, rows[3].id, rows[4].id]
    assert queries.count_without(election.id) == 3
    assert sum(queries.waiting_by_delegation(election.id).values()) == 3
