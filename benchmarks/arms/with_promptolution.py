"""The arms of promptolution: CAPO, EvoPromptGA and OPRO, on its classification task."""

import random
from typing import Any

from common import KEY, Order, main

_POPULATION = 10
_STEPS = 10_000  # A callback ends the search, because the budget is in tokens.


def capo(order: Order) -> tuple[str, float]:
    """Run CAPO with the settings of its paper, its defaults: blocks of 30, alpha 0.2, up to 5 shots."""
    from promptolution.optimizers import CAPO

    return search(order, CAPO, order.train + order.dev, "sequential_block")


def evoprompt(order: Order) -> tuple[str, float]:
    """Run EvoPrompt's genetic algorithm with a population of ten."""
    from promptolution.optimizers import EvoPromptGA

    return search(order, EvoPromptGA, order.dev, "full")


def opro(order: Order) -> tuple[str, float]:
    """Run OPRO with the settings of its paper: 8 proposals a step, the best 20 in view, 3 exemplars."""
    from promptolution.optimizers import OPRO

    return search(order, OPRO, order.dev, "full")


def search(order: Order, optimizer: Any, rows: list[dict[str, str]], strategy: str) -> tuple[str, float]:
    """Run `optimizer` on the labelled `rows`, which it uses for scores, shots and exemplars."""
    import numpy
    from promptolution.predictors import FirstOccurrencePredictor

    random.seed(order.seed)
    numpy.random.seed(order.seed)
    task, writer = task_of(order, rows, strategy), model(order, "proposer", 1.0)
    found = optimizer(
        predictor=FirstOccurrencePredictor(model(order, "task", 0.0), order.labels),
        task=task,
        meta_llm=writer,
        initial_prompts=population(order, task, writer),
        callbacks=[Stop(order)],
    )
    best = found.optimize(n_steps=_STEPS)[0]
    return best.construct_prompt(), float(max(found.scores))


def task_of(order: Order, rows: list[dict[str, str]], strategy: str) -> Any:
    """Return the library's classification task on `rows`."""
    import pandas
    from promptolution.tasks import ClassificationTask

    return ClassificationTask(
        pandas.DataFrame(rows),
        task_description=order.description,
        x_column="question",
        y_column="answer",
        eval_strategy=strategy,
        seed=order.seed,
    )


def population(order: Order, task: Any, writer: Any) -> list[str]:
    """Return the seed prompts, and prompts that the library writes from samples."""
    from promptolution.utils.prompt_creation import create_prompts_from_samples

    count = _POPULATION - len(order.prompts)
    written: list[str] = create_prompts_from_samples(
        task, writer, task_description=order.description, n_prompts=count, n_samples=3
    )
    return [*order.prompts, *written]


def model(order: Order, name: str, temperature: float) -> Any:
    """Return one of the server's models."""
    from promptolution.llms import APILLM

    return APILLM(
        api_url=order.url,
        model_id=name,
        api_key=KEY,
        max_concurrent_calls=order.slots,
        call_kwargs={"temperature": temperature},
    )


class Stop:
    """Callback that ends a search once the server has counted the budget's tokens."""

    def __init__(self, order: Order) -> None:
        self._order = order

    def on_step_end(self, _optimizer: object) -> bool:
        """Return whether the search continues."""
        return not self._order.exhausted()

    def on_epoch_end(self, _optimizer: object) -> bool:
        """Continue."""
        return True

    def on_train_end(self, _optimizer: object) -> bool:
        """Continue."""
        return True


if __name__ == "__main__":
    main({"CAPO": capo, "EvoPromptGA": evoprompt, "OPRO": opro}, ["promptolution"])
