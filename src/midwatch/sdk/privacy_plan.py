"""The team's plan, read by an app. Only loaded where one is given: what reads plans is no part of the bare SDK."""

from dataclasses import dataclass
from pathlib import Path

from midwatch.contract.plan import Loaded, Plan, load, read_files
from midwatch.contract.plan.log_contract import LogContract, canonical_environment, contract_of
from midwatch.contract.plan.sections import environments, privacy, sampling
from midwatch.contract.plan.sections.environments import Environments
from midwatch.contract.plan.sections.privacy import Privacy
from midwatch.contract.plan.sections.sampling import Sampling, sampling_of

PROBLEMS_SHOWN_MAX = 5


@dataclass(frozen=True, slots=True)
class AppPlan:
    """What of a plan holds for an app."""

    privacy: Privacy
    sampling: Sampling
    contract: LogContract
    environment: str
    """The environment's own name, where it goes by an alias."""


def read_plan(directory: Path, environment: str) -> AppPlan:
    """Raises ValueError with each error's file, line and column, and PlanUnreadable."""
    loaded = load(read_files(directory))
    if loaded.plan is None:
        raise ValueError(_told(loaded, directory))
    return _of(loaded.plan, environment)


def _of(plan: Plan, environment: str) -> AppPlan:
    places: Environments = plan[environments.SECTION]
    own = canonical_environment(places, environment)
    return AppPlan(
        plan[privacy.SECTION], sampling_of(plan[sampling.SECTION], places, environment), contract_of(plan), own
    )


def _told(loaded: Loaded, directory: Path) -> str:
    shown = [f"{directory}/{problem}" for problem in loaded.errors[:PROBLEMS_SHOWN_MAX]]
    more = len(loaded.errors) - len(shown)
    return "; ".join(shown) + (f"; and {more} more: midwatch check shows all" if more else "")
