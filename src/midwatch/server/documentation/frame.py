"""What surrounds a page: contents to the left, a search above, its headings to the right."""

from html import escape
from pathlib import Path
from string import Template

from midwatch.server.documentation.library import Entry, Hit
from midwatch.server.documentation.page import PREFIX, Page

HERE = Path(__file__).parent
_FRAME = Template((HERE / "frame.html").read_text(encoding="utf-8"))
Contents = list[tuple[str, list[Entry]]]


def page_shown(page: Page, contents: Contents) -> str:
    """A whole HTML document."""
    headings = "".join(
        f'<li><a class="l{section.level}" href="#{escape(section.anchor)}">{escape(section.title)}</a></li>'
        for section in page.sections
        if section.level in (2, 3)
    )
    listed = f"<h2>On this page</h2><ul>{headings}</ul>" if headings else ""
    return _framed(page.title, page.body, contents, current=page.name, headings=listed)


def hits_shown(words: str, hits: list[Hit], contents: Contents) -> str:
    found = "".join(
        f'<div class="hit"><a href="{PREFIX}/{escape(hit.page.name)}#{escape(hit.section.anchor)}">'
        f"{escape(_titled(hit))}</a><p>{escape(hit.excerpt)}</p></div>"
        for hit in hits
    )
    none = "<p>Nothing speaks of it. Fewer words, or another one, may find more.</p>"
    return _framed("Search", f"<h1>{escape(words)}</h1>{found or none}", contents, words=words)


def nothing_shown(name: str, contents: Contents) -> str:
    return _framed(
        "Not there", f"<h1>There is no page {escape(name)}</h1><p>The contents list all there are.</p>", contents
    )


def _titled(hit: Hit) -> str:
    return hit.page.title if hit.section.title == hit.page.title else f"{hit.page.title}: {hit.section.title}"


def _framed(
    title: str, main: str, contents: Contents, *, current: str = "", words: str = "", headings: str = ""
) -> str:
    listed = "".join(
        f"<h2>{escape(group)}</h2><ul>{''.join(_entry(entry, current) for entry in entries)}</ul>"
        for group, entries in contents
        if entries
    )
    return _FRAME.substitute(
        title=escape(title),
        prefix=PREFIX,
        words=escape(words),
        contents=listed,
        main=main,
        headings=headings,
    )


def _entry(entry: Entry, current: str) -> str:
    here = ' aria-current="page"' if entry.name == current else ""
    return f'<li><a href="{PREFIX}/{escape(entry.name)}"{here}>{escape(entry.label)}</a></li>'
