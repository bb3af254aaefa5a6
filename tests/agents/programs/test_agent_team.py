"""AgentChat teams as programs, with AutoGen's own teams and agents."""

import asyncio
import json
from typing import Any

import pytest
from autogen_agentchat.agents import AssistantAgent, MessageFilterAgent
from autogen_agentchat.agents._message_filter_agent import MessageFilterConfig
from autogen_agentchat.conditions import MaxMessageTermination, TextMentionTermination
from autogen_agentchat.teams import (
    DiGraphBuilder,
    GraphFlow,
    MagenticOneGroupChat,
    RoundRobinGroupChat,
    SelectorGroupChat,
    Swarm,
)
from autogen_agentchat.tools import AgentTool
from program_asking import Asked, reply

from transfer_prompting import AgentChatProgram
from transfer_prompting.agents.models.base import ModelReply, ModelRequest
from transfer_prompting.agents.programs.base import AskFailed, Program
from transfer_prompting.agents.programs.execution import execute
from transfer_prompting.agents.programs.failure import ProgramFailed
from transfer_prompting.agents.programs.loop import ProgramLoop
from transfer_prompting.agents.programs.request import Execution
from transfer_prompting.storage.errors import TransferPromptingError

ROW = {"question": "What is 3 + 4?"}
OWN = {"solver": "Solve it.", "checker": "Check it."}


def pair(client: Any) -> RoundRobinGroupChat:
    """A solver, and a checker who ends the talk."""
    solver = AssistantAgent("solver", client, system_message="Solve it.")
    checker = AssistantAgent("checker", client, system_message="Check it.")
    end = TextMentionTermination("TERMINATE") | MaxMessageTermination(8)
    return RoundRobinGroupChat([solver, checker], termination_condition=end)


def system_of(request: ModelRequest) -> str:
    return request.messages[0].text


def last_of(request: ModelRequest) -> str:
    return request.messages[-1].text


async def test_the_prompts_of_a_candidate_are_the_system_messages() -> None:
    """Each agent asks with the candidate's text, which its calls name; the team's own are offered."""
    asked = Asked(lambda request: "7" if system_of(request) == "Add." else "Right: 7. TERMINATE")
    program = AgentChatProgram(pair)
    assert isinstance(program, Program)
    assert program.texts == OWN
    assert await program.run(ROW, {"solver": "Add.", "checker": "Verify."}, asked) == "Right: 7."
    assert [system_of(request) for request in asked.requests] == ["Add.", "Verify."]
    assert asked.texts == [("solver",), ("checker",)]
    assert last_of(asked.requests[0]) == ROW["question"]


async def test_a_bare_mark_is_no_output() -> None:
    """If the last message is nothing but the mark of the end, the text before it is the output."""
    asked = Asked(lambda request: "7" if system_of(request) == "Solve it." else "TERMINATE")
    assert await AgentChatProgram(pair).run(ROW, OWN, asked) == "7"


async def test_equal_system_messages_are_told_apart() -> None:
    """Two agents whose system messages are equal are named by who speaks."""
    asked = Asked(lambda request: f"{len(request.messages)} TERMINATE" if len(request.messages) > 2 else "7")
    await AgentChatProgram(pair).run(ROW, {"solver": "Do it.", "checker": "Do it."}, asked)
    assert asked.texts == [("solver",), ("checker",)]


async def test_texts_that_are_not_optimised_stay() -> None:
    """An agent whose text the task does not name keeps its own, and its calls rest on no text."""
    texts = {"solver": "Add."}
    execution = Execution("sums", "1", ROW, texts, 64)
    systems = []

    async def send(role: str, about: str, request: ModelRequest) -> ModelReply:
        systems.append(system_of(request))
        return reply("7 TERMINATE" if system_of(request) == "Check it." else "7")

    loop = ProgramLoop()
    executed = await execute(AgentChatProgram(pair), execution, send, loop, seconds=9)
    await loop.close()
    assert executed.output == "7"
    assert systems == ["Add.", "Check it."]
    assert [step.texts for step in executed.trace] == [("solver",), ()]


async def test_nothing_is_shared_between_rows() -> None:
    """Each row has a team of its own: rows that run at the same time do not see each other."""
    program = AgentChatProgram(pair)

    async def answer(request: ModelRequest) -> str:
        await asyncio.sleep(0)
        return request.messages[1].text + (" TERMINATE" if system_of(request) == "Check it." else "")

    rows = [{"question": f"Question {n}"} for n in range(8)]
    asks = [Asked(answer) for _ in rows]
    outputs = await asyncio.gather(*(program.run(row, {}, a) for row, a in zip(rows, asks, strict=True)))
    assert outputs == [row["question"] for row in rows]
    assert {len(a.requests) for a in asks} == {2}


