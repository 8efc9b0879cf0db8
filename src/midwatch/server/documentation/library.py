"""All pages: where they lie, in which order they are read, and which of them speak of a thing."""

import re
from dataclasses import dataclass
from pathlib import Path

from midwatch.server.documentation.page import Page, Section, render

INDEX = "index"
PICTURES = (".png", ".json")
"""Files beside the pages that are served as they are."""
HITS_MAX = 40
EXCERPT_CHARACTERS = 160
_GROUP = re.compile(r"^## +(.+)$")
_ENTRY = re.compile(r"^\* +\[([^\]]+)\]\(([^)#]+)\.md\)")


@dataclass(frozen=True, slots=True)
class Entry:
    """`name` is the page's."""

    label: str
    name: str


@dataclass(frozen=True, slots=True)
class Hit:
    page: Page
    section: Section
    excerpt: str


class Library:
    """Pages of `folder`, read again when a file changed."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = (folder or where_it_lies()).resolve()
        self._read: dict[str, tuple[float, Page]] = {}

    def page(self, name: str) -> Page | None:
        """None where there is no such page."""
        path = self._inside(f"{name}.md")
        if path is None:
            return None
        changed = path.stat().st_mtime
        if name not in self._read or self._read[name][0] != changed:
            self._read[name] = (changed, render(name, path.read_text(encoding="utf-8")))
        return self._read[name][1]

    def picture(self, name: str) -> Path | None:
        return self._inside(name) if name.endswith(PICTURES) else None

    def contents(self) -> list[tuple[str, list[Entry]]]:
        """Groups and their pages, in the order of the index."""
        path = self._inside(f"{INDEX}.md")
        groups: list[tuple[str, list[Entry]]] = []
        for line in path.read_text(encoding="utf-8").splitlines() if path else ():
            if group := _GROUP.match(line):
                groups.append((group[1], []))
            elif (entry := _ENTRY.match(line)) and groups:
                groups[-1][1].append(Entry(entry[1], entry[2]))
        return groups

    def search(self, words: str) -> list[Hit]:
        """Sections that have all the words, those with most of them in their heading first."""
        wanted = words.lower().split()
        if not wanted:
            return []
        found: list[tuple[int, int, Hit]] = []
        for path in sorted(self._folder.rglob("*.md")):
            page = self.page(path.relative_to(self._folder).as_posix().removesuffix(".md"))
            for section in page.sections if page else ():
                whole = f"{section.title}\n{section.text}".lower()
                if page and all(word in whole for word in wanted):
                    titled = sum(word in section.title.lower() or word in page.title.lower() for word in wanted)
                    found.append((-titled, len(found), Hit(page, section, _excerpt(section.text, wanted[0]))))
        return [hit for _, _, hit in sorted(found, key=lambda one: one[:2])[:HITS_MAX]]

    def _inside(self, name: str) -> Path | None:
        if "\0" in name:
            return None
        path = (self._folder / name).resolve()
        return path if path.is_relative_to(self._folder) and path.is_file() else None


def where_it_lies() -> Path:
    """The copy inside the package, or the checkout's."""
    package = Path(__file__).resolve().parents[2]
    inside = package / "docs"
    return inside if inside.is_dir() else package.parents[1] / "docs"


def _excerpt(text: str, word: str) -> str:
    begin = max(text.lower().find(word) - EXCERPT_CHARACTERS // 3, 0)
    end = begin + EXCERPT_CHARACTERS
    words = text[begin:end].split()
    whole = words[1 if begin else 0 : len(words) - 1 if end < len(text) else len(words)]
    return f"{'… ' if begin else ''}{' '.join(whole)}{' …' if end < len(text) else ''}"
