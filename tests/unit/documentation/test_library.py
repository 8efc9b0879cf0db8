"""Pages of the documentation: links, headings, search, and what is not theirs."""

from pathlib import Path

import pytest

from midwatch.server.documentation import Library
from midwatch.server.documentation.page import render


@pytest.fixture
def library(tmp_path: Path) -> Library:
    (tmp_path / "deep").mkdir()
    (tmp_path / "index.md").write_text(
        "# All\n\n## Begin\n\n* [One](one.md): first\n* [Two](deep/two.md)\n\n## Later\n"
    )
    (tmp_path / "one.md").write_text("# One\n\nOf cats.\n\n## Dogs & more\n\nThey bark at `cats`.\n")
    (tmp_path / "deep" / "two.md").write_text("# Two\n\nSee [one](../one.md#dogs--more) and [code](../../src/x.py).\n")
    (tmp_path.parent / "secret.md").write_text("# Secret\n")
    return Library(tmp_path)


def test_links_lead_below_docs_and_others_become_text(library: Library) -> None:
    """A file of the repository is not there where Midwatch is installed."""
    page = library.page("deep/two")
    assert page is not None
    assert '<a href="/docs/one#dogs--more">one</a>' in page.body
    assert "and code." in page.body
    assert page.title == "Two"


def test_headings_have_the_ids_that_links_name(library: Library) -> None:
    page = library.page("one")
    assert page is not None
    assert '<h2 id="dogs--more">' in page.body
    assert [(section.title, section.text) for section in page.sections] == [
        ("One", "Of cats."),
        ("Dogs & more", "They bark at cats."),
    ]


def test_contents_are_those_of_the_index(library: Library) -> None:
    assert [(group, [entry.name for entry in entries]) for group, entries in library.contents()] == [
        ("Begin", ["one", "deep/two"]),
        ("Later", []),
    ]


def test_search_wants_all_words_and_prefers_headings(library: Library) -> None:
    assert [hit.section.title for hit in library.search("dogs cats")] == ["Dogs & more"]
    assert [hit.section.title for hit in library.search("cats")] == ["One", "Dogs & more"]
    assert library.search("horses") == []
    assert library.search("  ") == []


def test_nothing_outside_is_read(library: Library) -> None:
    """Whatever the address says."""
    for name in ("../secret", "/etc/passwd", "a\0b", "deep/../../secret"):
        assert library.page(name) is None
        assert library.picture(f"{name}.png") is None


def test_a_changed_page_is_read_again(library: Library, tmp_path: Path) -> None:
    assert library.page("one") is not None
    later = (tmp_path / "one.md").stat().st_mtime + 5
    (tmp_path / "one.md").write_text("# Uno\n")
    import os

    os.utime(tmp_path / "one.md", (later, later))
    page = library.page("one")
    assert page is not None
    assert page.title == "Uno"


def test_markup_of_a_page_is_not_taken_as_html() -> None:
    page = render("x", "# X\n\n`<script>alert(1)</script>`\n")
    assert "<script>" not in page.body
