"""The frames of a traceback as values that a server can group by: file, line, function, source and scrubbed locals.

Nothing of the app is run for it: no `repr` of its objects, which may be slow, fail, ask a database, or tell a secret.
"""

import linecache
import re
import sysconfig
from dataclasses import fields, is_dataclass
from itertools import islice
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from midwatch.contract.privacy import REMOVED
from midwatch.contract.redaction.said import LEFT_OUT
from midwatch.contract.redaction.values import Redactor, below, named_in

FRAMES_MAX = 50
"""Of deeper tracebacks, which are recursions, the outer ten and the inner forty."""
OUTER_FRAMES = 10
SOURCE_LINES = 3
"""Before and after the line."""
SOURCE_BYTES_MAX = 240
SOURCES_MAX = 2048
"""Places in the source that are kept as they are sent: the same calls fail again."""
LOCALS_MAX = 24
TEXT_MAX = 240
ITEMS_MAX = 8
DEPTH_MAX = 3

WITHOUT_LOCALS = "__midwatch_without_locals__"
"""An attribute of exceptions whose callers' variables are private, whatever their names."""

_OURS = str(Path(__file__).parent) + "/"
"""The SDK is no part of the app, wherever it is installed from."""
_LIBRARIES = (
    _OURS,
    *{sysconfig.get_path(name) + "/" for name in ("stdlib", "platstdlib", "purelib", "platlib")},
)
_PACKAGES = ("/site-packages/", "/dist-packages/")
_SCALARS = (str, bytes, int, float, bool, type(None))
_ASSIGNED = re.compile(r"""(['"]?)([A-Za-z_][\w.-]*)\1(\s*[:=]\s*)[bfru]{0,2}(['"])(?:(?!\4).)*\4""")


class Frames:
    """Reads frames. Any thread may use it."""

    def __init__(self, redactor: Redactor, *, with_locals: bool) -> None:
        self._redactor = redactor
        self._with_locals = with_locals
        self._sources: dict[tuple[str, int], list[str]] = {}

    def of(self, trace: TracebackType | None, *, with_locals: bool = True) -> list[dict[str, Any]]:
        """Outermost call first, where it was raised last."""
        found: list[tuple[FrameType, int]] = []
        while trace is not None:
            found.append((trace.tb_frame, trace.tb_lineno))
            if len(found) > FRAMES_MAX:
                del found[OUTER_FRAMES]
            trace = trace.tb_next
        return [self._frame(frame, line, with_locals=with_locals and self._with_locals) for frame, line in found]

    def _frame(self, frame: FrameType, line: int, *, with_locals: bool) -> dict[str, Any]:
        code = frame.f_code
        in_app = _is_of_the_app(code.co_filename)
        said: dict[str, Any] = {
            "file": code.co_filename,
            "line": line,
            "function": code.co_qualname,
            "module": str(frame.f_globals.get("__name__", "")),
            "in_app": in_app,
        }
        source = self._around(frame, line)
        if source:
            said["source"] = source
            said["source_start"] = max(1, line - SOURCE_LINES)
        if in_app and with_locals:
            # A copy first: another thread may be running in this frame.
            names = islice(dict(frame.f_locals).items(), LOCALS_MAX)
            said["locals"] = {name: self.shown(name, value) for name, value in names if not name.startswith("__")}
        return said

    def _around(self, frame: FrameType, line: int) -> list[str]:
        file = frame.f_code.co_filename
        known = self._sources.get((file, line))
        if known is None:
            lines = linecache.getlines(file, frame.f_globals)[max(0, line - SOURCE_LINES - 1) : line + SOURCE_LINES]
            if len(self._sources) >= SOURCES_MAX:
                self._sources.clear()
            known = self._sources[file, line] = [self._source(one) for one in lines]
        return known

    def shown(self, name: str, value: Any, depth: int = 0) -> Any:
        """A value as it may be seen: plain ones cut and scrubbed, containers so far, of objects their class."""
        if self._redactor.is_treated(name):
            treated = self._redactor.value(name, value, DEPTH_MAX) if type(value) in _SCALARS else REMOVED
            return REMOVED if treated is LEFT_OUT else treated
        kind = type(value)
        if value is None or kind in (bool, int, float):
            return value if kind is not int or abs(value) < 1 << 63 else f"<int of {value.bit_length()} bits>"
        if kind is str:
            return self._redactor.cut(value, TEXT_MAX)
        if depth < DEPTH_MAX:
            inner = self._inside(name, value, depth + 1)
            if inner is not None:
                return inner
        return f"<{kind.__module__}.{kind.__qualname__}>"

    def _inside(self, name: str, value: Any, depth: int) -> Any:
        kind = type(value)
        named = named_in(value) if kind in (dict, list, tuple) else ""
        if kind is dict:
            plain = [(str(key), one) for key, one in islice(value.items(), ITEMS_MAX) if _is_plain(key)]
            return {
                self.shown("", key): self.shown(below(name, named if named and key == "value" else key), one, depth)
                for key, one in plain
            }
        if named:
            return [self.shown("", value[0], depth), self.shown(below(name, named), value[1], depth)]
        if kind in (list, tuple, set, frozenset):
            return [self.shown(name, one, depth) for one in islice(value, ITEMS_MAX)]
        if is_dataclass(value):
            there = getattr(value, "__dict__", {})
            known = islice((one.name for one in fields(value) if one.name in there), ITEMS_MAX)
            return {"class": kind.__qualname__} | {
                one: self.shown(below(name, one), there[one], depth) for one in known
            }
        return None

    def _source(self, line: str) -> str:
        """A line of source without the private values that are written in it."""

        def mask(match: re.Match[str]) -> str:
            quote, name, joint, mark = match.groups()
            return f"{quote}{name}{quote}{joint}{mark}{REMOVED}{mark}" if self._redactor.is_treated(name) else match[0]

        return self._redactor.cut(_ASSIGNED.sub(mask, line.rstrip("\n")[: 4 * SOURCE_BYTES_MAX]), SOURCE_BYTES_MAX)


def spare_of(frames: list[dict[str, Any]]) -> list[tuple[dict[str, Any], str]]:
    """What frames can do without, the least missed first: of the outer calls before the inner, locals before source."""
    return [(frame, key) for key in ("locals", "source") for frame in frames]


def module_of(trace: TracebackType | None) -> str:
    """The module that raised."""
    name = ""
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", ""))
        trace = trace.tb_next
    return name


def _is_of_the_app(file: str) -> bool:
    return not (file.startswith(("<", *_LIBRARIES)) or any(part in file for part in _PACKAGES))


def _is_plain(key: Any) -> bool:
    return type(key) in (str, int, bool, float)
