"""The table of a study: by model and target, what each arm has brought over the seeds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from ...agents.scoring.objective import MAIN
from ...agents.scoring.seed_test import compare_seeds, holm
from ..projections.final_measures import FinalMeasures
from .arms import Arm
from .cell import Cell
from .document import CellLine, Contrast, MeasurePair, Row, StudyTable, Tested
from .logs import CellState
from .plan import StudyPlan

ALL_TARGETS = "all targets"
INITIAL = "initial"
PAIRS: Sequence[tuple[Arm, Arm]] = (
    ("transfer", "target only"),
    ("transfer", "from scratch"),
    ("experience", "target only"),
    ("experience", "transfer"),
    ("from scratch", "target only"),
)
"""Arms that are compared with each other."""


@dataclass(frozen=True, slots=True)
class _Line:
    """An arm of a group: a model, a target and a setting."""

    model: str
    target: str
    setting: str
    arm: Arm


_Values = Mapping[int, tuple[float, float]]
"""Seed -> main metric before and after."""


def study_table(plan: StudyPlan, states: Mapping[str, CellState]) -> StudyTable:
    """Return the table of a study; `states` holds that of each run by its name."""
    results: dict[_Line, dict[int, FinalMeasures]] = {}
    for cell in plan.cells:
        label, found = cell.label, states[cell.run].result
        by_seed = results.setdefault(_Line(label.model, label.target, label.setting, label.arm), {})
        if found is not None:
            by_seed[label.seed] = found
    values: dict[_Line, _Values] = {line: _main_metric(one) for line, one in results.items()}
    pooled = _pooled(plan, values)
    values |= pooled
    seeds = len(plan.settings.seeds)
    measured = {line: list(one.values()) for line, one in results.items()}
    measured |= {line: _of_all_targets(plan, line, results, one) for line, one in pooled.items()}
    rows = [_row(line, one, measured[line], seeds) for line, one in values.items()]
    rows, contrasts = _corrected(rows, list(_contrasts(values)))
    every = [states[cell.run] for cell in plan.runs]
    return StudyTable(
        name=plan.settings.name,
        finished=sum(state.status == "finished" for state in every),
        planned=len(every),
        limits=plan.settings.budget.limits,
        tokens=sum(state.tokens for state in every),
        money=sum(state.money for state in every),
        calls=sum(state.calls for state in every),
        tests=sum(one.p_value is not None for one in _tests(rows, contrasts)),
        rows=tuple(rows),
        contrasts=tuple(contrasts),
        cells=tuple(_cell_line(cell, states[cell.run]) for cell in plan.runs),
        remarks=tuple(_remarks(plan, states)),
    )


def _main_metric(results: Mapping[int, FinalMeasures]) -> _Values:
    found = {}
    for seed, one in results.items():
        before, after = one.before[MAIN].value, one.after[MAIN].value
        if before is not None and after is not None:
            found[seed] = before, after
    return found


def _pooled(plan: StudyPlan, values: Mapping[_Line, _Values]) -> dict[_Line, _Values]:
    """Return the means over all targets, for the seeds with a result on each; nothing with one target."""
    targets = list(plan.settings.targets)
    if len(targets) == 1:
        return {}
    found: dict[_Line, _Values] = {}
    for line in values:
        of_targets = [values[replace(line, target=target)] for target in targets]
        seeds = [seed for seed in of_targets[0] if all(seed in one for one in of_targets)]
        found[replace(line, target=ALL_TARGETS)] = {
            seed: (fmean(one[seed][0] for one in of_targets), fmean(one[seed][1] for one in of_targets))
            for seed in seeds
        }
    return found


def _of_all_targets(
    plan: StudyPlan, line: _Line, results: Mapping[_Line, Mapping[int, FinalMeasures]], seeds: Iterable[int]
) -> list[FinalMeasures]:
    """Return the measures that an arm has on every target, for these seeds."""
    of_targets = [results[replace(line, target=target)] for target in plan.settings.targets]
    return [one[seed] for one in of_targets for seed in seeds]


def _row(line: _Line, values: _Values, results: Sequence[FinalMeasures], planned: int) -> Row:
    gains = [after - before for before, after in values.values()]
    return Row(
        model=line.model,
        target=line.target,
        setting=line.setting,
        arm=line.arm,
        metric=_metric(results),
        seeds=len(values),
        planned=planned,
        before=fmean(before for before, _ in values.values()) if values else None,
        after=fmean(after for _, after in values.values()) if values else None,
        gain=_tested(gains) if gains and line.arm != INITIAL else None,
        measures=tuple(_measures(results)),
    )


def _metric(results: Sequence[FinalMeasures]) -> str:
    """Return the name of the main metric; empty if targets differ in it."""
    names = {one.metric for one in results}
    return names.pop() if len(names) == 1 else ""


def _measures(results: Sequence[FinalMeasures]) -> Iterator[MeasurePair]:
    """Yield the measures that all of the runs have, each over the runs that define it on both prompts."""
    names = list(results[0].after) if results else []
    for name in [name for name in names if all(name in one.after for one in results)]:
        pairs = [
            (before.value, after.value)
            for one in results
            if (before := one.before.get(name)) is not None and (after := one.after.get(name)) is not None
        ]
        known = [(b, a) for b, a in pairs if b is not None and a is not None]
        if known:
            yield MeasurePair(name, fmean(b for b, _ in known), fmean(a for _, a in known))


def _contrasts(values: Mapping[_Line, _Values]) -> Iterator[Contrast]:
    """Yield the comparisons of two arms, over the seeds with a result in both."""
    for line, ours in values.items():
        for arm, against in PAIRS:
            theirs = values.get(replace(line, arm=against), {})
            shared = [seed for seed in ours if seed in theirs]
            if line.arm == arm and shared:
                tested = _tested([ours[seed][1] - theirs[seed][1] for seed in shared])
                yield Contrast(line.model, line.target, line.setting, arm, against, tested)


def _tested(differences: Sequence[float]) -> Tested:
    found = compare_seeds(differences)
    return Tested(found.seeds, found.mean, found.low, found.high, found.p_value, None)


def _tests(rows: Iterable[Row], contrasts: Iterable[Contrast]) -> Iterator[Tested]:
    yield from (row.gain for row in rows if row.gain is not None)
    yield from (contrast.tested for contrast in contrasts)


def _corrected(rows: list[Row], contrasts: list[Contrast]) -> tuple[list[Row], list[Contrast]]:
    """Return rows and contrasts with p-values that are corrected for all tests together."""
    p_values = [one.p_value for one in _tests(rows, contrasts) if one.p_value is not None]
    left = iter(holm(p_values))

    def corrected(one: Tested) -> Tested:
        return one if one.p_value is None else replace(one, corrected=next(left))

    return (
        [row if row.gain is None else replace(row, gain=corrected(row.gain)) for row in rows],
        [replace(one, tested=corrected(one.tested)) for one in contrasts],
    )


def _cell_line(cell: Cell, state: CellState) -> CellLine:
    label, found = cell.label, state.result
    return CellLine(
        run=cell.run,
        target=label.target,
        model=label.model,
        setting=label.setting,
        arm=label.arm,
        seed=label.seed,
        status=state.status,
        error=state.error,
        before=found.before[MAIN].value if found else None,
        after=found.after[MAIN].value if found else None,
        tokens=state.tokens,
        money=state.money,
        calls=state.calls,
    )


def _remarks(plan: StudyPlan, states: Mapping[str, CellState]) -> Iterator[str]:
    """Yield what differs between runs that should differ in their cells alone."""
    made = [(cell, states[cell.run]) for cell in plan.runs if states[cell.run].status != "not begun"]
    for model in plan.settings.models:
        found = {state.model for cell, state in made if cell.label.model == model}
        if len(found) > 1:
            names = ", ".join(sorted(found))
            yield f"The runs of the model {model} were made with different models: {names}."
    versions = {state.version for _, state in made if state.version}
    if len(versions) > 1:
        yield f"The runs were made by different versions of this package: {', '.join(sorted(versions))}."
