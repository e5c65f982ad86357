"""Badges a second, signature, QR code and portrait included, against ReportLab drawing the same;
signing and verifying against bare Ed25519.

`python -m tests.benchmarks.badges 10000` prints so many (2,000 without a number). Each side prints
in a process of its own, so that its peak of memory is its own.
"""

import io
import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import zxingcpp
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

from tests.factories.portraits import portrait
from tests.factories.vectors import FIRST, HOLDER, NOW, keys_of
from tests.journeys.demonstration import demonstration
from tracker.accreditation.models import Function
from tracker.credentials import cose
from tracker.credentials.credential import payload_of
from tracker.credentials.models import Certificate, PaperKind
from tracker.credentials.papers import BADGE_CODE, print_rows
from tracker.credentials.queries import Printed
from tracker.credentials.rules import kind_for
from tracker.credentials.signed_lists import RevocationList
from tracker.credentials.verification import verify
from tracker.elections.models import Election
from tracker.kernel.database import db
from tracker.kernel.printing import FONTS
from tracker.kernel.storage import storage
from tracker.observers.models import Observer
from tracker.organizations.models import Organization, OrganizationKind

USUAL, PORTRAITS = 2_000, 50


def _people(count: int) -> Iterator[tuple[Certificate, Observer, Organization]]:
    """Invented people, each with a certificate that is signed now."""
    keys = [portrait(f"#{number * 5:02x}8060") for number in range(PORTRAITS)]
    functions = list(Function)
    organization = Organization(
        kind=OrganizationKind.INTERGOVERNMENTAL_ORGANIZATION,
        acronym="OSCE/ODIHR",
        name_en="Office for Democratic Institutions and Human Rights",
        name_ru="Бюро по демократическим институтам и правам человека",
        name_kk="Демократиялық институттар және адам құқықтары жөніндегі бюро",
    )
    for serial in range(1, count + 1):
        function = functions[serial % len(functions)]
        names = {"surname": f"OBSERVER{serial}", "given_names": "ANNA MARIA"}
        values = vars(HOLDER) | names | {"serial": serial, "function": function}
        text = FIRST.text(type(HOLDER)(**values))
        certificate = Certificate(
            serial=serial,
            code="7KQX",
            kind=kind_for(function),
            function=function,
            regions="KZ-75",
            valid_from=HOLDER.valid_from,
            valid_until=HOLDER.valid_until,
            credential=text,
            portrait=keys[serial % PORTRAITS],
        )
        yield certificate, Observer(citizenship="TR", **names), organization


def _ours(count: int) -> dict[str, float]:
    """Sign and print; badges a second and the peak of memory in megabytes."""
    app = demonstration(Path(tempfile.mkdtemp(prefix="tracker-badges-")))
    with app.app_context():
        election = db.session.scalars(sa.select(Election).filter_by(slug="kz-2022")).one()
        start = time.perf_counter()
        rows = [Printed(*row) for row in _people(count)]
        signed = time.perf_counter()
        document = print_rows(election, rows, PaperKind.BADGES)
        end = time.perf_counter()
        db.session.rollback()
        db.engine.dispose()
    return _said(count, start, end) | {
        "bytes": len(document) / count,
        "signing": (signed - start) / (end - start),
    }


def _theirs(count: int) -> dict[str, float]:
    """ReportLab draws the same words, portraits and modules at the same places."""
    app = demonstration(Path(tempfile.mkdtemp(prefix="tracker-badges-")))
    for name in ("Regular", "Bold"):
        pdfmetrics.registerFont(TTFont(name, str(FONTS / f"GolosText-{name}.ttf")))
    with app.app_context():
        start = time.perf_counter()
        buffer = io.BytesIO()
        paper = canvas.Canvas(buffer, pagesize=(105 * mm, 148 * mm))
        for certificate, observer, organization in _people(count):
            _front(paper, certificate, observer, organization)
            _back(paper, certificate)
        paper.save()
        end = time.perf_counter()
        db.engine.dispose()
    return _said(count, start, end) | {"bytes": len(buffer.getvalue()) / count}


