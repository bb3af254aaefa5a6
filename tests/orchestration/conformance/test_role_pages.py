"""Every code block on the pages on roles, AutoGen and Python runs, the critic's as for a newcomer."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import killed_runs
import pytest
from killed_runs import Server, serving
from role_making import EXAMPLES, critical_reply

from transfer_prompting.storage.sqlite.reader import LogReader

DOCS = EXAMPLES.parent / "docs"
URL = "http://127.0.0.1:8000/v1"
LINES_BEYOND_THE_PROMPT = 10


def blocks(page: str, language: str) -> list[str]:
    """Return the fenced blocks of a page."""
    return re.findall(
        rf"^```{language}(?: title=\"[^\"]*\")?\n(.*?)^```",
        (DOCS / page).read_text(),
        re.MULTILINE | re.DOTALL,
    )


@pytest.fixture(autouse=True)
def _critical(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server also answer as the critic's model."""
    monkeypatch.setattr(killed_runs, "reply_by_hash", critical_reply)


def _newcomer(folder: Path, url: str) -> dict[str, str]:
    """Fill an empty folder from the page and install its package; return the environment."""
    code = blocks("roles.md", "python")[0]
    run, project = blocks("roles.md", "toml")
    package, site, place = folder / "package", folder / "site", folder / "empty"
    for made in (package, place):
        made.mkdir()
    (package / "critic.py").write_text(code)
    (package / "pyproject.toml").write_text(project)
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *offline, "--target", str(site), str(package)], check=True
    )
    (place / "run.toml").write_text(run.replace(URL, url).replace('use = "critic.py:Critic"\n', ""))
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])}


async def _tp(folder: Path, env: dict[str, str], *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from transfer_prompting.orchestration.cli import main; main()",
        *arguments,
        cwd=folder,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def _killed(folder: Path, env: dict[str, str], server: Server) -> None:
    """Start the run and kill it halfway."""
    server.mark = server.asked.total() + 25
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from transfer_prompting.orchestration.cli import main; main()",
        *("run", "run.toml", "--display", "none"),
        cwd=folder,
        env=env,
    )
    reached, ended = (asyncio.ensure_future(w) for w in (server.reached.wait(), process.wait()))
    await asyncio.wait({reached, ended}, return_when=asyncio.FIRST_COMPLETED)
    assert not ended.done(), "the run ended before it was killed"
    reached.cancel()
    process.send_signal(signal.SIGKILL)
    await ended


async def test_the_critic_as_a_newcomer_writes_it(tmp_path: Path) -> None:
    """Written from the page and installed, the critic runs, is shown, survives a kill and is replayed."""
    async with serving() as server:
        env = _newcomer(tmp_path, server.url)
        place = tmp_path / "empty"
        await _killed(place, env, server)
        status, shown = await _tp(place, env, "resume", "last", "--display", "plain")
    assert status == 0, shown
    assert "curator -> critic" in shown
    assert "critic -> curator" in shown
    assert "vetoed: it names an answer." in shown
    status, verified = await _tp(place, env, "verify", "--replay")
    assert status == 0, verified
    with LogReader(place / "transfer-prompting.db") as reader:
        kinds = [event.kind for event in reader.read(reader.resolve("last"))]
    assert "run.resumed" in kinds
    assert {"review.requested", "review.given"} <= set(kinds)


def test_the_critic_is_short() -> None:
    """Apart from its prompt the critic has ten lines, the same on the page and in examples/."""
    code = re.sub(r'prompt = """.*?"""', "", blocks("roles.md", "python")[0], flags=re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) <= LINES_BEYOND_THE_PROMPT
    shown, kept = (
        "".join(re.sub(r'"""\nYou.*?"""', "", text, flags=re.DOTALL).split())
        for text in (blocks("roles.md", "python")[0], (EXAMPLES / "critic" / "critic.py").read_text())
    )
    assert shown == kept


def test_what_the_dry_run_prints(tmp_path: Path) -> None:
    """The console block of the page is the program's output, and the other blocks are valid."""
    from transfer_prompting import check_role

    critic, chronicler, call = blocks("roles.md", "python")
    (tmp_path / "critic.py").write_text(critic)
    found = check_role(f"{tmp_path / 'critic.py'}:Critic")
    [shown] = blocks("roles.md", "console")
    assert shown == "$ tp check-role critic.py\n" + "".join(f"ok      {rule}\n" for rule in found.passed)
    (tmp_path / "chronicler.py").write_text(chronicler)
    assert check_role(f"{tmp_path / 'chronicler.py'}:Chronicler").faults == []
    assert "check_role(" in call


@pytest.mark.parametrize("page", ["autogen.md", "python.md"])
async def test_every_block_runs(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The blocks of a page run in order against a local server."""
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"ticket number {i} of a customer,{('sales', 'repairs')[i % 2]}\n" for i in range(40))
    (tmp_path / "tickets.csv").write_text("text,team\n" + rows)
    namespace: dict[str, object] = {}
    async with serving() as server:
        for block in blocks(page, "python"):
            code = compile(block.replace(URL, server.url), page, "exec")
            await asyncio.to_thread(exec, code, namespace)
    assert "held-out examples" in capsys.readouterr().out
