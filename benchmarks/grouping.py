"""How well grouping does on other people's events: `python -m benchmarks.grouping DIRECTORY`.

The directory is a checkout of public event samples (bugsink/event-samples on GitHub: events of Bugsink, GlitchTip and
Sentry, under their own licences; none of it is in this repository). What belongs together is known by the files' names;
native crashes are left out, since their frames were stripped. Every group of several is printed, to be judged by eye.
"""

import json
import re
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from midwatch.server.issues.events.facts import facts_of
from midwatch.server.issues.events.normal import normal_event
from midwatch.server.issues.grouping import grouping_of
from midwatch.server.issues.rules import ErrorRules

EXPECTED = (
    "javascript-xbrowser-http-(?:chrome|edge|firefox|safari)",
    "javascript-xbrowser-(?:chrome|firefox|safari)",
    "130(?:-w-tuple)?|111",
    "exception_(?:no|null)_frames",
    "top-level-(?:logentry|message)-as-str",
    "headers_as_lists|weird_ua|dotnet_error",
)
"""Names, without their endings, of files that are one failure each."""


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    names = sorted(Path(sys.argv[1]).glob("*/*.json"))
    if not names:
        raise SystemExit(f"no events below {sys.argv[1]}: expected <directory>/<origin>/<name>.json")
    for version in (1, 2):
        groups: dict[str, list[tuple[Path, str]]] = defaultdict(list)
        began = time.perf_counter()
        for path in names:
            event = _event(path)
            hash_ = grouping_of(event, ErrorRules(grouping=version)).hash
            groups[hash_].append((path, facts_of(event, ErrorRules(), "").title))
        took = (time.perf_counter() - began) / len(names) * 1000
        print(f"\nversion {version}: {len(names)} events, {len(groups)} groups, {took:.1f} ms each")
        _report(groups)


def _event(path: Path) -> dict[str, Any]:
    return normal_event(json.loads(path.read_bytes()), time.time_ns(), "0" * 32)


def _report(groups: dict[str, list[tuple[Path, str]]]) -> None:
    by_name = {path.stem: hash_ for hash_, some in groups.items() for path, _ in some}
    for pattern in EXPECTED:
        found = {name: hash_ for name, hash_ in by_name.items() if re.fullmatch(pattern, name)}
        print(f"  {pattern}: {len(found)} events expected to be 1 group, found {len(set(found.values()))}")
    for some in groups.values():
        if len(some) > 1:
            print(
                "  together: "
                + ", ".join(f"{path.parent.name}/{path.stem}" for path, _ in some)
                + f": {some[0][1][:70]}"
            )


if __name__ == "__main__":
    main()
