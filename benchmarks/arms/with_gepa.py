"""The arm of gepa's own `optimize`, with its default adapter and settings."""

import os
from typing import Any

from common import KEY, Order, main


def gepa(order: Order) -> tuple[str, float]:
    """Run reflective evolution: train examples for the reflection, dev examples for the Pareto front."""
    os.environ.update(OPENAI_API_KEY=KEY, OPENAI_API_BASE=order.url, LITELLM_LOCAL_MODEL_COST_MAP="True")
    from gepa import optimize
    from gepa.adapters.default_adapter.default_adapter import DefaultAdapter

    def rows(examples: list[dict[str, str]]) -> list[dict[str, Any]]:
        return [{"input": e["question"], "additional_context": {}, "answer": e["answer"]} for e in examples]

    result: Any = optimize(
        seed_candidate={"instruction": order.prompts[0]},
        trainset=rows(order.train),
        valset=rows(order.dev),
        adapter=DefaultAdapter(
            "openai/task",
            max_litellm_workers=order.slots,
            litellm_batch_completion_kwargs={"temperature": 0.0},
        ),
        reflection_lm="openai/proposer",
        reflection_lm_kwargs={"temperature": 1.0},
        stop_callbacks=order.exhausted,
        seed=order.seed,
    )
    return result.best_candidate["instruction"], result.val_aggregate_scores[result.best_idx]


if __name__ == "__main__":
    main({"GEPA": gepa}, ["gepa", "litellm"])
