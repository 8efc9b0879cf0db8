"""A worker of RQ, in a process of its own for each job."""

import rq

from tests.integration.sdk.apps.tasks_rq import queue

rq.Worker([queue], connection=queue.connection).work()
