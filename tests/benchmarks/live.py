"""The dashboard: what it costs among a million observers, and how soon five hundred open ones show
what was recorded.

Every one of them asks as the page does, each second and a half with the version that it has, over a
connection of its own. Meanwhile requests of delegations are raised, one every few seconds.
"""

import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from tests.benchmarks.million import SLUG, fill
from tests.benchmarks.served import BARE, cookie_of, installation, serving
from tests.benchmarks.served import measure as measure_page
from tests.journeys.demonstration import demonstration
from tracker.audit.queries import last_position
from tracker.delegations.models import Delegation
from tracker.elections.queries import election_for
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role
from tracker.logistics.models.assistance import AssistanceKind, Priority
from tracker.logistics.operations.assistance import AssistanceDetails, ask_assistance

PAGE = "/e/kz-2022/"
FEW, MANY, ROUNDS, CHANGED = 1_000, 1_000_000, 7, 15
MILLION = f"/e/{SLUG}/"
CLIENTS, EVERY, CHANGES, PAUSE, SOON = 500, 1.5, 6, 4.0, 2.0


@dataclass
class Seen:
    """When each client had which version, and how often the server answered."""

    versions: list[list[tuple[float, int]]] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, text: str) -> str | None:
    """The version in the answer; None where nothing is new."""
    writer.write(text.encode())
    await writer.drain()
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value for name, _colon, value in (x.partition(": ") for x in lines)}
    await reader.readexactly(int(headers.get("content-length", 0)))
    code = status.split()[1]
    if code not in {"200", "304"}:
        raise RuntimeError(status)
    return headers["etag"] if code == "200" else None


async def _look(port: int, cookie: str, number: int, seen: Seen, until: float) -> None:
    await asyncio.sleep(EVERY * number / CLIENTS)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = f"GET {PAGE} HTTP/1.1\r\nHost: 127.0.0.1\r\nHX-Request: true\r\nCookie: {cookie}\r\n"
    tag, mine = "", seen.versions[number]
    while time.perf_counter() < until:
        start = time.perf_counter()
        known = f"If-None-Match: {tag}\r\n" if tag else ""
        if new := await _ask(reader, writer, f"{lines}{known}\r\n"):
            tag = new
            mine.append((time.perf_counter(), int(new.strip('"').split("-")[0])))
        seen.answers.append(time.perf_counter() - start)
        await asyncio.sleep(max(0.0, EVERY - (time.perf_counter() - start)))
    writer.close()


def _raise_request(app: Flask, number: int, slug: str = "kz-2022") -> tuple[float, int]:
    """Enter a request; the moment of its commit and the version that it made."""
    details = AssistanceDetails(
        kind=AssistanceKind.TRANSPORT, title=f"Car {number}", priority=Priority.URGENT
    )
    with app.app_context():
        with unit_of_work(SYSTEM):
            election = election_for(SYSTEM, slug)
            query = sa.select(Delegation).where(Delegation.election_id == election.id)
            of = db.session.scalars(query.order_by(Delegation.id)).first()
            ask_assistance(actor=SYSTEM, election=election, delegation=of, details=details)
        moment = time.perf_counter()
        version = last_position()
        db.session.rollback()
    return moment, version


async def _run(app: Flask, port: int, cookie: str) -> tuple[Seen, list[tuple[float, int]]]:
    seen = Seen([[] for _client in range(CLIENTS)])
    until = time.perf_counter() + EVERY * 3 + CHANGES * PAUSE + SOON
    looking = [
        asyncio.create_task(_look(port, cookie, number, seen, until)) for number in range(CLIENTS)
    ]
    await asyncio.sleep(EVERY * 3)
    changes = []
    for number in range(CHANGES):
        changes.append(await asyncio.to_thread(_raise_request, app, number))
        await asyncio.sleep(PAUSE)
    await asyncio.gather(*looking)
    return seen, changes


