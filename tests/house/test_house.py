"""The house itself: names, sizes, imports, locks, machine paths."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES_MAX = 500
FORBIDDEN_NAMES = {"utils", "util", "common", "helpers", "helper", "misc"}


def tracked() -> list[Path]:
    """Files of the repository: what git knows and what it would be asked to take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout: nothing tells which files are ours")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def source_files() -> list[Path]:
    return [path for path in tracked() if path.suffix in {".py", ".ts", ".tsx", ".sql"}]


def test_no_module_is_a_drawer_for_everything() -> None:
    """There is no `utils`, `common` or `helpers`: a name says what is in it."""
    assert [str(path.relative_to(ROOT)) for path in source_files() if path.stem in FORBIDDEN_NAMES] == []


def test_no_file_grows_beyond_reading() -> None:
    """No file of ours that is written by hand has over 500 lines."""
    long = {}
    for path in source_files():
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > LINES_MAX and "Do not edit" not in text[:300]:
            long[str(path.relative_to(ROOT))] = text.count("\n")
    assert long == {}


def test_packages_only_hand_names_on() -> None:
    """`__init__.py` defines nothing but `__all__`, or how names are loaded when they are first used (PEP 562).

    The registry of the plan's sections is the one exception.
    """
    packages = [path for path in (ROOT / "src").rglob("__init__.py") if path.parent.name != "sections"]
    definition = re.compile(r"^(def (?!__getattr__|__dir__)|class |async def )", re.MULTILINE)
    defining = [str(path.relative_to(ROOT)) for path in packages if definition.search(path.read_text())]
    assert defining == []


def test_no_pattern_of_a_schema_counts_letters_of_all_scripts() -> None:
    """Rust's regular expressions take `\\w{1,200}` for 200 copies of 700 ranges, 25 MB; there is `max_length`."""
    counting = re.compile(r"pattern=[^\n]*\\[wd](?:[^\]\n]*\])?\{(?:\d+,)?\d{3,}\}")
    schemas = [path for path in (ROOT / "src").rglob("*.py") if counting.search(path.read_text())]
    assert [str(path.relative_to(ROOT)) for path in schemas] == []


def test_imports_go_down_only() -> None:
    """The layers and contracts of pyproject.toml hold."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout[-4000:] + found.stderr[-1000:]


@pytest.mark.parametrize("name", ["dev", "server", "node", "bugsink"])
def test_locks_have_hashes_and_no_addresses(name: str) -> None:
    """Every requirement is pinned and hashed; no registry is named."""
    text = (ROOT / "requirements" / f"{name}.lock").read_text()
    assert "://" not in text
    assert "--index-url" not in text
    pinned = re.findall(r"^[A-Za-z0-9][^\s\\]*==\S+", text, re.MULTILINE)
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    assert pinned
    assert all("--hash=sha256:" in block for block in blocks if "==" in block.split("\n")[0])
    assert len([block for block in blocks if "==" in block.split("\n")[0]]) == len(pinned)


@pytest.mark.parametrize(("folder", "packages_min"), [("ui", 100), ("tests/integration/clients/node", 10)])
def test_locks_of_npm_have_hashes_and_no_addresses(folder: str, packages_min: int) -> None:
    """Every package is held by its hash; no place it was fetched from, and nobody's address, is named."""
    text = (ROOT / folder / "package-lock.json").read_text()
    assert "://" not in text
    assert text.count('"integrity"') > packages_min


_MACHINE = re.compile(r"(?<![\w.~/$}])/(?:work|root)/[\w.-]+|/home/(?!user\b|app\b|you\b|runner\b|midwatch\b)[a-z]\w+/")


def test_nothing_knows_the_machine_it_was_written_on() -> None:
    """No file has a path of a developer's machine."""
    found = []
    for path in tracked():
        if path == Path(__file__) or path.suffix in {".png", ".ico", ".woff2", ".gz", ".pb", ".bin"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if _MACHINE.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    assert found == []


def test_the_sdk_is_light() -> None:
    """`import midwatch`, its contract's names and privacy rules need no package of the server's."""
    program = (
        "import sys; import midwatch, midwatch.contract.fields, midwatch.contract.privacy;"
        "print([name for name in ('pydantic', 'yaml', 'httpx', 'fastapi', 'midwatch.server') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
