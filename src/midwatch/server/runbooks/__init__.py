"""Runbooks: Markdown of the plan whose queries are filled in by the alert that one came from."""
