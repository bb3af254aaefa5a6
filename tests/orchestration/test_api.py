"""The Python API, and a run as a team of AgentChat."""

import asyncio
import inspect
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from async_generators import closable
from autogen_agentchat.base import TaskResult, Team
from autogen_agentchat.messages import TextMessage
from autogen_agentchat.ui import Console
from autogen_core import CancellationToken
from rich.console import Console as Screen

import transfer_prompting as tp
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.errors import ConfigError
from transfer_prompting.prompts.loading.task_settings import TaskSettings
from transfer_prompting.storage.sqlite.reader import LogReader

CLIENT = {"provider": "autogen", "model": "own_client:make"}
SMALL = {"steps": 1, "candidates": 2, "examples": 6}


def make(folder: Path, **options: Any) -> tp.Run:
    """Return a small run on a custom CSV file."""
    rows = "".join(f"number {i},{'no' if i % 2 else 'yes'}\n" for i in range(40))
    (folder / "numbers.csv").write_text("text,even\n" + rows)
    numbers = tp.Task(
        "numbers",
        description="Say whether the number is even.",
        prompts=["Is it even?"],
        data="numbers.csv",
        columns={"question": "text", "answer": "even"},
    )
    settings: dict[str, Any] = {
        "scorer": CLIENT,
        "target_stage": {**SMALL, "test_examples": 6},
        "search": {"operators": ["history"], "seed_prompts": False},
        "log": folder / "log.db",
        "folder": folder,
        **options,
    }
    return tp.Run(numbers, **settings)


async def test_the_main_job(tmp_path: Path) -> None:
    """A task from a CSV file, a model and a run lead to the best prompt and the verdict."""
    result = await make(tmp_path)()
    assert result.best
    assert result.verdict.startswith(("no improvement", "improved", "the best"))
    assert result.comparisons[0].n == 6
    with LogReader(tmp_path / "log.db") as reader:
        assert reader.resolve("last") == result.run


async def test_ready_messages(tmp_path: Path) -> None:
    """A result gives the messages for a new row, with the best prompt and in the words that were measured."""
    result = await make(tmp_path)()
    [message] = result.messages(question=" number 8 {{ x }}\n")
    assert message["role"] == "user"
    assert message["content"].startswith(f"{result.best}\n\nText: number 8 {{{{ x }}}}\nOptions: ")
    with pytest.raises(ConfigError, match="no column 'question'"):
        result.messages(text="number 8")


