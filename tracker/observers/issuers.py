"""Codes of states and other issuers in travel documents (ICAO Doc 9303-3, section 5)."""

import re
from functools import lru_cache

from babel.core import get_global

from tracker.organizations.states import citizenship_name

# Codes that are not ISO 3166-1 alpha-3, with the alpha-2 code of the citizenship they stand for.
SPECIAL: dict[str, str | None] = {
    "D": "DE",  # Germany writes one letter
    "GBD": "GB",  # British overseas territories citizen
    "GBN": "GB",  # British national (overseas)
    "GBO": "GB",  # British overseas citizen
    "GBP": "GB",  # British protected person
    "GBS": "GB",  # British subject
    "RKS": "XK",  # Kosovo
    "EUE": None,  # European Union laissez-passer
    "UNO": None,  # United Nations
    "UNA": None,  # a specialized agency of the United Nations
    "UNK": None,  # United Nations Interim Administration Mission in Kosovo
    "UTO": None,  # Utopia, in specimens
    "XBA": None,  # African Development Bank
    "XCC": None,  # Caribbean Community
    "XCE": None,  # Council of Europe
    "XCO": None,  # Common Market for Eastern and Southern Africa
    "XDC": None,  # Southern African Development Community
    "XEC": None,  # Economic Community of West African States
    "XES": None,  # Organization of Eastern Caribbean States
    "XIM": None,  # African Export-Import Bank
    "XMP": None,  # Parliamentary Assembly of the Mediterranean
    "XOM": None,  # Sovereign Military Order of Malta
    "XPO": None,  # Interpol
    "XXA": None,  # stateless person, 1954 Convention
    "XXB": None,  # refugee, 1951 Convention
    "XXC": None,  # refugee, other
    "XXX": None,  # person of unspecified citizenship
}

_PRIVATE = re.compile("Q[M-Z]|X|ZZZ")  # ISO 3166-1 leaves these to private use


@lru_cache
def _iso() -> dict[str, str]:
    """ISO 3166-1 alpha-3 to alpha-2, from CLDR."""
    aliases = get_global("territory_aliases")
    return {
        alias: targets[0]
        for alias, targets in aliases.items()
        if len(alias) == 3 and alias.isalpha() and len(targets) == 1 and not _PRIVATE.match(alias)
    }


def is_issuer(code: str) -> bool:
    """Whether `code` may stand as issuer or citizenship in a machine-readable zone."""
    return code in SPECIAL or code in _iso()


@lru_cache
def issuer_of(citizenship: str) -> str:
    """The code that a passport of this citizenship carries (`D` for DE, `RKS` for XK)."""
    special = {"DE": "D", "XK": "RKS", "MM": "MMR"}
    alpha3 = {alpha2: code for code, alpha2 in reversed(_iso().items())}
    return special.get(citizenship) or alpha3.get(citizenship) or citizenship


def citizenship_of(code: str) -> str | None:
    """What we record as citizenship: a State's alpha-2 code, a special holder's own code."""
    if code in SPECIAL:
        return SPECIAL[code] or code
    return _iso().get(code)


def issuer_name(code: str, language: str) -> str:
    """The name of who issued a document, as a citizenship of theirs is named."""
    return citizenship_name(citizenship_of(code) or code, language)
