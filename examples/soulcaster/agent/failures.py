"""Why a job fails, in the three categories that there are."""


class JobFailed(Exception):
    """One of these has happened; `category` is how it is counted."""

    category = "other"


class PrCreationFailed(JobFailed):
    """GitHub did not take the pull request."""

    category = "PR creation failed"


class SandboxTimeout(JobFailed):
    """The sandbox was killed or its time was over before the work was done."""

    category = "Sandbox timeout"


class LinterError(JobFailed):
    """What the agent wrote does not pass the linter."""

    category = "Linter error"
