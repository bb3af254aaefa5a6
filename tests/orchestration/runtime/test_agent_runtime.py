"""The agent host satisfies AutoGen's `AgentRuntime` protocol."""

import pytest
from autogen_core import AgentId, AgentRuntime, MessageContext, RoutedAgent, TopicId, message_handler
from autogen_core.exceptions import UndeliverableException

from transfer_prompting.agents.messages import ProposalsMade, RunStarted
from transfer_prompting.agents.roles.curator import Curator
from transfer_prompting.agents.search.settings import SearchSettings
from transfer_prompting.orchestration.runtime.agent_runtime import AgentHost
from transfer_prompting.orchestration.runtime.assembly import host_for


class Listener(RoutedAgent):
    """An agent of AutoGen that was not made for this project."""

    def __init__(self) -> None:
        super().__init__("listens")

    @message_handler
    async def hear(self, message: ProposalsMade, ctx: MessageContext) -> None:
        """Handle proposals."""


def test_it_satisfies_the_protocol() -> None:
    """AutoGen accepts the host as an AgentRuntime."""
    assert isinstance(AgentHost(), AgentRuntime)


async def test_agents_register_themselves() -> None:
    """`RoutedAgent.register` works as with AutoGen's own runtimes."""
    host = AgentHost()
    await Listener.register(host, "listener", Listener)
    agent = await host.try_get_underlying_agent_instance(AgentId("listener", "main"), Listener)
    assert agent.id == AgentId("listener", "main")
    assert (await host.agent_metadata(agent.id))["description"] == "listens"
    assert host.recipients(TopicId("listener:", "main")) == ("listener/main",)


async def test_roles_hear_the_kinds_they_handle() -> None:
    """The recipients of a message follow from the handlers, in the order of registration."""
    host = await host_for(SearchSettings())
    assert host.recipients_of("run.started") == ("curator/main", "reference/main", "scorer/main")
    assert host.recipients_of("task.loaded") == ("curator/main", "reference/main", "scorer/main")
    assert host.recipients_of("scoring.requested") == ("scorer/main",)
    assert host.recipients_of("race.finished") == ("reference/main",)
    assert host.recipients_of("stage.finished") == ()


async def test_mistakes_are_refused() -> None:
    """A duplicate type, an unknown agent and a message outside a handler raise immediately."""
    host = await host_for(SearchSettings())
    with pytest.raises(ValueError, match="registered already"):
        await host.register_factory("curator", lambda: Curator(SearchSettings()))
    with pytest.raises(LookupError, match="no agent of type 'nobody'"):
        await host.get(AgentId("nobody", "main"), lazy=False)
    with pytest.raises(TypeError, match="is a Curator"):
        await host.try_get_underlying_agent_instance(AgentId("curator", "main"), Listener)
    with pytest.raises(UndeliverableException, match="within a handler"):
        await host.publish_message(RunStarted.model_construct(), TopicId("run.started", "main"))
    with pytest.raises(UndeliverableException, match="by publishing"):
        await host.send_message("hello", AgentId("curator", "main"))
    with pytest.raises(LookupError):
        await host.remove_subscription("unknown")
