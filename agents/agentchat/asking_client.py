"""The client of a team that runs as a program: each of its calls is a call of the execution."""

from collections.abc import Mapping
from typing import Any, ClassVar

from ..models.base import ModelReply, ModelRequest
from ..programs.base import Ask, AskFailed
from .client import RequestClient
from .speaker import speaker
from .team_texts import TeamTexts


class AskingClient(RequestClient):
    """Asks the model of one role, and names the texts of the team on which a request rests.

    These are the texts whose words the request holds. If several agents have the same system message, the
    one that is speaking decides.
    """

    defaults: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, ask: Ask, role: str) -> None:
        super().__init__()
        self._ask = ask
        self._role = role
        self.texts: TeamTexts | None = None
        self.failure: AskFailed | None = None
        """The first call that failed. AutoGen passes errors on as text, without their type."""

    async def _reply(self, request: ModelRequest) -> ModelReply:
        try:
            return await self._ask(
                self._role,
                request.messages,
                text=self._texts_of(request),
                max_tokens=request.max_tokens if "max_tokens" in request.model_fields_set else None,
                temperature=request.temperature,
                stop=request.stop,
                json_schema=request.json_schema,
                tools=request.tools,
                seed=request.seed,
            )
        except AskFailed as error:
            self.failure = self.failure or error
            raise

    def _texts_of(self, request: ModelRequest) -> tuple[str, ...] | None:
        if self.texts is None:
            return None
        system = {turn.text for turn in request.messages if turn.role == "system"}
        words = " ".join(" ".join(turn.text for turn in request.messages).split())
        names = self.texts.names_in(system, words)
        if speaker() in names:
            names = (speaker(),)
        return tuple(name for name in names if name in self.texts.optimised) if names else None
