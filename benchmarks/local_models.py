"""Compare the embedded model in this project with plain batches of transformers, scoring and generating.

    python benchmarks/local_models.py [--examples N] [--rounds N] [--threads N] [--only JOB] [--dtype DTYPE]

64 examples of one candidate have an instruction of about 150 tokens and questions of about 40. `score` rates
an answer of 40 tokens, `choose` rates four options of one to three words, and `generate` writes 40 tokens.
Both ways run the same weights in the same type, and in float32 must give the same answers. In bfloat16 the
answers of both are compared with those of plain batches in float32. They take turns in one process; wall and
processor time are medians over the rounds.
"""

import argparse
import random
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM

from transfer_prompting.agents.models.base import ChatMessage, ModelReply, ModelRequest
from transfer_prompting.agents.models.local.engine import Engine
from transfer_prompting.agents.models.local.model import available_cores
from transfer_prompting.agents.models.local.scoring import EncodedRequest
from transfer_prompting.agents.models.local.smollm2 import embedded_gguf, embedded_source, ensure_converted

ANSWER = 40
# The batch sizes at which the plain way is fastest.
SCORED_TOGETHER, WRITTEN_TOGETHER = 16, 64
TEXT = (
    "the film was good bad long short actor story music river house door blue green happy sad people work "
    "time year day world night light hand small large early late open closed north south summer winter"
)
WORDS = TEXT.split()


def words(rng: random.Random, count: int) -> str:
    """Return words of about one token each."""
    return " ".join(rng.choice(WORDS) for _ in range(count))


def examples(count: int, options: int) -> list[tuple[str, tuple[str, ...]]]:
    """Return questions with their options: several short ones, or a single one as long as an answer."""
    rng = random.Random(7)
    return [
        (
            words(rng, 34),
            tuple(" " + words(rng, rng.randint(1, 3) if options > 1 else ANSWER) for _ in range(options)),
        )
        for _ in range(count)
    ]


def requests(count: int, *, options: int) -> list[ModelRequest]:
    """Return one request for each example, with options to score if `options` is above zero."""
    instruction = words(random.Random(1), 145)
    return [
        ModelRequest(
            messages=(
                ChatMessage(role="system", content=instruction),
                ChatMessage(role="user", content=text),
            ),
            max_tokens=ANSWER,
            options=choice or None,
        )
        for text, choice in examples(count, options)
    ]


def encode_all(engine: Engine, batch: list[ModelRequest]) -> list[EncodedRequest]:
    """Return the tokens of each request. Raise the `ModelError` of a request that the model cannot take."""
    return [engine._encoder.encode(request) for request in batch]


