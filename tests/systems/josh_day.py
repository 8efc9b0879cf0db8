"""JOSH as it runs for its rows, and a day in its staging in which everything happens that is counted."""

from collections.abc import Iterator

import pytest

from tests.systems.josh_people import CHESS, SUPPORT, VISIBLE_SECONDS, Josh, rows
from tests.systems.running import example

HURRY = 30
"""An alert of five minutes fires after ten seconds; a quarter of an hour is half a minute."""
LIVE = 'env="staging", instance!=""'
"""Staging has no past: what is counted there, its processes have counted."""


@pytest.fixture(scope="session")
def josh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Josh]:
    with example("josh", tmp_path_factory.mktemp("josh"), "--hurry", str(HURRY), "--history", "29d") as system:
        yield Josh(system)


@pytest.fixture(scope="session")
def full_day(josh: Josh) -> Josh:
    """In staging everything that is counted has happened."""
    front = "staging_api"
    owner, one, two, three = (josh.person(front, region="la") for _ in range(4))
    same = josh.write(owner, CHESS)
    josh.write(owner, CHESS, sid=same["sid"])
    for person in (one, two, three):
        josh.system.until(
            lambda person=person: "Are+you+in" in " ".join(josh.texts_to(person)), seconds=VISIBLE_SECONDS
        )
    josh.write(three, "no")
    josh.write(one, "yes")
    josh.write(two, "yes")
    josh.write(owner, "soon over")
    josh.write(owner, CHESS)
    (linkup,) = rows(josh, "SELECT id FROM linkups ORDER BY id DESC LIMIT 1", schema="staging")
    josh.post(front, f"/api/admin/linkups/{linkup['id']}/cancel", {"reason": "weather"}, SUPPORT)
    josh.pay(owner)
    josh.pay(owner, plan="of nobody")
    # As Twilio does, again where it was not taken: a payment's 500 has just closed the connection that it comes by.
    josh.system.until(lambda: josh.write(three, "he will hurt me")["status"] == 200)
    with josh.system.fault("llm_invalid_json"):
        josh.write(owner, "hm?")
    with josh.system.fault("sms_rejected"):
        josh.write(owner, "hm?")
        josh.reaches(f"sum(sms_outbound_failed_total{{{LIVE}}})", 3)
    josh.reaches(f"sum(linkups_expired_total{{{LIVE}}})", 1)
    met(josh)
    met(josh)  # what a series begins with is no increase of it
    return josh


def met(josh: Josh) -> None:
    """In a region of their own, so that nobody else is invited: three plan something, and it comes about."""
    owner, one, two = (josh.person("staging_api", region="sf") for _ in range(3))
    josh.write(owner, CHESS)
    for person in (one, two):
        josh.system.until(
            lambda person=person: "Are+you+in" in " ".join(josh.texts_to(person)), seconds=VISIBLE_SECONDS
        )
        josh.write(person, "yes")
