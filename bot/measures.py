"""Counters and timings of the process, for /metrics; never a word of what was said."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter("embarque_requests_total", "Requests by platform and HTTP status", ("platform", "status"))
TURN_SECONDS = Histogram(
    "embarque_turn_seconds",
    "Seconds from request to answer, by platform",
    ("platform",),
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 3),
)
DELIVERIES = Counter(
    "embarque_deliveries_total", "Deliveries by platform and outcome", ("platform", "outcome")
)
