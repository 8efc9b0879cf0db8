"""One page without scripts, and without anything from elsewhere: to send, and to open anywhere."""

from collections.abc import Iterable
from html import escape

from midwatch.audit.auditing import Report
from midwatch.audit.formats import view
from midwatch.audit.inventory import Count

PLACES_OPEN_MAX = 8
"""A rule with more findings is folded."""

_STYLE = """
:root { color-scheme: light dark; --line: light-dark(#d8dde3, #333b45); --dim: light-dark(#57606a, #9aa4af); --plane: light-dark(#f6f8fa, #171c22);
  --high: light-dark(#b42318, #ff8a80); --medium: light-dark(#93540a, #f0b35c); --low: light-dark(#3d5a80, #8fb3e0); }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 4rem; background: light-dark(#fff, #0f1318); color: light-dark(#1f2328, #e6e9ec); }
h1 { font-size: 1.5rem } h2 { font-size: 1.2rem; margin-top: 2.5rem }
code { font: 13px ui-monospace, monospace; background: var(--plane); border-radius: 3px; padding: .1em .3em; overflow-wrap: anywhere }
.wide { overflow-x: auto } table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line) }
th { color: var(--dim); font-weight: 600 } td.n { text-align: right; font-variant-numeric: tabular-nums }
details { border: 1px solid var(--line); border-radius: 6px; margin: .6rem 0; padding: .5rem .8rem } summary { cursor: pointer; font-weight: 600 }
.high { color: var(--high) } .medium { color: var(--medium) } .low { color: var(--low) } .dim { color: var(--dim) } li { margin: .25rem 0 } :focus-visible { outline: 2px solid var(--low) }
"""  # fmt: skip


def render(report: Report) -> str:
    title = f"Observability audit of {report.root}"
    parts = [f"<h1>{_text(title)}</h1>", f"<p>{_text(view.headline(report))}</p>", _list(view.asides(report))]
    parts += ["<h2>What is missing</h2>", *(_group(one) for one in view.groups(report))]
    if not report.findings:
        parts.append("<p>Nothing that these rules know.</p>")
    parts += ["<h2>What is there</h2>", _libraries(report), _inventory(report)]
    parts += _events(report)
    if report.not_read:
        parts.append("<h2>Not looked at</h2>")
        parts.append(_list(f"{one.file}: {one.reason}" for one in report.not_read))
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{_text(title)}</title>'
    policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}{policy}<style>{_STYLE}</style></head>\n<body>\n'
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def _group(group: view.Group) -> str:
    rule, found = group.rule, group.findings
    rows = "".join(
        f"<li><code>{_text(f'{one.file}:{one.line}:{one.column}')}</code> {_text(one.message)}"
        + (f"<br><code>{_text(one.snippet)}</code>" if one.snippet else "")
        + "</li>"
        for one in found
    )
    state = " open" if len(found) <= PLACES_OPEN_MAX else ""
    mark = f'<span class="{group.severity}">{group.severity}</span>'
    head = f'{mark} · {_text(rule.title)} <span class="dim">{rule.id} {rule.name} · {len(found)}</span>'
    return (
        f"<details{state}><summary>{head}</summary><p>{_text(rule.why)}</p>"
        f"<p><strong>What to do:</strong> {_text(rule.todo)}</p><ul>{rows}</ul></details>"
    )


def _libraries(report: Report) -> str:
    return _table(
        ("library", "for", "first at"),
        [
            f"<td>{_text(name)}</td><td>{_text(roles)}</td><td><code>{_text(place)}</code></td>"
            for name, roles, place in view.libraries(report)
        ],
    )


def _inventory(report: Report) -> str:
    rows = [_row(one) for one in view.inventory(report)]
    return _table(("what", "where", "how many", "looked after", "names", "first at"), rows)


def _row(count: Count) -> str:
    names = ", ".join(f"<code>{_text(name)}</code> {often}" for name, often in count.names if name)
    place = f"{count.places[0].file}:{count.places[0].line}"
    return (
        f"<td>{_text(count.kind)}</td><td>{view.SIDES[count.side]}</td><td class=n>{count.count}</td>"
        f"<td>{_text(view.covered_text(count)) or '–'}</td><td>{names}</td><td><code>{_text(place)}</code></td>"
    )


def _events(report: Report) -> list[str]:
    if not report.events:
        return []
    told: dict[str, str] = {}
    for fact in report.facts:
        if fact.kind == "event":
            told.setdefault(fact.name, f"{fact.file}:{fact.line}")
    rows = [
        f"<td><code>{_text(one)}</code></td><td>{_text(told.get(one, 'nowhere'))}</td>" for one in sorted(report.events)
    ]
    return ["<h2>Events of the plan</h2>", _table(("event", "logged at"), rows)]


def _table(heads: tuple[str, ...], rows: list[str]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{one}</th>" for one in heads)
    body = "".join(f"<tr>{one}</tr>" for one in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _list(items: Iterable[str]) -> str:
    rows = "".join(f"<li>{_text(one)}</li>" for one in items)
    return f"<ul>{rows}</ul>" if rows else ""


def _text(text: str) -> str:
    return escape("".join(one if one.isprintable() else " " for one in text))
