"""Alertmanager's texts and JSON: matchers, group keys, the v2 API. Pure."""
