"""The setting's names and the engine's are the same."""

from midwatch.server.config.values import PROMQL_FEATURES, PROMQL_FEATURES_DEFAULT
from midwatch.server.promql import FEATURES, EngineOptions


def test_the_setting_takes_what_the_engine_knows() -> None:
    """Each name, and what is on when nothing is said."""
    assert set(PROMQL_FEATURES) == set(FEATURES)
    assert EngineOptions().with_features(PROMQL_FEATURES_DEFAULT.split(",")).delayed_name_removal
