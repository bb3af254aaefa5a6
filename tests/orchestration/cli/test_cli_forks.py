"""Forks on the command line: moments to choose from, and forks that are refused in time."""

import asyncio
from pathlib import Path

import pytest
from log_making import draft, write
from program_calls import Tp
from tiny_runs import RUN, begin, read, reply_by_hash, scripted, tiny_config

from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.lineage import fork as fork_module
from transfer_prompting.storage.event import Event


@pytest.fixture(params=[False, True])
def likely(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Return whether the models of the fork give the likelihood of options."""
    model = ScriptedModel(reply_by_hash, scores_options=request.param)

    def models_for(_: Config, *_own: object) -> ModelPool:
        roles = ("scorer", "reference")
        return ModelPool.of(dict.fromkeys(roles, model), slots=1)

    monkeypatch.setattr(fork_module, "models_for", models_for)
    return bool(request.param)


def _origin(folder: Path) -> tuple[list[Event], int]:
    """Return a whole run, and the seq before its first stage."""
    events = asyncio.run(begin(tiny_config(folder), folder, scripted()))
    return events, next(event.seq for event in events if event.kind == "stage.started") - 1


def _likelihood(tp: Tp, folder: Path, at: int) -> tuple[int, str]:
    options = ("--set", "search.answer=likelihood", "--display", "none", "--log", folder / "log.db")
    ended = tp("fork", RUN, "--at", at, *options)
    return ended.status, ended.err


def test_a_model_without_likelihoods(tp: Tp, tmp_path: Path, likely: bool) -> None:
    """A fork with `search.answer=likelihood` is made if the model gives likelihoods, and refused if not."""
    events, at = _origin(tmp_path)
    status, error = _likelihood(tp, tmp_path, at)
    refused = 'Set search.answer = "stated"' in error
    assert (refused, read(tmp_path) == events) == (not likely, not likely)
    assert likely or status == 2


@pytest.mark.parametrize("likely", [True], indirect=True)
@pytest.mark.usefixtures("likely")
def test_a_task_without_options(tp: Tp, tmp_path: Path) -> None:
    """A fork with `search.answer=likelihood` is refused if a task has no options. The error names it."""
    tiny_config(tmp_path)
    for name, answer in (
        ("first", '{ type = "text" }'),
        ("second", '{ type = "label", labels = ["yes", "no"] }'),
    ):
        settings = tmp_path / name / "task.toml"
        text = settings.read_text().replace('{ type = "label", labels = ["yes", "no"] }', answer)
        settings.write_text(text)
    events, at = _origin(tmp_path)
    status, error = _likelihood(tp, tmp_path, at)
    assert status == 2
    assert "task first: answers of type 'text' have no options" in error
    assert read(tmp_path) == events


def test_moments(tp: Tp, tmp_path: Path) -> None:
    """Without --at the moments before each decision are listed, and each can be forked."""
    asyncio.run(begin(tiny_config(tmp_path), tmp_path, scripted()))
    log = ("--log", tmp_path / "log.db")
    ended = tp("fork", RUN, *log)
    rows = [line.split(maxsplit=3) for line in ended.out.splitlines()[1:-1]]
    assert ended.status == 0
    assert [row[3].strip() for row in rows] == [
        "the source stage on first",
        "the proposals of step 1 of the source stage",
        "the proposals of step 2 of the source stage",
        "the end of the source stage",
        "the target stage on second",
        "the proposals of step 1 of the target stage",
        "the proposals of step 2 of the target stage",
        "the end of the target stage",
    ]
    assert ended.out.splitlines()[-1].startswith(
        f"Fork one: tp fork {RUN} --at {rows[-1][0]} --set KEY=VALUE"
    )
    for row in rows:
        asyncio.run(fork_module.fork(tmp_path / "log.db", RUN, int(row[0]), {}))
    replies = [sum(event.kind == "call.finished" for event in read(tmp_path)[: int(row[0])]) for row in rows]
    assert [int(row[2]) for row in rows] == replies


def test_a_setting_without_a_moment(tp: Tp, tmp_path: Path) -> None:
    """A fork with a setting but without --at is wrong input; the error says how to choose one."""
    ended = tp("fork", RUN, "--set", "seed=1")
    assert ended.status == 2
    assert f"--at is missing. tp fork {RUN} lists the moments to choose from." in ended.err


def test_no_moment(tp: Tp, tmp_path: Path) -> None:
    """A run that has not begun a stage has no moment, and that is said."""
    write(tmp_path / "transfer-prompting.db", draft(1, "young-1"))
    assert tp("fork", "young").out == "Run young-1 has not begun a stage: there is nothing to fork yet.\n"
