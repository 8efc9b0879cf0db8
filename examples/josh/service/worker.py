"""Sends what waits, broadcasts new LinkUps, and runs what is due: reminders, expiry, what gauges say."""

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from linkups import broadcast, expire, remind
from outbound import send
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from tables import SCHEMA, Incident, Linkup, OutboundJob, engine, transaction
from telemetry import (
    broadcasting_linkups_active,
    database_connections,
    log,
    pending_admin_safety_queue,
    pending_outbound_jobs,
)

import midwatch

POLL_SECONDS = 0.5
DUE_SECONDS = float(os.environ.get("DUE_SECONDS", "60"))
THREADS = 4
REGIONS = ("nyc", "sf")
GIGABYTE = 1e9


def take_outbound() -> list[OutboundJob]:
    """Of those that wait, some that no other worker has."""
    with transaction("outbound_take") as session:
        waiting = select(OutboundJob.id).where(OutboundJob.status == "pending").order_by(OutboundJob.id).limit(THREADS)
        taken = (
            update(OutboundJob)
            .where(OutboundJob.id.in_(waiting.with_for_update(skip_locked=True)))
            .values(status="sending")
            .returning(OutboundJob)
        )
        return list(session.scalars(taken).all())


def sent(job: OutboundJob) -> None:
    """The job goes on with the ids of who asked for it."""
    work = midwatch.job("sms.outbound", job_id=job.job_id, carrier=job.carrier, queued_at=job.created_at)
    with suppress(Exception), work:  # midwatch: ignore[MW201] the job has told of its failure
        send(job.id)


def broadcast_new() -> None:
    with transaction("linkups_new") as session:
        new = session.scalars(select(Linkup).where(Linkup.state == "created").order_by(Linkup.id)).all()
    for linkup in new:
        work = midwatch.job("linkup.broadcast", job_id=f"{SCHEMA}-linkup-{linkup.id}")
        with suppress(Exception), midwatch.work(linkup.correlation_id or ""), work:  # midwatch: ignore[MW201] the same
            broadcast(linkup.id)


@midwatch.cron("linkup-expiry", every_seconds=DUE_SECONDS, grace_seconds=DUE_SECONDS)
def run_expiry() -> None:
    expire()


@midwatch.cron("linkup-reminders", every_seconds=DUE_SECONDS, grace_seconds=DUE_SECONDS)
def run_reminders() -> None:
    remind()


def measure() -> None:
    with transaction("gauges") as session:
        counted = select(Linkup.region, func.count()).where(Linkup.state == "broadcasting").group_by(Linkup.region)
        active = dict(session.execute(counted).tuples().all())
        waiting = session.scalar(
            select(func.count()).select_from(OutboundJob).where(OutboundJob.status.in_(("pending", "sending")))
        )
        queue = session.scalar(select(func.count()).select_from(Incident).where(Incident.state == "open"))
        usage = "SELECT count(*), pg_database_size(current_database()) FROM pg_stat_activity"
        connections, size = session.execute(text(f"{usage} WHERE datname = current_database()")).tuples().one()
    for region in REGIONS:
        broadcasting_linkups_active.set(active.get(region, 0), region=region)
    pending_outbound_jobs.set(waiting or 0)
    pending_admin_safety_queue.set(queue or 0)
    database_connections.set(connections)
    midwatch.cost("database.gigabyte_hours", size / GIGABYTE * DUE_SECONDS / 3600)


def due(every: float, *acts: Callable[[], None]) -> Callable[[], None]:
    """All of them so often, each a piece of work of its own."""
    last = 0.0

    def run() -> None:
        nonlocal last
        if time.monotonic() - last >= every:
            last = time.monotonic()
            for act in acts:
                with midwatch.work():
                    act()

    return run


def main() -> None:
    midwatch.replay_store(engine=engine)
    midwatch.relay(engine)
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    scheduled = due(DUE_SECONDS, run_expiry, run_reminders, measure)
    log.info("worker.started")
    with ThreadPoolExecutor(THREADS) as pool:
        while not stopping:
            try:
                scheduled()
                broadcast_new()
                list(pool.map(sent, take_outbound()))
            except SQLAlchemyError as error:
                midwatch.capture_exception(error, category="db_schema", severity="fatal")
            time.sleep(POLL_SECONDS)
    midwatch.shutdown()


if __name__ == "__main__":
    main()
