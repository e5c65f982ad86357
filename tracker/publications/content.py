"""A press note as it is published: everything a reader sees, frozen in all languages."""

import json
from dataclasses import asdict, dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class NoteContent:
    """One version of a press note; texts by language (en, ru, kk)."""

    happened_on: str  # ISO 8601, the local day of the meeting
    title: dict[str, str]
    officials: dict[str, list[str]]  # position and name, as they were that day
    delegations: dict[str, list[str]]  # the sender, and who headed the delegation
    text: dict[str, str]
    closing: dict[str, str]  # the totals of that day
    photo: str | None = None  # storage key
    photo_credit: str | None = None
    photo_alt: dict[str, str] | None = None
    press_contact: str | None = None
    correction: dict[str, str] | None = None  # what this version corrects

    def as_json(self) -> str:
        """As it is stored."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "NoteContent":
        """As it was stored."""
        return cls(**json.loads(text))

    @property
    def day(self) -> date:
        """The local day of the meeting."""
        return date.fromisoformat(self.happened_on)
