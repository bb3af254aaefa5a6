"""Compare a model of this project on a GPU with plain batches of transformers, scoring and generating.

    python benchmarks/gpu_models.py [--model FOLDER | --random HIDDEN LAYERS] [--requests N] [--rounds N]

The jobs are those of local_models.py, for 512 requests: `score` rates an answer of 40 tokens, `choose` rates
four options of one to three words, and `generate` writes 40 tokens. Both ways get the same tokens and run the
same weights on the same card, in float32 and in bfloat16, in turn; times are medians over the rounds. Plain
batches are tried in several sizes, and the fastest counts. --random makes a model like Llama with random
weights and the embedded model's tokenizer.

The last column says how far the answers are from those of plain batches in float32, and how far plain batches
in the same type are: for likelihoods the largest difference in nats, for texts the number that differ.
"""

import argparse
import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from local_models import Plain, apart, own_answers, plain_answers, requests
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.agents.models.local.engine import Engine
from transfer_prompting.agents.models.local.smollm2 import embedded_gguf, ensure_converted
from transfer_prompting.agents.models.local.sources import source_of

JOBS = {"score": 1, "choose": 4, "generate": 0}
"""Options of a request in each job."""
SIZES = (128, 256, 512)
"""Batch sizes at which plain batches are tried."""
HEADER = (
    "| job | dtype | plain batches, s (size) | ours, s | ratio | differences |\n|---|---|---|---|---|---|"
)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", type=Path, help="folder of a model; by default the embedded one")
    parser.add_argument("--random", type=int, nargs=2, metavar=("HIDDEN", "LAYERS"))
    parser.add_argument("--requests", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--dtypes", nargs="+", default=["float32", "bfloat16"])
    chosen = parser.parse_args()
    with folder_of(chosen.model, chosen.random) as folder:
        print(HEADER, flush=True)
        expected: dict[str, list[Any]] = {}
        for dtype in chosen.dtypes:
            engine = Engine(source_of(str(folder), None), chosen.device, dtype, 1)
            plain = Plain(engine, folder, 1, device=chosen.device, dtype=dtype)
            print(f"{dtype}: {type(engine._forward).__name__}", file=sys.stderr)
            for job, options in JOBS.items():
                batch = requests(chosen.requests, options=options)
                size, theirs = fastest_plain(plain, job, batch, chosen.rounds)
                own_answers(engine, job, batch)
                ours = timed(partial(own_answers, engine, job, batch), chosen.rounds)
                first = expected.setdefault(job, theirs.answers)
                print(
                    f"| {job} | {dtype} | {theirs.seconds:.2f} ({size}) | {ours.seconds:.2f} "
                    f"| {theirs.seconds / ours.seconds:.2f} "
                    f"| {apart(ours.answers, first)}; plain {apart(theirs.answers, first)} |",
                    flush=True,
                )
            engine.close()
            del engine, plain
            gc.collect()


@dataclass(frozen=True)
class Timed:
    """Median seconds of a job, and its answers: texts, or the log-probabilities of options."""

    seconds: float
    answers: list[Any]


def fastest_plain(plain: Plain, job: str, batch: list[ModelRequest], rounds: int) -> tuple[int, Timed]:
    """Return the batch size at which plain batches are fastest, and what they take then."""
    run = partial(plain_answers, plain, job, batch)
    found: dict[int, Timed] = {}
    plain.together = SIZES[0]
    run()
    for size in (one for one in SIZES if one <= max(len(batch), SIZES[0])):
        plain.together = size
        with suppress(torch.cuda.OutOfMemoryError):
            found[size] = timed(run, rounds)
    best = min(found, key=lambda size: found[size].seconds)
    return best, found[best]


def timed(run: Callable[[], list[Any]], rounds: int) -> Timed:
    """Run some rounds and return the median time."""
    seconds = []
    for _ in range(rounds):
        before = time.perf_counter()
        found = run()
        seconds.append(time.perf_counter() - before)
    return Timed(statistics.median(seconds), found)


@contextmanager
def folder_of(model: Path | None, random: list[int] | None) -> Iterator[Path]:
    """Give the folder of a model, which is made for this time if its weights are random."""
    embedded = ensure_converted(embedded_gguf())
    if random is None:
        yield model or embedded
        return
    hidden, layers = random
    with tempfile.TemporaryDirectory() as place:
        config = AutoConfig.from_pretrained(
            embedded,
            hidden_size=hidden,
            intermediate_size=4 * hidden,
            num_hidden_layers=layers,
            num_attention_heads=hidden // 64,
            num_key_value_heads=hidden // 64,
            head_dim=64,
        )
        torch.manual_seed(0)
        with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
            made: Any = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
        print(f"{made.num_parameters() / 1e9:.2f} billion weights", file=sys.stderr)
        made.save_pretrained(place)
        AutoTokenizer.from_pretrained(embedded).save_pretrained(place)
        yield Path(place)


if __name__ == "__main__":
    main()
