"""The plan's environments: one goes by all of its names."""

from midwatch.contract.plan.sections.environments import Environment
from midwatch.server.plan.environments import EnvironmentNames


def test_an_environment_goes_by_all_of_its_names() -> None:
    """Asked for by any of them it is found under each; shown once, under its own; the default comes first."""
    names = EnvironmentNames()
    assert names.every(["prod", "x"]) == ("prod", "x")
    assert names.shown(["prod", "a"]) == ["a", "prod"]
    names.put({"production": Environment(default=True, aliases=("prod", "live")), "dev": Environment()})
    assert names.every(["live", "production", "x"]) == ("production", "prod", "live", "x")
    assert names.every([]) == ()
    assert names.shown(["prod", "live", "dev", "x"]) == ["production", "dev", "x"]
    names.put({})
    assert names.every(["live"]) == ("live",)
