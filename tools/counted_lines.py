"""How much of each example system is there to be observed: the tables of docs/systems, counted in the files.

`python tools/counted_lines.py josh` prints what was counted in files that have other work, to look it over.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
CODE = (".py", ".mjs", ".js", ".jsx")
LEFT_OUT = {"__init__", "system", "history", "traffic", "before", "node_modules", "dist"}
TESTS = re.compile(r"_test$|\.test$|\.config$|^faults$")
COMMENT = re.compile(r"\s*(#|//|/\*|\*)")
OBSERVES = {
    ".py": re.compile(r"midwatch|sentry|statsd|telemetry|\b(log|metrics)\.|\.(inc|observe|record)\(|Correlated", re.I),
    ".js": re.compile(
        r"sentry|posthog|telemetry|\b(log|logger|metrics|measure)\b[.\[(]|\.(inc|observe|record)\(|\b(handled|traced|tag|tell\w+)\("
        r"|correlat",
        re.I,
    ),
}
"""A line that names one of these, in a file that has other work, is there to be observed."""


@dataclass(frozen=True)
class Part:
    """Directories or files of a system, and which of their modules are there for nothing else."""

    title: str
    paths: tuple[str, ...]
    own: tuple[str, ...] = ()


PARTS = {
    "tabbi": (
        Part("sandbox service and agent (Python)", ("sandbox", "agent"), ("telemetry",)),
        Part(
            "edge (a Worker)",
            ("edge",),
            ("telemetry", "metrics", "logger", "events", "sentry", "instrument", "logpush"),
        ),
        Part("page", ("web",), ("logger", "telemetry", "tracing", "vitals")),
    ),
    "canvascast": (
        Part(
            "API (Node.js)",
            ("api",),
            ("instrument", "logger", "sink", "tracing", "metrics", "health", "errors"),
        ),
        Part("worker (Python)", ("worker",), ("telemetry",)),
        Part("web front (Python)", ("web",)),
    ),
    "josh": (
        Part("API (Node.js)", ("api",), ("instrument", "log", "metrics", "correlation", "privacy", "errors")),
        Part("service (Python)", ("service",), ("telemetry",)),
    ),
    "chat": (
        Part(
            "server (Node.js)",
            ("server",),
            ("instrument", "correlation", "sink", "log", "metrics", "requests", "health"),
        ),
        Part("page", ("web",)),
        Part("assistant and its jobs (Python)", ("assistant",), ("telemetry",)),
    ),
    "soulcaster": (
        Part(
            "backend, poller, agent, recovery (Python)",
            ("backend", "poller", "agent", "recovery", "jobs.py"),
            ("sentry_client",),
        ),
        Part("dashboard: its server (Node.js) and page", ("dashboard",), ("instrument", "metrics", "telemetry")),
    ),
}
PLAN = (
    ("`midwatch.yml`", ("midwatch.yml",)),
    ("rules, routes, objectives", ("rules", "alertmanager.yml", "slos")),
    ("boards and runbooks", ("dashboards", "runbooks")),
)


def table(system: str) -> str:
    """Its table, in Markdown."""
    rows = ["| | to be observed | of all |", "|---|---:|---:|"]
    for part in PARTS[system]:
        counted = [(len(observing(path, part)), len(lines(path))) for path in files(system, part)]
        rows.append(f"| {part.title} | {sum(seen for seen, _ in counted)} | {sum(whole for _, whole in counted)} |")
    for title, paths in PLAN:
        plan = EXAMPLES / system / "observability"
        count = sum(len(lines(path)) for name in paths for path in _below(plan / name))
        rows.append(f"| {title} | {count} | |")
    return "\n".join(rows) + "\n"


def files(system: str, part: Part) -> Iterator[Path]:
    for name in part.paths:
        for path in _below(EXAMPLES / system / name):
            known = {*path.relative_to(EXAMPLES).parts, path.stem}
            if path.suffix in CODE and not known & LEFT_OUT and not TESTS.search(path.stem):
                yield path


def observing(path: Path, part: Part) -> list[str]:
    """The lines of a file that are there to be observed: all, of a module of nothing else."""
    if path.stem in part.own:
        return lines(path)
    wanted = OBSERVES[".py" if path.suffix == ".py" else ".js"]
    return [line for line in lines(path) if wanted.search(line)]


def lines(path: Path) -> list[str]:
    """Without blank ones, comments and docstrings."""
    text = path.read_text(encoding="utf-8").splitlines()
    told = _docstrings(path) if path.suffix == ".py" else set()
    return [
        line
        for at, line in enumerate(text, 1)
        if line.strip() and at not in told and (path.suffix == ".md" or not COMMENT.match(line))
    ]


def _docstrings(path: Path) -> set[int]:
    found: set[int] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return found


def _below(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())


if __name__ == "__main__":
    for system in sys.argv[1:] or PARTS:
        print(f"\n{system}\n\n{table(system)}")
        for part in PARTS[system]:
            for path in files(system, part):
                if path.stem not in part.own:
                    print(path.relative_to(EXAMPLES), *observing(path, part), sep="\n  ")
