"""AutoGen's `AgentRuntime` protocol on top of handler steps: registration, subscriptions and publishing.

State lives in the log, so this runtime saves and loads none.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from autogen_core import (
    Agent,
    AgentId,
    AgentInstantiationContext,
    AgentMetadata,
    AgentType,
    CancellationToken,
    MessageContext,
    MessageSerializer,
    Subscription,
    TopicId,
)
from autogen_core.exceptions import CantHandleException, UndeliverableException

from ...agents.messages import Message
from ...agents.messages.codec import is_known
from ...agents.roles.base import Role, UndeclaredMessage
from .handler_step import CURRENT

T = TypeVar("T", bound=Agent)
KEY = "main"
"""The key of every agent: a run has one agent of each type."""


class AgentHost:
    """Holds the agents of one run and routes their messages; satisfies `autogen_core.AgentRuntime`."""

    def __init__(self) -> None:
        self._factories: dict[str, Callable[[], Any]] = {}
        self._agents: dict[AgentId, Agent] = {}
        self._subscriptions: list[Subscription] = []

    async def register_factory(
        self,
        type: str | AgentType,
        agent_factory: Callable[[], T | Awaitable[T]],
        *,
        expected_class: type[T] | None = None,
    ) -> AgentType:
        """Register the factory of agents of `type`, which is called when the agent is first needed."""
        name = type.type if isinstance(type, AgentType) else type
        if name in self._factories:
            raise ValueError(f"An agent of type {name!r} is registered already.")
        self._factories[name] = agent_factory
        return AgentType(name)

    async def register_agent_instance(self, agent_instance: Agent, agent_id: AgentId) -> AgentId:
        """Register an existing agent."""
        if agent_id in self._agents:
            raise ValueError(f"An agent {agent_id} is registered already.")
        await agent_instance.bind_id_and_runtime(id=agent_id, runtime=cast(Any, self))
        self._agents[agent_id] = agent_instance
        return agent_id

    async def add_subscription(self, subscription: Subscription) -> None:
        """Add a subscription. Raise ValueError if it exists already."""
        if any(known == subscription for known in self._subscriptions):
            raise ValueError("This subscription exists already.")
        self._subscriptions.append(subscription)

    async def remove_subscription(self, id: str) -> None:
        """Remove a subscription. Raise LookupError if no subscription has that id."""
        left = [s for s in self._subscriptions if s.id != id]
        if len(left) == len(self._subscriptions):
            raise LookupError(f"There is no subscription {id}.")
        self._subscriptions = left

    def add_message_serializer(
        self, serializer: MessageSerializer[Any] | Sequence[MessageSerializer[Any]]
    ) -> None:
        """Do nothing: messages are pydantic models with a kind, and are stored as such."""

    async def send_message(
        self,
        message: Any,
        recipient: AgentId,
        *,
        sender: AgentId | None = None,
        cancellation_token: CancellationToken | None = None,
        message_id: str | None = None,
    ) -> Any:
        """Raise UndeliverableException: a question and its answer are two messages, both in the log."""
        raise UndeliverableException(
            f"Agents communicate by publishing messages. Publish a {type(message).__name__} that {recipient} "
            "handles, and let it publish its answer."
        )

    async def publish_message(
        self,
        message: Any,
        topic_id: TopicId,
        *,
        sender: AgentId | None = None,
        cancellation_token: CancellationToken | None = None,
        message_id: str | None = None,
    ) -> None:
        """Publish `message` in the current step. Raise CantHandleException if the log cannot hold it."""
        step = CURRENT.get(None)
        if step is None:
            raise UndeliverableException("A message can only be published from within a handler.")
        if not isinstance(message, Message):
            raise CantHandleException(f"{type(message).__name__} is not a Message: the log cannot hold it.")
        self._check_declared(step.agent, message)
        step.publish(message, self.recipients(topic_id))

    def _check_declared(self, agent: str, message: Message) -> None:
        role = self._agents[AgentId.from_str(agent)]
        if isinstance(role, Role) and type(message) not in role.says:
            raise UndeclaredMessage(
                f"{agent} published a {type(message).__name__}, which it does not declare. Add it to `says` "
                f"of {type(role).__name__}."
            )
        if not is_known(message):
            raise CantHandleException(
                f"{type(message).__name__} is not a registered kind of message: add it to `says` of its role."
            )

    def recipients(self, topic: TopicId) -> tuple[str, ...]:
        """Return the ids of the agents that subscribe to `topic`, in the order of subscription."""
        agents = (str(s.map_to_agent(topic)) for s in self._subscriptions if s.is_match(topic))
        return tuple(dict.fromkeys(agents))

    def recipients_of(self, kind: str) -> tuple[str, ...]:
        """Return the ids of the agents that receive messages of `kind`."""
        return self.recipients(TopicId(kind, KEY))

    async def get(
        self, id_or_type: AgentId | AgentType | str, /, key: str = KEY, *, lazy: bool = True
    ) -> AgentId:
        """Return the id of an agent; unless `lazy`, create the agent now."""
        kind = id_or_type.type if isinstance(id_or_type, AgentType) else id_or_type
        agent_id = kind if isinstance(kind, AgentId) else AgentId(kind, key)
        if not lazy:
            await self._instance(agent_id)
        return agent_id

    async def try_get_underlying_agent_instance(self, id: AgentId, type: type[T] = Agent) -> T:  # type: ignore[assignment]
        """Return the agent. Raise LookupError if it is unknown, TypeError if it has another class."""
        agent = await self._instance(id)
        if not isinstance(agent, type):
            raise TypeError(f"{id} is a {agent.__class__.__name__}, not a {type.__name__}.")
        return agent

    async def agent_metadata(self, agent: AgentId) -> AgentMetadata:
        """Return the type, key and description of an agent."""
        return (await self._instance(agent)).metadata

    async def save_state(self) -> Mapping[str, Any]:
        """Return nothing, because the log is the state."""
        return {}

    async def load_state(self, state: Mapping[str, Any]) -> None:
        """Do nothing: agents reach their state by handling the events of the log again."""

    async def agent_save_state(self, agent: AgentId) -> Mapping[str, Any]:
        """Return nothing, because the log is the state."""
        return {}

    async def agent_load_state(self, agent: AgentId, state: Mapping[str, Any]) -> None:
        """Do nothing, as `load_state`."""

    async def listener(self, agent_id: AgentId) -> "Listener":
        """Return the listener of an agent. Raise LookupError if the agent is unknown."""
        return Listener(await self._instance(agent_id))

    async def _instance(self, agent_id: AgentId) -> Agent:
        if agent_id not in self._agents:
            if agent_id.type not in self._factories:
                raise LookupError(f"There is no agent of type {agent_id.type!r} in this run.")
            with AgentInstantiationContext.populate_context((cast(Any, self), agent_id)):
                made = self._factories[agent_id.type]()
                agent = await made if inspect.isawaitable(made) else made
            self._agents[agent_id] = agent
        return self._agents[agent_id]


class Listener:
    """One agent, ready to handle messages."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    async def handle(self, message: Message, event_id: str) -> Any:
        """Run the agent's handler for `message`. The coroutine is stepped by a `HandlerStep`."""
        context = MessageContext(
            sender=None,
            topic_id=TopicId(message.kind, KEY),
            is_rpc=False,
            cancellation_token=CancellationToken(),
            message_id=event_id,
        )
        return await self._agent.on_message(message, context)
