"""The rules that stop a candidate of a race before it has answered all examples.

A candidate is stopped by evidence that it cannot win (see `sequential`), or by a forecast that leaves it a
poor chance. The evidence limits how often the best candidate is lost. The forecast does not: it costs power,
but makes no false winner, because candidates that go on are compared on all examples.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np

from ..messages.base import plural
from ..scoring.metrics import Vector
from ..scoring.sequential import cannot_win

INCUMBENT = "the best so far"
_DIFFERING = 0.25
"""Share of the examples on which two prompts are expected to differ before any is seen."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class RaceRule:
    """The thresholds at which a candidate is stopped.

    With the defaults, simulated fields of 15 (half equal to the incumbent, 35 % worse, 15 % better) took
    50 %, 42 % and 36 % of the evaluations over 50, 100 and 200 examples. The true accuracy of the winner was
    0.2 points below that of the winner over all evaluations.
    """

    alpha: float = 0.05
    """Highest probability that the evidence stops the best candidate."""
    gamma: float = 0.05
    """Chance of winning below which the forecast stops a candidate."""
    min_gain: float = 0.01
    """Utility per example by which a candidate has to beat the incumbent."""
    block: int = 5
    """Number of examples between comparisons."""
    min_examples: int = 10
    """Number of examples before the first comparison."""
    prior: float = 0.4
    """Weight, above zero, of the expectation that prompts are equal, as a share of all examples.

    It keeps a leader's lucky streak from ending the race, the more so in a long race, where streaks are more
    frequent.
    """


def unpromising(
    field: Mapping[str, Sequence[float]],
    incumbent: Sequence[float] | None,
    total: int,
    rule: RaceRule,
    *,
    entered: int,
) -> dict[str, str]:
    """Return the candidates of `field` to stop now: id -> reason, as text, in the order of their ids.

    `field` holds the utilities (in [0, 1]) of the candidates still in the race, `incumbent` those of the
    prompt to beat, all on the same examples in the same random order, of which there are `total`; `entered`
    is the number of candidates that began the race. Candidates are compared after the last whole block that
    all of them have seen, so the result does not depend on which has seen more. Each must be able to beat the
    incumbent by `rule.min_gain`, and to draw level with the leader of the field, which stays.

    If the utilities do not depend on the order, the evidence stops the candidate that is best on all examples
    with a probability of at most `rule.alpha`, though every comparison tests up to `entered` rivals.
    """
    seen = min((len(utilities) for utilities in field.values()), default=0) // rule.block * rule.block
    if seen < rule.min_examples or seen >= total:
        return {}
    known = {id_: np.asarray(field[id_][:seen], dtype=np.float64) for id_ in sorted(field)}
    leader = max(known, key=lambda id_: float(known[id_].sum()))
    rivals = [(leader, known[leader], 0.0)]
    if incumbent is not None:
        rivals.insert(0, (INCUMBENT, np.asarray(incumbent[:seen], dtype=np.float64), rule.min_gain))
    to_beat = [utilities for name, utilities, _ in rivals if name == INCUMBENT]
    spread = expected_spread(*known.values(), *to_beat)
    reasons: dict[str, str] = {}
    for id_, utilities in known.items():
        for rival, rival_utilities, gain in rivals:
            if rival == id_ or id_ in reasons:
                continue
            if reason := _reason(utilities - rival_utilities, rival, gain, total, rule, entered, spread):
                reasons[id_] = reason
    return reasons


def expected_spread(*utilities: Vector) -> float:
    """Return the mean squared difference that two equal prompts are expected to have on an example.

    For answers that are right or wrong this is a quarter: the share of examples on which prompts differ. The
    `utilities` seen scale it by their variance, as a share of the variance of right and wrong answers with
    the same mean. One of each is added, so that a few equal values promise nothing.
    """
    values = np.concatenate([*utilities, [0.0, 1.0]])
    mean = float(values.mean())
    return _DIFFERING * float(values.var()) / (mean * (1 - mean))


def chance_left(differences: Vector, total: int, gain: float, prior: float, spread: float) -> float:
    """Return the probability that the mean difference over all `total` examples is at least `gain`.

    The forecast is normal. Its mean and variance are those of the `differences` seen, shrunk towards two
    equal prompts with this `spread` (see `expected_spread`), with the weight of `prior` (above zero) times
    `total` examples.
    """
    seen, left = differences.size, total - differences.size
    believed = prior * total
    weight = seen + believed
    mean = float(differences.sum()) / weight
    variance = (float((differences**2).sum()) + believed * spread) / weight - mean**2
    # The remaining sum varies by its own scatter and by the uncertainty of the mean.
    scatter = sqrt(variance * (left + left**2 / weight))
    missing = total * gain - float(differences.sum()) - left * mean - _ROUNDING
    return erfc(missing / scatter / sqrt(2)) / 2


def _reason(
    differences: Vector,
    rival: str,
    gain: float,
    total: int,
    rule: RaceRule,
    entered: int,
    spread: float,
) -> str | None:
    seen = differences.size
    points = 100 * float(differences.mean())
    standing = f"{plural(round(abs(points)), 'point')} {'behind' if points < 0 else 'ahead of'} {rival}"
    standing += f" after {seen} of {total} examples"
    evidence, needed = cannot_win(differences.tolist(), total), entered / rule.alpha
    if evidence == float("inf"):
        return f"{standing}, more than the rest can make up for"
    if evidence >= needed:
        return f"{standing}, e-value {evidence:.0f} of {needed:.0f} needed"
    chance = chance_left(differences, total, gain, rule.prior, spread)
    if chance >= rule.gamma:
        return None
    aim = f"gain {plural(round(100 * gain), 'point')}" if gain else "draw level"
    return f"{standing}, a {100 * chance:.1f} % chance left to {aim}"
