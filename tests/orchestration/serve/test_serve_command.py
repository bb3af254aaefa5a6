"""The command: it says where it serves, ends with Ctrl-C, and names a port that is taken."""

import asyncio
import re
import signal
import socket
import sys
from pathlib import Path

import pytest
from aiohttp import ClientSession
from child_processes import child_environment
from forked_programs import TP
from harbour_run import RUN
from program_calls import Tp


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
async def test_from_start_to_end(two_runs: Path, sign: signal.Signals) -> None:
    """It prints the address, serves it, and ends at once and cleanly although a page is still listening."""
    command = (sys.executable, "-c", TP, "serve", "--log", two_runs, "--port", "0")
    process = await asyncio.create_subprocess_exec(
        *command, stderr=asyncio.subprocess.PIPE, env=child_environment()
    )
    try:
        assert process.stderr is not None
        line = (await asyncio.wait_for(process.stderr.readline(), 60)).decode()
        [address] = re.findall(r"http://127\.0\.0\.1:\d+/", line)
        news = f"{address}runs/{RUN}/events?after=0"
        async with ClientSession() as session, session.get(news) as stream:
            assert (await stream.content.readline()).startswith(b"event: ")
            process.send_signal(sign)
            rest = await asyncio.wait_for(process.stderr.read(), 10)
        assert await process.wait() == 0
        assert rest == b"No longer serving. Runs go on.\n"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def test_a_port_that_is_taken(tp: Tp, two_runs: Path) -> None:
    """The error names the port and the way out, without a traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = tp("serve", "--log", two_runs, "--port", port)
    assert ended.status == 2
    assert f"Port {port} of 127.0.0.1 cannot be used" in ended.err
    assert "--port 0" in ended.err
    assert "Traceback" not in ended.err


def test_a_study_that_cannot_be_read(tp: Tp) -> None:
    """A study that was named and is not there is an error before anything is served."""
    ended = tp("serve", "--study", "nothing.toml")
    assert ended.status == 2
    assert "nothing.toml" in ended.err
