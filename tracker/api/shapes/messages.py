"""What a delegation and headquarters say to each other, and the word that papers arrived."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StrictInt

from tracker.api.shapes.common import Listed, Shape, lines
from tracker.delegations.messages import LONGEST


class Message(Shape):
    """One message in the thread of a delegation."""

    id: int
    text: str
    is_from_headquarters: bool
    author: str
    written_at: datetime


class MessageList(Listed[Message]):
    """A thread, the newest first."""


class NewMessage(Shape):
    """What is written into the thread."""

    text: lines(LONGEST, least=1)  # type: ignore[valid-type]


class Receipt(Shape):
    """How many certificates a delegation holds that were handed over to it and not confirmed."""

    certificates: Annotated[StrictInt, Field(ge=1, le=1_000_000)]
