"""What a delegation is to do next: facts in, tasks out, the most pressing first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SOON = timedelta(days=3)


class Task(StrEnum):
    """What waits for the delegation."""

    RETURNED_LIST = "returned_list"
    CLOSING = "closing"  # the close is near, and somebody is not in the register yet
    LIST_TO_MEND = "list_to_mend"
    LIST_TO_SEND = "list_to_send"
    MESSAGE = "message"
    INCOMPLETE = "incomplete"  # in the register, and something is missing
    RECEIPT = "receipt"
    NO_LIST = "no_list"
    SECOND_FACTOR = "second_factor"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Where a delegation stands; numbers of lists, messages, people and certificates."""

    returned_lists: int = 0
    lists_to_mend: int = 0
    lists_to_send: int = 0
    messages: int = 0
    incomplete: int = 0
    entered: int = 0  # live accreditations of any status
    sent_lists: int = 0
    receipts: int = 0
    has_second_factor: bool = True


def tasks(facts: Facts, *, now: datetime, closes_at: datetime) -> list[tuple[Task, int]]:
    """The tasks with how many of each, in the order in which they press."""
    is_open = now < closes_at
    unsent = facts.returned_lists + facts.lists_to_mend + facts.lists_to_send + facts.incomplete
    counts = {
        Task.RETURNED_LIST: facts.returned_lists,
        Task.CLOSING: unsent if is_open and closes_at - now <= SOON else 0,
        Task.LIST_TO_MEND: facts.lists_to_mend,
        Task.LIST_TO_SEND: facts.lists_to_send,
        Task.MESSAGE: facts.messages,
        Task.INCOMPLETE: facts.incomplete,
        Task.RECEIPT: facts.receipts,
        Task.NO_LIST: int(is_open and not (facts.entered or facts.sent_lists or unsent)),
        Task.SECOND_FACTOR: int(not facts.has_second_factor),
    }
    return [(task, count) for task, count in counts.items() if count]
