"""The links of a runbook's prose."""

from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark")


def links_of(markdown: str) -> list[str]:
    """Each once, in order; images count as links."""
    found: dict[str, None] = {}
    for token in _MARKDOWN.parse(markdown):
        for inner in token.children or ():
            target = inner.attrs.get("href") or inner.attrs.get("src")
            if isinstance(target, str):
                found[target] = None
    return list(found)
