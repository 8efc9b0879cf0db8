"""Reads what is new on Reddit, hands it to the backend, and says after each round that it lives."""

import os
import signal
import sys
import time

import httpx

import midwatch

SUBREDDIT = "soulcaster"
POLL_SECONDS = float(os.environ.get("POLL_SECONDS", "10"))
midwatch.init(service="poller", plan=os.environ.get("PLAN"))
midwatch.instrument(httpx)
log = midwatch.get_logger("poller")


def poll(reddit: httpx.Client, backend: httpx.Client, newest: str) -> str:
    """Hand on what is newer than the post `newest`; the name of the newest there is now."""
    answer = reddit.get(f"/r/{SUBREDDIT}/new", params={"before": newest, "limit": 25}).raise_for_status()
    posts = [one["data"] for one in answer.json()["data"]["children"]]
    if not posts:
        return newest
    items = [{"id": one["name"], "title": one["title"], "text": one["selftext"]} for one in posts]
    backend.post("/ingest/reddit", json={"items": items}).raise_for_status()
    log.info("poll.completed", posts=len(posts), subreddit=SUBREDDIT)
    return str(posts[0]["name"])


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    newest = ""
    with (
        httpx.Client(base_url=f"{os.environ['OUTSIDE_URL']}/reddit", timeout=30) as reddit,
        httpx.Client(base_url=os.environ["BACKEND_URL"], timeout=30) as backend,
    ):
        while True:
            with midwatch.work():
                try:
                    newest = poll(reddit, backend, newest)
                except httpx.HTTPError as error:
                    log.warning("poll.failed", reason=type(error).__name__, error=str(error))
            midwatch.heartbeat("reddit-poller")
            time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    main()
