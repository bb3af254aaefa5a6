"""The base of every agent: it hears typed messages, tells others, and asks its model.

A handler must be deterministic: whatever it does follows from the messages and replies it was given, so
that the same log always leads to the same conversation. Everything outside is asked through `ask`.
"""

from collections.abc import Generator, Mapping, Sequence
from inspect import cleandoc
from random import Random
from typing import Any, ClassVar

from autogen_core import RoutedAgent, TopicId, TypeSubscription
from pydantic import BaseModel, ConfigDict

from ...prompts.rendering import render_text
from ...storage.errors import TransferPromptingError
from ..messages import CallFailed, Message
from ..models.base import ChatMessage, Model, ModelReply, ModelRequest
from ..search.seeding import seeded_random

Answer = ModelReply | CallFailed
"""What became of a request: the model's reply, or why there is none."""


class Ask:
    """Requests to a model; awaiting it suspends the handler until the log holds every outcome.

    The runtime, which steps the handlers, receives this object and sends the list of answers back.
    """

    def __init__(self, model: str, requests: Sequence[tuple[str, ModelRequest]]) -> None:
        self.model = model
        self.requests = tuple(requests)

    def __await__(self) -> Generator["Ask", list[Answer], list[Answer]]:
        if not self.requests:
            return []
        return (yield self)


class UndeclaredMessage(TransferPromptingError, TypeError):
    """A role told a message that it does not declare in `says`."""


class NoReply(TransferPromptingError, RuntimeError):
    """The one call that a handler rests on failed for good. Unless the handler minds it, the run stops."""

    def __init__(self, failed: CallFailed) -> None:
        super().__init__(f"{failed.error} ({failed.cause})")
        self.failed = failed


class NoSettings(BaseModel):
    """Of a role that has no settings of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Role(RoutedAgent):
    """An agent of the conversation. A subclass has `@message_handler` methods, and declares the following.

    An instance is made for each run, and hears the run's log from its beginning: whatever it remembers
    must come from there.
    """

    name: str = ""
    """Under which the role takes part; in a configuration, the name of its table."""
    says: ClassVar[tuple[type[Message], ...]] = ()
    """The messages that it may tell. Kinds of its own are made known by being named here."""
    prompt: ClassVar[str] = ""
    """The Jinja template that `complete` fills. A role with a prompt needs a model."""
    max_tokens: ClassVar[int] = 256
    """Of a reply to `complete`."""
    temperature: ClassVar[float] = 0.0
    Settings: ClassVar[type[BaseModel]] = NoSettings
    """What may stand in the role's table of a configuration; the role finds it as `self.settings`."""
    sample_replies: ClassVar[tuple[str, ...]] = ()
    """What its model may say, for the dry run of `tp check-role`."""

    def __init__(self, settings: Any = None, description: str = "") -> None:
        super().__init__(description or cleandoc(self.__doc__ or self.name).partition("\n")[0])
        self.settings = settings

    async def tell(self, message: Message) -> None:
        """Say `message` to every role that handles its kind. It is delivered once it is in the log.

        Raises `UndeclaredMessage` for one that is not among `says`.
        """
        await self.publish_message(message, TopicId(message.kind, self.id.key))

    async def ask(
        self, requests: Sequence[tuple[str, ModelRequest]], *, model: str | None = None
    ) -> list[Answer]:
        """Ask this role's model; each request comes with a word on what it is about.

        Returns, in the order of the requests, the reply to each, or the `CallFailed` that stands in its
        place: one that fails ends neither the others nor the run. A failure is no answer and no score.
        Requests run concurrently. Where the model as a whole does not work the run stops instead.
        `model` names one of `own_models` in its place.
        """
        return await Ask(model or self.name, requests)

    async def complete(self, about: str, **values: object) -> str:
        """Fill `prompt` with `values`, ask the model once, and return its text; `about` is for the log.

        Raises `NoReply` where the call failed for good.
        """
        request = ModelRequest(
            messages=(ChatMessage(role="user", content=render_text(self.prompt, **values)),),
            max_tokens=self.max_tokens,
            temperature=self.temperature,
        )
        [reply] = await self.ask([(about, request)])
        if isinstance(reply, CallFailed):
            raise NoReply(reply)
        return reply.text

    @staticmethod
    def random(*parts: object) -> Random:
        """Randomness that depends on `parts` (say the run's seed and the step) and nothing else."""
        return seeded_random(*parts)

    @classmethod
    def asks_model(cls) -> bool:
        """Whether a configuration must say which model the role has."""
        return bool(cls.prompt)

    @classmethod
    def own_models(cls, name: str, settings: Any) -> Mapping[str, Model]:
        """Further models that the role brings along (its tools, say), called NAME.something."""
        return {}

    @classmethod
    def hears(cls) -> tuple[type[Message], ...]:
        """The messages that some handler of this class accepts, in the order of their kinds."""
        heard = {
            message
            for handler in cls._discover_handlers()
            for message in handler.target_types
            if issubclass(message, Message)
        }
        return tuple(sorted(heard, key=lambda message: str(message.model_fields["kind"].default)))

    @classmethod
    def subscriptions(cls, name: str = "") -> list[TypeSubscription]:
        """One subscription for each kind of message that the role `name` hears."""
        kinds = [message.model_fields["kind"].default for message in cls.hears()]
        return [TypeSubscription(topic_type=kind, agent_type=name or cls.name) for kind in kinds]
