"""What the lists cost that polling stations load: a million certificates, one in a hundred ended.

The first whole list after a change is made from the tables; everybody else of that minute gets the
same bytes. A delta names what is new since the list that a verifier holds.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.benchmarks.million import NOW, SLUG, fill
from tests.journeys.demonstration import demonstration
from tracker.credentials import queries as listing
from tracker.credentials import register
from tracker.credentials.models import KeyPurpose
from tracker.credentials.operations.keys import key_to_sign
from tracker.credentials.signed_lists import (
    open_keys,
    open_revocations,
    seal_keys,
    seal_revocations,
)
from tracker.credentials.signing import vault
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work

SIZES = (1_000, 1_000_000)
CERTIFICATES = """
    INSERT INTO certificates (election_id, delegation_id, accreditation_id, serial, code, kind,
        function, regions, valid_from, valid_until, status, status_at, signing_key_id, credential,
        portrait, issued_at, issued_by, version)
    SELECT election_id, delegation_id, id, row_number() OVER (ORDER BY id), 'ABCD', 'observer',
        'short_term_observer', '', :before, :after,
        CASE WHEN abs(random()) % 100 = 0 THEN 'void' ELSE 'handed_over' END, :before, :key, '',
        :portrait,
        :before, 'benchmark', 1
    FROM accreditations WHERE election_id = :election AND status NOT IN ('withdrawn', 'revoked')
"""


def _time(call: Callable[[], Any], rounds: int = 5) -> tuple[float, Any]:
    """The median of some rounds in milliseconds, and what the last one gave."""
    spent, found = [], None
    for _ in range(rounds):
        start = time.perf_counter()
        found = call()
        spent.append((time.perf_counter() - start) * 1000)
    return statistics.median(spent), found


def _measure(size: int) -> dict[str, float]:
    app = demonstration(Path(tempfile.mkdtemp(prefix="tracker-revocations-")))
    fill(app, size)
    with app.app_context(), clock.at(NOW):
        with unit_of_work(SYSTEM):
            election = db.session.scalars(sa.select(Election).filter_by(slug=SLUG)).one()
            values = {
                "election": election.id,
                "key": key_to_sign(SYSTEM).id,
                "before": (NOW - timedelta(days=3)).replace(tzinfo=None),
                "after": (NOW + timedelta(days=3)).replace(tzinfo=None),
                "portrait": "0" * 64,
            }
            db.session.execute(sa.text(CERTIFICATES), values)
            db.session.execute(sa.text("ANALYZE"))
        election = db.session.scalars(sa.select(Election).filter_by(slug=SLUG)).one()
        key = register.key_in_use(KeyPurpose.LISTS, NOW)
        if key is None:
            raise RuntimeError("no key for lists")
        signer = {"key": vault.open(key.private_key), "key_id": bytes.fromhex(key.key_id)}
        keys = open_keys(seal_keys(register.key_list(NOW), **signer))

        def whole() -> bytes:
            return seal_revocations(register.revocation_list(election, NOW), **signer)

        def delta() -> bytes:
            since = NOW - timedelta(hours=2)
            return seal_revocations(register.revocation_list(election, NOW, since), **signer)

        def page() -> Any:
            wanted = listing.Filter()
            listing.certificates_page(listing.listed(SYSTEM, election.id, wanted), None)
            listing.count_without(election.id)
            return listing.count_listed(SYSTEM, election.id, wanted)

        looked, _count = _time(page)
        made, sealed = _time(whole)
        brief, short = _time(delta)
        read, found = _time(lambda: open_revocations(sealed, keys))
        db.session.rollback()
        db.engine.dispose()
    return {
        "ended": len(found.serials),
        "bytes": len(sealed),
        "delta bytes": len(short),
        "list ms": made,
        "delta ms": brief,
        "read ms": read,
        "page of certificates ms": looked,
    }


def measure() -> dict[str, float]:
    """Bytes, and how the work grows a thousandfold."""
    small, large = (_measure(size) for size in SIZES)
    found = {f"revocation list of a million, {name}": round(large[name], 1) for name in large}
    ended = large["ended"] / small["ended"]
    found["revocation list, time ÷ serials ended, million ÷ thousand"] = round(
        large["list ms"] / small["list ms"] / ended, 2
    )
    name = "page of certificates ms"
    found["page of certificates, million ÷ thousand"] = round(large[name] / small[name], 2)
    return found


if __name__ == "__main__":
    for line, value in measure().items():
        print(f"{line:<64}{value:>10}")
