"""The pipeline worker: takes videos from the queue, some at once, until it is told to stop."""

import os
import signal
import threading
import time

import pipeline
import redis
import videos

import midwatch

AT_ONCE = int(os.environ.get("JOBS_AT_ONCE", "2"))
OVERDUE_SECONDS = 900.0
AWAY_SECONDS = 1.0
stopping = threading.Event()


def work(message: str) -> None:
    job = videos.read(message)
    failed = True
    try:
        with midwatch.job(
            "video",
            job_id=job["id"],
            queued_at=job["queued_at"],
            carrier=job["trace"],
            overdue_seconds=OVERDUE_SECONDS,
            niche=job["niche"],
            user_id=job["user_id"],
        ):
            videos.move(job["id"], "RUNNING")
            pipeline.run(job)
        failed = False
        videos.move(job["id"], "READY")
    except Exception as error:
        # The job has told of it, and the next one may do better.
        videos.move(job["id"], "FAILED", error=type(error).__name__)
    finally:
        videos.done(message, failed=failed)


def work_off() -> None:
    while not stopping.is_set():
        try:
            if message := videos.take():
                work(message)
        except redis.RedisError:
            time.sleep(AWAY_SECONDS)


def main() -> None:
    videos.put_back()
    health = midwatch.worker_health(int(os.environ["PORT"]), queue=videos.counts, checks={"redis": videos.client})
    midwatch.queue_depth("videos", lambda: videos.client.llen(videos.WAITING))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    threads = [threading.Thread(target=work_off, name=f"videos-{n}") for n in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    stopping.wait()
    for thread in threads:
        thread.join()
    health.close()


if __name__ == "__main__":
    main()
