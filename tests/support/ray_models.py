"""Ask models on a Ray cluster of two nodes on this computer; kill an actor and a node meanwhile.

A process of its own, because Ray leaves threads and warnings behind. It prints one line of JSON.
"""

import asyncio
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import ray
from ray.cluster_utils import Cluster

from transfer_prompting.agents.models.base import ChatMessage, ModelReply, ModelRequest
from transfer_prompting.agents.models.ray.model import PoolSize, RayModel
from transfer_prompting.agents.models.registry import ModelSettings, build_model

QUESTIONS, OPTIONS = 40, ("yes", "no")


class Slow:
    """Answers after a moment with the question, its process and its node."""

    identity = "slow"
    scores_options = rates_options = False

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Return the question, and who answers it."""
        await asyncio.sleep(0.1)
        node = ray.get_runtime_context().get_node_id()
        text = json.dumps([request.messages[-1].text, os.getpid(), node])
        return ModelReply(text=text, finish="stop", prompt_tokens=1, completion_tokens=1)

    async def close(self) -> None:
        """Nothing to close."""


def request(text: str, **settings: Any) -> ModelRequest:
    """Return a request with one message."""
    return ModelRequest(messages=(ChatMessage(role="user", content=text),), **settings)


def main() -> None:
    """Start the cluster, ask the models, and stop the cluster."""
    # A short path: names of sockets may have about a hundred characters.
    folder = os.environ["RAY_TMPDIR"] = tempfile.mkdtemp(prefix="ray-")
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "object_store_memory": 80_000_000})
    try:
        node = cluster.add_node(num_cpus=1, object_store_memory=80_000_000)
        ray.init(address=cluster.address, log_to_driver=False)
        told = {**asyncio.run(_lose(cluster, node)), **asyncio.run(_compare())}
    finally:
        ray.shutdown()
        cluster.shutdown()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{json.dumps(told)}")


async def _lose(cluster: Cluster, node: Any) -> dict[str, Any]:
    """Kill the process of the actor on the first node, and later the second node with the other actor."""
    model = RayModel(Slow, PoolSize(actors=2, cpus=1, gpus=0, group=2, groups=1))
    waiting = [asyncio.ensure_future(model.reply(request(str(n)))) for n in range(QUESTIONS)]
    await _until(waiting, lambda: len({place for *_, place in _told(waiting)}) == 2)
    head = cluster.head_node.node_id
    os.kill(next(process for _, process, place in _told(waiting) if place == head), signal.SIGKILL)
    early = len(_told(waiting))
    await _until(waiting, lambda: len(_told(waiting)) >= early + 4)
    await asyncio.to_thread(cluster.remove_node, node, allow_graceful=False)
    late = QUESTIONS - len(_told(waiting))
    await asyncio.gather(*waiting)
    await model.close()
    return {
        "answers": [text for text, *_ in _told(waiting)],
        "processes": len({process for _, process, _ in _told(waiting)}),
        "answered after the node": late,
    }


async def _until(waiting: Sequence["asyncio.Future[ModelReply]"], enough: Callable[[], bool]) -> None:
    while not enough():
        rest = [future for future in waiting if not future.done()]
        await asyncio.wait(rest, return_when=asyncio.FIRST_COMPLETED)


def _told(waiting: Sequence["asyncio.Future[ModelReply]"]) -> list[Any]:
    """Return question, process and node of each reply so far."""
    return [json.loads(future.result().text) for future in waiting if future.done()]


async def _compare() -> dict[str, Any]:
    """Return replies of the embedded model in this process and in an actor, and the identities."""
    shared = {"dtype": "float32", "batch_size": 4, "threads": 1}
    here = build_model(ModelSettings.model_validate({**shared, "provider": "smollm2", "device": "cpu"}))
    there = build_model(ModelSettings.model_validate({**shared, "provider": "ray", "engine": "smollm2"}))
    asked = [request("Is it so?", max_tokens=4), request("And now?", options=OPTIONS)]
    found: dict[str, Any] = {}
    for name, model in (("here", here), ("there", there)):
        replies = await asyncio.gather(*map(model.reply, asked))
        found[name] = [reply.model_dump(mode="json") for reply in replies]
        found[f"{name} is"] = model.identity
        await model.close()
    return found


if __name__ == "__main__":
    main()
