"""How much of other people's Grafana boards can be drawn: `python tools/dashboard_coverage.py FILE_OR_FOLDER …`.

Reads JSON files, prints a row for each board and the reasons for what is refused. Nothing of the boards is kept.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from midwatch.server.dashboards.check import check
from midwatch.server.dashboards.grafana.export import export_grafana
from midwatch.server.dashboards.grafana.read import Imported, read_grafana
from midwatch.server.dashboards.report import Refused


@dataclass
class Total:
    boards: int = 0
    whole: int = 0
    panels: int = 0
    drawn: int = 0
    queries: int = 0
    promql: int = 0
    mistakes: int = 0
    unlike: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)


def files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.json")) if path.is_dir() else [path]


def add(total: Total, source: object, found: Imported) -> None:
    report, board = found.report, found.dashboard
    queries = [query for panel in board.panels for query in panel.queries]
    total.boards += 1
    total.whole += not report.refused
    total.panels += report.panels
    total.drawn += report.drawable
    total.queries += len(queries)
    total.promql += sum(query.language == "promql" for query in queries)
    total.mistakes += sum(one.kind == "query" for one in check(board))
    total.unlike += isinstance(source, dict) and export_grafana(read_grafana(source).dashboard, source) != source
    total.kinds.update(panel.options.kind for panel in board.panels)
    total.reasons.update(one.reason.partition(";")[0] for one in report.refused)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--quiet", action="store_true", help="the sums alone")
    options = parser.parse_args()
    total, unread = Total(), 0
    for path in files(options.paths):
        try:
            source = json.loads(path.read_text(encoding="utf-8-sig"))
            found = read_grafana(source)
        except (ValueError, Refused) as error:
            unread += 1
            if not options.quiet:
                print(f"{path.name}: not read: {error!s:.100}")
            continue
        add(total, source, found)
        if not options.quiet:
            print(f"{path.name}: {found.report.drawable}/{found.report.panels} {found.dashboard.title}")
            for one in found.report.refused:
                print(f"    {one.panel} {one.title!r}: {one.reason}")
    share = total.drawn / max(total.panels, 1)
    print(f"\nboards read {total.boards}, all of it drawable {total.whole}, files that are no board {unread}")
    print(f"panels {total.panels}, drawable {total.drawn} ({share:.1%}); exports that differ {total.unlike}")
    print(f"queries {total.queries}, PromQL {total.promql}, of these no PromQL {total.mistakes}")
    for title, counter in (("kinds", total.kinds), ("refused", total.reasons)):
        print(f"{title}:")
        for name, count in counter.most_common():
            print(f"  {count:5} {name}")


if __name__ == "__main__":
    main()
