"""Grafana's dashboard JSON (schemas of Grafana 7 to 12, and older ones where simple), read and written. Pure."""
