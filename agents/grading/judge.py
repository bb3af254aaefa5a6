"""The judge of responses: a metric whose values a model gives, dimension by dimension.

A reply that cannot be read is asked for once more. If a dimension has no readable judgement even then, the
response has no grade: no number stands in for it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from ...prompts.errors import MetricError
from ...prompts.metrics.grade import Grade, Output
from ...prompts.metrics.judge_options import JUDGE, NOISE, JudgeOptions, judge_options
from ...prompts.metrics.judge_request import judged_text, pair_request, score_request
from ...prompts.metrics.settings import MetricSettings
from ...prompts.reading.reasoned import read_preferred, read_scored
from ...prompts.rubric import Dimension
from ...prompts.sums import summed
from ...prompts.task import Example, Task
from ..messages import CallFailed
from ..models.base import ChatMessage, ModelReply, ModelRequest

Answer = ModelReply | CallFailed
_RETRY_HEAT = 1.0
"""Temperature at which an unreadable judgement is asked for once more: at 0 it would be the same again."""
_DIGITS = 9
_WON = {"tie": 0.5, "a": 1.0, "b": 0.0}


@dataclass(frozen=True, slots=True)
class _Question:
    """One request for one output."""

    dimension: Dimension
    sample: int
    swapped: bool = False
    """True if the right answer comes first in a comparison."""


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What one reply says: a share of the scale, or of a comparison, in [0, 1]; and the reason."""

    value: float | None
    reason: str


