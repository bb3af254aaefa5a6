"""One run of one arm on the program of two modules, against a new server and in a process of its own."""

import json
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from landscape.two_modules import TwoModules
from landscape.two_modules.world import DESCRIPTION
from landscape.words import DESKS
from peers_run import FOLDER, Run, carry_out, count, read
from server import TWO_MODULES, ServerOptions, running

OURS = "Transfer-Prompting"
ARMS = {
    "initial texts": "program_without_library",
    OURS: "program_with_transfer_prompting",
    "GEPA": "program_with_gepa",
    "GEPA, merging": "program_with_gepa",
    "GEPA (DSPy)": "program_with_dspy",
    "MIPROv2": "program_with_dspy",
    "MIPROv2, instructions only": "program_with_dspy",
}
"""Program in arms/ that has each arm."""
OWN = ("initial texts", OURS)
"""Arms that need only this project."""


def run_arm(arm: str, seed: int, tokens: int, python: str, timeout: float) -> Run:
    """Let `arm` search with the interpreter `python`. A failure is reported in the run's `error`.

    The `prompt` of the run holds the texts as JSON.
    """
    options = ServerOptions(landscape=TWO_MODULES, seed=seed)
    world = options.make_two_modules()
    run = Run(
        landscape=TWO_MODULES,
        seed=seed,
        arm=arm,
        initial=world.true_accuracy(world.texts),
        attainable=world.attainable(),
        budget=tokens,
    )
    with running(options) as url, TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(FOLDER / "desk_program.py", folder)
        (folder / "notices.json").write_text(json.dumps(dict(world.notices)), encoding="utf-8")
        order = _order(arm, world, options, url, tokens)
        report = carry_out(FOLDER / f"{ARMS[arm]}.py", order, folder, python, timeout, run)
        count(run, read(url, "stats"), options.slots)
    if report:
        run.prompt, run.claimed, run.seconds = (
            json.dumps(report["prompt"]),
            report["score"],
            report["seconds"],
        )
        run.versions = report["versions"] | ({"commit": _commit()} if arm == OURS else {})
        run.true = world.true_accuracy(report["prompt"])
        run.promoted = report["prompt"] != dict(world.texts)
    return run


def _commit() -> str:
    """Return the commit of this project, shortened; "unknown" outside a repository."""
    command = ["git", "-C", str(FOLDER), "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _order(arm: str, world: TwoModules, options: ServerOptions, url: str, tokens: int) -> dict[str, Any]:
    def rows(split: str) -> list[dict[str, str]]:
        return [{key: row[key] for key in ("message", "envelope", "answer")} for row in world.rows[split]]

    return {
        "arm": arm,
        "url": url,
        "seed": options.seed,
        "tokens": tokens,
        "slots": options.slots,
        "description": DESCRIPTION,
        "labels": list(DESKS),
        "texts": dict(world.texts),
        "train": rows("train"),
        "dev": rows("dev"),
    }
