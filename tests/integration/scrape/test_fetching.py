"""One page over HTTP: TLS, sizes and times; and what a server writes that has lost its lease."""

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from tests.eventually import becomes_true
from tests.integration.scrape.apps import Pages

from midwatch.contract.plan.sections.scrape_configs import ScrapeConfig
from midwatch.server.model.clock import WallClock
from midwatch.server.outgoing.files import FileRefused, PlanFiles
from midwatch.server.scrape.fetch import Fetcher, FetchFailed
from midwatch.server.scrape.scraper import Scraper


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    opened = Pages()
    opened.put("/metrics", "a 1\n")
    yield opened
    opened.stop()


def config(**options: Any) -> ScrapeConfig:
    return ScrapeConfig.model_validate({"job_name": "a", **options})


async def fetched(one: ScrapeConfig, files: PlanFiles, url: str, **limits: Any) -> str:
    fetcher = Fetcher(one, files)
    try:
        return (await fetcher.get(url, **{"timeout_seconds": 5.0, "headers": {}, **limits})).text
    finally:
        await fetcher.close()


async def test_a_page_has_a_size_and_a_status(pages: Pages, tmp_path: Path) -> None:
    """What is over the limit, missing, or no text is named as such."""
    files, url = PlanFiles(tmp_path), f"http://{pages.address}"
    assert await fetched(config(), files, f"{url}/metrics") == "a 1\n"
    with pytest.raises(FetchFailed, match="body_size_limit: the answer is over 3 bytes"):
        await fetched(config(), files, f"{url}/metrics", bytes_max=3)
    with pytest.raises(FetchFailed, match="the answer was 404 Not Found, expected 200"):
        await fetched(config(), files, f"{url}/none")


async def test_a_target_that_hangs_is_given_up(tmp_path: Path) -> None:
    """After the time-out, for all of the answer."""

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\na 1\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(FetchFailed, match=r"no answer within 0\.2 s"):
            await fetched(config(), PlanFiles(tmp_path), f"http://127.0.0.1:{port}/", timeout_seconds=0.2)


async def test_tls_is_as_the_plan_says(tmp_path: Path) -> None:
    """A foreign authority is refused, the plan's is taken, with the name that it gives; or nothing is looked at."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("target.test").configure_cert(context)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\na 1\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    files = PlanFiles(tmp_path)
    async with server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        with pytest.raises(FetchFailed, match="CERTIFICATE_VERIFY_FAILED"):
            await fetched(config(), files, url)
        named = {"ca_file": "ca.pem", "server_name": "target.test"}
        assert await fetched(config(tls_config=named), files, url) == "a 1\n"
        assert await fetched(config(tls_config={"insecure_skip_verify": True}), files, url) == "a 1\n"
    with pytest.raises(FetchFailed, match=r"tls_config: gone\.pem: cannot be read"):
        Fetcher(config(tls_config={"ca_file": "gone.pem"}), files)


def test_files_elsewhere_are_not_read(tmp_path: Path) -> None:
    """Neither by their path, nor by dots, nor through a link; directories that are named may be read."""
    (tmp_path / "plan").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "secret").write_text("x")
    (tmp_path / "plan" / "link").symlink_to(tmp_path / "other" / "secret")
    files = PlanFiles(tmp_path / "plan")
    for name in ("/etc/passwd", "../other/secret", "link", str(tmp_path / "other" / "secret")):
        with pytest.raises(FileRefused, match="may not be read"):
            files.text(name)
    with pytest.raises(FileRefused, match="may not be read"):
        files.matching("../other/*")
    assert PlanFiles(tmp_path / "plan", [tmp_path / "other"]).text("link") == "x"
    with pytest.raises(FileRefused, match="this server has no --plan directory"):
        PlanFiles(None).text("token")


class Lease:
    def __init__(self) -> None:
        self.lost = asyncio.Event()


async def test_what_comes_after_the_lease_is_lost_is_not_written(pages: Pages, tmp_path: Path) -> None:
    """The next holder writes for itself; once this server scrapes no more it lists no targets."""
    taken: list[int] = []

    async def put(_kind: Any, _grant: Any, _content: bytes, items: int) -> None:
        taken.append(items)

    scraper, lease = Scraper(PlanFiles(tmp_path), WallClock()), Lease()
    scraper.configure((config(scrape_interval="100ms", static_configs=({"targets": (pages.address,)},)),))
    running = asyncio.ensure_future(scraper.run(lease, put))
    await becomes_true(lambda: len(taken) >= 4)
    (target,) = scraper.targets.active
    assert target.health == "up"
    lease.lost.set()
    written = len(taken)
    await becomes_true(lambda: "cannot keep the page: another server scrapes now" in target.error)
    assert len(taken) <= written + 2
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (scraper.targets.scraping, scraper.targets.active) == (False, [])
