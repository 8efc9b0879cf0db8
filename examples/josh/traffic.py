"""People who live with JOSH: they register, plan, say yes and no, pay, and sometimes write what nobody understands."""

import os
import random
import re
import time
from contextlib import suppress
from typing import Any

import httpx
from examples.history.shape import busy

OUTSIDE, API = os.environ["OUTSIDE_URL"], os.environ["API_URL"]
PEOPLE = 24
ACTS_A_SECOND = 0.7
PLANS = ("play chess", "go running", "see a film", "cook together")
ANSWERS = [
    ["I like", '{"interests": ["chess", "running", "film"]}'],
    *([plan, f'{{"intent": "create_linkup", "activity": "{plan}", "minutes": 10}}'] for plan in PLANS),
]
outside = httpx.Client(base_url=OUTSIDE, timeout=30)
api = httpx.Client(base_url=API, timeout=30)


def write(number: str, text: str) -> None:
    outside.post("/sms/write", json={"url": f"{API}/api/twilio/inbound", "sender": number, "text": text})


def join(number: str) -> int:
    """Registered, verified by the code that came, interviewed; the user's id."""
    user_id = int(
        api.post("/api/register", json={"phone": number, "region": random.choice(("nyc", "sf"))}).json()["user_id"]
    )
    code = None
    while code is None:
        time.sleep(0.5)
        mine = [one["body"] for one in outside.get("/seen/sms").json() if f"%2B{number[1:]}" in one["body"]]
        code = next(filter(None, (re.search(r"code\+is\+(\d{6})", body) for body in reversed(mine))), None)
    api.post("/api/verify", json={"phone": number, "code": code[1]})
    write(number, "I like chess and running and film")
    return user_id


def pay(user_id: int) -> None:
    data: dict[str, Any] = {
        "object": "checkout.session",
        "status": "complete",
        "amount_total": 1900,
        "metadata": {"user_id": str(user_id), "plan": "member"},
    }
    event = {"url": f"{API}/api/stripe/webhook", "type": "checkout.session.completed", "data": data}
    outside.post("/payments/send", json=event)


def act(people: dict[str, int]) -> None:
    number = random.choice(list(people))
    dice = random.random()
    if dice < 0.2:
        write(number, f"I want to {random.choice(PLANS)}")
    elif dice < 0.75:
        write(number, random.choice(("yes", "yes", "yes", "no")))
    elif dice < 0.9:
        pay(people[number])
    elif dice < 0.995:
        write(number, "hm, what about the other thing")
    else:
        write(number, "somebody was creepy yesterday")


def main() -> None:
    outside.put("/llm/answers", json=ANSWERS)
    people: dict[str, int] = {}
    while True:
        with suppress(httpx.HTTPError, KeyError):  # the system is down: its users try again later
            if len(people) < PEOPLE:
                number = f"+1202555{len(people):04}"
                people[number] = join(number)
            act(people)
        time.sleep(random.expovariate(ACTS_A_SECOND * busy()))


if __name__ == "__main__":
    main()
