"""The roles of examples/ follow the rules and do their work in a run."""

import asyncio
import tomllib
from pathlib import Path
from typing import Any

import pytest
from role_making import EXAMPLES, with_roles
from tiny_runs import RUN, read, reenact, reply_by_hash, said

from transfer_prompting import check_role
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.models.human import ANSWER_BELOW, FileAsker, HumanModel
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.api import Run
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.settings import Config, read_config
from transfer_prompting.orchestration.runtime.assembly import host_for, opening
from transfer_prompting.orchestration.runtime.engine import RunEngine
from transfer_prompting.orchestration.runtime.live_run import LiveRun
from transfer_prompting.orchestration.trust.consent import Consent
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.sqlite.reader import LogReader

HUMAN = {"human_reviewer": {"use": f"{EXAMPLES / 'human_reviewer' / 'human_reviewer.py'}:HumanReviewer"}}
ROLES = ["human_reviewer/human_reviewer.py", "translator/translator.py"]


@pytest.mark.parametrize("role", ROLES)
def test_they_keep_the_rules(role: str) -> None:
    """Each example passes the conformance suite, with replies of every kind."""
    found = check_role(str(EXAMPLES / role))
    assert (found.faults, found.notes) == ([], [])


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/*.toml")), ids=lambda path: path.name)
def test_their_configurations_are_sound(path: Path) -> None:
    """Every configuration in examples/ is valid."""
    if "target" in tomllib.loads(path.read_text()):
        assert isinstance(read_config(path), Config)


async def _carry(folder: Path, *, go_on: bool = False) -> list[Event]:
    config = with_roles(folder, HUMAN)
    model = ScriptedModel(reply_by_hash)
    person = HumanModel(FileAsker(folder / "questions"))
    pool = ModelPool.of({"scorer": model, "reference": model, "human_reviewer": person}, slots=4)
    log = await EventLog.open(folder / "log.db")
    try:
        engine = RunEngine(await host_for(config.search_settings(), config.roles))
        live = LiveRun(log, RUN, engine, pool, lambda _event: None)
        await (live.resume({}) if go_on else live.start(opening(config, folder, pool)))
    finally:
        await log.close()
    return read(folder)


async def _questions(folder: Path, count: int) -> list[Path]:
    """Wait until so many unanswered questions exist."""
    while len(found := _open(folder)) < count:  # noqa: ASYNC110 - a new file sends no signal
        await asyncio.sleep(0.05)
    return found


def _open(folder: Path) -> list[Path]:
    return [p for p in sorted(folder.glob("*.txt")) if p.read_text().rstrip().endswith(ANSWER_BELOW)]


async def _answer(folder: Path, words: list[str]) -> None:
    """Answer one question after the other, as a person would."""
    for word in words:
        [path, *_] = await _questions(folder, 1)
        path.write_text(path.read_text() + word + "\n")


async def test_a_person_decides_what_is_promoted(tmp_path: Path) -> None:
    """The run is killed while a person thinks, resumes with the answers, and replays without a person."""
    work = asyncio.create_task(_carry(tmp_path))
    await _questions(tmp_path / "questions", 1)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    # One prompt is promoted, so a person is asked about another one only after a veto.
    person = asyncio.create_task(_answer(tmp_path / "questions", ["no, too vague", "Say it in one word."]))
    events = await _carry(tmp_path, go_on=True)
    await person
    given = [decode(event) for event in events if event.kind == "review.given"]
    assert sorted(word.model_dump()["verdict"] for word in given) == ["amended", "vetoed"]
    promoted = [
        decode(event).model_dump()["as_candidate"] for event in events if event.kind == "prompt.promoted"
    ]
    assert "Say it in one word." in {candidate["text"] for candidate in promoted}
    for path in (tmp_path / "questions").iterdir():
        path.unlink()
    assert await reenact(tmp_path, Consent(own=with_roles(tmp_path, HUMAN))) == len(events)
    assert list((tmp_path / "questions").iterdir()) == []
    assert said(events)[-1][0] == "run.finished"


async def test_the_translator_at_work(tmp_path: Path) -> None:
    """Prompts learned on an English task begin the search on a German one in German."""
    place = EXAMPLES / "translator"
    written: dict[str, Any] = tomllib.loads((place / "translator.toml").read_text())
    client = {"provider": "autogen", "model": "own_client:make"}
    written["models"] = dict.fromkeys(written["models"], client)
    written["search"]["answer"] = "stated"
    written["roles"]["translator"]["use"] = f"{place / 'translator.py'}:Translator"
    run = Run("bewertungen", scorer=client, folder=place)
    run.config = Config.model_validate({**written, "log": tmp_path / "log.db"})
    result = await run()
    with LogReader(tmp_path / "log.db") as reader:
        promoted = [decode(e).model_dump() for e in reader.read(result.run, kinds=("prompt.promoted",))]
    assert promoted
    assert all(p["as_candidate"]["text"].startswith("Entscheide: ") for p in promoted)
