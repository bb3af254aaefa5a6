"""AgentChat agents as roles: their model and tool calls are journalled, and a replay needs neither."""

import json
from pathlib import Path
from typing import Any

import pytest
from role_making import EXAMPLES, role_file, with_roles
from tiny_runs import begin, copy_prefix, finished_keys, read, reenact, reply_by_hash, resume, said

from transfer_prompting import check_role
from transfer_prompting.agents.agentchat.tools import ToolModel, as_tools
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.models.base import Model, ModelReply, ModelRequest, ToolCall
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.errors import RunStopped
from transfer_prompting.orchestration.runtime.assembly import host_for, opening
from transfer_prompting.orchestration.runtime.engine import RunEngine
from transfer_prompting.orchestration.runtime.live_run import LiveRun
from transfer_prompting.orchestration.runtime.role_loader import load_roles
from transfer_prompting.orchestration.trust.consent import Consent
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.log import EventLog

ADVISER = {"adviser": {"use": f"{EXAMPLES / 'adviser' / 'adviser.py'}:Adviser"}}
RUN = "tiny-0001"


def advise(request: ModelRequest) -> ModelReply | str:
    """Call the tool, then answer by its result; answer all other roles as in the tiny run."""
    first = request.messages[0]
    if first.role != "system":
        return reply_by_hash(request)
    last = request.messages[-1]
    if last.role == "user":
        text = last.text.partition("\n")[2]
        call = ToolCall(id="call_1", name="count_words", arguments=json.dumps({"text": text}))
        return ModelReply(
            text="", finish="tool_calls", prompt_tokens=9, completion_tokens=3, tool_calls=(call,)
        )
    return f"VETO: {last.text} words" if int(last.text) > 4 else "PASS"


async def run_to_end(config: Config, folder: Path, *, resumed: bool = False) -> list[Event]:
    """Begin or resume a run with the roles' own tools; return its events."""
    model = ScriptedModel(advise)
    models: dict[str, Model] = {"scorer": model, "reference": model}
    for role in load_roles(config.roles):
        models |= {role.name: model, **role.cls.own_models(role.name, role.settings)}
    pool = ModelPool.of(models)
    log = await EventLog.open(folder / "log.db")
    try:
        engine = RunEngine(await host_for(config.search_settings(), config.roles))
        live = LiveRun(log, RUN, engine, pool, lambda _event: None)
        await (live.resume({}) if resumed else live.start(opening(config, folder, pool)))
    finally:
        await log.close()
    return read(folder)


def messages_of(events: list[Event], kind: str) -> list[Any]:
    """Return the messages of one kind."""
    return [decode(event) for event in events if event.kind == kind]


async def test_assistant_with_a_tool_is_a_role(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The assistant's requests, tool results and verdicts are in the log; a replay runs no tool."""
    config = with_roles(tmp_path, ADVISER)
    events = await run_to_end(config, tmp_path)
    requests = messages_of(events, "call.requested")
    assert {r.model for r in requests} == {"scorer", "reference", "adviser", "adviser.tools"}
    tool = next(r for r in requests if r.model == "adviser.tools")
    assert json.loads(tool.request.messages[0].text)["tool"] == "count_words"
    offered = next(r for r in requests if r.model == "adviser").request.tools
    assert [t.name for t in offered] == ["count_words"]
    given = messages_of(events, "review.given")
    assert {word.verdict for word in given} == {"passed", "vetoed"}
    assert all(word.reason.endswith(" words") for word in given if word.verdict == "vetoed")

    async def refuse(*_: object) -> None:
        raise AssertionError("a replay used a tool")

    monkeypatch.setattr(ToolModel, "reply", refuse)
    assert await reenact(tmp_path, Consent(own=config)) == len(events)


async def test_run_resumes_after_a_crash(tmp_path: Path) -> None:
    """A run that was cut off before its tool replied ends like the whole run and repeats no call."""
    whole = await run_to_end(with_roles(tmp_path, ADVISER), tmp_path)
    first = next(i for i, e in enumerate(whole) if e.recipients == ("model/adviser.tools",))
    for cut in (first, first + 1, first + 4):
        folder = tmp_path / str(cut)
        folder.mkdir()
        await copy_prefix(whole[:cut], folder)
        resumed = await run_to_end(with_roles(tmp_path, ADVISER), folder, resumed=True)
        assert sorted(said(resumed)) == sorted(said(whole))
        assert sorted(finished_keys(resumed)) == sorted(finished_keys(whole))


CUSTOM = """
import asyncio
from autogen_agentchat.agents import BaseChatAgent
from autogen_agentchat.base import Response
from autogen_agentchat.messages import TextMessage
from autogen_core.models import UserMessage
from transfer_prompting import AgentChatRole
from transfer_prompting.orchestration.calls.model_pool import ModelPool


class Twice(BaseChatAgent):
    def __init__(self, client):
        super().__init__("twice", "Asks twice at once.")
        self.client = client

    produced_message_types = (TextMessage,)

    async def on_messages(self, messages, cancellation_token):
        await asyncio.sleep(WAIT)
        asked = [
            self.client.create([UserMessage(content=i + messages[-1].content, source="me")]) for i in "ab"
        ]
        one, two = await asyncio.wait_for(asyncio.gather(*asked), timeout=5)
        return Response(chat_message=TextMessage(content=one.content + "|" + two.content, source="twice"))

    async def on_reset(self, cancellation_token):
        pass


class Doubter(AgentChatRole, Reviewer):
    def make_agent(self, client, tools):
        return Twice(client)

    async def review(self, request):
        answer = await self.chat(request.candidate.text)
        return Veto(answer) if "no" in answer else None
"""


async def test_custom_agent_is_a_role(tmp_path: Path) -> None:
    """A custom agent that gathers calls with a time limit takes part in a run and is replayed."""
    use = role_file(tmp_path, CUSTOM.replace("WAIT", "0")) + ":Doubter"
    config = with_roles(tmp_path, {"doubter": {"use": use}})
    events = await begin(config, tmp_path, ScriptedModel(reply_by_hash))
    assert [r.about for r in messages_of(events, "call.requested") if r.model == "doubter"][:2] == [
        "a chat",
        "a chat",
    ]
    assert await reenact(tmp_path) == len(events)
    assert (await resume(config, tmp_path, ScriptedModel(reply_by_hash)))[-1].kind == "run.finished"


async def test_waiting_for_a_clock_is_refused(tmp_path: Path) -> None:
    """An agent that waits for a clock stops the run with advice, instead of blocking it for ever."""
    use = role_file(tmp_path, CUSTOM.replace("WAIT", "60")) + ":Doubter"
    config = with_roles(tmp_path, {"doubter": {"use": use}})
    with pytest.raises(RunStopped, match="neither its model nor one of its tools"):
        await begin(config, tmp_path, ScriptedModel(reply_by_hash))


def test_example_passes_the_conformance_suite() -> None:
    """The adviser of the examples breaks no rule for roles."""
    assert check_role(ADVISER["adviser"]["use"]).faults == []


async def test_error_of_a_tool_is_its_reply() -> None:
    """An exception of a tool becomes its reply, which the agent may read, and does not stop the run."""

    def divide(a: int, b: int) -> float:
        """Return a / b."""
        return a / b

    model = ToolModel("x", as_tools([divide]))
    asked = {"messages": [{"role": "user", "content": '{"tool": "divide", "arguments": {"a": 1, "b": 0}}'}]}
    reply = await model.reply(ModelRequest.model_validate(asked))
    assert reply.text == "Error: ZeroDivisionError: division by zero"
