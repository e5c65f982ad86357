"""How a reader wants pages shown: colours, text size, letter spacing, rows; kept in cookies."""

from collections.abc import Mapping

DISPLAY_SETTINGS = {
    "theme": {"light", "dark", "contrast", "contrast-dark"},
    "text": {"l", "xl"},
    "space": {"m", "l"},
    "density": {"roomy"},
}


def display_settings(chosen: Mapping[str, str]) -> dict[str, str | None]:
    """Every setting with its value in `chosen`; None, the usual one, for what is not allowed."""
    return {
        name: chosen.get(name) if chosen.get(name) in allowed else None
        for name, allowed in DISPLAY_SETTINGS.items()
    }
