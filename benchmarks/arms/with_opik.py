"""The arm of opik-optimizer: its MetaPromptOptimizer, with the data in memory and no Opik server."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

from common import KEY, Order, answer_in, main

_ENDLESS = 10**6
"""Number of trials that is never reached, because the budget is in tokens."""
_QUESTION = "Text: {question}\nAnswer:"


class Rows:
    """Rows in memory, with what the optimiser asks of an Opik data set."""

    def __init__(self, name: str, rows: Sequence[dict[str, str]]) -> None:
        self._given = name
        self._items = [{"id": f"{name}-{n}", **row} for n, row in enumerate(rows)]

    @property
    def name(self) -> str:
        """The name, which is the id, too."""
        return self._given

    id = name

    def get_items(self, nb_samples: int | None = None, **_: Any) -> list[dict[str, Any]]:
        """Return the first rows, or all."""
        return self._items[:nb_samples]


def meta_prompt(order: Order) -> tuple[str, float]:
    """Run the optimiser with its documented settings: train examples to show, dev examples to score."""
    os.environ.update(
        OPENAI_API_KEY=KEY,
        OPENAI_API_BASE=order.url,
        LITELLM_LOCAL_MODEL_COST_MAP="True",
        OPIK_TRACK_DISABLE="true",
        # The optimiser makes ten calls a second for Opik's cloud, and fifty for another address.
        OPIK_URL_OVERRIDE="http://127.0.0.1:9/api",
        OPIK_SENTRY_ENABLE="false",
        OPIK_ANALYTICS_ENABLE="false",
    )
    import opik_optimizer
    from opik.api_objects.dataset.dataset import Dataset
    from opik_optimizer.core import evaluation

    in_memory: Any = type("InMemory", (Rows, Dataset), {})

    class Budgeted(opik_optimizer.MetaPromptOptimizer):  # type: ignore[misc]
        def _should_stop_context(self, context: Any) -> bool:
            context.should_stop = context.should_stop or order.exhausted()
            return bool(super()._should_stop_context(context))

    evaluation.opik_evaluator = SimpleNamespace(evaluate=evaluated, evaluate_optimization_trial=evaluated)
    optimizer = Budgeted(
        model="openai/proposer",
        model_parameters={"temperature": 1.0},
        n_threads=order.slots,
        verbose=0,
        seed=order.seed,
    )
    # Without a platform, a run has no record there; the optimiser goes on without one.
    optimizer._opik_client = SimpleNamespace(create_optimization=lambda **_: None)
    found = optimizer.optimize_prompt(
        prompt=opik_optimizer.ChatPrompt(
            system=order.prompts[0],
            user=_QUESTION,
            model="openai/task",
            model_parameters={"temperature": 0.0},
        ),
        dataset=in_memory("train", order.train),
        validation_dataset=in_memory("dev", order.dev),
        metric=right_answer,
        max_trials=_ENDLESS,
    )
    return instruction(found.prompt.get_messages()), float(found.score)


def instruction(messages: Sequence[dict[str, Any]]) -> str:
    """Return what messages say before the question. The optimiser may write a system message or none."""
    text = "\n\n".join(str(message["content"]) for message in messages)
    return text.rpartition("{question}")[0].removesuffix("Text: ").rstrip()


def right_answer(dataset_item: dict[str, Any], llm_output: str) -> Any:
    """Return a score of 1 if the right desk was named, else 0, with the reason."""
    from opik.evaluation.metrics.score_result import ScoreResult

    right = answer_in(llm_output) == dataset_item["answer"]
    said = "This is correct." if right else f"This is wrong. The right desk is {dataset_item['answer']}."
    return ScoreResult(name="right_answer", value=float(right), reason=said)


def evaluated(
    dataset: Rows,
    task: Callable[[dict[str, Any]], dict[str, Any]],
    scoring_metrics: Sequence[Any],
    task_threads: int,
    dataset_item_ids: Sequence[str] | None = None,
    nb_samples: int | None = None,
    **_: Any,
) -> Any:
    """Ask for the rows and score the replies, as Opik's evaluation does, without storing an experiment."""
    wanted = [
        item
        for item in dataset.get_items()
        if dataset_item_ids is None or item["id"] in set(dataset_item_ids)
    ][:nb_samples]
    with ThreadPoolExecutor(task_threads) as workers:
        outputs = list(workers.map(task, wanted))
    from opik.evaluation.evaluation_result import EvaluationResult

    pairs = zip(wanted, outputs, strict=True)
    return EvaluationResult(
        experiment_id="",
        dataset_id=dataset.id,
        experiment_name=None,
        test_results=[_result(item, output, scoring_metrics) for item, output in pairs],
        experiment_url=None,
        trial_count=1,
    )


def _result(item: dict[str, Any], output: dict[str, Any], metrics: Sequence[Any]) -> Any:
    from opik.evaluation.test_case import TestCase
    from opik.evaluation.test_result import TestResult

    scores = [metric.score(dataset_item=item, **{**item, **output}) for metric in metrics]
    case = TestCase(trace_id="", dataset_item_id=item["id"], task_output=output, dataset_item_content=item)
    return TestResult(test_case=case, score_results=scores, trial_id=0)


if __name__ == "__main__":
    main({"opik MetaPrompt": meta_prompt}, ["opik", "opik-optimizer"])
