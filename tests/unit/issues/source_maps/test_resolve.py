"""Frames resolved with maps that are made up: what is put in place, what is told, and what never raises."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midwatch.server.issues.source_maps.lookups import LOOKUPS_MAX, Lookup, wanted
from midwatch.server.issues.source_maps.resolve import (
    ERRORS_MAX,
    LINE_CHARACTERS_MAX,
    Missing,
    SourceMap,
    Token,
    file_name,
    is_own,
    resolve,
)

URL = "https://shop.example/assets/a.js"
ID = "0d5a3a2e-8b5e-4b1d-9d0e-1c2d3e4f5a6b"


@dataclass
class At:
    line: int = 7
    col: int = 3
    src: str | None = "../src/a.ts"
    name: str | None = None
    function_name: str | None = "pay"
    context_line: str | None = "pay()\n"
    pre_context: list[str] = field(default_factory=lambda: ["before\n"])
    post_context: list[str] = field(default_factory=list)


class Fixed:
    """A map that knows the tokens of some columns."""

    def __init__(self, tokens: dict[int, At]) -> None:
        self.tokens = tokens

    def lookup(self, line: int, col: int, context_lines: int) -> Token | None:
        return self.tokens.get(col)


def event(*frames: dict[str, Any], **more: Any) -> dict[str, Any]:
    values = [{"type": "E", "stacktrace": {"frames": list(frames)}}]
    return {"platform": "javascript", "release": "r", "exception": {"values": values}, **more}


def frame(col: int = 1, **more: Any) -> dict[str, Any]:
    return {"abs_path": URL, "filename": URL, "function": "n", "lineno": 1, "colno": col, "in_app": True, **more}


def find(found: SourceMap | Missing) -> Any:
    return lambda lookup: found


def frames(told: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = told["exception"]["values"][0]["stacktrace"]["frames"]
    return found


def test_what_is_put_in_place() -> None:
    """Place, names and context; the stack as it came is kept beside it, once."""
    told = event(frame(data={"x": 1}))
    before = deepcopy(told["exception"]["values"][0]["stacktrace"])
    assert resolve(told, find(Fixed({1: At()}))).resolved == 1
    (one,) = frames(told)
    assert one == {
        "abs_path": "https://shop.example/src/a.ts",
        "filename": "src/a.ts",
        "module": "src/a",
        "function": "pay",
        "lineno": 7,
        "colno": 3,
        "in_app": True,
        "context_line": "pay()",
        "pre_context": ["before"],
        "post_context": [],
        "data": {"x": 1, "symbolicated": True, "minified": URL},
    }
    assert told["exception"]["values"][0]["raw_stacktrace"] == before
    assert wanted(told) == []
    again = deepcopy(told)
    assert resolve(again, find(Fixed({3: At(line=99)}))).resolved == 0
    assert again == told


def test_whose_function_it_is() -> None:
    """The scope of the place; without a name, what the caller calls it; else what the engine said."""
    outer, inner = At(function_name="<unknown>", name="charge"), At(function_name="<anonymous>")
    told = event(frame(1), frame(2))
    resolve(told, find(Fixed({1: outer, 2: inner})))
    assert [one["function"] for one in frames(told)] == ["<unknown>", "charge"]
    told = event(frame(1, function="onClick"), frame(2, function="n"))
    resolve(told, find(Fixed({1: At(function_name="<unknown>"), 2: inner})))
    assert [one["function"] for one in frames(told)] == ["onClick", "<anonymous>"]


@pytest.mark.parametrize(
    ("source", "name", "own"),
    [
        ("../../src/a.ts", "src/a.ts", True),
        ("webpack://shop/./src/a.tsx?1a2b", "src/a.tsx", True),
        ("webpack:///src/a.vue", "src/a.vue", True),
        ("app:///src/a.js", "src/a.js", True),
        ("webpack://shop/./node_modules/react/index.js", "node_modules/react/index.js", False),
        ("../node_modules/.pnpm/x/index.js", "node_modules/.pnpm/x/index.js", False),
        ("webpack://shop/webpack/bootstrap", "webpack/bootstrap", False),
        ("\0vite/preload-helper.js", "\0vite/preload-helper.js", False),
        ("../", "../", True),
    ],
)
def test_names_of_sources(source: str, name: str, own: bool) -> None:
    """As a person calls them; packages and bundlers are not the app's own."""
    assert (file_name(source), is_own(source)) == (name, own)


