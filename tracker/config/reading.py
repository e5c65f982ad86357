"""How single values of the environment are read, and how one says that they will not do."""

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path


class SettingsError(Exception):
    """The environment does not make a safe or complete configuration."""


def whole_number(
    environ: Mapping[str, str], name: str, default: int, *, least: int = 0, most: int
) -> int:
    text = environ.get(name, "").strip() or str(default)
    is_number = text.isascii() and text.isdecimal() and len(text) < 10
    if not is_number or not least <= int(text) <= most:
        raise SettingsError(f"{name} must be a whole number from {least} to {most}.")
    return int(text)


def given_or_in_file(environ: Mapping[str, str], name: str) -> str | None:
    """A secret from the variable `name` or from the file that `name`_FILE names; None for neither.

    A file that is named and empty gives the empty text.
    """
    given, named = environ.get(name, "").strip(), environ.get(f"{name}_FILE", "").strip()
    if given and named:
        raise SettingsError(f"{name} and {name}_FILE are both set: keep one.")
    if not named:
        return given or None
    try:
        return Path(named).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise SettingsError(f"{name}_FILE: {named} cannot be read.") from error


def path_in(environ: Mapping[str, str], name: str) -> Path | None:
    given = environ.get(name, "").strip()
    return Path(given).resolve() if given else None


def networks(environ: Mapping[str, str], name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks separated by commas, as 10.20.0.0/16 or fd00:20::/48."""
    parts = (part.strip() for part in environ.get(name, "").split(","))
    try:
        return tuple(ip_network(part) for part in parts if part)
    except ValueError as error:
        raise SettingsError(
            f"{name} must be networks separated by commas: 10.20.0.0/16,fd00:20::/48."
        ) from error


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
