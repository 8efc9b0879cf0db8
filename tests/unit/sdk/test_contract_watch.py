"""In development an app is told of lines that are not as the plan has them: each event once, on stderr."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import midwatch
from midwatch.contract.plan import MAIN_FILE, load
from midwatch.contract.plan.log_contract import LogContract, contract_of
from midwatch.contract.plan.sections.required_keys import RequiredKey
from midwatch.sdk.contract_watch import ContractWatch
from midwatch.sdk.options import ConfigurationError, read
from midwatch.sdk.wire.logs import LogRecord
from midwatch.testing import Seen

pytest_plugins = ["midwatch.testing.pytest_plugin"]

PLAN = """
environments: {production: {aliases: [live1]}, development: {aliases: [laptop]}}
required_keys: [ts, level, correlation_id]
log_events:
  order.placed: {level: info, keys: {order_id: integer}}
metrics:
  contract_orders_total: {type: counter, labels: {plan: [pro, free]}}
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    (tmp_path / MAIN_FILE).write_text(PLAN)
    return tmp_path


@pytest.fixture
def contract() -> LogContract:
    found = load({MAIN_FILE: PLAN}).plan
    assert found is not None
    return contract_of(found)


def record(body: str, event_name: str = "", **attributes: object) -> LogRecord:
    return LogRecord(0, 9, "info", body, dict(attributes), 0, 0, 0, event_name)


def test_lines_of_the_sdk_need_no_event(contract: LogContract) -> None:
    """Nobody can name them; a line of the app's without one is told of."""
    said: list[str] = []
    needs = LogContract(contract.events, contract.elsewhere, (RequiredKey(key="event"),))
    watch = ContractWatch(needs, service="shop", environment="test", say=said.append)
    watch(record("request completed", logger="midwatch.web"), None)
    assert said == []
    watch(record("request is complete", logger="shop"), None)
    assert "tells of no event" in said[0]


def test_each_event_is_told_of_once(contract: LogContract) -> None:
    """An unknown one with the name that was meant, one that lacks keys with these; what is right is not told of."""
    said: list[str] = []
    watch = ContractWatch(contract, service="shop", environment="test", say=said.append)
    for _ in range(3):
        watch(record("order.placed", order_id=1, correlation_id="c"), None)
        watch(record("order.placed", order_id=1, correlationId="c"), None)
        watch(record("order.place", correlation_id="c"), None)
        watch(record("anything", "order.shipped", correlation_id="c"), None)
        watch(record("exception", "exception", correlation_id="c"), None)
    assert [one.split(";")[0] for one in said] == [
        "contract: order.place is not declared in log_events",
        "contract: order.shipped is not declared in log_events",
    ]
    assert "did you mean order.placed?" in said[0]
    said.clear()
    for _ in range(3):
        watch(record("order.placed", correlation_id="c"), None)
        watch(record("hello"), None)
        watch(record("hello", event={}), None)
    assert [one.split(";")[0] for one in said] == [
        "contract: order.placed has no order_id",
        "contract: 'hello' has no correlation_id",
    ]


def test_a_line_costs_under_a_microsecond(contract: LogContract) -> None:
    """Of an event that was seen before, as most are; of processor time, the best of some tries: machines are noisy."""
    watch = ContractWatch(contract, service="shop", environment="test")
    line = record("order.placed", order_id=1, correlation_id="c", user_id="u", duration_ms=1.5)
    watch(line, None)

    def seconds() -> float:
        started = time.thread_time()
        for _ in range(20_000):
            watch(line, None)
        return (time.thread_time() - started) / 20_000

    assert min(seconds() for _ in range(20)) < 1e-6


@pytest.fixture
def quiet() -> Iterator[None]:
    yield
    midwatch.shutdown()


@pytest.mark.parametrize(
    ("environment", "asked", "variable", "told"),
    [
        ("development", None, "", True),
        ("laptop", None, "", True),
        ("test", None, "", True),
        ("production", None, "", False),
        ("", None, "", False),
        ("production", True, "", True),
        ("production", None, "true", True),
        ("development", False, "", False),
        ("development", None, "false", False),
    ],
)
def test_production_is_left_alone(plan: Path, environment: str, asked: bool | None, variable: str, told: bool) -> None:
    """Unless it is asked for; an alias of the plan is the environment."""
    environ = {"MIDWATCH_CONTRACT": variable} if variable else {}
    found = read(service="shop", environment=environment, plan=plan, contract=asked, environ=environ)
    assert found.contract_watched is told


def test_a_switch_that_cannot_be_is_told(plan: Path) -> None:
    """The variable is named, and what it may be."""
    with pytest.raises(ConfigurationError, match="MIDWATCH_CONTRACT='si': expected true or false"):
        read(service="shop", plan=plan, environ={"MIDWATCH_CONTRACT": "si"})


def test_an_app_is_told_on_stderr_and_goes_on(plan: Path) -> None:
    """With `init(plan=…)` and no more."""
    code = (
        "import midwatch\n"
        f"midwatch.init(service='shop', environment='development', plan={str(plan)!r})\n"
        "log = midwatch.get_logger('shop')\n"
        "for _ in range(3): log.info('order.plcd', order_id=1)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr.count("order.plcd is not declared in log_events; did you mean order.placed?") == 1
    assert done.stdout.count("order.plcd") == 3


def test_reading_plans_is_no_part_of_the_bare_sdk() -> None:
    """`import midwatch` and an `init` without a plan load none of it."""
    code = (
        "import sys, midwatch; midwatch.init(service='a'); import midwatch.testing\n"
        "print([m for m in sys.modules if m.startswith('midwatch.contract.plan')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_a_test_can_claim_the_contract(seen: Seen, plan: Path) -> None:
    """What is wrong is listed, line by line and metric by metric."""
    log = midwatch.get_logger("shop")
    orders = midwatch.counter("contract_orders_total", "", ("plan",))
    with midwatch.job("order"):
        log.info("order.placed", order_id=7)
        orders.add(plan="pro")
    lines = [one for one in seen.lines if one.message == "order.placed"]
    seen.lines[:] = lines
    seen.assert_contract(plan)
    with midwatch.job("order"):
        log.error("order.placed", order_id="7")
        log.info("order.gone")
        orders.add(plan="gold")
    seen.lines[:] = [one for one in seen.lines if one.message.startswith("order.")]
    with pytest.raises(AssertionError) as raised:
        seen.assert_contract(plan)
    told = str(raised.value)
    assert "line 'order.placed' is of level error: expected info" in told
    assert "line 'order.placed' has order_id of type str: expected integer" in told
    assert "line 'order.gone' is not declared in log_events" in told
    assert "metric contract_orders_total has plan='gold': expected pro, free" in told
