"""Starts an example system whole: Midwatch, the outside world on loopback, the system's processes, and its traffic."""
