"""Forbidden actions of a handler are detected immediately and reported with the line."""

import datetime
import gc
import os
import random
import socket
import subprocess
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from transfer_prompting.orchestration.conformance.purity import Impure, Purity

IMPURE: dict[str, tuple[Any, str]] = {
    "time": (lambda: time.time(), r"reads the clock \(time\), test_purity\.py:\d+"),
    "monotonic": (lambda: time.monotonic(), "reads the clock"),
    "sleep": (lambda: time.sleep(0), "reads the clock"),
    "now": (lambda: datetime.datetime.now(datetime.UTC), r"reads the clock \(datetime.now\)"),
    "today": (lambda: datetime.date.today(), "reads the clock"),
    "choice": (
        lambda: random.choice([1, 2]),
        r"uses random numbers \(\w+\); self\.random.*test_purity\.py:\d+",
    ),
    "Random": (lambda: random.Random(), "seeds a generator by chance"),
    "urandom": (lambda: os.urandom(2), "uses random numbers"),
    "uuid4": (lambda: uuid.uuid4(), r"uses random numbers \(urandom\).*test_purity\.py:\d+"),
    "open": (lambda: Path("notes.txt").write_text("x"), r"input or output \(open .*test_purity\.py:\d+"),
    "socket": (lambda: socket.socket().connect(("127.0.0.1", 9)), r"input or output \(socket\."),
    "process": (lambda: subprocess.run(["true"], check=False), "input or output"),
    "environment": (lambda: os.environ["HOME"], r"reads the environment, test_purity\.py:\d+"),
    "getenv": (lambda: os.getenv("HOME"), "reads the environment"),
    "input": (input, r"input or output \(builtins\.input"),
}


@pytest.mark.parametrize("name", IMPURE)
def test_what_the_log_could_not_know(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clocks, random numbers, files, sockets, processes, the environment and the keyboard are faults."""
    monkeypatch.chdir(tmp_path)
    call, fault = IMPURE[name]
    purity = Purity(__name__)
    with pytest.raises(Impure, match=fault), purity.watching():
        call()
    assert len(purity.faults) == 1
    assert list(tmp_path.iterdir()) == []


def test_garbage_collection_is_no_fault() -> None:
    """Callbacks of the garbage collector do not count as actions of the handler."""

    def clock(_phase: str, _info: dict[str, int]) -> None:
        time.perf_counter()

    purity = Purity(__name__)
    gc.callbacks.append(clock)
    try:
        with purity.watching():
            for _ in range(20 * gc.get_threshold()[0]):
                cycle: list[Any] = []
                cycle.append(cycle)
    finally:
        gc.callbacks.remove(clock)
    assert purity.faults == []


def test_hidden_errors_are_noted() -> None:
    """A fault is recorded even if the handler catches the error."""
    purity = Purity(__name__)
    with purity.watching(), suppress(Exception):
        time.time()
    assert purity.faults


def test_what_is_allowed() -> None:
    """Seeded random numbers, constant dates, logging and imports are allowed."""
    import logging

    purity = Purity(__name__)
    with purity.watching():
        random.Random("seed").choice([1, 2])
        datetime.date(2024, 1, 1).isoformat()
        logging.getLogger("of a role").warning("said")
        __import__("this_module_is_not_there".replace("this_module_is_not_there", "colorsys"))
        sorted({"b", "a"})
    assert purity.faults == []


def test_nothing_is_watched_afterwards() -> None:
    """Outside a step the clock may be read again."""
    purity = Purity(__name__)
    with purity.watching():
        pass
    assert time.time() > 0
    assert purity.faults == []
