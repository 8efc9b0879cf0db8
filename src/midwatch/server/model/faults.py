"""Named points at which tests kill this process: `MIDWATCH_FAULT=<name>`. Nothing happens anywhere else."""

import os
import signal

FAULT_VARIABLE = "MIDWATCH_FAULT"


def fault_point(name: str) -> None:
    """Die here, as if the power went, when the environment names this point."""
    if os.environ.get(FAULT_VARIABLE) == name:
        os.kill(os.getpid(), signal.SIGKILL)
