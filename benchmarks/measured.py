"""Say on the pages of figures when each table was measured, and whether its code has changed since.

    python benchmarks/measured.py mark
    python benchmarks/measured.py record KEY --command COMMAND [--at COMMIT] [--sources PATH ...]

A page has a line `<!-- measured: KEY -->` above each table or group of tables. `record` notes the date, the
commit and a digest of the sources that a new measurement rests on in docs/measured.json; with `--at` those of
an earlier commit. `mark` writes the line below each of these comments. It changes no figures, so that
a page with outdated ones says so. A test checks that the lines are as `mark` writes them.
"""

import argparse
import ast
import json
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RECORDS = ROOT / "docs/measured.json"
PAGES = tuple(ROOT / "docs" / f"{name}.md" for name in ("benchmarks", "results", "performance"))
SEARCH = (
    "agents/experience",
    "agents/messages",
    "agents/operators",
    "agents/roles",
    "agents/scoring",
    "agents/search",
    "prompts",
)
"""Folders that decide what a search finds."""
_MARKER = re.compile(r"<!-- measured: (.+?) -->\n(?:\*.+\*\n)?")

_NO_SOURCES = (".pyc", ".xz")
"""Endings of files that are made from others."""


@dataclass(frozen=True, slots=True)
class Record:
    """One measurement: its command, day and commit, and the sources that it rests on."""

    command: str
    """"" if it was not kept."""
    date: str
    commit: str
    sources: tuple[str, ...]
    digest: str
    """Digest of the sources as they were; "" if several versions were measured."""

    def line(self) -> str:
        """Return the line for the page, in italics."""
        by = f" by `{self.command}`" if self.command else ""
        said = f"easured on {self.date} at commit {self.commit}{by}"
        if self.digest == digest(self.sources):
            return f"*M{said}.*"
        return f"*Of an earlier version: m{said}. The code that it measures has changed since.*"


def digest(sources: Iterable[str], at: str | None = None) -> str:
    """Return a digest of these files and folders, now or `at` a commit.

    Comments, docstrings and the layout of Python code do not count.
    """
    found = _files_now(sources) if at is None else _files_at(sources, at)
    total = sha256()
    for name, content in sorted(found.items()):
        total.update(f"{name}\0{sha256(_meaning(name, content)).hexdigest()}\n".encode())
    return total.hexdigest()[:16]


def head() -> str:
    """Return the current commit, shortened."""
    return _git("rev-parse", "--short=8", "HEAD").decode().strip()


def read_records() -> dict[str, Record]:
    """Return what is known of all measurements, by key."""
    found = json.loads(RECORDS.read_text(encoding="utf-8")) if RECORDS.exists() else {}
    return {key: Record(**{**one, "sources": tuple(one["sources"])}) for key, one in found.items()}


def record(key: str, measured: Record) -> None:
    """Keep a measurement."""
    records = {**read_records(), key: measured}
    text = json.dumps({name: asdict(records[name]) for name in sorted(records)}, indent=1)
    RECORDS.write_text(f"{text}\n", encoding="utf-8")


def marked(page: str, records: Mapping[str, Record]) -> str:
    """Return a page with the line of its measurement below each marker."""
    return _MARKER.sub(lambda found: f"{marker(found[1])}\n{records[found[1]].line()}\n", page)


def marker(key: str) -> str:
    """Return the comment below which a page says when `key` was measured."""
    return f"<!-- measured: {key} -->"


def keys(page: str) -> list[str]:
    """Return the keys of the markers of a page."""
    return [found[1] for found in _MARKER.finditer(page)]


def mark() -> None:
    """Write the lines of all pages."""
    records = read_records()
    for path in PAGES:
        path.write_text(marked(path.read_text(encoding="utf-8"), records), encoding="utf-8")


def _files_now(sources: Iterable[str]) -> dict[str, bytes]:
    paths = [path for source in sources for path in ((ROOT / source), *(ROOT / source).rglob("*"))]
    wanted = [path for path in paths if path.is_file() and path.suffix not in _NO_SOURCES]
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in wanted}


def _files_at(sources: Iterable[str], commit: str) -> dict[str, bytes]:
    names = _git("ls-tree", "-r", "--name-only", commit, "--", *sources).decode().splitlines()
    wanted = [name for name in names if Path(name).suffix not in _NO_SOURCES]
    return {name: _git("show", f"{commit}:{name}") for name in wanted}


def _meaning(name: str, content: bytes) -> bytes:
    """Return what of a file can change figures: for Python its syntax tree without docstrings."""
    if not name.endswith(".py"):
        return content
    tree = ast.parse(content)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [one for one in body if not _is_text(one)]  # type: ignore[attr-defined]
    return ast.dump(tree).encode()


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout


def main() -> None:
    """Mark the pages, or record a measurement and mark them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    does = parser.add_subparsers(dest="does", required=True)
    does.add_parser("mark", help="write the lines of all pages")
    records = does.add_parser("record", help="note a measurement of the code as it is, or as it was")
    records.add_argument("key")
    records.add_argument("--command", required=True)
    records.add_argument(
        "--sources", nargs="+", help="files and folders it rests on, by default those of the record before"
    )
    records.add_argument("--at", help="commit that was measured, if not the current one")
    records.add_argument("--date", default=str(date.today()))
    wanted = parser.parse_args()
    if wanted.does == "record":
        commit, before = wanted.at or head(), read_records().get(wanted.key)
        sources = tuple(wanted.sources or (before.sources if before else SEARCH))
        found = digest(sources, wanted.at)
        record(wanted.key, Record(wanted.command, wanted.date, commit, sources, found))
    mark()


if __name__ == "__main__":
    main()
