"""Broken, huge, binary and foreign files are told, and end no audit."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from midwatch.audit import Options, audit, auditing
from midwatch.audit.sources import FILE_BYTES_MAX
from tests.unit.audit.judging import write

GOOD = "try:\n    f()\nexcept Exception:\n    pass\n"


def test_each_is_told_with_its_reason(tmp_path: Path) -> None:
    """And what stands beside them is judged."""
    write(tmp_path, {"good.py": GOOD, "broken.py": "def f(:\n", "bundle.js": "x" * 6000, "made.ts": "// @generated\n"})
    (tmp_path / "huge.py").write_bytes(b"#" * (FILE_BYTES_MAX + 1))
    (tmp_path / "binary.py").write_bytes(b"\0\1\2")
    (tmp_path / "latin.py").write_bytes("# é\n".encode("latin-1"))
    (tmp_path / "deep.py").write_text("x = " + "(\n" * 5000 + ")" * 4000)
    (tmp_path / "chain.py").write_text("x = (a" + "\n.b" * 20_000 + ")\n")
    (tmp_path / "minus.py").write_text("x = (" + "-\n" * 50_000 + "1)\n")
    (tmp_path / "deep.ts").write_text("x = " + "[\n" * 20_000 + "]" * 20_000 + "\n")
    (tmp_path / "secret.py").write_text(GOOD)
    (tmp_path / "secret.py").chmod(0)
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "link.py").symlink_to("good.py")
    (tmp_path / "nowhere.py").symlink_to("missing.py")
    os.close(os.open(os.fsencode(tmp_path) + b"/\xff.py", os.O_CREAT))
    report = audit(tmp_path, Options())
    reasons = {one.file: one.reason for one in report.not_read}
    expected = {
        "broken.py": "line 1",
        "huge.py": "over 1,048,576 bytes",
        "binary.py": "binary",
        "latin.py": "byte 2",
        "bundle.js": "5,000 characters",
        "made.ts": "generated",
        "pipe.py": "no file",
        "link.py": "is a link",
        "nowhere.py": "is a link",
        "deep.py": "too many nested",
        "minus.py": "cannot be read",
    }
    assert {file for file, reason in expected.items() if reason not in reasons.get(file, "")} == set()
    assert "fault of midwatch" not in str(reasons)
    assert next(one.file for one in report.findings if one.rule.name == "swallowed-exception") == "good.py"


NESTED = {
    "tries.ts": "try {\n" * 3000 + "f()" + "} catch (e) {}\n" * 3000,
    "calls.ts": "f(" * 1500 + "x" + ")\n" * 1500,
    "callbacks.ts": "console.log(f(() => {\n" * 4000 + "}))" * 900,
    "chain.ts": "a" + ".b()\n" * 5000,
    "promises.ts": "a()" + ".catch(() => {})\n" * 1000,
    "joined.ts": "logger.info('a'" + "\n + b" * 5000 + ")\n",
    "branches.ts": "if (a) { console.log(1) }" + "\nelse if (b) { console.log(1) }" * 1000,
    "counters.ts": "".join(f"let n{n} = 0\n" for n in range(300)) + "module.exports = () => { n0++ }\n" * 3000,
    "tries.py": "".join(f"{' ' * n}try:\n" for n in range(60))
    + " " * 60
    + "f()\n"
    + "".join(f"{' ' * n}except: pass\n" for n in reversed(range(60))),
    "joined.py": "import logging\nlogging.info('a'" + "\n + b" * 900 + ")\n",
}


@pytest.mark.timeout(60)
def test_what_programs_nest_takes_no_time(tmp_path: Path) -> None:
    """Asking what stands around a node of thousands that nest would take hours: it is bounded."""
    write(tmp_path, NESTED)
    report = audit(tmp_path, Options(processes=1))
    assert {one.file for one in report.not_read} == {"tries.ts", "calls.ts", "callbacks.ts"}
    assert "fault of midwatch" not in str(report.not_read)
    assert sum(1 for one in report.findings if one.file == "promises.ts") == 1000


def test_folders_that_nobody_wrote_are_left_out(tmp_path: Path) -> None:
    """Installed, built and vendored code; what is ignored by a glob."""
    folders = ["node_modules/x", "dist", "vendor", ".venv/lib", "a/build", "src/generated", "legacy/deep"]
    write(tmp_path, {f"{one}/x.py": GOOD for one in folders} | {"src/x.py": GOOD})
    report = audit(tmp_path, Options(ignored=("legacy/",)))
    assert [one.file for one in report.findings] == ["src/x.py"]


def test_git_says_what_is_ignored(tmp_path: Path) -> None:
    """In a repository; and nothing that its configuration names is run."""
    write(tmp_path, {"x.py": GOOD, "scratch/y.py": GOOD, ".gitignore": "scratch/\n"})
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "config", "core.fsmonitor", f"touch {tmp_path}/run; false"], cwd=tmp_path, check=True)
    assert [one.file for one in audit(tmp_path, Options()).findings] == ["x.py"]
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("suffix", [".py", ".ts", ".tsx", ".js", ".vue"])
def test_damaged_code_never_ends_an_audit(tmp_path: Path, suffix: str) -> None:
    """Pieces of code joined at random: findings or a reason, and no fault of ours."""
    chance = random.Random(11)
    pieces = [
        "try { f() } catch (e) {}",
        "try:\n  f()\nexcept:\n  pass\n",
        "log.error(f'{x}')",
        "fetch(",
        "`${a",
        "<div>",
        "class A {",
        "import x from 'y'\n",
        "export async function GET(",
        "const m = new Map()",
        "m.set(1)",
        "({",
        "}",
        ")",
        "]",
        "'",
        '"',
        "\n",
        "=>",
        "await ",
        ".catch(",
        "() =>",
        "@app.get('/x')\n",
        "def f(",
        "# midwatch: ignore[",
        "// midwatch: ignore[x] ",
        "é",
        "\u2028",
        "\r",
        "\t",
        "io.on('connection', ",
        "socket.emit(",
        "<script>",
        "</script>",
        "setInterval(f",
        "process.on('SIGTERM'",
    ]
    write(tmp_path, {f"d{n}{suffix}": "".join(chance.choices(pieces, k=40)) for n in range(150)})
    report = audit(tmp_path, Options(processes=1))
    assert "fault of midwatch" not in str([one.reason for one in report.not_read])


def test_without_the_parsers_python_is_judged_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what to install is said."""
    write(tmp_path, {"x.py": GOOD, "y.ts": "try { f() } catch {}\n"})
    monkeypatch.setattr(auditing, "PARSERS", ("no_such_parser",))
    report = audit(tmp_path, Options())
    assert [one.file for one in report.findings] == ["x.py"]
    assert report.notes == (
        '1 files of TypeScript and JavaScript were not looked at: that needs pip install "midwatch[audit]"',
    )


def test_many_files_are_read_by_several_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same findings in the same order."""
    monkeypatch.setattr(auditing, "FILES_FOR_PROCESSES", 50)
    write(tmp_path, {f"d{n:03}.py": GOOD for n in range(auditing.FILES_FOR_PROCESSES + 10)})
    one, two = audit(tmp_path, Options(processes=1)), audit(tmp_path, Options(processes=2))
    assert one == two
    assert len(two.findings) == auditing.FILES_FOR_PROCESSES + 10


def test_a_bare_install_has_what_python_needs() -> None:
    """Neither the parsers nor pydantic are imported for a code base in Python."""
    program = (
        "import sys, pathlib; from midwatch.audit import Options, audit; import midwatch.audit.formats.forms;"
        "audit(pathlib.Path('src/midwatch/audit/finding.py'), Options());"
        "print([one for one in ('tree_sitter', 'pydantic', 'yaml') if one in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
