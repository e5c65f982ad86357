"""`tracker credential`: certificates checked with files alone, and the signed lists as files.

Checking needs no installation: a laptop with the two lists and a picture of a badge is enough.
"""

import io
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import click
import pypdfium2
import zxingcpp
from PIL import Image, UnidentifiedImageError

from tracker.credentials.cose import CREDENTIAL_PREFIX, Unreadable
from tracker.credentials.labels import REASONS
from tracker.credentials.publishing import signed_keys, signed_revocations
from tracker.credentials.rules import Verdict
from tracker.credentials.signed_lists import (
    KeyList,
    RevocationList,
    open_keys,
    open_revocations,
)
from tracker.credentials.verification import Answer, verify
from tracker.elections.queries import election_for
from tracker.kernel.actor import SYSTEM

DOTS_PER_INCH = 200
MOST_PIXELS = 100_000_000  # of a picture; more is a decompression bomb, not a photograph
QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
LARGEST_PAGE = 40  # inches along a side of a page in a PDF
EXIT = {Verdict.VALID: 0, Verdict.NOT_VALID: 1, Verdict.CANNOT_TELL: 3}


@click.group()
def credential() -> None:
    """The signed credential of certificates."""


@dataclass(frozen=True)
class Held:
    """What a verifier holds."""

    keys: KeyList
    lists: dict[str, RevocationList]


def _held(keys: Path, lists: Iterable[Path], trusted: str | None) -> Held:
    """The lists in these files; raises `ClickException` where one is not what it should be."""
    try:
        known = [bytes.fromhex(trusted)] if trusted else None
        found = open_keys(keys.read_bytes(), trusted=known)
    except (Unreadable, ValueError) as error:
        raise click.ClickException(f"{keys}: {error}") from error
    opened = {}
    for path in lists:
        try:
            each = open_revocations(path.read_bytes(), found)
        except Unreadable as error:
            raise click.ClickException(f"{path}: {error}") from error
        opened[each.election] = each
    return Held(found, opened)


def texts_in(source: str) -> Iterator[str]:
    """What the codes of a source say: the text itself, standard input, a picture, a PDF.

    Raises `ClickException` where there is no such file or nobody can read it.
    """
    if source.startswith(CREDENTIAL_PREFIX):
        yield source
        return
    if source == "-":
        yield sys.stdin.read(1 << 20)
        return
    try:
        content = Path(source).read_bytes()
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{source[:200]} cannot be read.") from error
    pictures = _pages(content) if content.startswith(b"%PDF") else [_picture(content, source)]
    for picture in pictures:
        for code in zxingcpp.read_barcodes(picture, formats=QR):
            yield code.text


def _picture(content: bytes, source: str) -> Image.Image:
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise click.ClickException(f"{source}: the picture is too large.")
            return image.convert("L")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise click.ClickException(f"{source} is neither a picture nor a PDF.") from error


def _pages(content: bytes) -> Iterator[Image.Image]:
    """The pages of a PDF, one at a time."""
    try:
        document = pypdfium2.PdfDocument(content)
        for number in range(len(document)):
            page = document[number]
            longest = max(page.get_size()) / 72
            scale = DOTS_PER_INCH / 72 * min(1, LARGEST_PAGE / max(longest, 1))
            yield page.render(scale=scale, grayscale=True).to_pil()
            page.close()
    except pypdfium2.PdfiumError as error:
        raise click.ClickException("The PDF is damaged.") from error


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter("write it like 2022-11-18T06:00+00:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@credential.command("verify")
@click.argument("sources", nargs=-1, required=True)
@click.option("--keys", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True)
@click.option(
    "--list",
    "lists",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A revocation list; once an election.",
)
@click.option("--election", help="Refuse certificates of others.")
@click.option("--at", "at", metavar="ISO", help="As of this moment (UTC without an offset).")
@click.option("--trusted", metavar="KEY-ID", help="Take the keys only if this key signed them.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def verify_command(
    sources: tuple[str, ...],
    keys: Path,
    lists: tuple[Path, ...],
    election: str | None,
    at: str | None,
    trusted: str | None,
    form: str,
) -> None:
    """Check SOURCES: texts of codes, pictures, PDFs; "-" reads a text from standard input.

    Exit code 0: all are valid; 1: one is not, or there was no code; 3: nobody can tell of one.
    """
    held, now = _held(keys, lists, trusted), _moment(at)
    code = 0
    for source in sources:
        found = 0
        for text in texts_in(source):
            found += 1
            answer = verify(text, keys=held.keys, lists=held.lists, now=now, election=election)
            click.echo(json.dumps(_plain(answer)) if form == "json" else _line(answer, now))
            code = _worse(code, EXIT[answer.verdict])
        if not found:
            click.echo(f"{source}: no code was found.", err=True)
            code = 1
    sys.exit(code)


def _worse(one: int, other: int) -> int:
    """Not valid outweighs cannot tell, which outweighs valid."""
    return one if (0, 3, 1).index(one) > (0, 3, 1).index(other) else other


def _line(answer: Answer, now: datetime) -> str:
    words = [answer.verdict.value.replace("_", " ").upper()]
    if answer.reason:
        words.append(REASONS[answer.reason])
    if holder := answer.credential:
        name = f"{holder.surname} {holder.given_names}".strip()
        words += [f"{holder.serial:06}", name, holder.organization]
        words += [holder.function.value.replace("_", " ")]
        words.append(f"valid until {holder.valid_until:%Y-%m-%d %H:%M}Z")
    if answer.list_at:
        hours = (now - answer.list_at).total_seconds() / 3600
        words.append(f"list {hours:.1f} h old")
    return " | ".join(words)


def _plain(answer: Answer) -> dict[str, Any]:
    holder = answer.credential
    return {
        "verdict": answer.verdict.value,
        "reason": answer.reason.value if answer.reason else None,
        "serial": holder.serial if holder else None,
        "surname": holder.surname if holder else None,
        "given_names": holder.given_names if holder else None,
        "organization": holder.organization if holder else None,
        "function": holder.function.value if holder else None,
        "election": holder.election if holder else None,
        "valid_until": holder.valid_until.isoformat() if holder else None,
        "list_at": answer.list_at.isoformat() if answer.list_at else None,
    }


@credential.command("keys")
@click.argument("output", type=click.File("wb"))
def export_keys(output: IO[bytes]) -> None:
    """Write the signed list of public keys."""
    output.write(signed_keys())


@credential.command("list")
@click.argument("election")
@click.argument("output", type=click.File("wb"))
def export_list(election: str, output: IO[bytes]) -> None:
    """Write the signed revocation list of ELECTION."""
    output.write(signed_revocations(election_for(SYSTEM, election)))