class JudgeMetric:
    """A metric that asks the judge's model about each response."""

    model = JUDGE

    def __init__(self, settings: MetricSettings, task: Task) -> None:
        self.name = settings.name
        self.options: JudgeOptions = judge_options(settings)
        self.dimensions = self.options.asked(grounded=_is_grounded(task))
        if not any(self.options.weights.get(one.name, 1.0) for one in self.dimensions):
            raise MetricError(
                f'metric "{self.name}": the dimensions that are judged here, '
                f"{', '.join(one.name for one in self.dimensions)}, all have the weight 0. Raise one of them."
            )
        orders = (False, True) if self.options.mode == "pairwise" else (False,)
        self._questions = [
            _Question(dimension, sample, swapped)
            for dimension in self.dimensions
            for sample in range(self.options.samples)
            for swapped in orders
        ]

    def requests(self, task: Task, example: Example, output: Output) -> Sequence[tuple[str, ModelRequest]]:
        """Return one request for each dimension, sample and order; none for an empty response.

        Raise `MetricError` if the response is to be compared with a right answer that the example lacks.
        """
        self.check(example)
        response = judged_text(task, output)
        if not response:
            return ()
        return [
            (self._subject(question, example), self._request(question, task, example, response))
            for question in self._questions
        ]

    def again(
        self, asked: Sequence[tuple[str, ModelRequest]], answers: Sequence[Answer]
    ) -> Sequence[tuple[str, ModelRequest]]:
        """Return the requests whose replies cannot be read, as further samples."""
        return [
            (f"{subject}, asked again", self._further(request))
            for (subject, request), answer in zip(asked, answers, strict=True)
            if self._is_unreadable(answer)
        ]

    def grade(self, answers: Sequence[Answer]) -> Grade | None:
        """Return the grade that the answers to `requests` and then `again` give; None if they give none."""
        if not answers:
            return Grade(0.0, "The response is empty.")
        values: dict[str, list[tuple[float, str]]] = {}
        samples: list[dict[str, float]] = [{} for _ in range(self.options.samples)]
        for dimension, sample, value, reason in self._judged(answers):
            values.setdefault(dimension.name, []).append((value, reason))
            samples[sample][dimension.name] = value
        if len(values) < len(self.dimensions):
            return None
        parts = {name: round(fmean(value for value, _ in found), _DIGITS) for name, found in values.items()}
        value = round(self._weighted(parts), _DIGITS)
        whole = [self._weighted(sample) for sample in samples if len(sample) == len(self.dimensions)]
        spread = {NOISE: round(stdev(whole), _DIGITS)} if len(whole) > 1 else {}
        return Grade(value, "" if value >= 1 else self._feedback(values), {**parts, **spread})

    def is_readable(self, reply: ModelReply) -> bool:
        """Return whether a reply holds a judgement."""
        return self._verdict(reply, swapped=False).value is not None

    def check(self, example: Example) -> None:
        """Raise `MetricError` if the judge needs a right answer that the example lacks."""
        if self.options.needs_gold and not example.answer.strip():
            raise MetricError(
                f'metric "{self.name}" shows the judge the right answer, and example {example.id!r} has '
                'none: fill it in, or let the judge work without (gold = false, mode = "pointwise").'
            )

    def _judged(self, answers: Sequence[Answer]) -> Iterator[tuple[Dimension, int, float, str]]:
        """Yield the dimension, the sample, the value and the reason of each readable judgement.

        A comparison counts only if both orders are readable: a judge may prefer the first of any two.
        """
        verdicts = self._verdicts(answers)
        step = 2 if self.options.mode == "pairwise" else 1
        for at in range(0, len(self._questions), step):
            found = verdicts[at : at + step]
            known = [verdict.value for verdict in found if verdict.value is not None]
            if len(known) == step:
                worst = min(found, key=lambda verdict: verdict.value or 0.0)
                yield self._questions[at].dimension, self._questions[at].sample, fmean(known), worst.reason

    def _verdicts(self, answers: Sequence[Answer]) -> list[_Verdict]:
        """Return the verdict on each question, from its second reply if the first cannot be read."""
        further = iter(answers[len(self._questions) :])
        verdicts = []
        for question, answer in zip(self._questions, answers, strict=False):
            if self._is_unreadable(answer):
                answer = next(further, answer)
            verdicts.append(self._verdict(answer, swapped=question.swapped))
        return verdicts

    def _is_unreadable(self, answer: Answer) -> bool:
        return not isinstance(answer, CallFailed) and not self.is_readable(answer)

    def _verdict(self, answer: Answer, *, swapped: bool) -> _Verdict:
        if isinstance(answer, CallFailed):
            return _Verdict(None, "")
        if self.options.mode == "pairwise":
            preferred = read_preferred(answer.text)
            won = None if preferred.better is None else _WON[preferred.better]
            return _Verdict(1 - won if won is not None and swapped else won, preferred.reason)
        low, high = self.options.scale
        scored = read_scored(answer.text, (low, high), cut=answer.finish == "length")
        value = None if scored.score is None else (scored.score - low) / (high - low)
        return _Verdict(value, scored.reason)

    def _weighted(self, values: dict[str, float]) -> float:
        weights = {name: self.options.weights.get(name, 1.0) for name in values}
        return summed(weights[name] * value for name, value in values.items()) / summed(weights.values())

    def _feedback(self, values: dict[str, list[tuple[float, str]]]) -> str:
        """Return the reason of the worst judgement of each dimension that is not at its best."""
        told = []
        for name, found in values.items():
            mean = fmean(value for value, _ in found)
            if mean < 1:
                reason = min(found, key=lambda one: one[0])[1] or "no reason was given"
                told.append(f"{name.replace('_', ' ')} {self._shown(mean)}: {reason}")
        return "; ".join(told)

    def _shown(self, value: float) -> str:
        if self.options.mode == "pairwise":
            return f"(won {value:.0%} against the right answer)"
        low, high = self.options.scale
        return f"{low + value * (high - low):.3g} of {high}"

    def _subject(self, question: _Question, example: Example) -> str:
        sample = f", sample {question.sample + 1}" if self.options.samples > 1 else ""
        order = ", swapped" if question.swapped else ""
        return f"{self.name}: {question.dimension.name} / {example.id}{sample}{order}"

    def _request(self, question: _Question, task: Task, example: Example, response: str) -> ModelRequest:
        options, dimension = self.options, question.dimension
        if options.mode == "pairwise":
            text = pair_request(task, example, response, dimension, swapped=question.swapped)
        else:
            gold = options.gold is not False and bool(example.answer.strip())
            text = score_request(task, example, response, dimension, options.scale, gold=gold)
        return ModelRequest(
            messages=(ChatMessage(role="user", content=text),),
            max_tokens=options.max_tokens,
            temperature=options.heat,
            seed=question.sample,
            sample=question.sample,
        )

    def _further(self, request: ModelRequest) -> ModelRequest:
        sample = request.sample + self.options.samples
        heat = request.temperature or _RETRY_HEAT
        return request.model_copy(update={"sample": sample, "seed": sample, "temperature": heat})


def judges_of(task: Task) -> list[JudgeMetric]:
    """Return the judges among the metrics of a task."""
    return [JudgeMetric(metric, task) for metric in task.metrics if metric.use == JUDGE]


def _is_grounded(task: Task) -> bool:
    """Return whether any example of the task has a context, to which a response can be faithful."""
    return any(
        example.context or "context" in example.columns
        for split in (task.train, task.dev, task.test)
        for example in split
    )
