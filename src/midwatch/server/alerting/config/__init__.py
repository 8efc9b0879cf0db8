"""The plan's `alertmanager.yml`: read, checked, and as values that the dispatcher works with."""