class Plain:
    """The usual way without this project: padded batches through the library's own calls."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        threads: int,
        together: int | None = None,
        *,
        device: str = "cpu",
        dtype: str = "float32",
    ) -> None:
        self.together = together
        """Rows of a batch; by default as many as are fastest on a CPU."""
        self._engine, self._decode = engine, engine._text_of
        self._threads, self._device = threads, device
        model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype))
        self._model = model.eval().to(device)

    def score(self, batch: list[ModelRequest]) -> list[tuple[float, ...]]:
        """Return the log-probabilities of the options, each computed in a row of its own."""
        encoded = encode_all(self._engine, batch)
        rows = [(e.prompt, option) for e in encoded for option in e.options]
        rows.sort(key=lambda row: len(row[0]) + len(row[1]))
        found = {}
        together = self.together or SCORED_TOGETHER
        for first in range(0, len(rows), together):
            part = rows[first : first + together]
            for (prompt, option), logprob in zip(part, self._likelihoods(part), strict=True):
                found[tuple(prompt), tuple(option)] = logprob
        return [tuple(found[tuple(e.prompt), tuple(option)] for option in e.options) for e in encoded]

    def _likelihoods(self, part: list[tuple[list[int], list[int]]]) -> list[float]:
        torch.set_num_threads(self._threads)
        texts = [prompt + option for prompt, option in part]
        tokens, mask = self._padded(texts, left=False)
        with torch.inference_mode():
            logits = self._model(input_ids=tokens, attention_mask=mask).logits[:, :-1]
            chosen = logits.log_softmax(-1).gather(2, tokens[:, 1:, None])[..., 0]
        return [
            float(line[len(prompt) - 1 : len(prompt) + len(option) - 1].sum())
            for line, (prompt, option) in zip(chosen.float().cpu(), part, strict=True)
        ]

    def generate(self, batch: list[ModelRequest], length: int = ANSWER) -> list[str]:
        """Return greedy answers of up to `length` tokens."""
        torch.set_num_threads(self._threads)
        prompts = [encoded.prompt for encoded in encode_all(self._engine, batch)]
        texts: list[str] = []
        together = self.together or WRITTEN_TOGETHER
        for first in range(0, len(prompts), together):
            tokens, mask = self._padded(prompts[first : first + together], left=True)
            with torch.inference_mode():
                output = self._model.generate(
                    tokens, attention_mask=mask, max_new_tokens=length, do_sample=False, pad_token_id=2
                )
            texts += [self._decode(row) for row in output[:, tokens.shape[1] :].tolist()]
        return texts

    def _padded(self, texts: list[list[int]], *, left: bool) -> tuple[Any, Any]:
        tokens, mask = padded(texts, left=left)
        return tokens.to(self._device), mask.to(self._device)


def padded(texts: list[list[int]], *, left: bool) -> tuple[Any, Any]:
    """Return tokens and mask, each [rows, longest]."""
    width = max(map(len, texts))
    fill = [[0] * (width - len(text)) for text in texts]
    tokens = [gap + text if left else text + gap for text, gap in zip(texts, fill, strict=True)]
    seen = [[1] * len(text) for text in texts]
    mask = [gap + ones if left else ones + gap for ones, gap in zip(seen, fill, strict=True)]
    return torch.tensor(tokens), torch.tensor(mask)


class Memory:
    """Peak memory of a block beyond the memory in use before it, in bytes, sampled every 10 ms."""

    def __enter__(self) -> "Memory":
        self._done, self._before, self.most = threading.Event(), resident(), 0
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.01):
            self.most = max(self.most, resident() - self._before)


def resident() -> int:
    """Return the memory that this process has in use, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@dataclass
class Arm:
    """One way of doing one job, with its time and memory in each round."""

    name: str
    run: Callable[[], Any]
    wall: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    memory: int = 0
    result: Any = None

    def measure(self) -> None:
        """Run once more."""
        with Memory() as memory:
            wall, busy = time.perf_counter(), time.process_time()
            self.result = self.run()
            self.wall.append(time.perf_counter() - wall)
            self.busy.append(time.process_time() - busy)
        self.memory = max(self.memory, memory.most)


def matmul_speed(dtype: Any) -> float:
    """Return the speed of matrix products of a type, in operations per second of one core's time."""
    one, other = torch.randn(1536, 1536).to(dtype), torch.randn(1536, 1536).to(dtype)
    torch.set_num_threads(1)
    best = float("inf")
    for _ in range(5):
        before = time.thread_time()
        one @ other
        best = min(best, time.thread_time() - before)
    return 2 * 1536**3 / best


class Work:
    """Counts the operations of an engine's matrix products, by hooks on the model's linear layers."""

    def __init__(self, model: Any) -> None:
        self.operations = 0
        self.dtype = model.dtype
        for module in model.modules():
            if isinstance(module, torch.nn.Linear):
                module.register_forward_hook(self._count)

    def _count(self, module: Any, inputs: Any, output: Any) -> None:
        self.operations += 2 * inputs[0].numel() * output.shape[-1]


