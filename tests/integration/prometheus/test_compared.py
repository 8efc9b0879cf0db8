"""Midwatch answers as a Prometheus does that forwards to it, live."""

from collections.abc import Iterator

import pytest
from tests.conftest import Server
from tests.integration.prometheus.compared import Both, both, read, table

from midwatch.server.promql.syntax.ast import AGGREGATIONS
from midwatch.server.promql.syntax.signatures import FUNCTIONS

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def asked(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    with both(tmp_path_factory.mktemp("prometheus"), server) as found:
        yield found


@pytest.mark.timeout(240)
def test_prometheus_and_midwatch_answer_the_same(asked: Both) -> None:
    """The same series, values within 1e-9 and refusals of the same kind; every difference has a name and is one."""
    found = asked.compare()
    assert [one for one in found if one.is_wrong] == [], table(found)
    assert len(found) >= 2 * 260


def test_every_function_that_it_knows_is_asked_for(asked: Both) -> None:
    """Aggregations, too."""
    texts = " ".join(one.text for one in read().queries)
    shared = {name for name in (*FUNCTIONS, *AGGREGATIONS) if asked.known_to_prometheus(name)}
    assert len(shared) > 70
    assert {name for name in shared if f"{name}(" not in texts and f"{name} (" not in texts} == set()
