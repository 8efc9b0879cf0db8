"""Alerts are told apart as Prometheus and Alertmanager tell them apart."""

from midwatch.server.model.alert import Alert, fingerprint


def test_the_order_of_labels_does_not_matter() -> None:
    """The same labels have one fingerprint, in whatever order they come; none at all is the offset of FNV-1a."""
    assert fingerprint({"a": "1", "b": "2"}) == fingerprint({"b": "2", "a": "1"})
    assert fingerprint({}) == "cbf29ce484222325"


def test_a_value_does_not_run_into_the_next_name() -> None:
    """Where a name ends and a value begins is part of what is hashed."""
    assert fingerprint({"a": "bc"}) != fingerprint({"ab": "c"})


def test_an_alert_is_resolved_from_its_end_on() -> None:
    """Alertmanager takes the very moment of the end as resolved."""
    alert = Alert({"alertname": "Down"}, starts_at_ns=10, ends_at_ns=20)
    assert [alert.status(now) for now in (10, 19, 20)] == ["firing", "firing", "resolved"]
    assert alert.name == "Down"