async def test_descriptions_choose_the_speaker() -> None:
    """In a SelectorGroupChat the descriptions are texts as well, on which the choice of a speaker rests."""

    def team(client: Any) -> SelectorGroupChat:
        names = ("planner", "writer")
        agents = [
            AssistantAgent(name, client, description=f"The {name}.", system_message=f"Be the {name}.")
            for name in names
        ]
        end = TextMentionTermination("TERMINATE")
        return SelectorGroupChat([*agents], client, termination_condition=end, allow_repeated_speaker=True)

    def answer(request: ModelRequest) -> str:
        if request.messages[0].role == "user":
            assert "writer: Writes well, briefly." in last_of(request)
            return "writer" if "planner: plan" in last_of(request) else "planner"
        return "plan" if system_of(request) == "Be the planner." else "text TERMINATE"

    asked = Asked(answer)
    program = AgentChatProgram(team)
    assert program.texts["planner_description"] == "The planner."
    prompts = program.texts | {"writer_description": "Writes well,\n  briefly."}
    assert await program.run(ROW, prompts, asked) == "text"
    both = ("planner_description", "writer_description")
    assert asked.texts == [both, ("planner",), both, ("writer",)]


async def test_a_single_agent_with_a_tool() -> None:
    """What a tool returns is in the trace before the reply that rests on it."""

    def agent(client: Any) -> AssistantAgent:
        async def add(a: int, b: int) -> str:
            """Add."""
            return str(a + b)

        return AssistantAgent(
            "solver", client, tools=[add], reflect_on_tool_use=True, system_message="Solve it."
        )

    def answer(request: ModelRequest) -> Any:
        if request.messages[-1].role == "tool":
            return f"It is {last_of(request)}."
        assert [tool.name for tool in request.tools] == ["add"]
        return reply("", ("add", '{"a": 3, "b": 4}'))

    asked = Asked(answer)
    program = AgentChatProgram(agent, task=lambda row: f"Please: {row['question']}")
    assert await program.run(ROW, {"solver": "Use add."}, asked) == "It is 7."
    assert asked.steps == [("scorer", ""), ("add", '{"a": 3, "b": 4}\n7'), ("scorer", "It is 7.")]
    assert asked.requests[0].messages[1].text == "Please: What is 3 + 4?"
    assert asked.limits == [None, None]


async def test_a_swarm_hands_over() -> None:
    """A Swarm passes the talk on by a tool, which is in the trace, and each agent asks with its own text."""

    def team(client: Any) -> Swarm:
        desk = AssistantAgent("desk", client, handoffs=["clerk"], system_message="Route it.")
        clerk = AssistantAgent("clerk", client, system_message="Answer it.")
        return Swarm([desk, clerk], termination_condition=TextMentionTermination("TERMINATE"))

    def answer(request: ModelRequest) -> Any:
        return reply("", ("transfer_to_clerk", "{}")) if system_of(request) == "Route it." else "7 TERMINATE"

    asked = Asked(answer)
    program = AgentChatProgram(team)
    assert await program.run(ROW, program.texts, asked) == "7"
    assert asked.texts == [("desk",), ("clerk",)]
    assert asked.steps[1][0] == "transfer_to_clerk"


async def test_agents_inside_agents_count() -> None:
    """Agents that are tools, filtered, or in an inner team have texts; a result is noted once."""

    def team(client: Any) -> RoundRobinGroupChat:
        def look(word: str) -> str:
            """Look a word up."""
            return f"{word}: found"

        finder = AssistantAgent("finder", client, tools=[look], system_message="Find.")
        boss = AssistantAgent("boss", client, tools=[AgentTool(finder)], system_message="Lead.")
        hidden = AssistantAgent("hidden", client, system_message="Hide. TERMINATE.")
        inner = RoundRobinGroupChat(
            [MessageFilterAgent("filtered", hidden, MessageFilterConfig(per_source=[]))],
            name="inner",
            max_turns=1,
        )
        return RoundRobinGroupChat([boss, inner], max_turns=2)

    def answer(request: ModelRequest) -> Any:
        match system_of(request):
            case "Lead.":
                return reply("", ("finder", '{"task": "elm"}'))
            case "Search.":
                return reply("", ("look", '{"word": "elm"}'))
        return "end"

    asked = Asked(answer)
    program = AgentChatProgram(team)
    assert set(program.texts) == {"boss", "finder", "hidden"}
    assert await program.run(ROW, program.texts | {"finder": "Search."}, asked) == "end"
    assert asked.texts == [("boss",), ("finder",), ("hidden",)]
    assert [what for what, _ in asked.steps] == ["scorer", "scorer", "look", "finder", "scorer"]


async def test_a_failed_call_keeps_its_cause() -> None:
    """A call that fails inside a team ends the execution with its own error, not AutoGen's."""

    def answer(request: ModelRequest) -> str:
        raise AskFailed("budget", "The budget is used up.")

    with pytest.raises(AskFailed, match="used up") as caught:
        await AgentChatProgram(pair).run(ROW, {}, Asked(answer))
    assert caught.value.cause == "budget"


