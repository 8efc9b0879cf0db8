"""A worker of RQ, in a process of its own for each job; it knows the jobs, so that it takes orders to replay them."""

import rq

from tests.integration.handlers.apps.tasks_rq import queue

rq.Worker([queue], connection=queue.connection).work()
