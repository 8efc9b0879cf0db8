"""A worker of RQ that is scraped, and knows nothing of what its jobs count."""

import os

import redis
import rq

import midwatch

midwatch.init()
midwatch.instrument(rq)
midwatch.worker_health(int(os.environ["PORT"]))
rq.Worker([os.environ["PREFIX"]], connection=redis.Redis.from_url(os.environ["REDIS"])).work()
