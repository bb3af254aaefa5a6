"""Trust is kept outside the log, is bound to its contents, and covers the code that was there."""

import asyncio
import importlib.util
import py_compile
from pathlib import Path
from typing import Any

import pytest
from foreign_logs import MARKER, OWN, ROLE, attacks, listening, with_model, write_foreign_log
from program_calls import Tp
from tiny_runs import RUN, begin, ignore, scripted, tiny_config

from transfer_prompting import Run, RunTeam
from transfer_prompting.agents.messages.codec import encode
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.errors import ConfigError, NotApproved
from transfer_prompting.orchestration.lineage import fork as fork_module
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.orchestration.trust.records import is_approved

FOREIGN = "../foreign/log.db"


def own_run(folder: Path) -> Path:
    """Record and make a run with the role spy.py of the current folder; return its log."""
    folder.mkdir()
    written = tiny_config(folder).model_dump(mode="json", exclude={"log"})
    written["roles"] = {"spy": {"use": "spy.py:Spy"}}
    asyncio.run(begin(Config.model_validate(written), folder, scripted()))
    return folder / "log.db"


def scripted_models(config: Config, *_own: object) -> ModelPool:
    """Return scripted models. Fail if the configuration has others than the embedded one."""
    assert {model.provider for _, model in config.models if model} == {"smollm2"}
    return ModelPool.of(dict.fromkeys(("scorer", "reference"), scripted()), slots=4)


