"""Reddit's listing of new posts, with the `x-ratelimit-…` headers that it sends to clients with OAuth.

`empty`: nobody posts any more. `rate_limited`: the period's requests are used up, and the answer is 429. How much is
left can be said in the details of `ok`: `{"remaining": 12}`.
"""

import itertools
import random
import time
from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse

from examples.outside.vendor import Vendor, router_of

REDDIT = Vendor("reddit", knows=frozenset({"empty", "rate_limited"}))
PERIOD_SECONDS = 600
REQUESTS_A_PERIOD = 1000
POSTS_A_MINUTE = 12
TITLES = (
    "Export to CSV loses the last row",
    "Dark mode is unreadable on the billing page",
    "Sign-in loops forever after the update",
    "Please add keyboard shortcuts",
    "The app crashes when I upload a large photo",
    "Search finds nothing with an apostrophe",
)
router = router_of(REDDIT)
_asked: dict[int, int] = {}
_posts: list[dict[str, Any]] = []
_ids = itertools.count(int(time.time()))
_last = time.time()


def _post() -> None:
    """As many people write as would have in the time since."""
    global _last  # noqa: PLW0603 - the moment up to which there are posts is the world's own
    due = int((time.time() - _last) * POSTS_A_MINUTE / 60)
    if due:
        _last = time.time()
    for _ in range(min(due, 25)):
        number = next(_ids)
        told = {"id": f"{number:x}", "name": f"t3_{number:x}", "title": random.choice(TITLES), "created_utc": _last}
        _posts.append({"kind": "t3", "data": {**told, "selftext": "It happens every time.", "author": "someone"}})
    del _posts[:-100]


def _limits() -> dict[str, str]:
    period = int(time.time()) // PERIOD_SECONDS
    used = _asked[period] = _asked.get(period, 0) + 1
    left = REDDIT.details.get("remaining", REQUESTS_A_PERIOD - used)
    if REDDIT.behaviour == "rate_limited":
        left = 0
    return {
        "x-ratelimit-used": str(REQUESTS_A_PERIOD - int(left)),
        "x-ratelimit-remaining": f"{float(left):.1f}",
        "x-ratelimit-reset": str(PERIOD_SECONDS - int(time.time()) % PERIOD_SECONDS),
    }


@router.get("/r/{subreddit}/new")
async def new(subreddit: str, response: Response, before: str = "", limit: int = 25) -> Any:
    """Posts that are newer than `before`, the newest first."""
    limits = _limits()
    if REDDIT.does("rate_limited"):
        return JSONResponse({"message": "Too Many Requests", "error": 429}, 429, limits)
    response.headers.update(limits)
    if not REDDIT.does("empty"):
        _post()
    newest = list(reversed(_posts))
    names = [one["data"]["name"] for one in newest]
    found = newest[: names.index(before)] if before in names else newest
    found = [] if REDDIT.does("empty") else found[:limit]
    return {"kind": "Listing", "data": {"dist": len(found), "children": found, "after": None, "before": None}}
