"""What people install: the wheel, bare and with the server."""

import shutil
import subprocess
import sys
import venv
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = "midwatch/server/http/page/"
BYTES_MAX = 5 << 20

pytestmark = pytest.mark.xdist_group("wheel")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as a packager does it; the page is built first where it is not."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)], check=True, timeout=170)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[str]:
    return zipfile.ZipFile(wheel).namelist()


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as opened:
        (name,) = (name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(opened.read(name).decode())


def test_the_page_its_assets_and_what_python_needs_are_inside(names: list[str]) -> None:
    """The built page, schemas and migrations, the marker of types, the licence."""
    assert f"{PAGE}index.html" in names
    assert any(name.startswith(f"{PAGE}assets/") and name.endswith(".js") for name in names)
    assert "midwatch/py.typed" in names
    assert "midwatch/server/store/schema/0001_spans.sql" in names
    assert "midwatch/server/workspace/migrations/env.py" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_nothing_else_is_inside(wheel: Path, names: list[str]) -> None:
    """No packages of npm, no sources of the page, no tests, no maps; small enough to fetch over a poor line."""
    assert {name.split("/")[0] for name in names if not name.startswith("midwatch/")} == {
        next(name.split("/")[0] for name in names if name.endswith("METADATA"))
    }
    unwanted = ("node_modules", "/tests/", "/ui/", ".map", ".tsx", "__pycache__", ".log")
    assert [name for name in names if any(part in name for part in unwanted)] == []
    assert wheel.stat().st_size < BYTES_MAX


OF_THE_SDK = ["opentelemetry-api", "opentelemetry-sdk", "orjson", "prometheus-client", "structlog"]


def test_the_bare_package_needs_what_the_sdk_stands_on(wheel: Path) -> None:
    """And click for the command line; everything else is behind extras."""
    found = metadata(wheel)
    needed = [need for need in found.get_all("Requires-Dist", []) if "extra ==" not in need]
    assert [need.split(">")[0] for need in needed] == ["click", *OF_THE_SDK]
    assert found.get_all("Provides-Extra") == ["audit", "plan", "server"]


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `midwatch` command of an environment with the bare package, and click copied from ours: no network."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, timeout=60)
    (packages,) = folder.glob("lib/python*/site-packages")
    shutil.copytree(Path(click.__file__).parent, packages / "click")
    return folder / "bin" / "midwatch"


@pytest.mark.parametrize("verb", ["up", "demo", "check", "status"])
def test_a_verb_of_the_server_says_how_to_get_it(bare: Path, tmp_path: Path, verb: str) -> None:
    """One line and status 1, no traceback, and nothing left behind."""
    done = subprocess.run([bare, verb], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("midwatch: ")
    assert 'pip install "midwatch[server]"' in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_bare_command_helps(bare: Path) -> None:
    """Help and version need no server."""
    for option in ("--help", "--version"):
        done = subprocess.run([bare, option], capture_output=True, text=True, timeout=60, check=True)
        assert "midwatch" in done.stdout.lower()
