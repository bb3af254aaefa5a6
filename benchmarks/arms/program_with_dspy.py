"""The arms of DSPy on a program of two predictors: its GEPA and MIPROv2."""

from typing import Any

from common import demonstrated, main
from program_common import ProgramOrder, feedback
from program_common import program as archive
from with_dspy import configure, proposer

_DEMONSTRATIONS: Any = {"heavy": 2_000_000, "medium": 1_000_000, "light": 0}
"""Minimum tokens of MIPROv2's presets on this program, with demonstrations."""
_INSTRUCTIONS: Any = {"heavy": 400_000, "medium": 300_000, "light": 0}
"""The same without demonstrations."""


def gepa(order: ProgramOrder) -> tuple[dict[str, str], float]:
    """Run GEPA inside DSPy with its defaults, which merge candidates, and feedback for each predictor."""
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
    return texts_of(best), max(best.detailed_results.val_aggregate_scores)


def mipro(order: ProgramOrder) -> tuple[dict[str, str], float]:
    """Run MIPROv2 on instructions and demonstrations."""
    return _mipro(order, _DEMONSTRATIONS)


def mipro_instructions(order: ProgramOrder) -> tuple[dict[str, str], float]:
    """Run MIPROv2 on instructions alone."""
    return _mipro(order, _INSTRUCTIONS, max_bootstrapped_demos=0, max_labeled_demos=0)


def _mipro(order: ProgramOrder, presets: Any, **settings: int) -> tuple[dict[str, str], float]:
    """Run MIPROv2 with the largest preset that the budget allows."""
    import dspy

    program, train, dev = prepare(order)
    optimizer = dspy.MIPROv2(
        metric=exact,
        prompt_model=proposer(order.url),
        auto=next(preset for preset, tokens in presets.items() if order.tokens >= tokens),
        num_threads=order.slots,
        seed=order.seed,
        **settings,
    )
    best = optimizer.compile(program, trainset=train, valset=dev)
    return texts_of(best), best.score / 100


def prepare(order: ProgramOrder) -> tuple[Any, list[Any], list[Any]]:
    """Return the program, and the train and development examples."""
    configure(order.url)
    import dspy

    search = archive().search

    class Desk(dspy.Module):  # type: ignore[misc]
        """Searches the archive of a harbour office, and answers from the notice found."""

        def __init__(self) -> None:
            super().__init__()
            signature = dspy.Signature("message, notice -> desk", order.texts["answer"])
            # Not a Literal, so that an answer outside the labels is wrong and does not end the search.
            signature = signature.with_updated_fields("desk", desc=f"one of {', '.join(order.labels)}")
            self.retrieve = dspy.Predict(
                dspy.Signature("message, envelope -> query", order.texts["retrieve"])
            )
            self.answer = dspy.Predict(signature)

        def forward(self, message: str, envelope: str) -> Any:
            notice = search(self.retrieve(message=message, envelope=envelope).query)
            return dspy.Prediction(notice=notice, desk=self.answer(message=message, notice=notice).desk)

    def rows(examples: list[dict[str, str]]) -> list[Any]:
        made = (
            dspy.Example(message=row["message"], envelope=row["envelope"], desk=row["answer"])
            for row in examples
        )
        return [example.with_inputs("message", "envelope") for example in made]

    return Desk(), rows(order.train), rows(order.dev)


def exact(example: Any, prediction: Any, trace: Any = None) -> bool:
    """Return whether the right desk was named."""
    return bool(example.desk == getattr(prediction, "desk", None))


def with_feedback(
    example: Any, prediction: Any, trace: Any = None, name: str | None = None, named_trace: Any = None
) -> Any:
    """Score as `exact` does, with what the predictor `name` should know."""
    import dspy

    notice, desk = getattr(prediction, "notice", ""), getattr(prediction, "desk", "")
    said = feedback(name or "", notice, desk, example.desk)
    return dspy.Prediction(score=float(exact(example, prediction)), feedback=said)


def texts_of(program: Any) -> dict[str, str]:
    """Return instruction and demonstrations of each predictor as one text."""
    outputs = {"retrieve": "query", "answer": "desk"}
    return {
        name: demonstrated(
            predictor.signature.instructions, [_shown(demo, outputs[name]) for demo in predictor.demos]
        )
        for name, predictor in program.named_predictors()
    }


def _shown(demo: Any, output: str) -> tuple[str, str]:
    """Return inputs and output of a demonstration. A labelled one lacks what no column of the data holds."""
    inputs = [demo[name] for name in ("message", "envelope", "notice") if name in demo]
    return " ".join(inputs), demo.get(output, "")


if __name__ == "__main__":
    arms = {"GEPA (DSPy)": gepa, "MIPROv2": mipro, "MIPROv2, instructions only": mipro_instructions}
    main(arms, ["dspy", "gepa", "litellm", "optuna"], ProgramOrder)