def test_keys_of_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each field of a task becomes the key of the configuration with its name, and none that is not given."""
    written: list[dict[str, Any]] = []
    monkeypatch.setattr(TaskSettings, "model_validate", written.append)
    fields: dict[str, Any] = {
        "frame": "own",
        "messages": ({"role": "user", "content": "{{ a }} {{ b }}"},),
        "texts": {"a": "x", "b": ["y", "z"]},
        "metric": "token_f1",
        "metrics": ("exact", {"use": "number", "tolerance": 1}),
    }
    answer = {"type": "json", "schema": "s.json"}
    tp.Task("t", "Do it.", (), "x.csv", answer=answer, **fields).settings()
    tp.Task("t", "Do it.", ["Do."], "x.csv", labels=["a", "b"]).settings()
    common = {"description": "Do it.", "data": {"all": "x.csv"}}
    assert written[0] == {**common, "answer": answer, **fields}
    usual = {"type": "label", "labels": ("a", "b")}
    assert written[1] == {**common, "answer": usual, "initial_prompts": ("Do.",)}


def test_without_asyncio(tmp_path: Path) -> None:
    """A synchronous script calls `sync()`."""
    assert make(tmp_path).sync().best


async def test_in_a_running_loop(tmp_path: Path) -> None:
    """`sync()` also works while an event loop is running, as in a notebook."""
    assert make(tmp_path).sync().best


async def test_the_defaults_are_the_configurations(tmp_path: Path) -> None:
    """Omitted arguments have the defaults of a configuration."""
    given = tp.Run("support_routing", scorer={"provider": "smollm2"}).config
    models = {name: {"provider": "smollm2"} for name in ("scorer", "reference")}
    assert given == Config.model_validate({"target": {"task": "support_routing"}, "models": models})


async def test_events_are_iterated(tmp_path: Path) -> None:
    """Messages come in the order of the log during the run; calls only on request."""
    run = make(tmp_path)
    kinds = [message.kind async for _, message in run.events()]
    assert (kinds[0], kinds[-1]) == ("run.started", "run.finished")
    assert "call.finished" not in kinds
    assert run.result is not None
    run.forget()
    assert "call.finished" in [message.kind async for _, message in run.events(calls=True)]


async def test_leaving_early_and_going_on(tmp_path: Path) -> None:
    """Leaving the loop stops the run, and the next call continues it without repeating a message."""
    run = make(tmp_path)
    first, stream = [], closable(run.events())
    async for event, _ in stream:
        first.append(event.seq)
        if len(first) == 5:
            break
    await stream.aclose()
    rest = [event.seq async for event, _ in run.events()]
    assert first[-1] < rest[0]
    assert run.result is not None
    with LogReader(tmp_path / "log.db") as reader:
        kinds = [event.kind for event in reader.read(run.name)]
    assert (kinds.count("run.started"), kinds[-1]) == (1, "run.finished")


async def test_a_result_shows_itself(tmp_path: Path) -> None:
    """A result is a table in a notebook and text in a Rich console; prompts are not taken for markup."""
    result = await make(tmp_path)()
    odd = tp.Result(result.run, "<b>[bold]x", result.verdict, False, result.comparisons, result.log)
    assert "<pre>&lt;b&gt;[bold]x</pre>" in odd._repr_html_()
    assert "<td>accuracy</td>" in odd._repr_html_()
    shown = StringIO()
    screen = Screen(file=shown, width=100)
    screen.print(odd)
    assert "<b>[bold]x" in shown.getvalue()


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"search": {"steps": 3}}, "Run: search.steps = 3: there is no such key"),
        ({"scorer": {"provider": "autogen"}}, "needs model"),
        ({"nonsense": 1}, "Run: nonsense = 1: there is no such key"),
    ],
)
def test_wrong_settings(tmp_path: Path, options: dict[str, Any], what: str) -> None:
    """Invalid settings are refused immediately with the message of the configuration."""
    with pytest.raises(ConfigError, match=what):
        make(tmp_path, **options)


def test_a_task_without_prompts() -> None:
    """An invalid task is refused by its name."""
    with pytest.raises(ConfigError, match="Task t: give initial_prompts"):
        tp.Task("t", "d", [], "x.csv").settings()


async def test_a_team_streams_to_the_console(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """AgentChat's Console shows the roles' messages, and the result is that of a team."""
    team = tp.RunTeam(make(tmp_path))
    assert isinstance(team, Team)
    assert not inspect.isabstract(tp.RunTeam)
    result = await Console(team.run_stream(task="Find me a prompt."))
    assert isinstance(result, TaskResult)
    assert isinstance(result.messages[0], TextMessage)
    assert result.messages[0].content == "Find me a prompt."
    sources = [message.source for message in result.messages[1:]]
    assert {"curator", "reference", "scorer", "user"} <= set(sources)
    assert result.messages[-1].to_text()
    assert result.stop_reason
    assert "TextMessage (curator)" in capsys.readouterr().out


async def test_a_cancelled_team_resumes(tmp_path: Path) -> None:
    """The token stops the run immediately; the next stream continues the same run to its verdict."""
    run = make(tmp_path)
    team, token = tp.RunTeam(run), CancellationToken()

    async def cancel_soon() -> None:
        seen = 0
        async for _ in team.run_stream(cancellation_token=token):
            seen += 1
            if seen == 5:
                token.cancel()

    with pytest.raises(asyncio.CancelledError):
        await cancel_soon()
    name = run.name
    result = await team.run()
    assert result.stop_reason
    assert run.name == name
    with LogReader(tmp_path / "log.db") as reader:
        assert [event.kind for event in reader.read(name)].count("run.started") == 1
