"""The public site against a bare Flask page on the same server: requests a second as a ratio.

What a reader asks again costs neither a user, nor a session, nor a template; only the version of
the data is looked up.
"""

import statistics
import tempfile
from pathlib import Path

from tests.benchmarks.served import BARE, installation, measure, serving
from tests.journeys.demonstration import demonstration
from tracker.kernel.database import db

ROUNDS, REPEATS = 7, 5
PAGES = {"public home": "/en/", "public register": "/ru/e/kz-2022/register"}


def _measured(bare: int, tracker: int) -> dict[str, float]:
    """Each page asked in turn with the bare one, so that a slow moment slows both."""
    kinds = {name: {} for name in PAGES} | {
        f"{name}, compressed": {"Accept-Encoding": "gzip"} for name in PAGES
    }
    rates: dict[str, list[float]] = {name: [] for name in kinds}
    ratios: dict[str, list[float]] = {name: [] for name in kinds}
    for round_number in range(ROUNDS + 1):
        for name, headers in kinds.items():
            path = PAGES[name.partition(",")[0]]
            pairs = [
                (measure(tracker, path, headers)[0], measure(bare, "/", {})[0])
                for _repeat in range(REPEATS)
            ]
            if round_number:  # the first round warms up
                rates[name] += [rate for rate, _bare in pairs]
                ratios[name] += [rate / bare_rate for rate, bare_rate in pairs]
    found = {f"{name}, requests/s": statistics.median(values) for name, values in rates.items()}
    return found | {
        f"{name}, share of a bare page's": statistics.median(values)
        for name, values in ratios.items()
    }


def measure_site() -> dict[str, float]:
    """Every number, named."""
    folder = Path(tempfile.mkdtemp(prefix="tracker-site-"))
    app = demonstration(folder)
    with app.app_context():
        db.engine.dispose()
    with serving(BARE, installation(folder)) as (bare, tracker):
        found = _measured(bare, tracker)
    return {name: round(value, 2) for name, value in found.items()}


if __name__ == "__main__":
    for name, value in measure_site().items():
        print(f"{name:<64}{value:>10}")
