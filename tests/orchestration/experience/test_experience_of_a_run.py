"""A run that begins with what other runs have taught."""

from pathlib import Path
from typing import Any

import pytest
from fold_runs import reply_by_rule, use_model, write_folder
from tiny_runs import ignore, said

from transfer_prompting.agents.experience.carried import CarriedLesson
from transfer_prompting.agents.experience.lessons import Lesson
from transfer_prompting.agents.messages import ExperienceApplied, ExperienceLoaded, StageStarted
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.agents.roles import curator
from transfer_prompting.agents.search.stage_state import StageState
from transfer_prompting.orchestration.config.settings import Config, read_config
from transfer_prompting.orchestration.errors import ConfigError
from transfer_prompting.orchestration.experience.gathering import of_run
from transfer_prompting.orchestration.experience.pack import Pack, pack_text
from transfer_prompting.orchestration.lineage.fork import fork
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.run_state import RunState
from transfer_prompting.orchestration.runtime.lifecycle import reenact, resume, start
from transfer_prompting.storage.errors import UnknownRun
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.opening import open_reader

RULE = "Follow the rule of the last digit."


def carried(sentence: str = RULE, model: str = "scripted", **further: object) -> CarriedLesson:
    lesson = Lesson(sentence=sentence, mean=0.2, sd=0.05, answers=90, examples=40)
    return CarriedLesson.model_validate({"lesson": lesson, "model": model, "answers": "label", **further})


def configured(folder: Path, *lessons: CarriedLesson) -> Config:
    """Return the configuration of a run with a pack of these lessons."""
    pack = folder / "pack.json"
    pack.write_text(pack_text(Pack(lessons=lessons)))
    return read_config(write_folder(folder)).changed({"experience": (pack,)})


async def run(folder: Path, *lessons: CarriedLesson) -> tuple[str, list[Event]]:
    name, _ = await start(configured(folder, *lessons), folder, folder / "log.db", ignore)
    return name, events_of(folder, name)


def events_of(folder: Path, name: str) -> list[Event]:
    with open_reader(folder / "log.db") as reader:
        return list(reader.read(name))


async def test_is_in_its_own_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replay, a resumption and a fork need no other log: the same messages follow without the pack."""
    use_model(monkeypatch)
    name, events = await run(tmp_path, carried())
    assert [event.kind for event in events[:3]] == ["run.started", "experience.loaded", "task.loaded"]
    assert "pack.json" not in events[0].data.decode()
    (tmp_path / "pack.json").unlink()
    assert await reenact(tmp_path / "log.db", name, ignore) == len(events)
    loaded = next(event.seq for event in events if event.kind == "task.loaded")
    forked = await fork(tmp_path / "log.db", name, loaded, {})
    await resume(tmp_path / "log.db", forked, ignore)
    theirs = [one for one in said(events_of(tmp_path, forked)) if one[0] not in ("run.forked", "fork.made")]
    assert theirs == [one for one in said(events) if one[0] != "fork.made"]


async def test_races_against_the_own_prompt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The target stage begins with the user's first prompt, and with that prompt and the lessons."""
    use_model(monkeypatch)
    _, events = await run(tmp_path, carried(), carried("Odd numbers are even.", answers="number"))
    decoded = [decode(event) for event in events if not event.kind.startswith("call.")]
    [loaded] = [m for m in decoded if isinstance(m, ExperienceLoaded)]
    assert [one.lesson.sentence for one in loaded.lessons] == [RULE]
    assert loaded.left_out == 1
    [applied] = [m for m in decoded if isinstance(m, ExperienceApplied)]
    assert applied.candidate.text == f"Even or odd? {RULE}"
    [stage] = [m for m in decoded if isinstance(m, StageStarted)]
    assert [one.text for one in stage.population] == [applied.candidate.text, "Even or odd?"]


