"""Charges and ships what was ordered; payments fail now and then and are tried again."""

import asyncio
import json
import logging
import os
import random
from contextlib import suppress
from typing import Any

import httpx
from jobs import QUEUE, Queue, worker_queue
from opentelemetry import propagate, trace
from opentelemetry.instrumentation.utils import suppress_instrumentation
from opentelemetry.trace import SpanKind
from telemetry import setup

setup("worker")
log = logging.getLogger("worker")
tracer = trace.get_tracer("shop.worker")
ATTEMPTS_MAX = 3


class PaymentDeclined(Exception):
    """The payment provider said no."""


async def charge(job: dict[str, Any], attempt: int) -> None:
    attributes: dict[str, Any] = {
        "http.request.method": "POST",
        "server.address": "payments.example.com",
        "url.full": "https://payments.example.com/v1/charges",
    }
    with tracer.start_as_current_span("POST /v1/charges", kind=SpanKind.CLIENT, attributes=attributes) as span:
        await asyncio.sleep(random.lognormvariate(-2.2, 0.5))
        roll = random.random()
        status = 402 if roll < 0.02 else 503 if roll < 0.07 else 201
        span.set_attribute("http.response.status_code", status)
        if status == 402:
            raise PaymentDeclined("card_declined: insufficient funds")
        if status == 503:
            raise TimeoutError(f"payment provider answered 503 at attempt {attempt}")


async def work(job: dict[str, Any]) -> None:
    payload = job["payload"]
    attributes = {
        "messaging.system": "redis",
        "messaging.destination.name": QUEUE,
        "messaging.operation.type": "process",
        "order.id": payload["order_id"],
        "user.id": payload["customer"],
    }
    context = propagate.extract(job["trace"])
    with tracer.start_as_current_span(
        f"process {job['kind']}", context=context, kind=SpanKind.CONSUMER, attributes=attributes
    ):
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                await charge(payload, attempt)
                break
            except TimeoutError as error:
                if attempt == ATTEMPTS_MAX:
                    raise
                log.warning("payment attempt failed, trying again", extra={"attempt": attempt, "cause": str(error)})
                await asyncio.sleep(0.2 * 2**attempt)
        with tracer.start_as_current_span("pack and ship", attributes={"quantity": payload["quantity"]}):
            await asyncio.sleep(random.lognormvariate(-3, 0.4))
        log.info("order shipped", extra={"order.id": payload["order_id"], "user.id": payload["customer"]})


async def count_stock(heartbeat_url: str) -> None:
    """Twice a minute, with a sign of life after each time, as Healthchecks has them."""
    async with httpx.AsyncClient(timeout=5) as client:
        while True:
            with suppress_instrumentation(), suppress(httpx.HTTPError):
                await client.post(f"{heartbeat_url}/start")
                await asyncio.sleep(random.lognormvariate(0, 0.4))
                await client.post(heartbeat_url)
            await asyncio.sleep(30)


async def main() -> None:
    queue = worker_queue()
    log.info("worker ready")
    counting = asyncio.create_task(count_stock(url)) if (url := os.environ.get("HEARTBEAT_URL")) else None
    try:
        await work_off(queue)
    finally:
        if counting:
            counting.cancel()


async def work_off(queue: Queue) -> None:
    while True:
        try:
            with suppress_instrumentation():
                text = await queue.get()
        except (httpx.HTTPError, ConnectionError):
            await asyncio.sleep(0.5)
            continue
        if text is None:
            continue
        job = json.loads(text)
        try:
            await work(job)
        except PaymentDeclined as error:
            log.error("payment declined", exc_info=error, extra={"order.id": job["payload"]["order_id"]})
        except Exception:
            log.exception("job failed", extra={"order.id": job["payload"]["order_id"], "job.kind": job["kind"]})


if __name__ == "__main__":
    asyncio.run(main())