def watch(app: Flask, port: int, cookie: str) -> dict[str, float]:
    """The share of dashboards that showed a change within two seconds, and how long it took.

    Seconds are there to be read beside the time between two questions; they are no pass mark.
    """
    seen, changes = asyncio.run(_run(app, port, cookie))
    waits = [
        next((at - moment for at, had in mine if had >= version), float("inf"))
        for moment, version in changes
        for mine in seen.versions
    ]
    return {
        "dashboards": CLIENTS,
        "shown within 2 s, share": round(sum(wait <= SOON for wait in waits) / len(waits), 4),
        "wait / time between questions, median": round(statistics.median(waits) / EVERY, 2),
        "wait / time between questions, longest": round(max(waits) / EVERY, 2),
        "answers a second": round(len(seen.answers) / (CHANGES * PAUSE + SOON + EVERY * 3), 1),
    }


def _after_a_change(app: Flask, port: int, who: dict[str, str]) -> float:
    """Median seconds of the page right after something was recorded."""
    times = []
    for number in range(CHANGED):
        _raise_request(app, number, SLUG)
        connection = HTTPConnection("127.0.0.1", port)
        start = time.perf_counter()
        connection.request("GET", MILLION, headers=who)
        response = connection.getresponse()
        response.read()
        times.append(time.perf_counter() - start)
        connection.close()
        if response.status != 200:
            raise RuntimeError(f"{MILLION}: {response.status}")
    return statistics.median(times)


def measure() -> dict[str, float]:
    """The page and what an open one asks, with few observers and with a million."""
    found: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="tracker-benchmark-") as name:
        folders = {"few": Path(name) / "few", "many": Path(name) / "many"}
        apps = {side: demonstration(folder) for side, folder in folders.items()}
        fill(apps["few"], FEW, meetings=10, requests=50)
        fill(apps["many"], MANY, meetings=10_000, requests=50_000)
        who = {side: cookie_of(app, Role.OFFICIAL) for side, app in apps.items()}
        with serving(BARE, *map(installation, folders.values())) as (bare, few, many):
            ports = {"few": few, "many": many}
            polls = {side: _poll(ports[side], who[side]) for side in ports}
            for _round in range(ROUNDS):
                rate, p95 = measure_page(bare, "/", {})
                for side, port in ports.items():
                    for kind, headers in (("page", who[side]), ("nothing new", polls[side])):
                        its_rate, its_p95 = measure_page(port, MILLION, headers)
                        found.setdefault((f"{kind}, rate / bare", side), []).append(its_rate / rate)
                        found.setdefault((f"{kind}, p95 / bare", side), []).append(its_p95 / p95)
                        found.setdefault((f"{kind}, rate", side), []).append(its_rate)
            changed = {side: _after_a_change(apps[side], ports[side], who[side]) for side in ports}
        for app in apps.values():
            with app.app_context():
                db.engine.dispose()
    middle = {key: statistics.median(values) for key, values in found.items()}
    sides = {"few": f"{FEW:,}", "many": f"{MANY:,}"}
    lines = {
        f"dashboard among {sides[side]}: {kind}": value
        for (kind, side), value in middle.items()
        if kind.endswith("bare")
    }
    for kind in ("page", "nothing new"):
        ratio = middle[f"{kind}, rate", "many"] / middle[f"{kind}, rate", "few"]
        lines[f"dashboard: {kind}, rate among {MANY:,} / {FEW:,}"] = ratio
    lines[f"dashboard: page after a change, {MANY:,} / {FEW:,}"] = changed["many"] / changed["few"]
    return {name: round(value, 3) for name, value in lines.items()}


def _poll(port: int, who: dict[str, str]) -> dict[str, str]:
    """What an open page sends that has everything."""
    connection = HTTPConnection("127.0.0.1", port)
    asks = {"HX-Request": "true"}
    connection.request("GET", MILLION, headers=who | asks)
    response = connection.getresponse()
    response.read()
    return who | asks | {"If-None-Match": response.headers["ETag"]}


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:<64}{value:>10}")
