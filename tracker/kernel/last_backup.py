"""What became of the last backup, kept in a small file of the instance folder.

Outside the database, because it has to be known when the database is gone, and because a restored
database must not say that it has just been backed up.
"""

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

NAME = "backup.json"


@dataclass(frozen=True, kw_only=True)
class LastBackup:
    """One attempt; `made_at` and `size` tell of the last one that succeeded, whenever that was."""

    started_at: datetime  # UTC, by the machine's clock, as `made_at`
    seconds: float
    outcome: str  # "made" or "failed"
    file: str  # its name, without the folder
    reason: str = ""  # of a failure, in English, without personal data
    made_at: datetime | None = None
    size: int | None = None  # bytes


def read(instance: Path) -> LastBackup | None:
    """The last attempt of this installation; None where there is none or the file is unreadable."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        values = json.loads((instance / NAME).read_text(encoding="utf-8"))
        for name in ("started_at", "made_at"):
            values[name] = datetime.fromisoformat(values[name]) if values[name] else None
        return LastBackup(**values)
    return None


def write(instance: Path, last: LastBackup) -> None:
    """Keep `last`; a reader finds the former one or this one, never a part."""
    values = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(last).items()
    }
    partial = instance / f".{NAME}.{os.getpid()}"
    partial.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    partial.replace(instance / NAME)