def _said(count: int, start: float, end: float) -> dict[str, float]:
    # Of this program alone: what `getrusage` says is inherited from whoever started it.
    status = Path("/proc/self/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    return {"rate": count / (end - start), "megabytes": peak}


def _lines(paper: Any, lines: list[tuple[float, float, str, float, str]]) -> None:
    for x, y, font, size, text in lines:
        paper.setFont(font, size)
        paper.drawString(x * mm, y * mm, text)


def _front(paper: Any, row: Certificate, observer: Observer, organization: Organization) -> None:
    _lines(
        paper,
        [
            (6, 139, "Regular", 6.5, "Сыртқы істер министрлігі · Қазақстан"),
            (6, 136, "Regular", 6.5, "Министерство иностранных дел · Казахстан"),
            (6, 133, "Regular", 6.5, "Ministry of Foreign Affairs · Kazakhstan"),
            (6, 128, "Bold", 7, "Кезектен тыс Президент сайлауы"),
            (6, 125, "Regular", 7, "Внеочередные выборы Президента"),
            (6, 122, "Regular", 7, "Early presidential election"),
            (52, 114, "Bold", 13, organization.acronym or ""),
            (52, 109, "Regular", 9, "Түркия · Турция · Türkiye"),
            (52, 104, "Regular", 6, "Нөмірі · Номер · Number"),
            (52, 100, "Bold", 9.5, row.number),
            (52, 96, "Regular", 6, "Жарамды · Действительно · Valid"),
            (52, 92, "Bold", 9.5, "16.11.2022 – 21.11.2022"),
            (52, 88, "Regular", 6, "Өңір · Регион · Region"),
            (52, 84, "Bold", 9.5, "Алматы · Almaty"),
            (6, 52, "Bold", 30, observer.surname),
            (6, 45, "Regular", 19, observer.given_names),
        ],
    )
    picture = ImageReader(io.BytesIO(storage.get(row.portrait)))
    paper.drawImage(picture, 6 * mm, 60 * mm, 42 * mm, 56 * mm)
    paper.setFillColorRGB(0.11, 0.31, 0.57)
    paper.roundRect(6 * mm, 6 * mm, 93 * mm, 27 * mm, 1.5 * mm, stroke=0, fill=1)
    paper.setFillColorRGB(1, 1, 1)
    words = [
        (10, 22, "Bold", 19, row.function.value.upper().replace("_", " ")),
        (10, 16, "Bold", 9.5, "ДОЛГОСРОЧНЫЙ НАБЛЮДАТЕЛЬ"),
        (10, 11, "Bold", 9.5, "ҰЗАҚ МЕРЗІМДІ БАЙҚАУШЫ"),
    ]
    _lines(paper, words)
    paper.setFillColorRGB(0, 0, 0)
    paper.showPage()


def _back(paper: Any, row: Certificate) -> None:
    code = zxingcpp.create_barcode(row.credential, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    pixels = code.to_image(scale=1, add_quiet_zones=False)
    side = pixels.shape[0]
    dots = bytes(memoryview(pixels))
    module = BADGE_CODE * mm / side
    left, top = (105 - BADGE_CODE) / 2 * mm, 138 * mm
    path = paper.beginPath()
    for y in range(side):
        line = dots[y * side : (y + 1) * side]
        x = 0
        while (x := line.find(0, x)) >= 0:
            end = next((at for at in range(x, side) if line[at]), side)
            path.rect(left + x * module, top - (y + 1) * module, (end - x) * module, module)
            x = end
    paper.drawPath(path, stroke=0, fill=1)
    note = (
        "Valid only with the travel document of the holder. The holder observes as the law lays "
        "down and does not interfere."
    )
    words = [(30, 78, "Bold", 19, row.number)]
    words += [(6, 70 - 4 * each, "Regular", 8, "Check it: scan the code") for each in range(3)]
    words += [(6, 55 - 4 * each, "Regular", 7, note[: 70 + each]) for each in range(6)]
    words.append((6, 6, "Regular", 5.6, f"Portrait {row.portrait[:8]}"))
    _lines(paper, words)
    paper.showPage()


def _apart(side: str, count: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.badges", side, str(count)]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(found.splitlines()[-1])


def _a_second(call: Any, seconds: float = 1.0) -> float:
    count, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        call()
        count += 1
    return count / spent


def _signatures() -> dict[str, float]:
    """How much of bare Ed25519 is left of signing and verifying a whole credential."""
    payload, message = payload_of(HOLDER), secrets.token_bytes(200)
    text = FIRST.text(HOLDER)
    mark, public = FIRST.key.sign(message), FIRST.key.public_key()
    lists = {HOLDER.election: RevocationList("KZ", NOW, HOLDER.election, {}, 0)}
    keys = keys_of(FIRST)
    sides = {
        "bare sign": lambda: FIRST.key.sign(payload),
        "sign": lambda: FIRST.text(HOLDER),
        "bare verify": lambda: public.verify(mark, message),
        "verify": lambda: verify(text, keys=keys, lists=lists, now=NOW),
    }
    if verify(text, keys=keys, lists=lists, now=NOW).reason is not None:
        raise RuntimeError("the credential of the benchmark does not verify")
    rates = {name: _a_second(call) for name, call in sides.items()}
    return {
        "credentials signed a second": round(rates["sign"]),
        "credential ÷ bare Ed25519, signing": round(rates["sign"] / rates["bare sign"], 2),
        "credentials verified a second": round(rates["verify"]),
        "credential ÷ bare Ed25519, verifying": round(rates["verify"] / rates["bare verify"], 2),
        "credential bytes": len(cose.from_text(text)),
    }


def measure(count: int = USUAL) -> dict[str, float]:
    """Badges a second, and the ratios."""
    ours, theirs = _apart("ours", count), _apart("theirs", count)
    return {
        f"badges a second ({count:,})": round(ours["rate"]),
        "badges ÷ ReportLab": round(ours["rate"] / theirs["rate"], 2),
        "badges, part of the time that signs": round(ours["signing"], 3),
        "badges, bytes each": round(ours["bytes"]),
        "badges, peak megabytes": round(ours["megabytes"]),
        "ReportLab, peak megabytes": round(theirs["megabytes"]),
        **_signatures(),
    }


def main() -> None:
    arguments = sys.argv[1:]
    sides = {"ours": _ours, "theirs": _theirs}
    if arguments and arguments[0] in sides:
        print(json.dumps(sides[arguments[0]](int(arguments[1]))))
        return
    for name, value in measure(*map(int, arguments)).items():
        print(f"{name:<64}{value:>10}")


if __name__ == "__main__":
    main()