@pytest.mark.usefixtures("state")
def test_a_harmless_run_needs_no_approval(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A foreign run with built-in roles and the embedded model demands nothing, so it is not refused."""
    monkeypatch.setattr(lifecycle, "models_for", scripted_models)
    write_foreign_log(tmp_path / "foreign", {})
    assert tp("verify", RUN, "--replay", "--log", FOREIGN).status == 0
    ended = tp("resume", RUN, "--log", FOREIGN, "--display", "none")
    assert ended.status == 0, ended.err


@pytest.mark.usefixtures("state")
def test_own_models_continue_a_foreign_run(
    tp: Tp, tmp_path: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --config a run goes on with the user's models; else only --trust would be left to its user."""
    monkeypatch.setattr(lifecycle, "models_for", scripted_models)
    monkeypatch.setattr(fork_module, "models_for", scripted_models)
    write_foreign_log(tmp_path / "foreign", attacks("http://127.0.0.1:9/v1")["key"], "scripted")
    (here / "own.toml").write_text(OWN)
    options = ("--log", FOREIGN, "--display", "none")
    assert tp("resume", RUN, *options, "--config", "own.toml").status == 0
    assert tp("fork", RUN, "--at", 4, *options, "--config", "own.toml").status == 0
    fork = tp("replay", "last", *options)  # The fork has the user's models in its own log.
    assert fork.status == 0, fork.err


def test_approved_by_its_author(tp: Tp, tmp_path: Path, here: Path, state: Path) -> None:
    """A run that was started here needs no flag, nor does its fork; elsewhere it must be approved."""
    (here / "spy.py").write_text(ROLE)
    log = own_run(tmp_path / "own")
    record = state / "approved-runs.jsonl"
    assert (record.stat().st_mode & 0o777, state.stat().st_mode & 0o777) == (0o600, 0o700)
    assert tp("replay", RUN, "--log", log, "--display", "none").status == 0
    fork = asyncio.run(fork_module.fork(log, RUN, 30, {}))
    assert tp("verify", fork, "--replay", "--log", log).status == 0
    record.unlink()
    assert tp("verify", fork, "--replay", "--log", log).status == 2
    assert tp("replay", RUN, "--log", log, "--display", "none").status == 2
    assert tp("replay", RUN, "--log", log, "--display", "none", "--trust").status == 0
    assert tp("replay", RUN, "--log", log, "--display", "none").status == 0


@pytest.mark.usefixtures("state")
def test_trust_is_not_in_the_name(tp: Tp, tmp_path: Path, here: Path) -> None:
    """A log with the name of an approved run is another log; else a name would be enough for an attack."""
    (here / "spy.py").write_text(ROLE)
    assert tp("verify", RUN, "--replay", "--log", own_run(tmp_path / "own")).status == 0
    write_foreign_log(tmp_path / "foreign", {"roles": {"spy": {"use": "spy.py:Spy", "limit": 2}}})
    ended = tp("verify", RUN, "--replay", "--log", FOREIGN)
    assert ended.status == 2
    assert "neither started nor approved" in ended.err


@pytest.mark.usefixtures("state")
def test_changed_code_is_asked_for_again(tp: Tp, tmp_path: Path, here: Path) -> None:
    """Code is approved by its contents; else another folder brings other code under the same name."""
    (here / "spy.py").write_text(ROLE.replace(MARKER, "harmless"))
    replay = ("replay", RUN, "--log", own_run(tmp_path / "own"), "--display", "none")
    (here / "spy.py").write_text(ROLE)
    ended = tp(*replay)
    assert ended.status == 2
    assert "the code that it names has changed since" in ended.err
    assert not (here / MARKER).exists()
    assert tp(*replay, "--trust").status == 0
    assert (here / MARKER).exists()


@pytest.mark.usefixtures("state")
def test_compiled_code_is_not_used(tp: Tp, tmp_path: Path, here: Path) -> None:
    """A compiled file that claims to be of the approved role is ignored; else its code would run instead."""
    (here / "spy.py").write_text(ROLE)
    py_compile.compile("spy.py", invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    assert Path(importlib.util.cache_from_source("spy.py")).exists()
    (here / "spy.py").write_text(ROLE.replace(MARKER, "harmless"))
    assert tp("replay", RUN, "--log", own_run(tmp_path / "own"), "--display", "none").status == 0
    assert (here / "harmless").exists()
    assert not (here / MARKER).exists()


def test_a_record_that_others_can_write(tp: Tp, tmp_path: Path, here: Path, state: Path) -> None:
    """A record that other users can write approves nothing; else they could approve for this user."""
    (here / "spy.py").write_text(ROLE)
    verify = ("verify", RUN, "--replay", "--log", own_run(tmp_path / "own"))
    record = state / "approved-runs.jsonl"
    record.chmod(0o666)
    assert tp(*verify).status == 2
    record.chmod(0o600)
    record.write_text('torn {\n[]\n{"opening": 1}\n' + record.read_text() + '{"opening"')
    assert tp(*verify).status == 0


@pytest.mark.usefixtures("state")
def test_the_list_is_text(tp: Tp, tmp_path: Path) -> None:
    """Escapes in a value reach no terminal; else the list of demands could overwrite itself."""
    use = "\x1b[2J\x9b1A\u202espy.py:Spy"
    write_foreign_log(tmp_path / "foreign", {"roles": {"spy": {"use": use}}})
    error = tp("resume", RUN, "--log", FOREIGN).err
    assert "\\u001b[2J\\u009b1A\\u202espy.py:Spy" in error
    assert error.isascii()
    assert "\x1b" not in error


@pytest.mark.usefixtures("state")
def test_a_model_name_that_sleeps_in_the_log(tp: Tp, tmp_path: Path) -> None:
    """A fork that changes the provider alone calls no factory of the log; else a log could wait for it."""
    sleeping = {"provider": "human", "model": "factory:make"}
    write_foreign_log(tmp_path / "foreign", with_model(sleeping))
    change = ("--set", "models.scorer.provider=autogen")
    ended = tp("fork", RUN, "--at", 4, *change, "--log", FOREIGN, "--display", "none")
    assert ended.status == 2
    assert 'models.scorer.model = "factory:make"' in ended.err


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("command", [("resume",), ("fork", "--at", 4), ("replay",), ("verify", "--replay")])
@pytest.mark.parametrize("table", ["wording", "judge"])
def test_a_rubric_in_a_file(tp: Tp, tmp_path: Path, here: Path, table: str, command: tuple[str, ...]) -> None:
    """A file that a log names as rubric is not read; else an error would show a file of this computer."""
    (here / "private.txt").write_text("the private text")
    write_foreign_log(tmp_path / "foreign", {"search": {table: {"rubric": "private.txt"}}})
    ended = tp(command[0], RUN, *command[1:], "--log", FOREIGN)
    assert ended.status == 2
    assert f"search.{table}.rubric" in ended.out + ended.err
    assert "is not TOML" not in ended.out + ended.err


@pytest.mark.usefixtures("state")
async def test_the_python_api(tmp_path: Path, here: Path) -> None:
    """A team that is told to continue a foreign run obeys its own settings; else saved state could attack."""
    with listening() as trap:
        await asyncio.to_thread(write_foreign_log, tmp_path / "foreign", attacks(trap.url)["key"])
        place = tmp_path / "foreign" / "log.db"
        with pytest.raises(NotApproved, match="HOSPITAL"):
            await lifecycle.resume(place, RUN, ignore)
        team = RunTeam(Run("support_routing", scorer={"provider": "human"}, log=place))
        await team.load_state({"run": RUN})
        with pytest.raises(ConfigError, match="does not describe this run"):
            await team.run()
        assert trap.got == []


def test_recorded_before_the_first_event(
    tmp_path: Path, here: Path, monkeypatch: pytest.MonkeyPatch, state: Path
) -> None:
    """A run is recorded before its first event is written; else a run killed there could not be resumed."""
    configuration = tiny_config(tmp_path / "tasks")
    seen: list[bool] = []

    async def killed(config: Config, _log: Path, run: str, *rest: Any) -> None:
        messages = rest[3]
        seen.append(is_approved(run, encode(messages[0]), config))
        raise KeyboardInterrupt

    monkeypatch.setattr(lifecycle, "models_for", scripted_models)
    monkeypatch.setattr(lifecycle, "_drive", killed)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(lifecycle.start(configuration, tmp_path / "tasks", tmp_path / "log.db", ignore))
    assert seen == [True]
    assert (state / "approved-runs.jsonl").exists()
