"""The base of every agent: it hears typed messages, tells others, and asks its model.

A handler must be deterministic: whatever it does follows from the messages and replies it was given, so
that the same log always leads to the same conversation. Everything outside is asked through `ask`.
"""

from collections.abc import Generator, Sequence
from random import Random
from typing import ClassVar

from autogen_core import RoutedAgent, TopicId, TypeSubscription

from .messages import CallFailed, Message
from .models.base import ModelReply, ModelRequest

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


class Role(RoutedAgent):
    """An agent of the conversation. A subclass sets `name` and has `@message_handler` methods."""

    name: ClassVar[str]

    async def tell(self, message: Message) -> None:
        """Say `message` to every role that handles its kind. It is delivered once it is in the log."""
        await self.publish_message(message, TopicId(message.kind, self.id.key))

    async def ask(self, requests: Sequence[tuple[str, ModelRequest]]) -> list[Answer]:
        """Ask this role's model; each request comes with a word on what it is about.

        Returns, in the order of the requests, the reply to each, or the `CallFailed` that stands in its
        place: one that fails ends neither the others nor the run. A failure is no answer and no score.
        Requests run concurrently. Where the model as a whole does not work the run stops instead.
        """
        return await Ask(self.name, requests)

    @staticmethod
    def random(*parts: object) -> Random:
        """Randomness that depends on `parts` (say the run's seed and the step) and nothing else."""
        return Random("/".join(map(str, parts)))

    @classmethod
    def subscriptions(cls) -> list[TypeSubscription]:
        """One subscription for each kind of message that some handler of this class accepts."""
        kinds = sorted(
            {
                message.model_fields["kind"].default
                for handler in cls._discover_handlers()
                for message in handler.target_types
                if issubclass(message, Message)
            }
        )
        return [TypeSubscription(topic_type=kind, agent_type=cls.name) for kind in kinds]