def test_what_is_missing_is_told_once_and_no_longer_than_it_is() -> None:
    """Each file by its reason, in place of what was told before; other errors stay."""
    other = {"type": "clock_drift"}
    told = event(frame(1), frame(1), frame(2, abs_path=URL + "?x"), errors=[other])
    resolve(told, find(Missing("missing_source")))
    assert told["errors"] == [other, *({"type": "missing_source", "url": url} for url in (URL, URL + "?x"))]
    resolve(told, find(Fixed({1: At()})))
    assert told["errors"] == [other, {"type": "invalid_location", "url": URL + "?x"}]
    many = event(*(frame(abs_path=f"https://x.example/{index}.js") for index in range(200)))
    resolve(many, find(Missing("missing_source")))
    assert len(wanted(many)) == LOOKUPS_MAX
    assert len(many["errors"]) <= ERRORS_MAX
    readable = event(frame(5, context_line="throw new Error()"), frame(1, abs_path="https://x.example/cart"))
    resolve(readable, find(Missing("missing_source")))
    assert "errors" not in readable, "what is not minified, and a page's inline scripts, need no map"


def test_lines_are_cut() -> None:
    """A minified library that a map carries as a source is one line of a megabyte."""
    told = event(frame())
    resolve(told, find(Fixed({1: At(context_line="x" * 10_000)})))
    assert len(frames(told)[0]["context_line"]) == LINE_CHARACTERS_MAX + 1


def test_what_a_file_may_be_called() -> None:
    """The closest first: whole, without its query, then of any host."""
    assert Lookup(f"{URL}?v=1#x").names() == (f"{URL}?v=1", URL, "~/assets/a.js?v=1", "~/assets/a.js")
    assert Lookup("app:///dist/a.js").names() == ("app:///dist/a.js", "~/dist/a.js")
    assert Lookup("/srv/app/a.js").names() == ("/srv/app/a.js", "~/srv/app/a.js")
    assert Lookup("https://x.example").names() == ("https://x.example",)
    assert Lookup("https://app/app?v=1").names()[2:] == ("~/app?v=1", "~/app"), "a host that is called as its path"


@pytest.mark.parametrize("url", ["https://[x/a.js", "http://a℀b/x.js", "//[/a.js", "app://["])
def test_addresses_that_are_none(url: str) -> None:
    """Anybody can send one: it has names as any other and is resolved, and the digest goes on."""
    assert Lookup(url).names()[0] == url
    for source in ("../src/a.ts", "//[/a.ts"):
        told = event(frame(abs_path=url))
        assert resolve(told, find(Fixed({1: At(src=source)}))).resolved == 1


def test_what_an_event_asks_for() -> None:
    """Files by debug id or release; none for other platforms, and none that cannot be found by anything."""
    images = [{"type": "sourcemap", "code_file": URL, "debug_id": ID.upper()}, {"type": "macho"}, 5]
    told = event(frame(), frame(abs_path="node:internal/timers"), debug_meta={"images": images}, dist="d")
    assert wanted(told) == [Lookup(URL, ID, "r", "d")]
    assert wanted(event(frame(), release=None)) == []
    assert wanted(event(frame(), platform="python")) == []
    assert wanted(event(frame(platform="javascript"), platform="python")) == [Lookup(URL, "", "r")]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from([URL, "https://[x/a.js"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from([*frame(), "platform", "data"]), _JSON, max_size=8), _JSON, _JSON, _JSON)
def test_no_event_raises(odd: dict[str, Any], images: Any, threads: Any, errors: Any) -> None:
    """Whatever stands where a frame, an image or a thread should."""
    told = event(odd, frame(), threads=threads, debug_meta={"images": images}, errors=errors)
    assert all(one.names() for one in wanted(told))
    resolve(told, find(Fixed({1: At()})))
    for broken in ({"exception": threads}, {"exception": {"values": [threads]}}, {"stacktrace": {"frames": [threads]}}):
        resolve({"platform": "node", **broken}, find(Missing("missing_source")))
