"""Regions of the host country (ISO 3166-2), with their place on the tile grid."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tracker.kernel.i18n import language, localized
from tracker.kernel.text import sort_key

_DATA = Path(__file__).parent / "data" / "regions.csv"


@dataclass(frozen=True)
class Region:
    """One region; `row` and `column` (from 1) place its tile, on which its short names (three
    letters) stand; `also`: what lists call it too."""

    country: str
    code: str
    row: int
    column: int
    name_en: str
    name_ru: str
    name_kk: str
    short_en: str
    short_ru: str
    short_kk: str
    also: str

    @property
    def names(self) -> tuple[str, ...]:
        """All that a list may call it."""
        called = (self.name_en, self.name_ru, self.name_kk)
        short = (self.short_en, self.short_ru, self.short_kk)
        return tuple(filter(None, (self.code, *called, *short, self.also)))


@lru_cache
def regions_of(country: str) -> tuple[Region, ...]:
    """The regions of a country by code; none where no list is packaged."""
    with _DATA.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["country"] == country]
    return tuple(
        Region(**{**row, "row": int(row["row"]), "column": int(row["column"])})  # type: ignore[arg-type]
        for row in rows
    )


def region_names(country: str) -> dict[str, str]:
    """What the regions of a country are called in the reader's language, by code and in the order
    of its alphabet."""
    names = ((region.code, localized(region, "name")) for region in regions_of(country))
    return dict(sorted(names, key=lambda pair: (sort_key(pair[1], language()), pair[0])))
