"""The browser in which people of a system, and of Midwatch, look at pages."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, sync_playwright
from tools.find_browser import ARGUMENTS, find_browser

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
PERSON = """
    // A browser that a test drives is taken for a robot, whose events PostHog's SDK drops.
    Object.defineProperty(navigator, 'webdriver', {get: () => false});
    Object.defineProperty(navigator, 'userAgentData', {get: () => undefined});
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    path = find_browser()
    assert path, "no Chromium can be found; `make browser` says more"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


def person(browser: Browser, base_url: str) -> BrowserContext:
    """Somebody with a browser of their own, who is taken for nobody's robot."""
    context = browser.new_context(user_agent=AGENT, base_url=base_url)
    context.add_init_script(PERSON)
    context.set_default_timeout(60_000)
    return context
