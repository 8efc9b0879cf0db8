"""The page as HTML: no script, one file, readable with and without colours, by eyes and by screen readers."""

from datetime import UTC, datetime
from html import escape
from itertools import groupby

from midwatch.server.monitors.status_page.view import (
    HISTORY_DAYS,
    WORDS,
    ComponentView,
    Day,
    Notice,
    PageView,
    State,
    status_word,
    utc_time,
)

_MARKS = {
    State.OPERATIONAL: "✓",
    State.MAINTENANCE: "⚙",
    State.DEGRADED: "!",
    State.PARTIAL: "!",
    State.MAJOR: "✕",
    State.UNKNOWN: "?",
}
_HEADLINES = {
    State.OPERATIONAL: "All systems operational",
    State.MAINTENANCE: "Maintenance is under way",
    State.DEGRADED: "Some systems are degraded",
    State.PARTIAL: "Some systems are down",
    State.MAJOR: "Systems are down",
    State.UNKNOWN: "The state of some systems is not known",
}
_STYLE = """
:root{--bg:#fff;--fg:#1b1f24;--soft:#57606a;--line:#d8dee4;--card:#f6f8fa;--ok:#1a7f37;--warn:#9a6700;--bad:#cf222e;
--calm:#0969da;--none:#c3cad1;--field:#818b98;--on:#fff}
@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--soft:#9198a1;--line:#30363d;--card:#161b22;
--ok:#3fb950;--warn:#d29922;--bad:#f85149;--calm:#58a6ff;--none:#3d444d;--field:#6e7681;--on:#0d1117}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif}
main{max-width:52rem;margin:0 auto;padding:2rem 1rem 3rem}h1{font-size:1.6rem;margin:0 0 .25rem}
h2{font-size:1.05rem;margin:2.25rem 0 .75rem}h3{font-size:1rem;margin:0}p{margin:.25rem 0}.soft{color:var(--soft)}
.now{display:flex;gap:.75rem;align-items:center;border:1px solid var(--line);border-left:6px solid var(--tone);
border-radius:8px;padding:.9rem 1rem;margin:1.25rem 0;background:var(--card);font-weight:600}
.mark{color:var(--tone);font-weight:700}.operational{--tone:var(--ok)}.maintenance{--tone:var(--calm)}
.degraded,.partial_outage{--tone:var(--warn)}.major_outage{--tone:var(--bad)}.unknown{--tone:var(--soft)}
ul{list-style:none;margin:0;padding:0}.components>li{border-top:1px solid var(--line);padding:.9rem 0}
.components>li:last-child{border-bottom:1px solid var(--line)}.row{display:flex;justify-content:space-between;gap:1rem}
.state{white-space:nowrap}.days{display:block;width:100%;height:28px;margin-top:.5rem}
.legend{display:flex;justify-content:space-between;font-size:.8rem;color:var(--soft)}
.notice{border:1px solid var(--line);border-radius:8px;padding:1rem;margin:.75rem 0}
.notice ol{list-style:none;margin:.75rem 0 0;padding:0}.notice li{border-top:1px solid var(--line);padding:.6rem 0 0;
margin-top:.6rem}.text{white-space:pre-wrap;overflow-wrap:anywhere}time,.to{color:var(--soft);font-size:.85rem}
footer{margin-top:2.5rem;color:var(--soft);font-size:.875rem}a{color:var(--calm)}
form label{display:block}form .row{justify-content:flex-start;align-items:end;flex-wrap:wrap;gap:.5rem}
.ask{flex:1 1 14rem;max-width:22rem}input[type=email]{width:100%;font:inherit;color:inherit;background:var(--bg);
border:1px solid var(--field);border-radius:6px;padding:.4rem .6rem}button{font:inherit;font-weight:600;
color:var(--on);background:var(--calm);border:1px solid transparent;border-radius:6px;padding:.4rem .9rem;
cursor:pointer}
fieldset{border:0;margin:.5rem 0 0;padding:0}fieldset label{padding:.25rem 0}summary{cursor:pointer}
details{margin-top:.75rem}legend{padding:0}[type=checkbox]{margin-left:0}
"""


_HEAD = (
    "<!doctype html><html lang=en><head><meta charset=utf-8>"
    '<meta name=viewport content="width=device-width,initial-scale=1">'
    f'<meta name=color-scheme content="light dark"><style>{_STYLE}</style>'
)


def page_html(view: PageView, base: str, *, stale: bool = False, subscribe: bool = False) -> str:
    """`base`: where the page is, without a slash at its end. `stale`: the workspace does not answer at the moment."""
    title = escape(view.title)
    parts = [
        f"{_HEAD}<title>{title}: {escape(_HEADLINES[view.state])}</title>",
        f'<link rel=alternate type=application/atom+xml href="{escape(base)}/feed.atom" title="{title}">',
        "</head><body><main>",
        f"<header><h1>{title}</h1>",
        f'<p class="soft text">{escape(view.description)}</p>' if view.description else "",
        f'<p class="now {view.state}" role=status><span class=mark aria-hidden=true>{_MARKS[view.state]}</span>',
        f"{escape(_HEADLINES[view.state])}</p></header>",
    ]
    if stale:
        parts.append(f"<p class=soft>Shown as of {_time(view.at_ms)}: news may be missing at the moment.</p>")
    parts += _section("Now", [_notice(one) for one in view.current])
    parts += _section("Planned", [_notice(one) for one in view.upcoming])
    parts += _components(view.components)
    parts += _section("Past incidents", [_notice(one) for one in view.past]) or [
        "<section><h2>Past incidents</h2><p class=soft>None in the last two weeks.</p></section>"
    ]
    if subscribe:
        parts.append(_subscribe_form(view, base))
    parts.append(
        f'<footer><p>As of {_time(view.at_ms)}. Follow by <a href="{escape(base)}/feed.atom">Atom</a> or '
        f'<a href="{escape(base)}/feed.rss">RSS</a>; for programs <a href="{escape(base)}/summary.json">JSON</a>.</p>'
        "</footer></main></body></html>"
    )
    return "".join(parts)


