"""Takes orders, keeps them, and hands payment and shipping to the worker."""

import asyncio
import logging
import random
import uuid

from fastapi import FastAPI, Response
from jobs import MemoryQueue, enqueue, orders_queue
from opentelemetry import metrics, trace
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from pydantic import BaseModel
from telemetry import setup

setup("orders")
log = logging.getLogger("orders")
tracer = trace.get_tracer("shop.orders")
orders_total = metrics.get_meter("shop.orders").create_counter("orders.placed", unit="{order}")
app = FastAPI(title="orders")
queue = orders_queue()


class StockLocked(Exception):
    """Another order held the row for too long."""


class Order(BaseModel):
    product_id: int
    quantity: int
    customer: str


async def reserve_stock(product_id: int, quantity: int) -> None:
    attributes = {
        "db.system.name": "postgresql",
        "db.namespace": "shop",
        "db.query.text": "UPDATE stock SET reserved = reserved + $1 WHERE product_id = $2",
    }
    with tracer.start_as_current_span("UPDATE stock", kind=trace.SpanKind.CLIENT, attributes=attributes):
        # The ship's bell is everybody's favourite: its row is locked now and then.
        if product_id == 4 and random.random() < 0.18:
            await asyncio.sleep(random.uniform(0.9, 1.4))
            raise StockLocked(f"canceling statement due to lock timeout: stock row {product_id}")
        await asyncio.sleep(random.lognormvariate(-5, 0.6))
    log.info("stock reserved", extra={"product.id": product_id, "quantity": quantity})


@app.post("/orders", status_code=202)
async def create(order: Order) -> dict[str, str]:
    order_id = str(uuid.uuid4())
    trace.get_current_span().set_attributes({"order.id": order_id, "user.id": order.customer})
    try:
        await reserve_stock(order.product_id, order.quantity)
    except StockLocked:
        log.exception("cannot reserve stock", extra={"order.id": order_id, "product.id": order.product_id})
        raise
    await enqueue(queue, "charge", {"order_id": order_id, **order.model_dump()})
    orders_total.add(1, {"product.id": order.product_id})
    log.info("order accepted", extra={"order.id": order_id, "user.id": order.customer})
    return {"order_id": order_id}


@app.get("/internal/jobs/next")
async def next_job() -> Response:
    job = await queue.get() if isinstance(queue, MemoryQueue) else None
    return Response(job or "", status_code=200 if job else 204)


FastAPIInstrumentor.instrument_app(app, excluded_urls="/internal/.*", exclude_spans=["receive", "send"])
