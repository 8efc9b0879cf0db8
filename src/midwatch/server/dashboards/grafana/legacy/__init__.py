"""Panels of Grafanas before 7, as today's."""
