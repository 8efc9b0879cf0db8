"""The one way in which a verb says that it cannot."""

EXIT_FAILED = 1


class Failure(Exception):
    """Printed as one line after `midwatch: `; says the next step."""
