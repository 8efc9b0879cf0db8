"""Why an evaluation came to nothing.

RuleFailure       the rule's own: shown as its `lastError`, and its state stays as it was
└── Unanswered    the store's: nothing of the group is changed, and the same time is evaluated again
"""


class RuleFailure(Exception):
    """Catch where a rule's health is kept."""


class Unanswered(RuleFailure):
    """The store did not answer, or not in time."""
