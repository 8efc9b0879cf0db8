"""Jobs that count, in a module that RQ imports in the process of each job alone; run as a module this sends some."""

import os

import redis
import rq

import midwatch

midwatch.init()
midwatch.instrument(rq)
queue = rq.Queue(os.environ["PREFIX"], connection=redis.Redis.from_url(os.environ["REDIS"]))
ME = "tests.integration.sdk.apps.counted_rq"

packed = midwatch.counter("parcels.packed", "Parcels", ("size",), unit="{parcel}")
weight = midwatch.histogram("parcel_weight", "Their weights", buckets=(1, 10))
newest = midwatch.gauge("newest_parcel", "The number of the newest")


@midwatch.job("pack")
def pack(number: int) -> None:
    packed.inc(size="small" if number % 2 else "large")
    weight.record(number)
    newest.set(number)
    if number == 2:
        raise ValueError("does not fit")


if __name__ == "__main__":
    for number in range(6):
        queue.enqueue(f"{ME}.pack", number)
