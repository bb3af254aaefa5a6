"""The arms of DSPy: MIPROv2, COPRO and its GEPA, on one classification signature."""

import os
from typing import Any

from common import KEY, Order, demonstrated, main

_BREADTH, _DEPTH = 10, 3
_COPRO_CALL = 150
"""Tokens of one call, most of which are DSPy's explanation of its format."""
_MIPRO_TOKENS = {"heavy": 700_000, "medium": 400_000, "light": 0}
"""Minimum tokens of MIPROv2's presets on this signature."""


def mipro(order: Order) -> tuple[str, float]:
    """Run MIPROv2 with the largest preset that the budget allows, on instructions and demonstrations."""
    import dspy

    program, train, dev = prepare(order)
    preset: Any = next(name for name, tokens in _MIPRO_TOKENS.items() if order.tokens >= tokens)
    optimizer = dspy.MIPROv2(
        metric=exact, prompt_model=proposer(order.url), auto=preset, num_threads=order.slots, seed=order.seed
    )
    best = optimizer.compile(program, trainset=train, valset=dev)
    return text_of(best), best.score / 100


def copro(order: Order) -> tuple[str, float]:
    """Run COPRO with its default breadth and depth, on as many development examples as the budget allows."""
    import dspy

    program, _, dev = prepare(order)
    affordable = order.tokens // (_BREADTH * _DEPTH * _COPRO_CALL)
    optimizer = dspy.COPRO(
        prompt_model=proposer(order.url), metric=exact, breadth=_BREADTH, depth=_DEPTH, track_stats=True
    )
    best = optimizer.compile(program, trainset=dev[:affordable], eval_kwargs={"num_threads": order.slots})
    return text_of(best), best.candidate_programs[0]["score"] / 100


def gepa(order: Order) -> tuple[str, float]:
    """Run GEPA inside DSPy with its defaults, which merge candidates."""
    import dspy

    program, train, dev = prepare(order)
    optimizer = dspy.GEPA(
        metric=with_feedback,
        max_metric_calls=10**6,  # The callback below ends the search, because the budget is in tokens.
        reflection_lm=proposer(order.url),
        num_threads=order.slots,
        seed=order.seed,
        track_stats=True,
        gepa_kwargs={"stop_callbacks": order.exhausted},
    )
    best = optimizer.compile(program, trainset=train, valset=dev)
    return text_of(best), max(best.detailed_results.val_aggregate_scores)


def prepare(order: Order) -> tuple[Any, list[Any], list[Any]]:
    """Return the program, and the train and development examples."""
    configure(order.url)
    import dspy

    signature = dspy.Signature("message -> desk", order.prompts[0])
    # Not a Literal, so that an answer outside the labels is wrong and does not end the search with an error.
    signature = signature.with_updated_fields("desk", desc=f"one of {', '.join(order.labels)}")

    def rows(examples: list[dict[str, str]]) -> list[Any]:
        made = (dspy.Example(message=e["question"], desk=e["answer"]) for e in examples)
        return [example.with_inputs("message") for example in made]

    return dspy.Predict(signature), rows(order.train), rows(order.dev)


def configure(url: str) -> None:
    """Let DSPy ask the task model at `url`. Nothing is cached on disk between runs."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import dspy

    dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=True)
    dspy.configure(lm=dspy.LM("openai/task", api_base=url, api_key=KEY, temperature=0.0))


def proposer(url: str) -> Any:
    """Return the model at `url` that writes instructions."""
    import dspy

    return dspy.LM("openai/proposer", api_base=url, api_key=KEY, temperature=1.0)


def exact(example: Any, prediction: Any, trace: Any = None) -> bool:
    """Return whether the right desk was named."""
    return bool(example.desk == getattr(prediction, "desk", None))


def with_feedback(
    example: Any, prediction: Any, trace: Any = None, name: Any = None, named_trace: Any = None
) -> Any:
    """Score as `exact` does, with a text for the reflection."""
    import dspy

    right = exact(example, prediction)
    said = "This is correct." if right else f"This is wrong. The right desk is {example.desk}."
    return dspy.Prediction(score=float(right), feedback=said)


def text_of(program: Any) -> str:
    """Return instruction and demonstrations as one text."""
    demos = [(demo["message"], demo["desk"]) for demo in program.demos]
    return demonstrated(program.signature.instructions, demos)


if __name__ == "__main__":
    main({"MIPROv2": mipro, "COPRO": copro, "GEPA (DSPy)": gepa}, ["dspy", "gepa", "litellm", "optuna"])
