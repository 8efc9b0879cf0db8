"""A page of the documentation: Markdown made HTML, cut into sections at its headings."""

import html
import posixpath
import re
from dataclasses import dataclass
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

PREFIX = "/docs"
_MARKDOWN = MarkdownIt("commonmark").enable("table")
_NO_SLUG = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class Section:
    """`text` is what is said below the heading, without markup."""

    title: str
    anchor: str
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    """Its address below `/docs/`: `plan`, `adr/0007-promql`."""
    title: str
    body: str
    """HTML."""
    sections: tuple[Section, ...]


def slug(heading: str) -> str:
    """As GitHub makes it, so that one link serves both."""
    return _NO_SLUG.sub("", heading.lower()).strip().replace(" ", "-")


def render(name: str, markdown: str) -> Page:
    """Links between pages lead below `/docs`; those to other files of the repository become plain text."""
    tokens = _MARKDOWN.parse(markdown)
    sections: list[Section] = []
    said: list[str] = []
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            _close(sections, said)
            heading = _text(tokens[index + 1])
            token.attrSet("id", slug(heading))
            sections.append(Section(heading, slug(heading), int(token.tag[1:]), ""))
        elif token.type == "inline":
            _place_links(token.children or [], name)
            if index == 0 or tokens[index - 1].type != "heading_open":
                said.append(_text(token))
        elif token.type in ("fence", "code_block"):
            said.append(token.content)
    _close(sections, said)
    title = sections[0].title if sections else name
    body = str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))
    return Page(
        name,
        title,
        body.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>"),
        tuple(sections),
    )


def _close(sections: list[Section], said: list[str]) -> None:
    """What was said since belongs to the newest section."""
    if sections and said:
        last = sections[-1]
        sections[-1] = Section(last.title, last.anchor, last.level, "\n".join(said))
    said.clear()


def _text(inline: Token) -> str:
    return "".join(
        child.content if child.type in ("text", "code_inline") else " "
        for child in inline.children or []
        if child.type in ("text", "code_inline", "softbreak", "hardbreak")
    )


def _place_links(children: list[Token], name: str) -> None:
    dropped = 0
    for child in children:
        if child.type == "link_open":
            href = _placed(str(child.attrGet("href")), name)
            if href is None:
                dropped += 1
                child.type, child.tag, child.content = "html_inline", "", ""
            else:
                child.attrSet("href", href)
        elif child.type == "link_close" and dropped:
            dropped -= 1
            child.type, child.content = "html_inline", ""
        elif child.type == "image":
            child.attrSet("src", _placed(str(child.attrGet("src")), name) or "")
            child.attrSet("loading", "lazy")


def _placed(link: str, name: str) -> str | None:
    """The address of what `link` names on page `name`; None for a file that is not part of the documentation."""
    if re.match(r"[a-z]+:|#", link):
        return link
    path, _, anchor = unquote(link).partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
    if target.startswith(".."):
        return None
    anchored = f"#{anchor}" if anchor else ""
    return f"{PREFIX}/{html.escape(target.removesuffix('.md'))}{anchored}"
