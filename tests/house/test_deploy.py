"""The files of the reference deployment are what their readers take, and name what there is."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tracker.config import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
NAME = re.compile(r"\bTRACKER_[A-Z_]+\b")
SECRET = "a4f09c81e7b3d5624f09c81e7b3d5621"


class Asked(dict):
    """An environment that remembers which of its names were asked for."""

    def __init__(self, values=()):
        super().__init__(values)
        self.names = set()

    def get(self, name, default=None):
        self.names.add(name)
        return super().get(name, default)


def known_settings(folder):
    """Every name that the settings are read from."""
    environ = Asked({"TRACKER_INSTANCE": str(folder)})
    Settings.load(environ)
    return environ.names


def environment_file():
    """What systemd makes of the file."""
    lines = (DEPLOY / "environment.example").read_text().splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _equals, value in pairs}


def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def test_every_setting_that_is_named_exists(tmp_path):
    known = known_settings(tmp_path)
    for path in (*DEPLOY.iterdir(), ROOT / "docs" / "deploy.md"):
        assert set(NAME.findall(path.read_text())) <= known, path.name
    in_readme = set(re.findall(r"^\| `(TRACKER_\w+)`", (ROOT / "README.md").read_text(), re.M))
    elsewhere = {
        "TRACKER_DEMO_PASSWORD",
        "TRACKER_TEST_DATABASE",
        "TRACKER_TEST_POSTGRES_URL",
    }
    of_files = {"TRACKER_METRICS_TOKEN_FILE"}
    assert in_readme - elsewhere == {name for name in known if name.startswith("TRACKER_")}
    assert of_files <= known


def test_the_environment_is_a_configuration(tmp_path):
    values = environment_file()
    for name, value in values.items():
        if name.endswith("_FILE"):
            (tmp_path / name).write_text(SECRET)
            values[name] = str(tmp_path / name)
        elif not value:
            values[name] = SECRET
    found = Settings.load(values)
    assert found.files_url.startswith("s3://observers/")
    assert found.proxies == 1
    assert found.mail is not None


def test_the_containers_are_configured():
    services = compose()["services"]
    made_of_ours = {name for name, each in services.items() if each.get("image") == "tracker"}
    assert made_of_ours == {"migrate", "web", "jobs"}
    for name in made_of_ours:
        values = {
            key: re.sub(
                r"\$\{(\w+):\?\}", lambda m: "x.org" if m[1] == "HOST_NAME" else SECRET, text
            )
            for key, text in services[name]["environment"].items()
        }
        assert all("$" not in text for text in values.values())
        found = Settings.load(values)
        assert found.database_url.endswith("@database/tracker")
        assert found.redis_url == "redis://queue:6379/0"
    for each in services.values():
        assert set(each.get("depends_on", ())) <= set(services)
        volumes = (volume.partition(":")[0] for volume in each.get("volumes", ()))
        assert {name for name in volumes if not name.startswith(".")} <= set(compose()["volumes"])


def test_the_commands_of_containers_and_units_exist():
    known = set(
        re.findall(
            r"^  (\w+) ",
            subprocess.run(
                [sys.executable, "-m", "tracker.cli", "--help"],
                capture_output=True,
                text=True,
                check=True,
            ).stdout,
            re.M,
        )
    )
    used = {
        service["command"][1]
        for service in compose()["services"].values()
        if service.get("image") == "tracker"
    }
    for unit in DEPLOY.glob("*.service"):
        used |= set(re.findall(r"/opt/tracker/bin/tracker (\w+)", unit.read_text()))
    assert used == {"serve", "work", "migrate", "backup"}
    assert used <= known


@pytest.mark.parametrize("unit", sorted(path.name for path in DEPLOY.glob("tracker*")))
def test_the_units_are_valid(unit, tmp_path):
    for path in DEPLOY.glob("tracker*"):
        text = path.read_text().replace("/opt/tracker/bin/tracker", shutil.which("true"))
        (tmp_path / path.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_proxy_is_valid(tmp_path):
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=x",
            "-keyout",
            str(tmp_path / "tracker.key"),
            "-out",
            str(tmp_path / "tracker.crt"),
        ],
        capture_output=True,
        check=True,
    )
    server = (DEPLOY / "nginx.conf").read_text().replace("/etc/nginx/tls", str(tmp_path))
    server = server.replace("web1.mfa.internal", "127.0.0.1").replace(
        "web2.mfa.internal", "127.0.0.2"
    )
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{server}}}\n")
    done = subprocess.run(
        ["nginx", "-t", "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "log")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    limit = re.search(r"client_max_body_size (\d+)m", server)[1]
    assert int(limit) * 1024**2 >= Settings.max_upload


def test_what_is_linked_is_there():
    text = (ROOT / "docs" / "deploy.md").read_text()
    links = {name for name in re.findall(r"\]\(([\w./-]+)", text)}
    assert {name for name in links if not (ROOT / "docs" / name).exists()} == set()
    files = {path.name for path in DEPLOY.iterdir() if path.suffix != ".dockerignore"}
    assert files == {Path(name).name for name in links if name.startswith("deploy/")}
