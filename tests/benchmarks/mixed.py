"""A working day at a million observers: registrars enter people, coordinators enter requests, and
readers look, all at once; then the kept numbers are proven against the history.

`python -m tests.benchmarks.mixed --folder FOLDER --engine postgresql --minutes 10`. Whoever works
waits between two actions as a person does, so that the load is people's, not a machine's.
"""

import argparse
import json
import random
import re
import statistics
import string
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from tests.benchmarks.scale import E, Place, make, pages_of, places_in, serving
from tests.benchmarks.served import cookie_of
from tests.factories.forms import PageForm, forms_of
from tracker.demonstration.national import SLUG
from tracker.elections.queries import election_for
from tracker.kernel.actor import SYSTEM
from tracker.kernel.permissions import Role
from tracker.totals.queries import figures, unproven

REGISTRARS, COORDINATORS, READERS = 20, 5, 200
PAUSES = {"registrar": (8, 20), "coordinator": (8, 20), "reader": (5, 15)}  # seconds
SAID = re.compile(r'class="err"[^>]*>([^<]+)')


@dataclass
class Seen:
    """What everybody saw."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Person:
    """A browser of one person, who does one kind of thing until it is over."""

    def __init__(self, place: Place, cookie: dict[str, str], seen: Seen, number: int) -> None:
        self.place, self.seen, self.number = place, seen, number
        self.cookies = SimpleCookie(cookie["Cookie"])
        self.connection = HTTPConnection("127.0.0.1", place.port, timeout=60)
        self.chance = random.Random(number)
        self.done = 0

    def ask(
        self, name: str, method: str, path: str, form: dict[str, list[str]] | None = None
    ) -> str:
        """One request; what is wrong with its answer is noted under `name`."""
        headers = {"Cookie": self.cookies.output([], header="", sep=";")}
        body = None
        if form is not None:
            body = urlencode(form, doseq=True)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        start = time.perf_counter()
        try:
            self.connection.request(method, path, body, headers)
            response: HTTPResponse = self.connection.getresponse()
            text = response.read().decode()
            for line in response.headers.get_all("Set-Cookie", ()):
                self.cookies.load(line)  # the session, with what proves that a form is ours
        except OSError as error:
            self.connection.close()
            with self.seen.lock:
                self.seen.wrong[f"{name}: {type(error).__name__}"] += 1
            return ""
        expected = 302 if method == "POST" else 200
        with self.seen.lock:
            self.seen.times[name].append(time.perf_counter() - start)
            if response.status != expected:
                said = " ".join(SAID.findall(text))
                self.seen.wrong[f"{name}: {response.status} {said}".strip()] += 1
        return text

    def read(self) -> None:
        """Look at one page."""
        name = self.chance.choice(sorted(self.place.pages))
        self.ask(name, "GET", self.place.pages[name])

    def register(self) -> None:
        """Enter an observer who is like nobody else: of a likeness the page would ask first."""
        letters = ("".join(self.chance.choices(string.ascii_uppercase, k=10)) for _name in range(2))
        birth = date(1940, 1, 1) + timedelta(days=self.chance.randrange(20_000))
        values = {
            "surname": [next(letters)],
            "given_names": [next(letters)],
            "sex": ["F"],
            "function": ["short_term_observer"],
            "document_kind": ["passport"],
            "birth_date": [birth.isoformat()],
            "citizenship": ["TR"],
            "document_number": [f"L{self.number:03}{self.done:05}"],
            "issuing_state": ["TUR"],
            "document_expires_on": ["2030-01-01"],
        }
        self.enter("new observer", f"{E}/observers/new", "surname", values)

    def ask_for_help(self) -> None:
        """Enter a request of a delegation."""
        title = {"title": [f"Car {self.number}/{self.done}"]}
        sender = self.place.pages["delegation"].rpartition("/")[2]
        self.enter("new request", f"{E}/requests/new?delegation={sender}", "title", title)

    def enter(self, name: str, path: str, known_by: str, values: dict[str, list[str]]) -> None:
        """Open a form, fill it in, send it."""
        page = self.ask(f"{name}, form", "GET", path)
        form: PageForm | None = next(
            (each for each in forms_of(page) if known_by in each.fields), None
        )
        if form is None:
            with self.seen.lock:
                self.seen.wrong[f"{name}: no form"] += 1
            return
        sent = {  # as a browser does: of a list where nothing is chosen, the first
            key: each.values or each.choices[:1]
            for key, each in form.fields.items()
            if each.values or each.kind == "select"
        }
        self.ask(name, "POST", form.action or path, sent | values)
        self.done += 1


def work(person: Person, act: Callable[[], None], kind: str, until: float) -> None:
    """Act until it is over, with the pauses of a person."""
    time.sleep(person.chance.uniform(0, PAUSES[kind][1]))
    while time.perf_counter() < until:
        act()
        time.sleep(person.chance.uniform(*PAUSES[kind]))
    person.connection.close()


def run(place: Place, minutes: float) -> dict[str, object]:
    """The day; what was seen of it, and whether the numbers are those of the history."""
    app = make(place)
    place.pages = pages_of(app)
    seen = Seen()
    with serving([place]):
        until = time.perf_counter() + minutes * 60
        crowd = []
        for kind, number, role in (
            ("registrar", REGISTRARS, Role.REGISTRAR),
            ("coordinator", COORDINATORS, Role.COORDINATOR),
            ("reader", READERS, Role.OFFICIAL),
        ):
            for _each in range(number):
                person = Person(place, cookie_of(app, role), seen, len(crowd))
                acts = {
                    "registrar": person.register,
                    "coordinator": person.ask_for_help,
                    "reader": person.read,
                }
                arguments = person, acts[kind], kind, until
                crowd.append(threading.Thread(target=work, args=arguments))
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
    with app.app_context():
        election = election_for(SYSTEM, SLUG)
        drift = unproven(election, figures(election), as_of=None, known_at=None)
    return {
        "wrong answers": dict(seen.wrong),
        "numbers that differ from the history": drift,
        "requests": sum(map(len, seen.times.values())),
        "ms": {
            name: {
                "requests": len(times),
                "median": round(statistics.median(times) * 1000, 1),
                "p95": round(statistics.quantiles(times, n=20)[-1] * 1000, 1),
            }
            for name, times in sorted(seen.times.items())
            if len(times) > 1
        },
    }


def main() -> None:
    """Measure, print, and end with an error where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--engine", default="postgresql")
    parser.add_argument("--observers", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=10)
    asked = parser.parse_args()
    with places_in(asked.folder, [asked.engine], [asked.observers]) as [place]:
        found = run(place, asked.minutes)
    print(json.dumps(found, indent=1))
    if found["wrong answers"] or found["numbers that differ from the history"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
