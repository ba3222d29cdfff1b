"""What was begun and will not end: jobs of the dead, and jobs that this replica claimed without knowing of it."""

import time
from collections import Counter
from contextlib import suppress

import dbos
import structlog

log = structlog.get_logger()

QUEUE = "deliveries"
CHUNK = 500
STRAY_SECONDS = 8.0
"""A job that the database calls ours and that nobody here has in hand for so long is given to the queue again.

The answer to a claim, or to the note that a job ended, can be lost with the connection. Until somebody notices,
such a job keeps its lane waiting.
"""
MOST_TRIES = 3
MOST_REMEMBERED = 10_000


class Sweep:
    """Resumes through the library's public interface, in chunks, until nothing is left."""

    def __init__(self, client: dbos.DBOSClient, replica: str) -> None:
        self._client = client
        self._replica = replica
        self._strays: dict[str, float] = {}
        self._tries: Counter[str] = Counter()

    def pending(self) -> list[dbos.WorkflowStatus]:
        """All jobs that were begun and have not ended, of all replicas."""
        return self._client.list_workflows(status="PENDING", load_input=False, load_output=False)

    def take_over(self, living: frozenset[str], here: frozenset[str]) -> int:
        """Give to the queue again what nobody has in hand. living: replicas; here: ids of jobs that run here."""
        count = self._resume(self._own_strays(here))
        tried: set[str] = set()
        while True:
            orphans = [
                workflow.workflow_id
                for workflow in self.pending()
                if workflow.executor_id not in living
                and workflow.executor_id != self._replica
                and workflow.workflow_id not in tried
            ]
            if not orphans:
                return count
            tried.update(orphans)
            count += self._resume(orphans)

    def _own_strays(self, here: frozenset[str]) -> list[str]:
        now = time.monotonic()
        seen = {
            workflow.workflow_id: self._strays.get(workflow.workflow_id, now)
            for workflow in self.pending()
            if workflow.executor_id == self._replica and workflow.workflow_id not in here
        }
        due = [job for job, since in seen.items() if now - since >= STRAY_SECONDS]
        self._strays = {job: since for job, since in seen.items() if job not in due}
        if len(self._tries) > MOST_REMEMBERED:
            self._tries.clear()
        self._tries.update(due)
        hopeless = [job for job in due if self._tries[job] > MOST_TRIES]
        if hopeless:
            # Not one of ours, or not as we wrote it: the audit makes a new job if a delivery needs one.
            log.error("jobs_cancelled", due=len(hopeless))
            self._client.cancel_workflows(hopeless)
        return [job for job in due if job not in hopeless]

    def _resume(self, jobs: list[str]) -> int:
        count = 0
        for start in range(0, len(jobs), CHUNK):
            chunk = jobs[start : start + CHUNK]
            with suppress(dbos.error.DBOSNonExistentWorkflowError):  # one was deleted meanwhile: next time
                self._client.resume_workflows(chunk, queue_name=QUEUE)
                count += len(chunk)
        return count
