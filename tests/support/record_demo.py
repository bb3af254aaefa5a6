"""Record the run that `tp replay demo` shows: examples/demo.toml, carried out by the embedded model.

    make recording

It takes as long as `make demo`. The recording is part of the package, so it must be made again whenever an
agent would no longer say what it says there.
"""

import asyncio
import lzma
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import transfer_prompting
from transfer_prompting.agents.call_events import CALL_KINDS
from transfer_prompting.orchestration.cli.options import RECORDED
from transfer_prompting.orchestration.config.settings import read_config
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.event import Event

ROOT = Path(transfer_prompting.__file__).parent
CONFIG = ROOT / "examples/demo.toml"
RECORDING = ROOT / "storage/recordings/demo.db.xz"


def main() -> None:
    """Carry out the run in a folder of its own, and replace the recording when it has ended."""
    with TemporaryDirectory() as folder:
        log = Path(folder) / "log.db"
        with patch.object(lifecycle, "new_run_name", return_value=RECORDED):
            started = lifecycle.start(read_config(CONFIG), CONFIG.parent, log, _tell)
            _, verdict = asyncio.run(started)
        content = recording_of(log)
    RECORDING.parent.mkdir(exist_ok=True)
    RECORDING.write_bytes(content)
    print(f"{RECORDING.relative_to(ROOT)}: {len(content):,} bytes")
    print(verdict)


def _tell(event: Event) -> None:
    """Show how far the run is."""
    if event.kind not in CALL_KINDS:
        print(event.seq, event.kind, flush=True)


def recording_of(log: Path) -> bytes:
    """Return a log that nobody is writing as the contents of a recording."""
    with closing(sqlite3.connect(log)) as db, closing(sqlite3.connect(":memory:")) as memory:
        db.backup(memory)
        memory.execute("VACUUM")
        return lzma.compress(memory.serialize(), preset=9 | lzma.PRESET_EXTREME)


if __name__ == "__main__":
    main()
