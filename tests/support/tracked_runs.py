"""Runs for the tests of trackers, and what a tracker got of them."""

import struct
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tiny_runs import RUN, begin, copy_prefix, read, scripted, tiny_config

from transfer_prompting.agents.models.price import Price
from transfer_prompting.orchestration.trackers.base import Follower
from transfer_prompting.orchestration.trackers.following import export_run
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader

SECRET = "sk-live-4f9a8b7c6d5e4f3a2b1c"
_BLOCK, _HEADER = 32768, 7
"""Sizes in the file format of W&B, which is that of LevelDB's log, after a header of seven bytes."""


def library(name: str) -> ModuleType:
    """Import an optional package without its warnings; skip the test if it is missing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return import_module(name)
        except ModuleNotFoundError as error:
            pytest.skip(f"{name} is not installed: there is no module {error.name}")


async def tracked_run(folder: Path) -> list[Event]:
    """Make a run with prices and a control in `folder`; return its events."""
    config = tiny_config(folder, examples=12, control=True, price=Price(input=1.0, output=2.0))
    return await begin(config, folder, scripted())


async def extend(folder: Path, events: list[Event]) -> None:
    """Make the log in `folder` hold exactly these events: append those that it lacks."""
    known = len(read(folder)) if (folder / "log.db").exists() else 0
    await copy_prefix(events[known:], folder)


def send(folder: Path, follower: Follower, *, follow: bool = False) -> None:
    """Export the run in `folder`."""
    with LogReader(folder / "log.db") as reader:
        export_run(reader, RUN, follower, follow=follow)


def wandb_records(folder: Path) -> list[Any]:
    """Return the records that W&B has written in offline mode below `folder`, of all its runs."""
    messages = import_module("wandb.proto.wandb_internal_pb2")
    files = sorted(folder.glob("wandb/offline-run-*/*.wandb"))
    return [messages.Record.FromString(data) for file in files for data in _frames(file.read_bytes())]


def _frames(data: bytes) -> Iterator[bytes]:
    at, whole = _HEADER, b""
    while at + _HEADER <= len(data):
        left = _BLOCK - at % _BLOCK
        if left < _HEADER:
            at += left
            continue
        _, size, kind = struct.unpack("<IHB", data[at : at + _HEADER])
        whole += data[at + _HEADER : at + _HEADER + size]
        at += _HEADER + size
        if kind in (1, 4):  # Whole, or the last part.
            yield whole
            whole = b""
