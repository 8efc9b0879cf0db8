"""The model of dashboards, which is what the API speaks too. Read board.py first."""
