"""Speed as ratios: the product's pages against a bare Flask page on the same server in one run.

Two workers of the production server; the same loader asks each page in turn, several rounds, so
that a machine that slows down slows both sides. Printed part by part, written as JSON.
"""

import json
import statistics
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.benchmarks import (
    api,
    badges,
    files,
    lists,
    live,
    people,
    planner,
    revocations,
    site,
    totals,
)
from tests.benchmarks.meetings import WEEK, fill_week
from tests.benchmarks.served import BARE, cookie_of, installation, measure, serving
from tests.journeys.demonstration import demonstration
from tracker.accreditation.models import Accreditation
from tracker.kernel.database import db
from tracker.kernel.permissions import Role

ROUNDS = 5


Found = Mapping[str, Any]
# What is measured beside the pages, by the name under which the file keeps it.
PARTS: Mapping[str, Callable[[], Found]] = {
    "dashboard": live.measure,
    "badges": badges.measure,
    "files": files.measure,
    "revocations": revocations.measure,
    "planner": planner.measure,
    "lists": lists.measure,
    "observers": people.measure,
    "public site": site.measure_site,
    "totals": totals.measure,
    "programs": api.measure_api,
}


def main() -> None:
    """Measure, print each part as it ends, and write the whole; the installations go with it."""
    with tempfile.TemporaryDirectory(prefix="tracker-benchmarks-") as tempfile.tempdir:
        measure_all()


def measure_all() -> None:
    """Every part, one after the other."""
    summary, watched = pages()
    print(f"{'page':<28}{'requests/s':>12}{'bare / page':>14}{'p95 / bare':>12}")
    for name, found in summary.items():
        print(f"{name:<28}{found['rate']:>12}{found['rate_ratio']:>14}{found['p95_ratio']:>12}")
    parts = {"open dashboards": shown(watched)}
    for name, measured in PARTS.items():
        parts[name] = shown(measured())
    Path("benchmarks.json").write_text(json.dumps(summary | parts, indent=2) + "\n")


def shown(found: Found) -> Found:
    """A part, printed at once: the next may take minutes."""
    for name, value in found.items():
        print(f"{name:<64}{value:>10}", flush=True)
    return found


def pages() -> tuple[dict[str, dict[str, float]], Found]:
    """The pages, each in turn with the bare one; and how many dashboards may stand open."""
    folder = Path(tempfile.mkdtemp(prefix="tracker-benchmark-"))
    app = demonstration(folder)
    fill_week(app)
    who = cookie_of(app, Role.REGISTRAR)
    with app.app_context():
        person = db.session.scalars(sa.select(Accreditation.id).limit(1)).one()
        db.engine.dispose()
    addresses = {
        "headquarters": "/e/kz-2022/",
        "observer list, 50 rows": "/e/kz-2022/observers/",
        "observer": f"/e/kz-2022/observers/{person}",
        "week of 1,000 meetings": WEEK,
        "totals JSON": "/e/kz-2022/totals.json",
        "totals JSON as of a moment": "/e/kz-2022/totals.json?as_of=2022-11-08T23:59",
    }
    results: dict[str, dict[str, list[float]]] = {
        name: {"rate": [], "rate_ratio": [], "p95_ratio": []} for name in addresses
    }
    with serving(BARE, installation(folder)) as (bare, tracker):
        for round_number in range(ROUNDS + 1):
            for name, path in addresses.items():
                bare_rate, bare_p95 = measure(bare, "/", {})
                rate, p95 = measure(tracker, path, who)
                if round_number:  # the first round warms up
                    results[name]["rate"].append(rate)
                    results[name]["rate_ratio"].append(bare_rate / rate)
                    results[name]["p95_ratio"].append(p95 / bare_p95)
        watched = live.watch(app, tracker, who["Cookie"])
    return {
        name: {key: round(statistics.median(values), 2) for key, values in found.items()}
        for name, found in results.items()
    }, watched


if __name__ == "__main__":
    main()
