"""Measure the time and the memory that loading a task of 100,000 rows takes.

    python benchmarks/loading.py [--rows 100000] [--json]

The rows are made up, and rough as real ones are: texts of very different lengths in several scripts, line
breaks and quotes in cells, copies, nearly equal texts, empty cells and columns that nobody uses. Each file is
loaded in a process of its own, which reports its peak resident memory. The goals are 10 s and 500 MB.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

GOALS = {"seconds": 10.0, "megabytes": 500.0}
_VOCABULARY = (
    "the a of to and parcel came late, again box torn on one side. I called twice, nobody answered! "
    "refund my card was charged two times please help app crashes when I open settings Größe naïve "
    "café straße прошу вернуть деньги 配送 遅い 🙂 order number blue lamp arrived broken thanks for quick "
    "reply great service never again password reset link does not work invoice wrong address changed "
    "delivery Tuesday morning "
)
_WORDS = _VOCABULARY.split()
_LABELS = ("billing", "delivery", "technical", "praise", "other")
_CHILD = """
import json, resource, sys, time
from pathlib import Path
from transfer_prompting.prompts.loading.task_loader import load_with_notes
from transfer_prompting.prompts.loading.task_settings import TaskSettings
settings = TaskSettings.model_validate(json.loads(sys.argv[1]))
limits = dict.fromkeys(("train", "dev", "test"), int(sys.argv[3]))
began, work = time.perf_counter(), time.process_time()
found = load_with_notes("big", settings, Path(sys.argv[2]), limits, 1)
seconds, cpu = time.perf_counter() - began, time.process_time() - work
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sizes = [len(found.task.split(split)) for split in ("train", "dev", "test")]
print(json.dumps({"seconds": seconds, "cpu": cpu, "megabytes": peak / 1024, "sizes": sizes}))
"""


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Yield rows of customers' messages with their teams."""
    random = Random(0)
    earlier: list[str] = []
    rare = ["".join(random.choices("aeionrstlkmp", k=random.randint(4, 12))) for _ in range(30_000)]
    vocabulary = [*_WORDS * 8, *random.choices(rare, k=len(_WORDS))]
    for number in range(count):
        vocabulary[-len(_WORDS) :] = random.choices(rare, k=len(_WORDS))
        text = " ".join(random.choices(vocabulary, k=min(2000, 5 + int(random.expovariate(1 / 40)))))
        if number % 50 == 0 and earlier:
            text = random.choice(earlier) + (" indeed" if number % 100 else "")  # A copy, or nearly one.
        elif number % 7 == 0:
            text = f'{text}\n\n"{random.choice(_WORDS)}", they said; ticket {number}'
        if number % 100 == 1:
            earlier.append(text)
        yield {
            "id": f"row-{number}",
            "text": text,
            "team": random.choice(_LABELS),
            "context": "" if number % 3 else " ".join(random.choices(_WORDS, k=30)),
            "customer": number // 4,
            "unused": random.random(),
        }


def write_files(folder: Path, count: int) -> None:
    """Write all.csv and all.jsonl."""
    with (
        (folder / "all.csv").open("w", encoding="utf-8", newline="") as table,
        (folder / "all.jsonl").open("w", encoding="utf-8") as lines,
    ):
        writer = csv.DictWriter(table, ["id", "text", "team", "context", "customer", "unused"])
        writer.writeheader()
        for row in rows(count):
            writer.writerow(row)
            nested = row | {"meta": {"tags": ["x", None, row["customer"]], "seen": None}}
            lines.write(json.dumps(nested, ensure_ascii=False) + "\n")


def tasks() -> dict[str, dict[str, Any]]:
    """Return settings of tasks by name."""
    columns = {"question": "text", "answer": "team"}
    base = {"description": "Route.", "initial_prompts": ["Which team?"], "answer": {"type": "label"}}
    own = {"messages": [{"role": "user", "content": "{{ instruction }}\n{{ context }}\n{{ text }}"}]}
    return {
        "csv": base | {"data": {"all": "all.csv", "columns": columns}},
        "jsonl": base | {"data": {"all": "all.jsonl", "columns": columns | {"context": "context"}}},
        "jsonl, messages": base | own | {"data": {"all": "all.jsonl", "columns": {"answer": "team"}}},
        "csv, groups": base | {"data": {"all": "all.csv", "columns": columns, "group": "customer"}},
    }


def measured(settings: dict[str, Any], folder: Path, limit: int) -> dict[str, Any]:
    """Load a task in another process and return its time and its peak memory."""
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, json.dumps(settings), str(folder), str(limit)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1]}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    """Print one line for each file, or one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--limit", type=int, default=1_000_000, help="examples kept in each split")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, options.rows)
        found = {task: measured(settings, folder, options.limit) for task, settings in tasks().items()}
    if options.json:
        print(json.dumps({"rows": options.rows, "goals": GOALS, "measured": found}, indent=2))
        return
    for task, one in found.items():
        if "error" in one:
            print(f"{task:18} {one['error']}")
            continue
        used = f"{one['seconds']:6.2f} s  {one['cpu']:6.2f} s CPU  {one['megabytes']:6.0f} MB"
        print(f"{task:18} {used}  {one['sizes']}")


if __name__ == "__main__":
    main()
