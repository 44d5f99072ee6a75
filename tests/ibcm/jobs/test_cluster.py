"""The cluster's way: Celery workers of their own on Redis, rows in PostgreSQL, and a worker that is killed."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from tests.postgres import new_database

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_SECONDS = 60.0

pytestmark = pytest.mark.servers


@dataclass
class Cluster:
    """Processes that share a database and a queue of the test's own."""

    environment: dict[str, str]
    database: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def python(self, *arguments: str) -> str:
        command = [sys.executable, *arguments]
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()

    def jobs(self, *arguments: str) -> str:
        return self.python("-m", "tests.servers.slow_jobs", *arguments)

    def start_worker(self) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "ibcm.celery",
            "worker",
            "--pool",
            "prefork",
            "--concurrency",
            "1",
        ]
        command += [
            "--include",
            "tests.servers.slow_jobs",
            "--loglevel",
            "WARNING",
            "-n",
            f"{uuid.uuid4().hex[:8]}@test",
        ]
        worker = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.workers.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """The worker and the children it forked, without a word."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(10)

    def row(self, job: str) -> dict[str, Any]:
        with psycopg.connect(self.database, row_factory=psycopg.rows.dict_row) as connection:
            found = connection.execute("SELECT state, attempts, error FROM jobs_job WHERE id = %s", [job]).fetchone()
        assert found
        return found


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    broker = os.environ.get("IBCM_TEST_REDIS_URL")
    if not broker:
        pytest.skip("IBCM_TEST_REDIS_URL names no Redis server")
    instance = f"test{uuid.uuid4().hex[:8]}"
    with new_database() as database, contextlib.closing(redis.Redis.from_url(broker)) as queue:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "ibcm.settings",
            "IBCM_PROFILE": "cluster",
            "IBCM_HOME": str(tmp_path / "home"),
            "IBCM_INSTANCE": instance,
            "IBCM_DATABASE_URL": database,
            "IBCM_BROKER_URL": broker,
            "IBCM_SECRET_KEY": "0123456789" * 6,
            # Named, because the profile asks for them, and never spoken to: these jobs need neither.
            "IBCM_NEO4J_URI": "bolt://127.0.0.1:9",
            "IBCM_QDRANT_URL": "http://127.0.0.1:9",
        }
        made = Cluster(environment, database)
        made.python("manage.py", "migrate", "--verbosity", "0")
        try:
            yield made
        finally:
            for worker in made.workers:
                made.kill(worker)
            if left := list(queue.scan_iter(f"{instance}:*")):
                queue.delete(*left)


def until(what: Callable[[], bool], worker: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline, "it takes too long"
        assert worker.poll() is None, "the worker has ended"
        time.sleep(0.1)


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0


def test_a_job_waits_for_a_worker_and_survives_its_death(cluster: Cluster, tmp_path: Path) -> None:
    written = tmp_path / "written"
    job = cluster.jobs("submit", str(written), "30")
    assert cluster.row(job)["state"] == "queued"
    first = cluster.start_worker()
    until(lambda: lines(written) >= 3, first)
    assert cluster.row(job)["state"] == "running"
    cluster.kill(first)
    assert lines(written) < 30
    second = cluster.start_worker()
    assert cluster.jobs("reclaim") == "1"
    until(lambda: cluster.row(job)["state"] not in {"queued", "running"}, second)
    assert cluster.row(job) == {"state": "done", "attempts": 2, "error": ""}
    assert written.read_text(encoding="utf-8").split() == [str(number) for number in range(30)]
