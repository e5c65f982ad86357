"""The thread of a delegation with headquarters, and its word that certificates arrived."""

from typing import Any

from tracker.api.blueprint import blueprint, serves
from tracker.api.shapes import messages as shapes
from tracker.api.shapes.common import PageQuery, listed
from tracker.credentials.receipts import confirm_receipt
from tracker.delegations import messages as operations
from tracker.delegations.models import DelegationMessage
from tracker.delegations.queries import delegation_for
from tracker.elections.queries import election_for
from tracker.kernel.disclosure import disclose
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor

ABOUT = "Messages"


def _shown(row: DelegationMessage) -> shapes.Message:
    disclose(row, "text")
    return shapes.Message(
        id=row.id,
        text=row.text,
        is_from_headquarters=row.is_from_headquarters,
        author=row.author_name,
        written_at=row.written_at,
    )


@blueprint.get("/elections/<election>/delegations/<int:delegation_id>/messages")
@serves(Capability.VIEW_MESSAGES, shapes.MessageList, about=ABOUT)
def messages(election: str, delegation_id: int, query: PageQuery) -> Any:
    """The thread of a delegation with headquarters, the newest first; each reading is on record."""
    row = election_for(actor(), election)
    found = delegation_for(actor(), row.id, delegation_id)
    page = operations.messages_page(found.id, query.cursor)
    return listed(shapes.MessageList, page, (_shown(each) for each, *_keys in page.rows))


@blueprint.post("/elections/<election>/delegations/<int:delegation_id>/messages")
@serves(Capability.WRITE_MESSAGES, shapes.Message, about=ABOUT, status=201, writes=True)
def write_message(election: str, delegation_id: int, json: shapes.NewMessage) -> Any:
    """Write into the thread."""
    row = election_for(actor(), election)
    found = delegation_for(actor(), row.id, delegation_id)
    made = operations.write_message(actor=actor(), delegation=found, text=json.text)
    return _shown(made), 201


@blueprint.post("/elections/<election>/delegations/<int:delegation_id>/receipt")
@serves(Capability.CONFIRM_RECEIPT, shapes.Receipt, about=ABOUT, writes=True)
def confirm_certificates(election: str, delegation_id: int, json: shapes.Receipt) -> Any:
    """Confirm that the delegation holds all certificates that were handed over to it; refused where
    they are not as many as it says."""
    row = election_for(actor(), election)
    found = delegation_for(actor(), row.id, delegation_id)
    number = confirm_receipt(actor=actor(), delegation_id=found.id, number=json.certificates)
    return shapes.Receipt(certificates=number)
