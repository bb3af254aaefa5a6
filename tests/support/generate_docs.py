"""Write the generated parts of docs/: commands, messages, Python API, jobs, and the output of console blocks.

    python tests/support/generate_docs.py [PAGE.md ...]

Without a page only the generated pages are written. Output that a page shortens ("...") stays as it is.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from api_page import api_page
from blocks import LEFT_OUT, ROOT, carry_out, commands
from commands_page import commands_page
from jobs_page import jobs_page
from messages_page import messages_page

GENERATED = {
    ROOT / "docs/api.md": api_page,
    ROOT / "docs/commands.md": commands_page,
    ROOT / "docs/jobs.md": jobs_page,
    ROOT / "docs/messages.md": messages_page,
}


def main() -> None:
    """Write the generated pages, then renew the output in the pages named on the command line."""
    for path, page in GENERATED.items():
        path.write_text(page(), encoding="utf-8")
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(_renewed(path.read_text(encoding="utf-8")), encoding="utf-8")


def _renewed(page: str) -> str:
    with TemporaryDirectory() as folder:
        done = list(carry_out(page, Path(folder)))
    for block, real in reversed(done):
        shown = [
            before if f"\n{LEFT_OUT}\n" in f"\n{before.output}" else now
            for before, now in zip(commands(block), real, strict=True)
        ]
        text = "".join(f"$ {command.line}\n{command.output}" for command in shown)
        start, end = block.span
        page = page[:start] + text + page[end:]
    return page


if __name__ == "__main__":
    main()
