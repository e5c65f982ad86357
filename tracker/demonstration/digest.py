"""The daily digest of the demonstration: its hour, and two who receive it."""

from datetime import time

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.logistics.operations.digest import Recipient, add_digest_recipient, set_digest_hour

AT = time(20)
RECIPIENTS = (
    Recipient(name="Office of the Minister", email="minister-office@example.org", language="ru"),
    Recipient(name="Kanat Esen", email="kanat.esen@example.org", language="kk"),
)


def build_digest(election: Election) -> None:
    """Set the hour and enter who receives it."""
    with clock.at(election.opens_at):
        set_digest_hour(actor=SYSTEM, election=election, at=AT)
        for each in RECIPIENTS:
            add_digest_recipient(actor=SYSTEM, election=election, recipient=each)
