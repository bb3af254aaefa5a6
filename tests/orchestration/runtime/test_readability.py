"""A run whose answers cannot be read stops early, says why, and goes on with other settings."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_runs import ignore, reply_by_hash, tiny_config

from transfer_prompting.agents.messages import RunFailed, RunFinished
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.models.base import Finish, ModelReply, ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.errors import ConfigError, RunStopped
from transfer_prompting.orchestration.lineage.extend import change_settings
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.orchestration.runtime.readability import quoted
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.opening import open_reader

Answer = Callable[[ModelRequest], ModelReply | str]


def reply(text: str, finish: Finish = "stop") -> ModelReply:
    """Return a reply of ten tokens."""
    return ModelReply(text=text, finish=finish, prompt_tokens=5, completion_tokens=5)


def scorer_says(text: str, finish: Finish = "stop") -> Answer:
    """Return a model that always answers examples in this way, and writes good proposals."""

    def answer(request: ModelRequest) -> ModelReply | str:
        if "<instruction>" in request.messages[-1].text:
            return reply_by_hash(request)
        return reply(text, finish)

    return answer


def thinks_aloud(request: ModelRequest) -> ModelReply | str:
    """Answer like a reasoning model: a small limit cuts the reply off before the answer."""
    if request.max_tokens < 100 and "<instruction>" not in request.messages[-1].text:
        return reply("<think>\nOkay, so the \x1b[31muser wants", "length")
    return reply_by_hash(request)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Return a run with the seed library, as by default."""
    return tiny_config(tmp_path, examples=12, seed_prompts=True)


def answering(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> ScriptedModel:
    """Replace the models of every run by one that answers so, and not faster than a log is written."""
    model = ScriptedModel(answer, delay=lambda _request: 0.01)
    pool = ModelPool.of(dict.fromkeys(("scorer", "reference"), model), slots=4)
    monkeypatch.setattr(lifecycle, "models_for", lambda *_: pool)
    return model


def events_of(log: Path, run: str = "last") -> list[Event]:
    """Return the events of a run."""
    with open_reader(log) as reader:
        return list(reader.read(reader.resolve(run)))


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (scorer_says("I am happy to help you with that!"), "keep to the form of answers"),
        (scorer_says("<think> Let me see.", "length"), "ended at the token limit: raise search.max_tokens"),
        (lambda _request: reply("As an AI, I"), "keep to the form of answers"),
    ],
    ids=["chatty", "cut-off", "chatty-in-both-roles"],
)
async def test_a_run_that_reads_nothing_stops_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: Config, answer: Answer, advice: str
) -> None:
    """After some tens of replies of which none can be read, the run fails with a quotation and a remedy.

    Lost otherwise: hundreds of calls, for a verdict of 0.000 against 0.000.
    """
    model = answering(monkeypatch, answer)
    with pytest.raises(RunStopped, match=advice) as stopped:
        await lifecycle.start(config, tmp_path, tmp_path / "log.db", ignore)
    # A busy machine learns of unreadable replies later, and has sent more calls by then.
    assert 20 <= model.calls <= 100
    failed = decode(events_of(tmp_path / "log.db")[-1])
    assert isinstance(failed, RunFailed)
    assert failed.cause == "unreadable"
    assert "0 could be read" in failed.error
    assert "--set search.max_tokens=512" in str(stopped.value)


@pytest.mark.parametrize("finish", ["stop", "length"])
async def test_proposals_are_waited_for_without_a_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, finish: Finish
) -> None:
    """Without other prompts than the user's, the run stops once no proposal comes, or as most is cut off."""
    answering(monkeypatch, lambda _request: reply("As an AI, I", finish))
    config = tiny_config(tmp_path, examples=30, operators=["history"])
    with pytest.raises(RunStopped, match="0 could be read"):
        await lifecycle.start(config, tmp_path, tmp_path / "log.db", ignore)


