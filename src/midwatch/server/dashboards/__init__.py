"""Dashboards: Grafana's JSON and our short YAML read into one model, checked, written back, and kept."""
