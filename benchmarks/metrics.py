"""Measure what each built-in metric costs for one output, beside the call of the model.

    pip install 'transfer-prompting[metrics]'
    python benchmarks/metrics.py [--rounds 5] [--json]

Texts are of the usual size: short answers to questions, summaries of sixty words, sentences to translate,
JSON with eight fields, replies of two hundred words. Wrong outputs are measured too, because they cost more:
their feedback is written. Times are processor time, of the fastest round, so that other work on the machine
counts little. The goal is 200 microseconds an output.
"""

import argparse
import json
import time
from dataclasses import dataclass
from typing import Any

from transfer_prompting.prompts.metrics.builtin import grade
from transfer_prompting.prompts.metrics.grade import Output
from transfer_prompting.prompts.metrics.registry import METRICS
from transfer_prompting.prompts.metrics.settings import MetricSettings
from transfer_prompting.prompts.task import AnswerFormat, AnswerType, Example, Task

GOAL = 200
"""Microseconds an output."""
SECONDS = 0.2
"""Least duration of a round of one metric."""
SUMMARY = (
    "Sea levels along the northern coast rose by 4.5 millimetres a year between 2013 and 2021, twice as fast "
    "as in the decade before, according to a report that the harbour authority published on Monday. It asks "
    "the three towns on the bay to raise their dykes before 2030, and puts the cost at 1.2 billion crowns, a "
    "third of which the state is to bear."
)
OTHER_SUMMARY = (
    "A report by the harbour authority says that the sea on the northern coast has been rising about 4.5 mm "
    "per year since 2013, which is double the earlier rate. Three towns must strengthen their dykes by the "
    "end of the decade. The work would cost 1.2 billion crowns, and the government would pay a third of it."
)
SENTENCE = "The ferry to the island leaves at half past seven and takes about forty minutes in good weather."
OTHER_SENTENCE = (
    "The ferry to the island departs at 7.30 and needs around forty minutes if the weather is good."
)
MAIL = {
    "sender": "Mara Lindqvist", "company": "Nordhavn Freight", "order": "NF-20817", "date": "2026-03-14",
    "amount": 1249.5, "currency": "EUR", "urgent": True, "items": ["pallets", "straps", "tarpaulin"],
}  # fmt: skip
WRONG_MAIL = MAIL | {
    "date": "14 March 2026",
    "amount": 1294.5,
    "items": ["pallets", "straps"],
    "note": "call",
}
TAGS, OTHER_TAGS = '["billing","refund","urgent"]', '["billing","shipping"]'
REPLY = (
    f"<<On the sea>>\n\n{SUMMARY}\n\n{OTHER_SUMMARY}\n\n* {SENTENCE}\n* {OTHER_SENTENCE}\n\nP.S. Thank you."
)
IDS = ("punctuation:no_comma", "length_constraints:number_words", "detectable_format:title")
ARGUMENTS: tuple[dict[str, Any], ...] = ({}, {"relation": "at least", "num_words": 150}, {})


@dataclass(frozen=True)
class Measured:
    """A metric with a right output and a wrong one."""

    kind: AnswerType
    gold: str
    right: str
    wrong: str
    options: dict[str, Any]


def _texts(gold: str, wrong: str, **options: Any) -> Measured:
    return Measured("text", gold, gold, wrong, options)


CASES = {
    "exact": _texts("Karlskrona naval museum", "the museum"),
    "squad_exact": _texts("Karlskrona naval museum", "the museum"),
    "token_f1": _texts("the naval museum of Karlskrona", "a museum in Karlskrona, by the harbour"),
    "rouge_1": _texts(SUMMARY, OTHER_SUMMARY),
    "rouge_2": _texts(SUMMARY, OTHER_SUMMARY),
    "rouge_l": _texts(SUMMARY, OTHER_SUMMARY),
    "bleu": _texts(SENTENCE, OTHER_SENTENCE),
    "chrf": _texts(SENTENCE, OTHER_SENTENCE),
    "set_f1": Measured("list", TAGS, TAGS, OTHER_TAGS, {}),
    "jaccard": Measured("list", TAGS, TAGS, OTHER_TAGS, {}),
    "json_fields": Measured(
        "json", json.dumps(MAIL), json.dumps(MAIL), json.dumps(WRONG_MAIL), {"fields": {"date": "date"}}
    ),
    "number": Measured("number", "1249.50", "1249.5", "1294.5", {"relative": 0.01}),
    "contains": _texts("4.5 millimetres", SENTENCE),
    "not_contains": _texts(SENTENCE, OTHER_SENTENCE, values=["as an AI", "7.30"]),
    "regex": _texts(SENTENCE, OTHER_SENTENCE, pattern=r"half past (\w+)"),
    "length": _texts(SENTENCE, SUMMARY, max=30),
    "instructions": _texts(REPLY.replace(",", ""), REPLY),
}
"""Realistic outputs for each metric."""


def microseconds(name: str, case: Measured, output: str) -> float:
    """Return the time that one output takes."""
    settings = MetricSettings.model_validate({"use": name, **case.options})
    labels = ("billing", "refund", "shipping", "urgent") if case.kind == "list" else ()
    task = Task(
        name="measured", description="Measured.", initial_prompts=("Answer.",),
        answer=AnswerFormat(type=case.kind, labels=labels),
    )  # fmt: skip
    columns = {"instruction_id_list": list(IDS), "kwargs": list(ARGUMENTS)}
    example = Example(id="e1", question="?", answer=case.gold, columns=columns)
    seen = Output(output, output)
    grade(settings, task, example, seen)
    count, passed, began = 0, 0.0, time.process_time()
    while not count or passed < SECONDS:
        for _ in range(20):
            grade(settings, task, example, seen)
        count, passed = count + 20, time.process_time() - began
    return passed / count * 1e6


def measured(rounds: int) -> dict[str, tuple[float, float]]:
    """Return, by metric, the times for a right and a wrong output."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in METRICS}
    for _ in range(rounds):
        for name, case in CASES.items():
            right, wrong = (microseconds(name, case, output) for output in (case.right, case.wrong))
            times[name].append((right, wrong))
    return {
        name: (min(one for one, _ in found), min(other for _, other in found))
        for name, found in times.items()
    }


def main() -> None:
    """Print microseconds an output for each metric."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = measured(arguments.rounds)
    if arguments.json:
        print(json.dumps({name: {"right": right, "wrong": wrong} for name, (right, wrong) in found.items()}))
        return
    print(f"{'metric':14}{'right':>8}{'wrong':>8}  µs an output (goal: {GOAL})")
    for name, (right, wrong) in found.items():
        missed = "" if max(right, wrong) < GOAL else "  misses the goal"
        print(f"{name:14}{right:8.0f}{wrong:8.0f}{missed}")


if __name__ == "__main__":
    main()