@pytest.mark.parametrize("library", [True, False])
async def test_defective_prompts_of_the_user_do_not_stop_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: bool
) -> None:
    """If only the user's own prompts demand a wrong format, the search goes on and finds better ones."""

    def answer(request: ModelRequest) -> ModelReply | str:
        text = request.messages[-1].text
        defective = "Even or odd?" in text or "Say yes or no." in text
        return reply("{}") if defective and "<instruction>" not in text else reply_by_hash(request)

    answering(monkeypatch, answer)
    config = tiny_config(tmp_path, examples=30, seed_prompts=library)
    _, finished = await lifecycle.start(config, tmp_path, tmp_path / "log.db", ignore)
    assert isinstance(finished, RunFinished)
    assert finished.best.operator != "initial"


async def test_a_poor_start_is_no_reason_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: Config
) -> None:
    """A model that keeps to the form in one answer out of five is searched with, even if it never stops."""

    def answer(request: ModelRequest) -> ModelReply | str:
        if hash_of(request) % 5 and "<instruction>" not in request.messages[-1].text:
            return reply("Hm.")
        return reply_by_hash(request)

    answering(monkeypatch, answer)
    _, finished = await lifecycle.start(config, tmp_path, tmp_path / "log.db", ignore)
    assert isinstance(finished, RunFinished)
    assert finished.comparisons


def hash_of(request: ModelRequest) -> int:
    """Return a number that depends on the request alone."""
    return sum(request.messages[-1].text.encode())


async def test_readable_replies_that_are_cut_off_are_no_reason_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: Config
) -> None:
    """Answers that can be read count, even if every reply goes on up to the token limit."""
    answering(monkeypatch, lambda request: reply(reply_by_hash(request), "length"))
    await lifecycle.start(config, tmp_path, tmp_path / "log.db", ignore)


async def test_the_run_goes_on_with_another_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: Config
) -> None:
    """With a higher limit the run starts over, reads its answers, and counts the lost calls as spent."""
    model, log = answering(monkeypatch, thinks_aloud), tmp_path / "log.db"
    with pytest.raises(RunStopped, match=r'A reply: "<think> Okay, so the \[31muser wants"'):
        await lifecycle.start(config, tmp_path, log, ignore)
    lost = model.calls
    name = await change_settings(log, "last", {"search.max_tokens": 512})
    _, finished = await lifecycle.resume(log, name, ignore)
    assert isinstance(finished, RunFinished)
    assert finished.comparisons
    forked = next(decode(e) for e in events_of(log, name) if e.kind == "run.forked").model_dump()
    assert forked["carried"]["calls"] >= lost
    assert await lifecycle.reenact(log, name, ignore) == len(events_of(log, name))
    with pytest.raises(ConfigError, match="has finished"):
        await change_settings(log, name, {"search.max_tokens": 900})


async def test_a_resumed_run_is_judged_by_new_replies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: Config
) -> None:
    """A resumed run stops only after twenty new unreadable replies, and not at all if they are accepted."""
    model, log = answering(monkeypatch, scorer_says("Who knows?")), tmp_path / "log.db"
    with pytest.raises(RunStopped):
        await lifecycle.start(config, tmp_path, log, ignore)
    before = model.calls
    with pytest.raises(RunStopped):
        await lifecycle.resume(log, "last", ignore)
    assert model.calls >= before + 20
    _, finished = await lifecycle.resume(log, "last", ignore, accept_unreadable=True)
    assert "no improvement found" in finished.gist()
    assert await lifecycle.reenact(log, "last", ignore) == len(events_of(log))


def test_a_quoted_reply_is_harmless() -> None:
    """A quoted reply has one line, no control characters and a bounded length."""
    assert quoted("a\x1b]52;c;x\x07\n\tb\u202e") == '"a ]52;c;x b"'
    assert quoted("") == '""'
    assert len(quoted("x" * 10_000)) < 210
