"""Counters and timings of the process, for /metrics; never a word of what was said, never a person as a label.

What the process counts is counted where it happens. What stands in the database is read at each scrape by
`bot.figures` and set here, so that it is right whichever replica is asked.
"""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("embarque_requests_total", "Requests by platform and HTTP status", ("platform", "status"))
TURN_SECONDS = Histogram(
    "embarque_turn_seconds",
    "Seconds from request to answer, by platform",
    ("platform",),
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 3),
)
TURNS = Counter("embarque_turns_total", "Turns by platform and outcome", ("platform", "outcome"))
"""outcome: done (something was stored), repeated (the platform had delivered it before), refused (turned away),
busy (asked to wait a moment) or broken (a fault of ours or of the database)."""
TURNS_WAITING = Gauge("embarque_turns_waiting", "Turns that are let in and not yet answered")
COMMIT_TURNS = Histogram(
    "embarque_commit_turns",
    "Turns that one commit made durable together",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128),
)

DELIVERIES = Counter(
    "embarque_deliveries_total", "Deliveries by platform and outcome", ("platform", "outcome")
)
GATE_WAIT = Histogram(
    "embarque_gate_wait_seconds",
    "Seconds that a delivery waited for a platform's rate, zero when it could go at once",
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10),
)
GATE_PUT_BACK = Counter("embarque_gate_put_back_total", "Deliveries put back because the wait would be long")

LOOP_LAG = Histogram(
    "embarque_loop_lag_seconds",
    "How much later than asked the event loop came back",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2),
)
LOOP_LAG_WORST = Gauge(
    "embarque_loop_lag_worst_seconds", "The worst lag of the event loop in the last minute"
)

DELIVERIES_NOW = Gauge(
    "embarque_deliveries_by_state", "Deliveries in the database by state and reason", ("state", "reason")
)
OLDEST_PENDING = Gauge(
    "embarque_oldest_pending_seconds", "How long the oldest delivery that is due has been waiting"
)
SET_ASIDE = Gauge(
    "embarque_deliveries_set_aside", "Deliveries that broke five times and wait for an operator"
)
JOBS = Gauge("embarque_jobs", "Jobs of the engine by state", ("state",))
"""state: waiting or running, over all replicas."""
REPLICAS = Gauge("embarque_replicas_alive", "Replicas whose heartbeat is fresh")
DATABASE_UP = Gauge("embarque_database_up", "Whether the database answered this scrape in time")
