"""Carry out a study on a Ray cluster of two nodes on this computer, and kill a worker and a node meanwhile.

    python ray_study.py STUDY LOG

A process of its own, because Ray leaves threads and warnings behind.
"""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import ray
from ray.cluster_utils import Cluster
from studies_making import wait_until

from transfer_prompting.orchestration.studies.conduct import Conductor
from transfer_prompting.orchestration.studies.executors.choice import make_executor
from transfer_prompting.orchestration.studies.logs import StudyLogs
from transfer_prompting.orchestration.studies.plan import plan_study
from transfer_prompting.storage.errors import LogNotFound
from transfer_prompting.storage.opening import open_reader

_WORKER_DIES, _NODE_DIES = 8, 16
"""Numbers of finished cells after which a worker, and then a node, is killed."""


def main() -> None:
    """Start the cluster, carry out the study, and stop the cluster."""
    study, log = Path(sys.argv[1]), sys.argv[2]
    # A short path: names of sockets may have about a hundred characters.
    folder = os.environ["RAY_TMPDIR"] = tempfile.mkdtemp(prefix="ray-")
    cluster = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 1, "object_store_memory": 80_000_000},
    )
    try:
        node = cluster.add_node(num_cpus=1, object_store_memory=80_000_000)
        ray.init(address=cluster.address, log_to_driver=False)
        _tell(f"{sum(one['Alive'] for one in ray.nodes())} nodes")
        asyncio.run(_carry_out(study, log, cluster, node))
    finally:
        ray.shutdown()
        cluster.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


async def _carry_out(study: Path, log: str, cluster: Cluster, node: Any) -> None:
    plan = plan_study(study)
    logs = StudyLogs(log)
    executor = make_executor(plan.settings.executor, logs)
    killing = asyncio.create_task(asyncio.to_thread(_kill, log, cluster, node))
    await Conductor(plan, logs, executor, lambda _progress: None).conduct()
    await killing


def _kill(log: str, cluster: Cluster, node: Any) -> None:
    _until(log, _WORKER_DIES)
    worker = _working(node)
    os.kill(worker, signal.SIGKILL)
    _tell("killed a worker")
    _until(log, _NODE_DIES)
    _working(node)
    cluster.remove_node(node, allow_graceful=False)
    _tell("killed a node")


def _tell(text: str) -> None:
    """Print a line for the test. Ray prints lines of its own, and may leave one open."""
    print(f"\ntest: {text}", flush=True)


def _until(log: str, finished: int) -> None:
    """Wait until so many cells have finished."""
    wait_until(lambda: _finished(log) >= finished)


def _finished(log: str) -> int:
    try:
        with open_reader(log) as reader:
            return sum(one.last_kind == "run.finished" for one in reader.runs())
    except LogNotFound:
        return 0


def _working(node: Any) -> int:
    """Return the id of a process that carries out a cell on a node; wait until there is one."""
    raylet = node.all_processes["raylet"][0].process.pid
    found: list[int] = []

    def look() -> bool:
        places = (place for place in Path("/proc").iterdir() if place.name.isdecimal())
        found.extend(int(place.name) for place in places if _is_child(place, raylet))
        return bool(found)

    wait_until(look)
    return found[0]


def _is_child(place: Path, parent: int) -> bool:
    try:
        at_work = (place / "cmdline").read_bytes().startswith(b"ray::work")
        return at_work and int((place / "stat").read_text().rpartition(")")[2].split()[1]) == parent
    except OSError:
        return False


if __name__ == "__main__":
    main()