def words_html(title: str, body: str, base: str) -> str:
    """A page that answers a form or a link; `body` is HTML."""
    return (
        f"{_HEAD}<meta name=robots content=noindex><title>{escape(title)}</title></head><body><main>"
        f'<h1>{escape(title)}</h1>{body}<footer><p><a href="{escape(base) or "/"}">To the status page</a></p></footer>'
        "</main></body></html>"
    )


def button_html(words: str) -> str:
    """A form that posts to the address of its page, and nothing with it."""
    return f"<form method=post><p><button>{escape(words)}</button></p></form>"


def _subscribe_form(view: PageView, base: str) -> str:
    boxes = "".join(
        f'<label><input type=checkbox name=component value="{escape(one.name)}"> {escape(one.name)}</label>'
        for one in view.components
    )
    choice = (
        "<details><summary>Only some components</summary><fieldset><legend class=soft>"
        f"Without a choice you hear of all of them.</legend>{boxes}</fieldset></details>"
    )
    return (
        f'<section id=subscribe><h2>Get mails</h2><form method=post action="{escape(base)}/subscribe"><div class=row>'
        "<div class=ask><label for=email>E-mail address</label>"
        "<input type=email id=email name=email required maxlength=254 autocomplete=email></div>"
        f"<button>Subscribe</button></div>{choice if len(view.components) > 1 else ''}"
        "<p class=soft>Of each incident and maintenance, after you have confirmed by a link that is sent to you. "
        "Each mail has a link that ends it.</p></form></section>"
    )


def _section(title: str, items: list[str]) -> list[str]:
    return [f"<section><h2>{title}</h2>", *items, "</section>"] if items else []


def _components(components: tuple[ComponentView, ...]) -> list[str]:
    parts = []
    # Groups in the order in which they first appear.
    order = list(dict.fromkeys(one.group for one in components))
    ranked = sorted(components, key=lambda one: order.index(one.group))
    for group, members in groupby(ranked, key=lambda one: one.group):
        parts.append(f"<section><h2>{escape(group or 'Components')}</h2><ul class=components>")
        parts += [_component(one) for one in members]
        parts.append("</ul></section>")
    return parts


def _component(one: ComponentView) -> str:
    about = f'<p class="soft">{escape(one.description)}</p>' if one.description else ""
    days = ""
    if one.days:
        share = "no data yet" if one.availability is None else f"{_percent(one.availability)} available"
        said = f"{HISTORY_DAYS} days: {share}"
        bars = "".join(_bar(place, day) for place, day in enumerate(one.days))
        days = (
            f'<svg class=days viewBox="0 0 {HISTORY_DAYS * 4} 28" preserveAspectRatio=none role=img '
            f'aria-label="{said}">{bars}</svg><div class=legend><span>{HISTORY_DAYS} days ago</span>'
            f"<span>{share}</span><span>today</span></div>"
        )
    return (
        f'<li><div class=row><h3>{escape(one.name)}</h3><span class="state {one.state}">'
        f"<span class=mark aria-hidden=true>{_MARKS[one.state]}</span> {WORDS[one.state]}</span></div>"
        f"{about}{days}</li>"
    )


def _bar(place: int, day: Day) -> str:
    """Yellow from a thousandth of the day on, red from a twentieth; lower where worse, for who sees no colours."""
    date = datetime.fromtimestamp(day.day * 86_400, UTC).strftime("%Y-%m-%d")
    if day.availability is None:
        colour, height, said = "var(--none)", 8, "no data"
    else:
        bad = 1 - day.availability
        colour = "var(--ok)" if bad < 0.001 else "var(--warn)" if bad < 0.05 else "var(--bad)"
        height, said = 28 if bad < 0.001 else 22 if bad < 0.05 else 16, _percent(day.availability)
    return (
        f'<rect x="{place * 4}" y="{28 - height}" width="3" height="{height}" fill="{colour}">'
        f"<title>{date}: {said}</title></rect>"
    )


def _notice(one: Notice) -> str:
    until = f"<span class=to> to </span>{_time(one.ends_ms)}" if one.ends_ms else ""
    when = _time(one.starts_ms) + until
    affected = f"<p class=soft>Affects {escape(', '.join(one.components))}</p>" if one.components else ""
    updates = "".join(
        f"<li><strong>{escape(status_word(update.status))}</strong> {_time(update.at_ms)}"
        f"<p class=text>{escape(update.text)}</p></li>"
        for update in one.updates
    )
    head = f'<article class=notice id="{escape(one.id)}"><h3>{escape(one.title)}</h3>'
    return f"{head}{when}{affected}<ol>{updates}</ol></article>"


def _percent(part: float) -> str:
    """Never rounded up to a hundred."""
    shown = int(part * 100_000) / 1000
    return f"{shown:.3f}".rstrip("0").rstrip(".") + " %"


def _time(ms: int) -> str:
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return f'<time datetime="{at.isoformat(timespec="seconds")}">{utc_time(ms)}</time>'
