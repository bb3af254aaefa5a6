"""The examples of a prompt that are shown to the model that writes new ones: failures and successes.

They vary: the right answers take turns, near misses are among them, and so are the worst examples of every
further metric. Their order is the one in which the requests of a step deal them out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import zip_longest
from random import Random

from ...prompts.shortening import shorten
from ..messages import Failure, Success
from ..messages.scores import Outcome, TraceStep
from .score_history import ExampleKey

FAILURES = 12
"""Greatest number of failures: enough for the requests of a step to show different ones."""
SUCCESSES = 4
"""Greatest number of successes."""
_UNREADABLE = 4
"""Greatest number of failures without a readable answer, if there are others."""
_NEAR, _WORST = 2, 2
"""Numbers of near misses, and of the worst examples of each further metric."""
_BETWEEN = 3
"""Number of ordinary failures before one of those."""
_OUTPUT, _FEEDBACK = 1500, 500
"""Most characters of an output or an answer, and of a metric's feedback, in a message."""
_STEPS, _STEP = 12, 600
"""Most steps of a trace, and most characters of a request or a reply of one, in a message."""

Outcomes = Mapping[ExampleKey, Outcome]
Golds = Mapping[ExampleKey, str]


def failures(outcomes: Outcomes, golds: Golds, random: Random) -> tuple[Failure, ...]:
    """Return up to `FAILURES` examples with less than the full value, unreadable replies first."""
    keys = sorted(key for key, outcome in outcomes.items() if outcome.value < 1)
    random.shuffle(keys)
    unreadable = [key for key in keys if outcomes[key].answer is None]
    wrong = sorted((key for key in keys if outcomes[key].answer is not None), key=_value(outcomes))
    unreadable = unreadable[: _UNREADABLE if wrong else FAILURES]
    near = sorted(wrong, key=_nearness(outcomes))[:_NEAR] if len(wrong) > FAILURES else []
    special = [*near, *(key for key in _worst_in_each(outcomes) if key not in unreadable)]
    ordinary = _by_turns([key for key in wrong if key not in special], golds)
    chosen = [*unreadable, *_mixed(list(ordinary), list(dict.fromkeys(special)))]
    return tuple(_failure(key, outcomes[key]) for key in chosen[:FAILURES])


def successes(outcomes: Outcomes, golds: Golds, random: Random) -> tuple[Success, ...]:
    """Return up to `SUCCESSES` examples with the full value, or else with more than half of it."""
    full = sorted(key for key, outcome in outcomes.items() if outcome.value >= 1)
    half = sorted(key for key, outcome in outcomes.items() if 0.5 < outcome.value < 1)
    random.shuffle(full)
    best = full or sorted(half, key=_value(outcomes), reverse=True)[:SUCCESSES]
    return tuple(_success(key, outcomes[key], golds) for key in list(_by_turns(best, golds))[:SUCCESSES])


def _by_turns(keys: Sequence[ExampleKey], golds: Golds) -> Iterable[ExampleKey]:
    """Yield the examples so that their right answers take turns, the most frequent one first."""
    groups: dict[tuple[str, str], list[ExampleKey]] = {}
    for key in keys:
        groups.setdefault((key[0], golds.get(key, "")), []).append(key)
    turns = zip_longest(*sorted(groups.values(), key=len, reverse=True))
    return (key for turn in turns for key in turn if key is not None)


def _mixed(ordinary: Sequence[ExampleKey], special: Sequence[ExampleKey]) -> list[ExampleKey]:
    """Return all examples, with a special one after every few ordinary ones."""
    mixed: list[ExampleKey] = []
    for place in range(0, max(len(ordinary), _BETWEEN * len(special)), _BETWEEN):
        mixed += ordinary[place : place + _BETWEEN]
        mixed += special[place // _BETWEEN : place // _BETWEEN + 1]
    return mixed


def _worst_in_each(outcomes: Outcomes) -> list[ExampleKey]:
    """Return the worst examples of each further metric."""
    names = sorted({name for outcome in outcomes.values() for name in outcome.metrics})
    found: list[ExampleKey] = []
    for name in names:
        below = [key for key in sorted(outcomes) if outcomes[key].metrics.get(name, 1.0) < 1]
        found += sorted(below, key=lambda key: outcomes[key].metrics[name])[:_WORST]
    return found


def _value(outcomes: Outcomes) -> Callable[[ExampleKey], float]:
    return lambda key: outcomes[key].value


def _nearness(outcomes: Outcomes) -> Callable[[ExampleKey], tuple[float, float]]:
    """Return the order of near misses: the highest value first, then the least sure wrong answer."""
    return lambda key: (-outcomes[key].value, 1.0 if (c := outcomes[key].confidence) is None else c)


def _failure(key: ExampleKey, outcome: Outcome) -> Failure:
    answered = None if outcome.answer is None else shorten(outcome.answer, _OUTPUT)
    output = shorten(outcome.output, _OUTPUT)
    return Failure(
        task=key[0],
        example=key[1],
        answered=answered,
        value=round(outcome.value, 3),
        metrics={name: round(value, 3) for name, value in outcome.metrics.items() if value < 1},
        output="" if output == answered else output,
        feedback={name: shorten(said, _FEEDBACK) for name, said in outcome.feedback.items() if said.strip()},
        trace=_shortened(outcome.trace),
    )


def _shortened(trace: Sequence[TraceStep]) -> tuple[TraceStep, ...]:
    """Return the steps of a trace for a message; of a long trace the steps that rest on texts come first."""
    kept = sorted(range(len(trace)), key=lambda at: (not trace[at].texts, at))[:_STEPS]
    return tuple(
        step.model_copy(
            update={name: shorten(getattr(step, name), _STEP) for name in ("asked", "reply", "error")}
        )
        for step in (trace[at] for at in sorted(kept))
    )


def _success(key: ExampleKey, outcome: Outcome, golds: Golds) -> Success:
    answered = outcome.answer and shorten(outcome.answer, _OUTPUT)
    return Success(task=key[0], example=key[1], answered=None if answered == golds.get(key) else answered)
