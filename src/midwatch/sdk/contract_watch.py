"""Tells a developer, on stderr and once an event, of lines that are not as the plan's contract has them."""

from collections.abc import Callable

from midwatch.contract.fields import names_of
from midwatch.contract.log_names import is_of_the_sdk
from midwatch.contract.plan.log_contract import ENVIRONMENT, EVENT, LogContract
from midwatch.sdk.problems import PROBLEMS
from midwatch.sdk.wire.logs import LogRecord

NAMES_MAX = 4096
"""Names and messages that are remembered; those beyond are looked at each time."""
TOLD_MAX = 500
"""Complaints of one process: nobody reads more."""
LINES, FAILED = "lines", "contract"
_NOTHING: tuple[str, ...] = ()


class ContractWatch:
    """Listens to the lines of one pipe. What it found out of a name it remembers: a further line costs a look into a
    dictionary and a comparison of its keys."""

    def __init__(
        self, contract: LogContract, *, service: str, environment: str, say: Callable[[str], None] = PROBLEMS.say
    ) -> None:
        self._contract, self._service, self._environment, self._say = contract, service, environment, say
        self._wanted: dict[str, tuple[str, ...]] = {}
        """Keys that each line has, by what it calls itself; none where all was told."""
        self._told: set[str] = set()
        self._begin()

    def _begin(self) -> None:
        if not self._environment and self._contract.needs(ENVIRONMENT, self._service):
            self._tell("", "lines have no environment: expected init(environment=…)")

    def __call__(self, record: LogRecord, error: BaseException | None) -> None:
        try:
            attributes = record.attributes
            called = record.event_name or attributes.get("event") or record.body
            if type(called) is not str:
                called = record.body
            wanted = self._wanted.get(called)
            if wanted is None:
                wanted = self._first(called, record)
            for key in wanted:
                if key not in attributes:
                    self._lacking(called, record)
                    break
        except Exception as failure:
            PROBLEMS.failed(LINES, FAILED, failure)

    def _first(self, called: str, record: LogRecord) -> tuple[str, ...]:
        contract = self._contract
        name = contract.name_of(record.event_name, record.attributes, record.body)
        if not name and not is_of_the_sdk(record.attributes) and contract.needs(EVENT, self._service):
            self._tell(
                "no event", f"{record.body[:100]!r} tells of no event: expected one in `event` or as its message"
            )
        if name and not contract.is_known(name):
            near = contract.nearest(name)
            self._tell(name, f"{name} is not declared in log_events{f'; did you mean {near}?' if near else ''}")
        return self._remember(called, contract.keys(name, self._service))

    def _lacking(self, called: str, record: LogRecord) -> None:
        """Some of the keys are not there under the names that were looked for."""
        name = self._contract.name_of(record.event_name, record.attributes, record.body)
        there = {}
        for key in self._contract.keys(name, self._service):
            found = next((one for one in names_of(key) if one in record.attributes), None)
            there[key] = found
        lacking = [key for key, found in there.items() if found is None]
        if not lacking:
            # The app has its own words for them: those are what is looked for from now on.
            self._remember(called, tuple(one for one in there.values() if one is not None))
            return
        self._remember(called, _NOTHING)
        self._tell(f"{name} lacks", f"{name or repr(record.body[:100])} has no {', '.join(lacking)}")

    def _remember(self, called: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
        if called in self._wanted or len(self._wanted) < NAMES_MAX:
            self._wanted[called] = wanted
        return wanted

    def _tell(self, about: str, message: str) -> None:
        if about not in self._told and len(self._told) < TOLD_MAX:
            self._told.add(about)
            self._say(f"contract: {message}; see observability/midwatch.yml")