async def test_what_the_gate_withdrew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A prompt that has not passed its gate is on no leaderboard, which ranks as the curator does."""
    use_model(monkeypatch)
    stages: list[StageState] = []

    def remember(*arguments: Any, **options: Any) -> StageState:
        stages.append(StageState(*arguments, **options))
        return stages[-1]

    monkeypatch.setattr(curator, "StageState", remember)
    _, events = await run(tmp_path, carried("Heed the phase of the moon."))
    state, ranked = RunState(), []
    for event in events:
        state.apply(event, message_for(event))
        if event.kind == "race.finished" and state.board:
            ranked.append([row.candidate.operator for row in state.board.ranked()])
    [transfer] = state.transfers.decided
    assert not transfer.passed
    assert ranked[0] == ["initial"]
    board = state.leaderboards["target"]
    assert transfer.candidate in board.rows
    assert [row.candidate.id for row in board.ranked()] == [
        standing.candidate.id for standing in stages[0].standings.ranked()
    ]
    assert len(board.ranked()) > 1


async def test_rules_that_a_model_has_worded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The prompt that races has the wording of the rules, and a replay needs no model for it."""
    wording = "Even or odd? Follow the rule of the last digit, twice."

    def reply(asked: ModelRequest) -> str:
        merging = "Merge them into one" in asked.messages[-1].text
        return f"<instruction>{wording}</instruction>" if merging else reply_by_rule(asked)

    use_model(monkeypatch, reply)
    config = configured(tmp_path, carried(), carried("Follow the rule twice."))
    search = config.search.model_copy(update={"briefing": "full"})
    name, _ = await start(config.changed({"search": search}), tmp_path, tmp_path / "log.db", ignore)
    events = events_of(tmp_path, name)
    decoded = [decode(event) for event in events if not event.kind.startswith("call.")]
    [applied] = [message for message in decoded if isinstance(message, ExperienceApplied)]
    assert applied.candidate.text == wording
    assert len(applied.rules) == 2
    monkeypatch.undo()
    assert await reenact(tmp_path / "log.db", name, ignore) == len(events)


@pytest.mark.parametrize(
    "lesson",
    [
        carried("Answer with the name of the desk.", labels=("desk",)),
        carried("Put {{ the number }} here."),
        carried("Even or odd?"),
        carried().model_copy(update={"lesson": carried().lesson.model_copy(update={"mean": -0.2})}),
        carried().model_copy(update={"lesson": carried().lesson.model_copy(update={"text": "planner"})}),
    ],
    ids=["foreign label", "foreign placeholder", "own prompt", "harm", "foreign text"],
)
async def test_nothing_that_misfits(
    lesson: CarriedLesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lesson that names what the target lacks, that hurt, or that it has already changes nothing."""
    use_model(monkeypatch)
    _, events = await run(tmp_path, lesson)
    assert "experience.applied" not in [event.kind for event in events]


def test_another_model_counts_for_less() -> None:
    """What another model liked is weighed with half of its worth."""
    lesson = carried(model="another")
    assert lesson.for_model("scripted").mean == pytest.approx(lesson.lesson.mean / 2)
    assert lesson.for_model("another") == lesson.lesson


async def test_of_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LOG#RUN brings what that run has taught, the other runs of the log left out; --from RUN names it."""
    use_model(monkeypatch)
    log = tmp_path / "log.db"
    first, _ = await run(tmp_path, carried())
    _, other = await run(tmp_path, carried("Heed the rule of the first digit."))
    assert b"first digit" in other[1].data
    config = read_config(tmp_path / "c.toml").changed({"experience": (of_run(log, first[:-1]),)})
    name, _ = await start(config, tmp_path, log, ignore)
    loaded = decode(events_of(tmp_path, name)[1])
    assert isinstance(loaded, ExperienceLoaded)
    assert loaded.origins == (f"log.db#{first}",)
    sentences = [one.lesson.sentence for one in loaded.lessons]
    assert RULE in sentences
    assert not any("first digit" in one for one in sentences)


@pytest.mark.parametrize(
    ("place", "error"),
    [("log.db#nobody", UnknownRun), ("pack.json#a", ConfigError)],
    ids=["no run", "a pack"],
)
async def test_of_no_run(
    place: str, error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that the log lacks, or one of a pack, is an error before any call."""
    use_model(monkeypatch)
    await run(tmp_path, carried())
    config = read_config(tmp_path / "c.toml").changed({"experience": (tmp_path / place,)})
    with pytest.raises(error, match=r"nobody|is no log"):
        await start(config, tmp_path, tmp_path / "log.db", ignore)