async def _hang(*arguments: Any) -> str:
    await asyncio.Event().wait()
    return ""


def hanging_tool(client: Any) -> RoundRobinGroupChat:
    """A team whose only agent has a tool that never returns."""

    async def wait() -> str:
        """Wait."""
        return await _hang()

    agent = AssistantAgent("waiter", client, tools=[wait], system_message="Wait.")
    return RoundRobinGroupChat([agent], max_turns=3)


@pytest.mark.parametrize(
    ("team", "answer"), [(pair, _hang), (hanging_tool, lambda request: reply("", ("wait", "{}")))]
)
async def test_a_cancelled_execution_leaves_nothing_behind(team: Any, answer: Any) -> None:
    """Cancelling an execution ends its team within a second, whatever an agent waits for."""
    asked = Asked(answer)
    running = asyncio.ensure_future(AgentChatProgram(team).run(ROW, {}, asked))
    while not asked.requests:  # noqa: ASYNC110 - a busy machine begins late, and nothing tells when
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    running.cancel()
    async with asyncio.timeout(1):
        with pytest.raises(asyncio.CancelledError):
            await running
    await asyncio.sleep(0.05)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert len(asked.requests) == 1


async def test_mistakes_are_named() -> None:
    """A missing column, an unknown text and a silent team are errors that say what is wrong."""
    asked = Asked(lambda request: "TERMINATE")
    with pytest.raises(ProgramFailed, match=r"column 'topic'.*question"):
        await AgentChatProgram(pair, task="topic").run(ROW, {}, asked)
    with pytest.raises(ValueError, match=r"no text 'judge'.*solver, checker"):
        await AgentChatProgram(pair).run(ROW, {"judge": "Judge."}, asked)
    with pytest.raises(ProgramFailed, match="without a text"):
        await AgentChatProgram(pair).run(ROW, {}, asked)


def test_two_texts_of_one_name_are_refused() -> None:
    """Two agents of the same name, in a team and in its inner team, cannot be told apart."""

    def team(client: Any) -> RoundRobinGroupChat:
        inner = RoundRobinGroupChat([AssistantAgent("solver", client)], name="inner")
        return RoundRobinGroupChat([AssistantAgent("solver", client), inner])

    with pytest.raises(ValueError, match="called 'solver'"):
        _ = AgentChatProgram(team).texts


def test_another_autogen_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """If AutoGen keeps its texts elsewhere, the error names the version that is needed."""

    def team(client: Any) -> RoundRobinGroupChat:
        made = pair(client)
        del made._participants
        return made

    with pytest.raises(TransferPromptingError, match=r"autogen-agentchat==0\.7\.5"):
        _ = AgentChatProgram(team).texts


async def test_an_output_of_ones_own() -> None:
    """`output` receives AutoGen's result and returns any JSON value."""
    asked = Asked(lambda request: "7 TERMINATE")
    program = AgentChatProgram(pair, output=lambda result: {"turns": len(result.messages)})
    assert await program.run(ROW, {}, asked) == {"turns": 2}


async def test_a_graph_of_agents() -> None:
    """A GraphFlow runs as a program."""

    def team(client: Any) -> GraphFlow:
        solver = AssistantAgent("solver", client, system_message="Solve it.")
        checker = AssistantAgent("checker", client, system_message="Check it.")
        graph = DiGraphBuilder().add_node(solver).add_node(checker).add_edge(solver, checker)
        return GraphFlow([solver, checker], graph.build())

    asked = Asked(lambda request: system_of(request))
    program = AgentChatProgram(team, output=lambda result: result.messages[2].to_text())
    assert await program.run(ROW, program.texts | {"checker": "Verify."}, asked) == "Verify."
    assert asked.texts == [("solver",), ("checker",)]


async def test_magentic_one() -> None:
    """The descriptions by which MagenticOne plans are texts, and its orchestrator's calls rest on them."""

    def team(client: Any) -> MagenticOneGroupChat:
        solver = AssistantAgent("solver", client, description="Solves.", system_message="Solve it.")
        return MagenticOneGroupChat([solver], client)

    def answer(request: ModelRequest) -> str:
        solved = any("It is 7." in turn.text for turn in request.messages)
        ledger = {
            "is_request_satisfied": solved,
            "is_progress_being_made": True,
            "is_in_loop": False,
            "instruction_or_question": "Solve.",
            "next_speaker": "solver",
        }
        if request.json_schema:
            return json.dumps({key: {"reason": "", "answer": value} for key, value in ledger.items()})
        return "It is 7." if system_of(request) == "Solve it." else "a plan"

    asked = Asked(answer)
    program = AgentChatProgram(team)
    assert program.texts == {"solver": "Solve it.", "solver_description": "Solves."}
    assert await program.run(ROW, program.texts | {"solver_description": "Adds."}, asked)
    assert ("solver_description",) in asked.texts
    assert ("solver",) in asked.texts
