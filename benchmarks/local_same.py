"""Count how often an answer of the embedded model differs from the one that it gives alone.

    python benchmarks/local_same.py [--examples N] [--tokens N] [--threads N]

The same float32 weights write greedy answers in three ways: one prompt after the other with the library's
`generate`, plain padded batches of it, and the project's batches. Sums taken in another order differ in
their last bits, which changes an answer if two tokens are almost equally likely.
"""

import argparse
import random

from local_models import Plain, words

from transfer_prompting.agents.models.base import ChatMessage, ModelReply, ModelRequest
from transfer_prompting.agents.models.local.engine import Engine
from transfer_prompting.agents.models.local.model import available_cores
from transfer_prompting.agents.models.local.smollm2 import embedded_gguf, embedded_source, ensure_converted

TOGETHER = 64


def requests(count: int, tokens: int) -> list[ModelRequest]:
    """Return questions of 5 to 40 words after an instruction of 30."""
    rng = random.Random(11)
    instruction = words(rng, 30)
    return [
        ModelRequest(
            messages=(
                ChatMessage(role="system", content=instruction),
                ChatMessage(role="user", content=words(rng, rng.randint(5, 40))),
            ),
            max_tokens=tokens,
        )
        for _ in range(count)
    ]


def main() -> None:
    """Write all answers in the three ways, compare them and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=300)
    parser.add_argument("--tokens", type=int, default=8)
    parser.add_argument("--threads", type=int, default=available_cores())
    chosen = parser.parse_args()
    engine = Engine(embedded_source(), "cpu", "float32", chosen.threads)
    plain = Plain(engine, ensure_converted(embedded_gguf()), chosen.threads)
    asked = requests(chosen.examples, chosen.tokens)
    parts = [asked[first : first + TOGETHER] for first in range(0, len(asked), TOGETHER)]
    alone = [text for request in asked for text in plain.generate([request], chosen.tokens)]
    batched = [text for part in parts for text in plain.generate(part, chosen.tokens)]
    ours = [reply.text for part in parts for reply in engine.run(part) if isinstance(reply, ModelReply)]
    for name, texts in (("plain batches", batched), ("ours", ours)):
        other = sum(one != text for one, text in zip(alone, texts, strict=True))
        print(f"{name}: {other} of {len(alone)} answers of {chosen.tokens} tokens differ from those alone")


if __name__ == "__main__":
    main()
