"""A plan cannot declare a metric that Midwatch has by itself."""

import pytest
from pydantic import ValidationError

from midwatch.contract.plan.sections.derived_metrics import DerivedMetric


@pytest.mark.parametrize("name", ["web_lcp", "web_errors_total", "log_records_total", "traces_span_metrics_mine"])
def test_a_name_that_is_there_already_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="by itself"):
        DerivedMetric.model_validate({"name": name, "type": "counter", "from": "logs", "search": "x"})


def test_a_name_that_only_begins_like_one_is_taken() -> None:
    told = {"name": "web_lcp_by_team_total", "type": "counter", "from": "logs", "search": "x"}
    assert DerivedMetric.model_validate(told).name == "web_lcp_by_team_total"
