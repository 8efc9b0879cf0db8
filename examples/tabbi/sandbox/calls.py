"""What the sandbox service asks of others (machines, GitHub, agents); calls that fail are tried again."""

import os
import time
from typing import Any

import httpx
from sandbox.telemetry import log

import midwatch

TRIES = 3
PAUSE_SECONDS = float(os.environ.get("RETRY_PAUSE_SECONDS", "0.3"))
BOOT_SECONDS_MAX = 120.0
POLL_SECONDS = 0.2
TEMPLATE = "tabbi-node-22"


class SandboxFailed(Exception):
    """A sandbox cannot be made or kept; the message says at which step."""


machines = httpx.Client(base_url=f"{os.environ['OUTSIDE_URL']}/sandboxes", timeout=BOOT_SECONDS_MAX)
github = httpx.Client(base_url=f"{os.environ['OUTSIDE_URL']}/github", timeout=10)
agents = httpx.Client(base_url=os.environ.get("OPENCODE_URL", ""), timeout=5)


def asked(client: httpx.Client, what: str, method: str, path: str, body: Any = None) -> Any:
    """The answer as JSON, None where there is none; up to three tries where the other side is down or busy."""
    with midwatch.retrying() as tries:
        for attempt in range(1, TRIES + 1):
            reason = ""
            try:
                answer = client.request(method, path, json=body)
            except httpx.HTTPError as error:
                reason = type(error).__name__
            else:
                if answer.is_success:
                    if tries.retries:
                        log.info("call.recovered", what=what, attempt=attempt)
                    return answer.json() if answer.content else None
                reason = str(answer.status_code)
                if answer.status_code < 500 and answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                    break
            if attempt < TRIES:
                log.warning("call.retried", what=what, attempt=attempt + 1, of=TRIES, reason=reason)
                time.sleep(PAUSE_SECONDS * 2 ** (attempt - 1))
    raise SandboxFailed(f"cannot {what}: {reason}")


def new_machine() -> str:
    """Its id."""
    told = {"templateID": TEMPLATE, "timeout": 3600}
    return str(asked(machines, "boot a machine", "POST", "/sandboxes", told)["sandboxID"])


def run(machine: str, what: str, command: str) -> None:
    """Run it to its end."""
    path = f"/sandboxes/{machine}/commands"
    process = asked(machines, what, "POST", path, {"cmd": command})["pid"]
    deadline = time.monotonic() + BOOT_SECONDS_MAX
    while time.monotonic() < deadline:
        found = asked(machines, what, "GET", f"{path}/{process}")
        if not found["running"]:
            if found["exitCode"]:
                raise SandboxFailed(f"cannot {what}: status {found['exitCode']}")
            return
        time.sleep(POLL_SECONDS)
    raise SandboxFailed(f"cannot {what}: no end after {BOOT_SECONDS_MAX:g} s")


def kill_machine(machine: str) -> None:
    """One that is gone already is none to kill."""
    try:
        asked(machines, "kill a machine", "DELETE", f"/sandboxes/{machine}")
    except SandboxFailed as error:
        log.warning("machine.not_killed", machine=machine, reason=str(error))


def clone(machine: str, repository: str) -> None:
    """GitHub says whether there is such a repository and where; the machine clones it."""
    found = asked(github, "ask GitHub for the repository", "GET", f"/repos/{repository}")
    run(machine, "clone the repository", f"git clone --depth 1 -b {found['default_branch']} {found['clone_url']} /work")


def start_agent(sandbox_id: str) -> str:
    """The id of the agent that answers for it."""
    return str(asked(agents, "start OpenCode", "POST", "/agents", {"sandbox_id": sandbox_id})["agent_id"])


def agent_lives(agent_id: str) -> bool:
    """One try: a health check is there to find out."""
    try:
        return bool(agents.get(f"/agents/{agent_id}").is_success)
    except httpx.HTTPError:
        return False


def end_agent(agent_id: str) -> None:
    try:
        agents.delete(f"/agents/{agent_id}")
    except httpx.HTTPError as error:
        log.warning("agent.not_ended", agent_id=agent_id, reason=type(error).__name__)
