"""Kills workers at points that nobody chose, and asks the judge after each."""

import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil

from tests.factories.postgresql import kill
from tests.faults.database import Database
from tests.faults.ground import Ground
from tests.faults.work import Worker
from tracker.kernel.database import db
from tracker.kernel.jobs import jobs

STAGES = ("list", "register", "submit", "decide", "issue", "print", "backup")
PATIENCE = 60  # seconds, on a busy machine


class Nursery:
    """The process that gives birth to workers."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.work"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def worker(self, folder: Path, url: str | None, kind: str, output: Path) -> psutil.Process:
        """A new worker."""
        wanted = {"folder": str(folder), "url": url, "kind": kind, "output": str(output)}
        self._process.stdin.write(json.dumps(wanted) + "\n")
        self._process.stdin.flush()
        return psutil.Process(int(self._process.stdout.readline()))

    def close(self) -> None:
        """No more workers."""
        with self._process as process:
            process.stdin.close()
            process.wait(30)


class Story:
    """What one worker told, read while it lives."""

    def __init__(self, path: Path) -> None:
        self._path, self._read = path, 0
        self.lines: list[dict] = []

    def more(self) -> list[dict]:
        """What is new; a line that was cut off by the kill was told to nobody."""
        text = self._path.read_bytes()[self._read :] if self._path.exists() else b""
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        new = [json.loads(line) for line in whole.splitlines()]
        self.lines += new
        for line in new:
            if "broken" in line:
                raise AssertionError(line["broken"])
        return new

    def wait_for(self, condition) -> dict:
        """The first line that `condition` holds for, from now on."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for line in self.more():
                if condition(line):
                    return line
            time.sleep(0.001)
        log = (self._path.parent / "worker.log").read_text()[-2000:]
        raise AssertionError(f"nothing came after {self.lines[-3:]}; the worker said {log}")


def told_in(lines: list[dict]) -> list[dict]:
    """What was acknowledged and still has to be there."""
    gone = {line["gone"] for line in lines if "gone" in line}
    return [line for line in lines if "what" in line and line["key"] not in gone]


class Killer:
    """One installation under attack."""

    def __init__(self, ground: Ground, nursery: Nursery, url: str | None, seed: int) -> None:
        self._ground, self._nursery, self._url = ground, nursery, url
        self._random = random.Random(seed)
        self._took = dict.fromkeys(STAGES, 0.3)  # seconds, learned while they are watched
        self._number = 0
        self.told: list[dict] = []
        self.kills: Counter = Counter()

    def story(self, kind: str = "stages") -> tuple[psutil.Process, Story]:
        """A worker of its own, and what it tells."""
        self._number += 1
        output = self._ground.settings.instance / f"told-{self._number}"
        worker = self._nursery.worker(self._ground.settings.instance, self._url, kind, output)
        return worker, Story(output)

    def round(self, stage: str, *, whole: bool = False) -> None:
        """Kill one worker somewhere in `stage`, and look what is left."""
        worker, story = self.story()
        try:
            self._until_into(story, stage)
        finally:
            kill(worker)
        story.more()
        self.keep(story)
        self.kills[stage] += 1
        self._ground.check(self.told, whole=whole)
        # What was seen to stand stands; the newest of it is asked for again each time.
        self.told = self.told[-40:]

    def job_round(self, *, is_last: bool = False) -> None:
        """Give out a list, and kill the job process on its way; the last one may finish all."""
        with self._ground.app.app_context():
            giver = Worker(lambda **said: self.told.append(said), self._ground.settings)
            list_id = giver.give_list()
            jobs.enqueue("accept_list", list_id=list_id)
            db.session.remove()
        worker, story = self.story("jobs")
        try:
            story.wait_for(lambda line: "begins" in line)
            if is_last:
                self._until_all_is_done()
            else:
                time.sleep(self._random.uniform(0, 4))
        finally:
            kill(worker)
        self.kills["jobs"] += 1
        self._ground.check(self.told, whole=is_last)
        if is_last:
            assert not self._ground.open_work()

    def _until_all_is_done(self) -> None:
        """While it goes on: what was left behind may be much."""
        left, end = None, 0.0
        while now := self._ground.open_work():
            if now != left:
                left, end = now, time.monotonic() + PATIENCE
            assert time.monotonic() < end, f"nobody does what is left: {left}"
            time.sleep(0.05)

    def database_round(self, server: Database) -> None:
        """Kill the database under a worker, which goes on by itself once it is back."""
        worker, story = self.story()
        try:
            story.wait_for(lambda each: each.get("begins") == self._random.choice(STAGES))
            time.sleep(self._random.uniform(0, 0.5))
            server.crash(self._random)
            story.more()
            before = len([line for line in story.lines if "what" in line])
            server.start()
            story.wait_for(lambda line: "what" in line)  # recovered without hands
            assert len([line for line in story.lines if "what" in line]) > before
        finally:
            kill(worker)
        story.more()
        self.keep(story)
        self.kills["database"] += 1
        self._ground.check(self.told)
        self.told = self.told[-40:]

    def keep(self, story: Story) -> None:
        """Remember what was acknowledged."""
        gone = {line["gone"] for line in story.lines if "gone" in line}
        self.told = [each for each in self.told if each["key"] not in gone]
        self.told += told_in(story.lines)

    def _until_into(self, story: Story, stage: str) -> None:
        began: dict[str, float] = {}
        last = None
        while True:
            line = story.wait_for(lambda each: "begins" in each)
            now = time.monotonic()
            if last in self._took:
                self._took[last] = max(0.005, (self._took[last] + now - began[last]) / 2)
            last = line["begins"]
            began[last] = now
            if last == stage:
                # A little longer than it takes: the point after its end belongs to it.
                time.sleep(self._random.uniform(0, 1.2 * self._took[stage]))
                return

    def finish(self) -> None:
        """Nobody is killed any more: all that was given out is done by the next process."""
        worker, story = self.story()
        try:
            story.wait_for(lambda each: each.get("begins") == "list")
        finally:
            kill(worker)
        self.keep(story)
        self._ground.check(self.told, whole=True)
        assert not self._ground.open_work()["batches"]
