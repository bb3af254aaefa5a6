"""The actor that holds an engine on some node, and this process's handle of it.

Requests and replies travel as JSON: the nodes need the same program, but not the same memory layout.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

from ..base import Model, ModelError, ModelReply, ModelRequest

_FIELDS = ("cause", "message", "retryable", "retry_after", "advice", "sent")


class ActorLost(Exception):
    """An actor, its node or the way to it has gone."""


class EngineActor:
    """Runs on a node of the cluster. `build` makes the engine, which loads its weights on first use."""

    def __init__(self, build: Callable[[], Model]) -> None:
        self._build = build
        self._model: Model | None = None

    async def start(self) -> str:
        """Make the engine; return JSON with the identity of its model, or with the error."""
        try:
            self._model = self._build()
        except ModelError as error:
            return json.dumps(_told(error))
        return json.dumps({"identity": self._model.identity})

    async def reply_all(self, requests: Sequence[str]) -> list[str]:
        """Return a reply or an error, as JSON, for each request."""
        return list(await asyncio.gather(*map(self._reply, requests)))

    async def _reply(self, request: str) -> str:
        assert self._model is not None
        try:
            return (await self._model.reply(ModelRequest.model_validate_json(request))).model_dump_json()
        except ModelError as error:
            return json.dumps(_told(error))


class ActorHandle:
    """An actor as the pool sees it. `remote` is the handle that Ray gave."""

    def __init__(self, ray: Any, remote: Any) -> None:
        self._ray, self._remote = ray, remote

    async def start(self) -> str:
        """Return the identity of the actor's model once it runs. Raises `ModelError` and `ActorLost`."""
        started = json.loads(await self._result(self._remote.start.remote()))
        if "identity" in started:
            return str(started["identity"])
        raise _error(started)

    async def reply_all(self, requests: Sequence[ModelRequest]) -> list[ModelReply | ModelError]:
        """Return a reply or an error for each request. Raises `ActorLost`."""
        asked = [request.model_dump_json() for request in requests]
        return [_outcome(text) for text in await self._result(self._remote.reply_all.remote(asked))]

    def kill(self) -> None:
        """End the actor, whatever it is doing."""
        self._ray.kill(self._remote)

    async def _result(self, reference: Any) -> Any:
        try:
            return await reference
        except self._ray.exceptions.RayError as error:
            raise ActorLost(str(error).strip().partition("\n")[0]) from error


def _told(error: ModelError) -> dict[str, Any]:
    return {"error": {field: getattr(error, field) for field in _FIELDS}}


def _error(told: dict[str, Any]) -> ModelError:
    fields = told["error"]
    return ModelError(fields.pop("cause"), fields.pop("message"), **fields)


def _outcome(text: str) -> ModelReply | ModelError:
    told = json.loads(text)
    return _error(told) if "error" in told else ModelReply.model_validate(told)
