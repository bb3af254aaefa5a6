"""The host of agents is an AutoGen runtime in AutoGen's own terms."""

import pytest
from autogen_core import AgentId, AgentRuntime, MessageContext, RoutedAgent, TopicId, message_handler
from autogen_core.exceptions import UndeliverableException

from transfer_prompting.agents.messages import ProposalsMade, RunStarted
from transfer_prompting.agents.roles.curator import Curator
from transfer_prompting.agents.search.settings import SearchSettings
from transfer_prompting.orchestration.runtime.agent_runtime import AgentHost
from transfer_prompting.orchestration.runtime.assembly import host_for


class Listener(RoutedAgent):
    """Any agent of AutoGen's, not made for this project."""

    def __init__(self) -> None:
        super().__init__("listens")

    @message_handler
    async def hear(self, message: ProposalsMade, ctx: MessageContext) -> None:
        """Hear proposals."""


def test_it_satisfies_the_protocol() -> None:
    """AutoGen accepts the host wherever it wants an AgentRuntime."""
    assert isinstance(AgentHost(), AgentRuntime)


async def test_agents_register_themselves() -> None:
    """`RoutedAgent.register` works as with AutoGen's own runtimes."""
    host = AgentHost()
    await Listener.register(host, "listener", Listener)
    agent = await host.try_get_underlying_agent_instance(AgentId("listener", "main"), Listener)
    assert agent.id == AgentId("listener", "main")
    assert (await host.agent_metadata(agent.id))["description"] == "listens"
    assert host.hearers(TopicId("listener:", "main")) == ("listener/main",)


async def test_roles_hear_the_kinds_they_handle() -> None:
    """Who hears a message follows from the handlers, in the order of registration."""
    host = await host_for(SearchSettings())
    assert host.hearers_of("run.started") == ("curator/main", "reference/main", "scorer/main")
    assert host.hearers_of("task.loaded") == ("curator/main", "reference/main", "scorer/main")
    assert host.hearers_of("scoring.requested") == ("scorer/main",)
    assert host.hearers_of("race.finished") == ("reference/main",)
    assert host.hearers_of("stage.finished") == ()


async def test_mistakes_are_refused() -> None:
    """A second agent of one type, an unknown agent, and talk outside of a handler are errors at once."""
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
