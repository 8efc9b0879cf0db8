"""Stack traces as text → frames, outermost call first. Python, JavaScript, Java and its kin, Go, Ruby, PHP, .NET.

OpenTelemetry hands stacks on as text (`exception.stacktrace`). What is not recognised stays text, and is shown as such.
"""

import re
from collections.abc import Callable
from typing import Any

TEXT_CHARACTERS_MAX = 64_000
FRAMES_MAX = 250
_PYTHON = re.compile(r'^ *(?:\| )? *File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>.+))?$')
_PYTHON_TYPE = re.compile(r"^(?P<type>[A-Za-z_][\w.]*)(?:: (?P<value>.*))?$")
_BETWEEN = re.compile(
    r"^(?:The above exception was the direct cause of|During handling of the above exception, another)", re.MULTILINE
)
_V8 = re.compile(
    r"^\s*at (?:async )?(?:(?P<function>.+?) \()?(?P<file>(?:[a-z-]+://|node:|/|\w:\\|webpack|\.|<)[^()\n]*?|[^\s():]+\.\w+)"
    r":(?P<line>\d+)(?::(?P<column>\d+))?\)?$"
)
_GECKO = re.compile(r"^(?P<function>[^@\n]*)@(?P<file>\S+?):(?P<line>\d+)(?::(?P<column>\d+))?$")
_JAVA = re.compile(
    r"^\s*at (?:[\w.@-]+/)*(?P<module>[\w.$]+)\.(?P<function>[\w$<>]+)\((?P<file>[^:()]+)(?::(?P<line>\d+))?\)$"
)
_DOTNET = re.compile(r"^\s*at (?P<function>[\w.<>`\[\], ]+\(.*?\))(?: in (?P<file>.+):line (?P<line>\d+))?$")
_RUBY = re.compile(r"^\s*(?:from )?(?P<file>[^\s:]+\.rb):(?P<line>\d+):in [`'](?P<function>[^']+)'(?:: .*)?$")
_PHP = re.compile(r"^#\d+ (?P<file>[^\s(]+)\((?P<line>\d+)\): (?P<function>.+)$")
_GO_FUNCTION = re.compile(r"^(?:created by )?(?P<function>[\w./*()\-]+?)(?:\([^)]*\))?(?: in goroutine \d+)?$")
_GO_FILE = re.compile(r"^\t(?P<file>\S+\.go):(?P<line>\d+)")
_LIBRARY = (
    *("site-packages", "dist-packages", "/lib/python", "<frozen ", "node_modules", "node:", "/vendor/"),
    *("/usr/lib/", "/usr/local/lib/", "/usr/local/go/", "/go/pkg/mod/", "/gems/", "internal/"),
)
_LIBRARY_MODULES = (
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "kotlin.",
    "scala.",
    "org.springframework.",
    "System.",
    "Microsoft.",
)


def is_in_app(path: str, module: str = "") -> bool:
    """Whether code is the team's own, as far as its place tells."""
    if any(part in path for part in _LIBRARY):
        return False
    return not module.startswith(_LIBRARY_MODULES)


def chain_of(stack: str) -> list[dict[str, Any]]:
    """Python's chained tracebacks: each with `type`, `value` and frames, the first cause first; else empty."""
    stack = stack[:TEXT_CHARACTERS_MAX]
    if "Traceback (most recent call last)" not in stack:
        return []
    found = []
    for part in _BETWEEN.split(stack):
        lines = [line for line in part.splitlines() if line.strip()]
        said = [_PYTHON_TYPE.match(line) for line in lines if line[:1] not in (" ", "\t", "|")]
        named = [match for match in said if match and not match[0].startswith("Traceback")]
        frames = _python(part)
        if frames and named:
            found.append({"type": named[0]["type"], "value": named[0]["value"] or "", "frames": frames})
    return found


def frames_of_text(stack: str) -> list[dict[str, Any]]:
    """Empty where it is not a stack that is known."""
    stack = stack[:TEXT_CHARACTERS_MAX]
    if chain := chain_of(stack):
        return list(chain[-1]["frames"])
    readers: tuple[Callable[[str], list[dict[str, Any]]], ...] = (
        _python,
        _javascript,
        _java,
        _ruby,
        _php,
        _go,
        _dotnet,
    )
    for reader in readers:
        if frames := reader(stack):
            return frames[-FRAMES_MAX:]
    return []


def _python(stack: str) -> list[dict[str, Any]]:
    frames: list[dict[str, Any]] = []
    for line in stack.splitlines():
        if match := _PYTHON.match(line):
            frames.append(_frame(match))
        elif frames and "context_line" not in frames[-1] and line.startswith("    ") and not set(line) <= set(" ^~|"):
            frames[-1]["context_line"] = line.strip()
    return frames


def _javascript(stack: str) -> list[dict[str, Any]]:
    return _matched(stack, _V8) or _matched(stack, _GECKO)


def _java(stack: str) -> list[dict[str, Any]]:
    return _matched(stack.partition("\nCaused by:")[0], _JAVA)


def _ruby(stack: str) -> list[dict[str, Any]]:
    return _matched(stack, _RUBY)


def _php(stack: str) -> list[dict[str, Any]]:
    return _matched(stack, _PHP)


def _dotnet(stack: str) -> list[dict[str, Any]]:
    return _matched(stack, _DOTNET)


def _go(stack: str) -> list[dict[str, Any]]:
    frames: list[dict[str, Any]] = []
    function = ""
    for line in stack.splitlines():
        if match := _GO_FILE.match(line):
            found = _frame(match)
            found["function"] = function or "?"
            frames.append(found)
            function = ""
        elif match := _GO_FUNCTION.match(line):
            function = match["function"].rpartition("/")[2]
    return frames[::-1]


def _matched(stack: str, pattern: re.Pattern[str]) -> list[dict[str, Any]]:
    found = [_frame(match) for line in stack.splitlines() if (match := pattern.match(line))]
    return found[::-1]


def _frame(match: re.Match[str]) -> dict[str, Any]:
    held = match.groupdict()
    path, module = held.get("file") or "", held.get("module") or ""
    frame: dict[str, Any] = {"abs_path": path, "filename": path, "in_app": is_in_app(path, module)}
    if function := held.get("function"):
        frame["function"] = function.strip()
    if module:
        frame["module"] = module
    for name, key in (("line", "lineno"), ("column", "colno")):
        if held.get(name):
            frame[key] = min(int(held[name]), (1 << 31) - 1)
    return frame
