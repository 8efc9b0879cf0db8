"""Bands in which a series is expected, learned from what is stored, and written as series that rules compare with."""
