"""The dotted world: where senders come from, as circles whose area follows the number."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data" / "world.json"
LARGEST = 11.0
SMALLEST = 2.5


@dataclass(frozen=True)
class Bubble:
    """One sending state on the map, in the map's own units."""

    code: str
    count: int
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class WorldMap:
    """What the template draws."""

    viewbox: str
    dots: str
    bubbles: tuple[Bubble, ...]
    host: tuple[float, float] | None


@lru_cache
def _world() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_DATA.read_text(encoding="utf-8"))
    return found


def map_of(counts: Mapping[str, int], *, host: str) -> WorldMap:
    """The map of senders by ISO 3166-1 alpha-2 code, the largest circle first."""
    world = _world()
    points = world["points"]
    most = max(counts.values(), default=1)
    bubbles = [
        Bubble(
            code,
            count,
            points[code][0],
            points[code][1],
            round(max(SMALLEST, LARGEST * sqrt(count / most)), 1),
        )
        for code, count in counts.items()
        if code in points
    ]
    bubbles.sort(key=lambda bubble: (-bubble.count, bubble.code))
    home = points.get(host)
    return WorldMap(
        world["viewbox"], world["dots"], tuple(bubbles), (home[0], home[1]) if home else None
    )
