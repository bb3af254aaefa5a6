"""`tp replay --to` replays a run up to a moment in it."""

from pathlib import Path

from program_calls import Tp
from tiny_runs import RUN, begin, ignore, scripted, tiny_config

from transfer_prompting.orchestration.runtime import lifecycle


async def test_up_to_a_seq(tmp_path: Path) -> None:
    """Only the events up to that seq are applied and shown."""
    await begin(tiny_config(tmp_path), tmp_path, scripted())
    seen: list[int] = []
    log = tmp_path / "log.db"
    assert await lifecycle.reenact(log, RUN, lambda event: seen.append(event.seq), to=7) == 7
    assert seen == [1, 2, 3, 4, 5, 6, 7]
    assert await lifecycle.reenact(log, RUN, ignore, to=1_000_000) > 7


async def _written(folder: Path) -> Path:
    await begin(tiny_config(folder), folder, scripted())
    return folder / "log.db"


def test_on_the_command_line(tmp_path: Path, tp: Tp) -> None:
    """The program shows the run up to the seq and says so; a seq before the run is refused."""
    import asyncio

    log = asyncio.run(_written(tmp_path))
    ended = tp("replay", "--log", log, "--to", 7, "--display", "plain")
    assert ended.status == 0
    assert "Replayed 7 events, up to seq 7" in ended.err
    assert "stage on first" in ended.out
    assert "improvement found" not in ended.out
    refused = tp("replay", "--log", log, "--to", 0)
    assert refused.status == 2
    assert "has no event up to seq 0" in refused.err
