"""The page docs/jobs.md: the configurations in examples/jobs, each with the first rows of its data."""

import re
from pathlib import Path

from blocks import ROOT

JOBS = ROOT / "examples" / "jobs"
_HEAD = """# Ordinary jobs, and their configurations

Each of these is a file in `examples/jobs`, with a little data of its own. Start one with
`tp run examples/jobs/NAME.toml`; `tp tasks TASK --config FILE --request` prints the exact request for a row
before anything is sent. [Add a task](add-a-task.md) explains the keys, [metrics](add-a-metric.md) lists the
metrics, and [public data](public-data.md) has the mappings of well-known data sets.

Written by `tests/support/generate_docs.py`; `tests/examples` runs every configuration.
"""
_WIDTH = 160


def jobs_page() -> str:
    """Return the page as Markdown."""
    return "\n".join([_HEAD, *(_job(path) for path in sorted(JOBS.glob("*.toml")))])


def _job(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    first, rest = text.split("\n", 1)
    number, title = re.fullmatch(r"0?(\d+b?)_(.+)", path.stem).groups()  # type: ignore[union-attr]
    parts = [
        f"## {number}. {title.replace('_', ' ').capitalize()}",
        first.removeprefix("# "),
        f"```toml\n{_without_models(rest)}```",
    ]
    files = dict.fromkeys(re.findall(r'"(\w+\.(?:csv|jsonl|py))\b', text))
    return "\n\n".join([*parts, *(_shown(JOBS / name) for name in files)]) + "\n"


def _without_models(text: str) -> str:
    """Return the configuration without the tables of its models, which are the same in all jobs."""
    return re.sub(r"\[models\.\w+\]\n(?:\w+ = .*\n)+", "", text)


def _shown(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return (
            f"`{path.name}`:\n\n<!-- not run: tests/examples runs it with its data -->\n```python\n{text}```"
        )
    lines = [line if len(line) <= _WIDTH else f"{line[:_WIDTH]} ..." for line in text.splitlines()[:3]]
    return f"`{path.name}` begins:\n\n```text\n" + "\n".join(lines) + "\n```"
