"""The sandboxes of sessions: created, paused as a snapshot, restored, looked after, thrown away."""

import threading
import time
import uuid
from dataclasses import dataclass, field

from sandbox import calls
from sandbox.calls import SandboxFailed
from sandbox.telemetry import boot_time, created, healthy, log, tracer, unhealthy

import midwatch

RECOVERIES = 3


@dataclass
class Box:
    """`snapshot` is the id under which a paused one is kept; a running one has none."""

    session_id: str
    repository: str
    machine: str
    agent_id: str
    snapshot: str = ""
    id: str = field(default_factory=lambda: f"sb-{uuid.uuid4().hex[:12]}")
    busy: threading.Lock = field(default_factory=threading.Lock, repr=False)
    """Held by who changes it."""


_boxes: dict[str, Box] = {}


def box(sandbox_id: str) -> Box:
    """Raises KeyError."""
    return _boxes[sandbox_id]


def running() -> list[Box]:
    return [one for one in list(_boxes.values()) if not one.snapshot]


def create(session_id: str, repository: str) -> Box:
    """A sandbox with the repository in it and an agent that answers. Raises SandboxFailed."""
    began = time.perf_counter()
    with tracer.start_as_current_span("create_sandbox", attributes={"session.id": session_id}) as span:
        try:
            made = _booted(session_id, repository)
        except SandboxFailed as error:
            created.inc(outcome="error")
            log.exception("sandbox.failed", reason=str(error))
            raise
        span.set_attribute("sandbox.id", made.id)
    milliseconds = (time.perf_counter() - began) * 1000
    created.inc(outcome="success")
    boot_time.record(milliseconds)
    _boxes[made.id] = made
    log.info("sandbox.created", sandbox_id=made.id, agent_id=made.agent_id, boot_ms=round(milliseconds))
    return made


def _booted(session_id: str, repository: str) -> Box:
    machine = calls.new_machine()
    made = Box(session_id, repository, machine, "")
    try:
        with tracer.start_as_current_span("clone repository", attributes={"repository": repository}):
            calls.clone(machine, repository)
        made.agent_id = _agent(made)
    except SandboxFailed:
        calls.kill_machine(machine)
        raise
    return made


def _agent(one: Box) -> str:
    with tracer.start_as_current_span("start OpenCode", attributes={"sandbox.id": one.id}):
        return calls.start_agent(one.id)


def snapshot(one: Box) -> str:
    """Its id: the machine is gone, what was in it is kept."""
    with one.busy:
        if not one.snapshot:
            calls.run(one.machine, "snapshot the file system", "snapshot /work")
            one.snapshot = f"sn-{uuid.uuid4().hex[:12]}"
            calls.end_agent(one.agent_id)
            calls.kill_machine(one.machine)
            log.info("sandbox.snapshotted", sandbox_id=one.id, snapshot=one.snapshot)
        return one.snapshot


def restore(one: Box) -> None:
    """It runs again, as it was. Raises SandboxFailed."""
    with one.busy:
        if one.snapshot:
            machine = calls.new_machine()
            try:
                calls.run(machine, "restore the snapshot", f"restore {one.snapshot} /work")
                one.agent_id = _agent(one)
            except SandboxFailed:
                calls.kill_machine(machine)
                raise
            one.machine, one.snapshot = machine, ""
            log.info("sandbox.restored", sandbox_id=one.id, agent_id=one.agent_id)


def remove(one: Box) -> None:
    with one.busy:
        _boxes.pop(one.id, None)
        if not one.snapshot:
            calls.end_agent(one.agent_id)
            calls.kill_machine(one.machine)
    log.info("sandbox.removed", sandbox_id=one.id)


def checked(one: Box) -> bool:
    """Whether its agent answers; one that does not is started anew, and then it does."""
    with one.busy:
        if one.snapshot or calls.agent_lives(one.agent_id):
            healthy.inc()
            return True
        unhealthy.inc()
        log.warning("sandbox.unhealthy", sandbox_id=one.id, agent_id=one.agent_id)
        return _recovered(one)


def _recovered(one: Box) -> bool:
    for attempt in range(1, RECOVERIES + 1):
        try:
            with midwatch.job("recover agent", job_id=one.id, attempt=attempt, session_id=one.session_id):
                one.agent_id = _agent(one)
        except SandboxFailed:
            time.sleep(calls.PAUSE_SECONDS)
        else:
            log.info("agent.recovered", sandbox_id=one.id, agent_id=one.agent_id, attempt=attempt)
            return True
    return False
