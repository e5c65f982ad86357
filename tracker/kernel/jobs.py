"""Background work: one queue for all, on SQLite beside the database or on Redis."""

from pathlib import Path

from huey import Huey, RedisHuey, SqliteHuey


def queue(instance: Path, redis_url: str | None) -> Huey:
    """The queue of this installation; its SQLite file is apart from the application's database."""
    if redis_url:
        return RedisHuey("tracker", url=redis_url)
    return SqliteHuey("tracker", filename=str(instance / "jobs.sqlite"), timeout=30)
