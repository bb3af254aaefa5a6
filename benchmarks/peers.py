"""Compare prompt optimisers on landscapes whose truth is known.

    python benchmarks/peers.py --python PEERS/bin/python --json docs/benchmarks.json --page docs/benchmarks.md

PEERS is an environment with the extra `bench`. The arms that do not need it run with this interpreter.
Every run is saved in the JSON file as soon as it has ended, and a run that is there is repeated only if it
failed, so a longer comparison continues a shorter one. The page is written from the file.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from graded_page import HEADING as GRADED
from landscape import KINDS
from page_sections import section_of
from peers_page import page
from peers_run import ARMS, OWN, TRANSFER, Run, run_arm
from programs_page import HEADING as PROGRAMS
from server import ServerOptions

TOKENS = {
    "hidden_rules": 400_000,
    "source_target": 400_000,
    "null": 200_000,
    "defective_seed": 200_000,
    "tradeoff": 200_000,
    "noisy_judge": 200_000,
}
"""Budget of a run by landscape, in tokens of the task model."""


def main() -> None:
    """Make the missing runs and write the page."""
    wanted = _arguments()
    runs = [run for run in read_runs(wanted.json) if not run.error and run.arm not in wanted.redo]
    done = {run.key for run in runs}
    for landscape in wanted.landscapes:
        for seed in range(1, wanted.seeds + 1):
            options = ServerOptions(
                landscape=landscape, seed=seed, slots=wanted.slots, seconds_per_request=wanted.latency
            )
            for arm in wanted.arms:
                if (landscape, seed, arm) in done or (arm == TRANSFER and not KINDS[landscape].sources):
                    continue
                python = sys.executable if arm in OWN else wanted.python
                run = run_arm(arm, options, wanted.tokens or TOKENS[landscape], python, wanted.timeout)
                runs.append(run)
                print(_line(run), file=sys.stderr, flush=True)
                write_runs(wanted.json, runs)
    if wanted.page:
        old = wanted.page.read_text(encoding="utf-8") if wanted.page.exists() else ""
        text = page(runs, slots=wanted.slots, latency=wanted.latency)
        kept = (section_of(old, heading) for heading in (GRADED, PROGRAMS))
        wanted.page.write_text("".join([text, *kept]), encoding="utf-8")


def read_runs(path: Path) -> list[Run]:
    """Return the runs of an earlier comparison, or none if there is no file yet."""
    if not path.exists():
        return []
    return [Run(**run) for run in json.loads(path.read_text(encoding="utf-8"))]


def write_runs(path: Path, runs: Sequence[Run]) -> None:
    """Write the runs, one per line."""
    lines = ",\n".join(json.dumps(run.as_json()) for run in runs)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def _line(run: Run) -> str:
    what = f"{run.landscape} {run.seed} {run.arm}"
    if run.error:
        return f"{what}: failed: {run.error.splitlines()[-1]}"
    return f"{what}: true {run.true:.3f}, {run.task_tokens:,} tokens, {run.seconds:.0f} s"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare prompt optimisers where the truth is known.")
    parser.add_argument(
        "--python", default=sys.executable, help="interpreter that has the other optimisers installed"
    )
    parser.add_argument("--json", type=Path, default=Path("docs/benchmarks.json"), help="file of all runs")
    parser.add_argument("--page", type=Path, help="where to write the Markdown page")
    parser.add_argument("--landscapes", nargs="+", default=list(TOKENS)[:4], choices=list(TOKENS))
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=list(ARMS))
    parser.add_argument(
        "--redo", nargs="+", default=[], choices=list(ARMS), help="repeat the runs of these arms"
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--tokens", type=int, help="budget of a run, on every landscape")
    parser.add_argument("--slots", type=int, default=16)
    parser.add_argument("--latency", type=float, default=0.02, help="seconds per request")
    parser.add_argument("--timeout", type=float, default=900, help="seconds a run may take")
    return parser.parse_args()


if __name__ == "__main__":
    main()
