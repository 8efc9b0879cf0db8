"""All rules. Ids are for ever: a rule that goes leaves its number unused."""

from midwatch.audit.finding import Rule

PRINT_AS_LOG = Rule(
    "MW101", "print-as-log", "medium", "printed, not logged",
    "A printed line has no level, no time, no fields and no correlation id: it cannot be searched, counted or alerted on.",
    "Say it through a logger with an event name and fields: `log.info(\"message_sent\", room_id=room.id)`.",
)  # fmt: skip
VALUES_IN_MESSAGE = Rule(
    "MW102", "values-in-message", "low", "values are written into the log message",
    "Each line has a text of its own: lines of one kind cannot be counted, and the values cannot be searched by name.",
    "Keep the message constant and hand the values on as fields.",
)  # fmt: skip
STACK_LOST = Rule(
    "MW103", "stack-lost", "medium", "an unexpected error is logged without its stack",
    "The handler takes any exception, and its text alone (`'id'`) does not say where it was raised.",
    "`logger.exception(...)` or `exc_info=True`; in JavaScript hand the error itself to the logger.",
)  # fmt: skip
PRIVATE_DATA_IN_LOG = Rule(
    "MW104", "private-data-in-log", "high", "a secret or personal data goes into the log",
    "Whoever reads logs can use the secret; personal data in logs is kept longer, and by more people, than anybody was told.",
    "Leave it out, log an id instead, or a keyed hash (`privacy` in the plan).",
)  # fmt: skip
NO_STRUCTURED_LOGGING = Rule(
    "MW105", "no-structured-logging", "medium", "no structured logger",
    "Lines without fields can only be read by people: no search by user, room or request, no counts, no alerts.",
    "Set up one that writes JSON: `midwatch.init()` or structlog in Python, pino or winston in Node.js.",
)  # fmt: skip
SWALLOWED_EXCEPTION = Rule(
    "MW201", "swallowed-exception", "high", "any exception is swallowed",
    "The handler takes every exception, also those nobody thought of, and nothing is left of it.",
    "Catch what is expected by its type; log what is not, with its stack, or let it pass.",
)  # fmt: skip
BARE_EXCEPT = Rule(
    "MW202", "bare-except", "medium", "bare `except:`",
    "It catches SystemExit, KeyboardInterrupt and cancellation, too: a process that cannot be stopped looks healthy.",
    "`except Exception:`, or better the type that is expected.",
)  # fmt: skip
HANDLER_WITHOUT_LOG = Rule(
    "MW203", "handler-without-log", "medium", "a failure is answered, and told nobody",
    "Whoever called sees an error; whoever runs the system sees nothing, and counts no failure.",
    "Log the exception with its stack before going on, or hand it to error tracking.",
)  # fmt: skip
FAILED_START_IGNORED = Rule(
    "MW204", "failed-start-ignored", "medium", "a dependency that fails at the start is logged and then ignored",
    "The process goes on without its database or cache: it takes requests, and each of them fails.",
    "End the process with a status, or have the readiness endpoint answer 503 until the dependency is there.",
)  # fmt: skip
NO_ERROR_BOUNDARY = Rule(
    "MW205", "no-error-boundary", "medium", "no error boundary around the React tree",
    "One component that throws while rendering leaves a blank page, and nobody is told.",
    "An error boundary at the root that reports: `error.tsx` and `global-error.tsx` in Next.js, `react-error-boundary` elsewhere.",
)  # fmt: skip
NO_ERROR_TRACKING = Rule(
    "MW206", "no-error-tracking", "high", "no error tracking",
    "Unexpected errors are seen when a user writes; how many there are, and since which release, nobody knows.",
    "`midwatch.init()`, or Sentry's SDK with Midwatch's DSN.",
)  # fmt: skip
NO_CENTRAL_ERROR_HANDLER = Rule(
    "MW207", "no-central-error-handler", "medium", "no central error handler",
    "What a handler does not catch is told by whatever the framework does; each handler answers and logs in its own way.",
    "One handler for all: error middleware in Express, `onRequestError` in Next.js' instrumentation.ts.",
)  # fmt: skip
NO_LAST_RESORT = Rule(
    "MW208", "no-last-resort", "low", "nobody listens to unhandled rejections",
    "Node.js ends on them with a text on stderr; nothing is reported and connections are cut.",
    "`process.on('unhandledRejection' and 'uncaughtException', …)`: report, flush, exit. Error tracking does it by itself.",
)  # fmt: skip
NO_HEALTH_ENDPOINT = Rule(
    "MW301", "no-health-endpoint", "high", "no health endpoint",
    "Neither the platform nor a probe can ask whether the service works: a hung process keeps getting traffic.",
    "An endpoint that answers 200 or 503 by what it depends on, and a probe on it.",
)  # fmt: skip
SHALLOW_HEALTH = Rule(
    "MW302", "shallow-health", "low", "no health endpoint asks the database or cache",
    "It answers 200 while all requests fail, since it only shows that the process runs.",
    "Ask each dependency, with a short time-out, and answer 503 when one is down.",
)  # fmt: skip
NO_GRACEFUL_SHUTDOWN = Rule(
    "MW303", "no-graceful-shutdown", "medium", "SIGTERM is not handled",
    "Each deployment cuts requests, sockets and jobs in their middle, and what was to be logged last is lost.",
    "On SIGTERM stop accepting, finish what runs, flush logs and close connections.",
)  # fmt: skip
UNMONITORED_JOB = Rule(
    "MW401", "unmonitored-job", "medium", "a scheduled job that nobody would miss",
    "A job that no longer runs raises no error: nothing tells that it is gone.",
    "A heartbeat at its end: `@midwatch.cron(\"nightly\")` or `midwatch.heartbeat(\"nightly\")`, or a request to the heartbeat's address.",
)  # fmt: skip
JOB_FAILURES_UNHEARD = Rule(
    "MW402", "job-failures-unheard", "medium", "failures of jobs are told nobody",
    "No user waits for a job: one that fails is noticed by what is missing, days later.",
    "Error tracking in the worker, or a listener on failures (`task_failure`, `worker.on('failed', …)`).",
)  # fmt: skip
TASK_FORGOTTEN = Rule(
    "MW403", "task-forgotten", "medium", "a task is started and forgotten",
    "Its exception is told when the task is collected as garbage, if ever; and it may be collected while it runs.",
    "Keep the task and await it, use a TaskGroup, or add a callback that logs the exception.",
)  # fmt: skip
SOCKET_ERRORS_UNHEARD = Rule(
    "MW404", "socket-errors-unheard", "medium", "errors of a socket are not listened to",
    "Connections that cannot be made, or break, are seen by users alone.",
    "Listen to `error` (and `connect_error` of Socket.IO's client); count and log it.",
)  # fmt: skip
DISCONNECTS_UNSEEN = Rule(
    "MW405", "disconnects-unseen", "medium", "disconnects are not counted",
    "Users lose live updates silently; a rise in disconnects is the first sign, and it is not there to be seen.",
    "Log or count each disconnect with its reason, and alert on their rate.",
)  # fmt: skip
EMIT_WITHOUT_ACK = Rule(
    "MW406", "emit-without-ack", "medium", "messages are sent without asking whether they arrived",
    "A message that is lost on its way is lost for good, and nobody knows how many are.",
    "Ask for an acknowledgement with a time-out (`emitWithAck`), count and retry what gets none.",
)  # fmt: skip
CALL_WITHOUT_TIMEOUT = Rule(
    "MW501", "call-without-timeout", "medium", "an external call without a time-out",
    "When the other side hangs, so does this: threads or connections run out, and the failure looks like ours.",
    "Give it a time-out that a user would wait.",
)  # fmt: skip
NO_RETRIES = Rule(
    "MW502", "no-retries", "low", "external calls are not retried",
    "A moment's trouble of a vendor or of the network becomes an error of ours.",
    "Retry what may be repeated, with back-off and a limit, and count retries.",
)  # fmt: skip
CLIENT_ERRORS_UNHEARD = Rule(
    "MW503", "client-errors-unheard", "high", "a client of Redis or PostgreSQL without a listener for `error`",
    "In Node.js an `error` event that nobody listens to ends the process: one lost idle connection is an outage.",
    "`client.on('error', …)` that logs; let the client reconnect.",
)  # fmt: skip
IN_MEMORY_METRICS = Rule(
    "MW601", "in-memory-metrics", "medium", "metrics are kept in memory of one process",
    "They are lost at each restart, show one instance of several, and cannot be alerted on.",
    "A metrics library that is scraped or exports: prometheus-client, prom-client, OpenTelemetry, `midwatch.counter()`.",
)  # fmt: skip
IN_MEMORY_RATE_LIMIT = Rule(
    "MW602", "in-memory-rate-limit", "medium", "a rate limit in memory of one process",
    "With several instances the limit is that many times as high, and each restart lifts it.",
    "Keep the counts in Redis, and count what is refused.",
)  # fmt: skip
IN_MEMORY_STATE = Rule(
    "MW603", "in-memory-state", "low", "state of requests in memory of one process",
    "It is lost at each restart, other instances do not see it, and it grows unseen.",
    "Keep it in the database or in Redis; where it is a cache, bound it and count hits.",
)  # fmt: skip
NO_REQUEST_LOG = Rule(
    "MW701", "no-request-log", "medium", "requests are not logged with status and duration",
    "Neither slow requests nor failing routes can be found, and no objective can be measured.",
    "A middleware that says method, route, status, duration and user: `midwatch.init()`, pino-http, OpenTelemetry.",
)  # fmt: skip
NO_METRICS = Rule(
    "MW702", "no-metrics", "medium", "no metrics",
    "Rates, error shares and latencies are not there to alert on or to compare.",
    "OpenTelemetry, prometheus-client or prom-client; `midwatch.init()` has those of requests, jobs and calls.",
)  # fmt: skip
NO_TRACING = Rule(
    "MW703", "no-tracing", "low", "no tracing",
    "Where the time of a slow request went can only be guessed.",
    "`midwatch.init()` or OpenTelemetry's instrumentation.",
)  # fmt: skip
LIBRARY_NOT_USED = Rule(
    "MW704", "library-not-used", "low", "an observability library is installed and not used",
    "Whoever reads the list of dependencies believes that it is there.",
    "Set it up, or take it out.",
)  # fmt: skip
EVENT_NOT_IN_CODE = Rule(
    "MW801", "event-not-in-code", "medium", "an event of the plan is nowhere in the code",
    "Alerts and boards that wait for it stay quiet whatever happens.",
    "Log it where it happens, or take it out of the plan.",
)  # fmt: skip
EVENT_NOT_IN_PLAN = Rule(
    "MW802", "event-not-in-plan", "low", "an event is logged that the plan does not name",
    "Its name and fields are checked by nobody, so they change unseen.",
    "Declare it, or use the name that is declared.",
)  # fmt: skip

RULES: dict[str, Rule] = {one.id: one for one in list(vars().values()) if isinstance(one, Rule)}


def rule(word: str) -> Rule | None:
    """By id or name, in any case."""
    return next((one for one in RULES.values() if word.lower() in (one.id.lower(), one.name)), None)