def compare(plain: Arm, ours: Arm, rounds: int, tokens: int, work: Work) -> None:
    """Let both ways take turns and print the comparison."""
    speeds, before = [], 0
    for _ in range(rounds):
        speeds.append(matmul_speed(work.dtype))
        plain.measure()
        before = work.operations
        ours.measure()
    operations = work.operations - before
    wall, busy = (
        statistics.median(p / o for p, o in zip(getattr(plain, by), getattr(ours, by), strict=True))
        for by in ("wall", "busy")
    )
    for arm in (plain, ours):
        middle = statistics.median(arm.wall)
        print(
            f"| {arm.name} | {middle:.1f} | {statistics.median(arm.busy):.1f} | {tokens / middle:.0f} "
            f"| {arm.memory / 2**20:.0f} |"
        )
    share = operations / statistics.median(ours.busy) / statistics.median(speeds)
    print(f"| ratio | {wall:.2f} | {busy:.2f} | | |")
    print(f"\nOf the matrix-multiply limit, by processor time: {share:.0%}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=available_cores())
    parser.add_argument("--only", choices=("score", "choose", "generate"))
    parser.add_argument(
        "--together", type=int, default=WRITTEN_TOGETHER, help="answers that the plain way writes at a time"
    )
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    chosen = parser.parse_args()
    engine = Engine(embedded_source(), "cpu", chosen.dtype, chosen.threads)
    folder = ensure_converted(embedded_gguf())
    plain = Plain(engine, folder, chosen.threads, dtype=chosen.dtype)
    exact = Plain(engine, folder, chosen.threads) if chosen.dtype != "float32" else None
    work = Work(engine._model)
    for job, options in (("score", 1), ("choose", 4), ("generate", 0)):
        if chosen.only in {None, job}:
            batch = requests(chosen.examples, options=options)
            plain.together = chosen.together if job == "generate" else None
            theirs, ours = one_job(job, batch, engine, plain, work, chosen.rounds)
            if exact is None:
                print(f"Ours differ from plain batches by {apart(ours, theirs)}")
            else:
                expected = plain_answers(exact, job, batch)
                print(
                    f"From plain batches in float32, ours differ by {apart(ours, expected)}, "
                    f"and plain batches by {apart(theirs, expected)}"
                )


def one_job(
    job: str, batch: list[ModelRequest], engine: Engine, plain: Plain, work: Work, rounds: int
) -> tuple[list[Any], list[Any]]:
    """Compare the two ways at one job; return the answers of both."""
    theirs = Arm(f"plain {job}", lambda: plain_answers(plain, job, batch))
    ours = Arm(f"ours {job}", lambda: own_answers(engine, job, batch))
    encoded = encode_all(engine, batch)
    tokens = sum(ANSWER if job == "generate" else sum(map(len, e.options)) for e in encoded)
    print(f"\n## {job}: {len(batch)} examples, {len(encoded[0].prompt)} tokens of prompt\n")
    print(
        "| way | wall, s | processor, s | answer tokens/s | memory, MiB |\n|---|---|---|---|---|", flush=True
    )
    compare(theirs, ours, rounds, tokens, work)
    return theirs.result, ours.result


def own_answers(engine: Engine, job: str, batch: list[ModelRequest]) -> list[Any]:
    """Answer all requests, without the prefixes of an earlier round."""
    engine._forward.forget()
    replies = [reply for reply in engine.run(batch) if isinstance(reply, ModelReply)]
    return [reply.text if job == "generate" else reply.option_logprobs for reply in replies]


def plain_answers(plain: Plain, job: str, batch: list[ModelRequest]) -> list[Any]:
    """Return the texts of plain batches, or the log-probabilities of all options."""
    return plain.generate(batch) if job == "generate" else plain.score(batch)


def apart(found: list[Any], expected: list[Any]) -> str:
    """Return how far answers are from the expected ones."""
    pairs = list(zip(found, expected, strict=True))
    if isinstance(expected[0], str):
        return f"{sum(one != other for one, other in pairs)} of {len(pairs)} texts"
    return f"{max(abs(a - b) for one, other in pairs for a, b in zip(one, other, strict=True)):.1e} nats"


if __name__ == "__main__":
    main()
