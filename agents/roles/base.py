"""The base of every agent, which handles typed messages, sends others, and asks its model.

A handler must be deterministic: all that it does follows from the messages and replies it was given, so that
the same log always leads to the same conversation. It reaches the outside through `ask` alone.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from inspect import cleandoc
from random import Random
from typing import Any, ClassVar, TypeVar

from autogen_core import RoutedAgent, TopicId, TypeSubscription
from pydantic import BaseModel, ConfigDict

from ...prompts.rendering import render_text
from ...storage.errors import TransferPromptingError
from ..messages import CallFailed, Message
from ..models.base import ChatMessage, Model, ModelReply, ModelRequest
from ..search.seeding import seeded_random

T = TypeVar("T")
Answer = ModelReply | CallFailed
"""The outcome of a request: the model's reply, or the failed call."""


class Ask:
    """Requests to a model. Awaiting them suspends the handler until the log holds every outcome.

    The runtime steps the handlers. It receives this object from a handler and sends back the list of what the
    answers were `taken` for.
    """

    def __init__(
        self,
        model: str,
        requests: Sequence[tuple[str, ModelRequest]],
        read: Callable[[int, ModelReply], Any] | None = None,
    ) -> None:
        self.model = model
        self.requests = tuple(requests)
        self._read = read

    def taken(self, place: int, answer: Answer) -> Any:
        """Return what the handler gets for the answer to the request at `place`, from 0."""
        return answer if self._read is None or isinstance(answer, CallFailed) else self._read(place, answer)

    def __await__(self) -> Generator["Ask", list[Any], list[Any]]:
        if not self.requests:
            return []
        return (yield self)


class UndeclaredMessage(TransferPromptingError, TypeError):
    """A role sent a message that it does not declare in `says`."""


class NoReply(TransferPromptingError, RuntimeError):
    """The only call of a handler failed for good. Uncaught, it stops the run."""

    def __init__(self, failed: CallFailed) -> None:
        super().__init__(f"{failed.error} ({failed.cause})")
        self.failed = failed


class NoSettings(BaseModel):
    """Settings of a role that has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Role(RoutedAgent):
    """An agent of the conversation. A subclass has `@message_handler` methods and the attributes below.

    Each run has its own instance, which handles the messages of the run's log from the beginning. Its memory
    must come from these messages alone.
    """

    name: str = ""
    """Name of the role in the run, and of its table in a configuration."""
    says: ClassVar[tuple[type[Message], ...]] = ()
    """Messages that the role may send. Naming a message kind of its own here registers it."""
    prompt: ClassVar[str] = ""
    """Jinja template that `complete` fills. A role with a prompt needs a model."""
    max_tokens: ClassVar[int] = 256
    """Most tokens in a reply to `complete`."""
    temperature: ClassVar[float] = 0.0
    """Temperature of a request by `complete`."""
    Settings: ClassVar[type[BaseModel]] = NoSettings
    """Model of the role's table in a configuration. The role finds the table as `self.settings`."""
    sample_replies: ClassVar[tuple[str, ...]] = ()
    """Replies that its model may give, for the dry run of `tp check-role`."""

    def __init__(self, settings: Any = None, description: str = "") -> None:
        super().__init__(description or cleandoc(self.__doc__ or self.name).partition("\n")[0])
        self.settings = settings

    async def tell(self, message: Message) -> None:
        """Send `message` to every role that handles its kind. It is delivered once the log holds it.

        Raises `UndeclaredMessage` for a message that is not among `says`.
        """
        await self.publish_message(message, TopicId(message.kind, self.id.key))

    async def ask(
        self, requests: Sequence[tuple[str, ModelRequest]], *, model: str | None = None
    ) -> list[Answer]:
        """Ask this role's model, or `model` among its `own_models`; each request has a short description.

        Requests run concurrently. Returns the reply to each request, in order, or a `CallFailed` in place of
        it. A failed call ends neither the others nor the run, and is no answer and no score. If the model as
        a whole does not work, the run stops instead.
        """
        return await Ask(model or self.name, requests)

    async def ask_each(
        self,
        requests: Sequence[tuple[str, ModelRequest]],
        read: Callable[[int, ModelReply], T],
        *,
        model: str | None = None,
    ) -> list[T | CallFailed]:
        """Ask as `ask` does, and return what `read` makes of each reply.

        `read` gets the number of the request, from 0, and its reply as soon as the log holds it. Nothing
        keeps the reply afterwards, so many long ones need little memory. An error in `read` stops the run.
        """
        return await Ask(model or self.name, requests, read)

    async def complete(self, about: str, **values: object) -> str:
        """Fill `prompt` with `values`, ask the model once, and return its text.

        `about` describes the request in the log. Raises `NoReply` if the call failed for good.
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
        """Return a generator seeded by `parts` alone, such as the run's seed and the step."""
        return seeded_random(*parts)

    @classmethod
    def asks_model(cls) -> bool:
        """Return whether a configuration must name a model for the role."""
        return bool(cls.prompt)

    @classmethod
    def own_models(cls, name: str, settings: Any) -> Mapping[str, Model]:
        """Return the role's further models, such as its tools, named NAME.something."""
        return {}

    @classmethod
    def hears(cls) -> tuple[type[Message], ...]:
        """Return the messages that the handlers of the class accept, in the order of their kinds."""
        messages = {
            message
            for handler in cls._discover_handlers()
            for message in handler.target_types
            if issubclass(message, Message)
        }
        return tuple(sorted(messages, key=lambda message: str(message.model_fields["kind"].default)))

    @classmethod
    def subscriptions(cls, name: str = "") -> list[TypeSubscription]:
        """Return a subscription for each kind of message that the role `name` handles."""
        kinds = [message.model_fields["kind"].default for message in cls.hears()]
        return [TypeSubscription(topic_type=kind, agent_type=name or cls.name) for kind in kinds]
