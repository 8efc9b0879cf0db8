"""The one way in which a verb says that it cannot."""

EXIT_FAILED = 1
EXIT_USAGE = 2
"""Click's own for options that cannot be."""


class Failure(Exception):
    """Printed as one line after `midwatch: `; says the next step."""

    exit_status = EXIT_FAILED


class WrongSettings(Failure):
    """Nothing was begun: an option, a variable or the settings file has to be changed first."""

    exit_status = EXIT_USAGE
