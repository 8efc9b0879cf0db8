"""`/docs` of a running server: every page of this checkout, its pictures, its search."""

import re
from pathlib import Path

import httpx

from tests.conftest import Server

DOCS = Path(__file__).parents[3] / "docs"


def test_every_page_is_there_and_every_link_between_them_leads_somewhere(server: Server) -> None:
    """Without signing in: they hold no secret."""
    pages = [path.relative_to(DOCS).as_posix().removesuffix(".md") for path in DOCS.rglob("*.md")]
    with httpx.Client(base_url=server.url) as browser:
        bodies = {name: browser.get(f"/docs/{name}") for name in pages}
    assert {name: answer.status_code for name, answer in bodies.items()} == dict.fromkeys(pages, 200)
    links = {link for answer in bodies.values() for link in re.findall(r'(?:href|src)="/docs/([^"#]+)', answer.text)}
    links.discard("style.css")
    assert {link for link in links if link not in pages and not (DOCS / link).is_file()} == set()


def test_the_index_lists_every_page() -> None:
    """What is not in it nobody finds."""
    index = (DOCS / "index.md").read_text()
    pages = [path.relative_to(DOCS) for path in (*DOCS.glob("*.md"), *DOCS.glob("systems/*.md"))]
    missing = [str(page) for page in pages if page.name != "index.md" and f"({page})" not in index]
    decisions = (DOCS / "adr" / "README.md").read_text()
    missing += [path.name for path in (DOCS / "adr").glob("0*.md") if f"({path.name})" not in decisions]
    assert missing == []


def test_search_leads_to_a_section(server: Server) -> None:
    answer = httpx.get(f"{server.url}/docs", params={"q": "dead letters"})
    assert answer.status_code == 200
    assert re.search(r'<a href="/docs/sending#[^"]+">', answer.text)
    assert "Nothing speaks of it" in httpx.get(f"{server.url}/docs", params={"q": "xyzzyx"}).text


def test_what_is_not_there_is_said_with_what_is(server: Server) -> None:
    answer = httpx.get(f"{server.url}/docs/nowhere")
    assert answer.status_code == 404
    assert "There is no page nowhere" in answer.text
    assert '<a href="/docs/plan">' in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]
