"""The arms of gepa's own `optimize` on a program, through its adapter interface."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from common import KEY, main
from program_common import Executed, ProgramOrder, Runner, feedback


class DeskAdapter:
    """Runs the program for gepa, and tells each module's share of it."""

    propose_new_texts = None

    def __init__(self, order: ProgramOrder) -> None:
        self._runner = Runner(order)

    def evaluate(
        self, batch: list[dict[str, str]], candidate: dict[str, str], capture_traces: bool = False
    ) -> Any:
        """Return outputs and scores, and the trajectories if they are wanted."""
        from gepa import EvaluationBatch

        done = self._runner.run(candidate, batch)
        return EvaluationBatch(
            outputs=[one.answer for one in done],
            scores=[float(one.answer == row["answer"]) for one, row in zip(done, batch, strict=True)],
            trajectories=list(zip(batch, done, strict=True)) if capture_traces else None,
        )

    def make_reflective_dataset(
        self, candidate: dict[str, str], eval_batch: Any, components_to_update: list[str]
    ) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Return the records of each module: its own inputs and output, and the feedback."""
        return {
            name: [record(name, row, done) for row, done in eval_batch.trajectories]
            for name in components_to_update
        }


def gepa(order: ProgramOrder) -> tuple[dict[str, str], float]:
    """Run with the default settings, which change one text at a time in turn."""
    return search(order)


def gepa_merging(order: ProgramOrder) -> tuple[dict[str, str], float]:
    """Run with merging of candidates, which takes each text from one of two."""
    return search(order, use_merge=True)


def search(order: ProgramOrder, **settings: Any) -> tuple[dict[str, str], float]:
    """Run reflective evolution: train examples for the reflection, dev examples for the Pareto front."""
    os.environ.update(OPENAI_API_KEY=KEY, OPENAI_API_BASE=order.url, LITELLM_LOCAL_MODEL_COST_MAP="True")
    from gepa import optimize

    result: Any = optimize(
        seed_candidate=order.texts,
        trainset=order.train,
        valset=order.dev,
        adapter=DeskAdapter(order),
        reflection_lm="openai/proposer",
        reflection_lm_kwargs={"temperature": 1.0},
        stop_callbacks=order.exhausted,
        seed=order.seed,
        **settings,
    )
    return dict(result.best_candidate), result.val_aggregate_scores[result.best_idx]


def record(name: str, row: Mapping[str, str], done: Executed) -> dict[str, Any]:
    """Return one example as the module `name` should see it."""
    searching = name == "retrieve"
    inputs = {"message": row["message"]} | (
        {"envelope": row["envelope"]} if searching else {"notice": done.notice}
    )
    return {
        "Inputs": inputs,
        "Generated Outputs": done.query if searching else done.answer,
        "Feedback": feedback(name, done.notice, done.answer, row["answer"]),
    }


if __name__ == "__main__":
    main({"GEPA": gepa, "GEPA, merging": gepa_merging}, ["gepa", "litellm"], ProgramOrder)
