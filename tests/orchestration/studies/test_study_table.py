"""The table of a study: means over seeds, paired comparisons, and what is said about them."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from scipy import stats
from studies_making import write_study

from transfer_prompting.agents.messages.scores import Measure
from transfer_prompting.orchestration.cli.study_text import print_table_of_study
from transfer_prompting.orchestration.projections.final_measures import FinalMeasures
from transfer_prompting.orchestration.report.study_page import study_page
from transfer_prompting.orchestration.studies.cell import Cell
from transfer_prompting.orchestration.studies.document import StudyTable
from transfer_prompting.orchestration.studies.logs import CellState
from transfer_prompting.orchestration.studies.plan import StudyPlan, plan_study
from transfer_prompting.orchestration.studies.table import ALL_TARGETS, study_table

GAINS = {"target only": 0.02, "from scratch": 0.03, "transfer": 0.10}
NOISE = {1: -0.01, 2: 0.0, 3: 0.01}


def measures(value: float, *, calibrated: bool) -> dict[str, Measure]:
    """Return the measures of a prompt."""
    found = {"metric": value, "accuracy": value, "ifr": 0.5 + value / 2}
    found |= {"ece": 1 - value, "auroc": value} if calibrated else {"token_f1": value}
    return {name: Measure(value=one, n=100) for name, one in found.items()}


def finished(cell: Cell) -> CellState:
    """Return the state of a cell that has gained what its arm gains, more or less by its seed."""
    before = 0.5 + 0.1 * (cell.label.target == "second")
    noise = NOISE[cell.label.seed] * (1 if cell.label.target == "first" else 2)
    after, calibrated = before + GAINS[cell.label.arm] + noise, cell.label.model == "large"
    result = FinalMeasures(
        "accuracy", measures(before, calibrated=calibrated), measures(after, calibrated=calibrated)
    )
    return CellState("finished", tokens=10, calls=2, result=result, model="openai:x:m", version="1.0")


@pytest.fixture
def plan(tmp_path: Path) -> StudyPlan:
    """Return the plan of the small study."""
    return plan_study(write_study(tmp_path))


def table(plan: StudyPlan, **changed: CellState) -> StudyTable:
    """Return the table with a result in each cell, but for those that are `changed`."""
    return study_table(plan, {cell.run: finished(cell) for cell in plan.runs} | changed)


def test_rows(plan: StudyPlan) -> None:
    """A row has the means over the seeds, and the paired test of after against before."""
    found = table(plan)
    [row] = [r for r in found.rows if (r.model, r.target, r.arm) == ("large", "first", "transfer")]
    gains = [0.09, 0.10, 0.11]
    assert (row.seeds, row.planned, row.metric) == (3, 3, "accuracy")
    assert [row.before, row.after] == pytest.approx([0.5, 0.6])
    assert row.gain is not None
    assert row.gain.difference == pytest.approx(0.10)
    assert row.gain.p_value == pytest.approx(stats.ttest_1samp(gains, 0).pvalue)
    assert [(pair.measure, pair.before) for pair in row.measures[:2]] == [("metric", 0.5), ("accuracy", 0.5)]
    assert (found.finished, found.tokens, found.calls) == (36, 360, 72)


def test_all_targets(plan: StudyPlan) -> None:
    """The rows over all targets pair the seeds: the mean over the targets of each seed is one value."""
    [row] = [r for r in table(plan).rows if (r.model, r.target, r.arm) == ("large", ALL_TARGETS, "transfer")]
    assert row.before == pytest.approx(0.55)
    assert row.gain is not None
    gains = [0.10 + 1.5 * noise for noise in NOISE.values()]
    assert row.gain.p_value == pytest.approx(stats.ttest_1samp(gains, 0).pvalue)
    measured = {pair.measure: (pair.before, pair.after) for pair in row.measures}
    assert measured["ece"] == pytest.approx((0.45, 0.35))
    assert row.metric == "accuracy"


def test_targets_with_different_measures(plan: StudyPlan) -> None:
    """The rows over all targets have only the measures of every target, and no name for unlike metrics."""
    changed = {}
    for cell in plan.cells:
        state = finished(cell)
        if cell.label.target == "second" and state.result is not None:
            after = {name: one for name, one in state.result.after.items() if name != "ece"}
            changed[cell.run] = replace(state, result=replace(state.result, metric="f1", after=after))
    for row in table(plan, **changed).rows:
        if row.model == "large" and row.target == ALL_TARGETS:
            assert [pair.measure for pair in row.measures] == ["metric", "accuracy", "ifr", "auroc"]
            assert row.metric == ""


def test_contrasts(plan: StudyPlan) -> None:
    """Two arms are compared seed by seed, so what the seeds share does not count."""
    found = {(c.model, c.target, c.arm, c.against): c.tested for c in table(plan).contrasts}
    tested = found["little", "second", "transfer", "from scratch"]
    assert tested.difference == pytest.approx(0.07)
    # The noise is the same in both arms: the differences are equal, and only their signs are left.
    assert (tested.low, tested.p_value) == (None, 0.25)
    assert {(arm, against) for _, _, arm, against in found} == {
        ("transfer", "target only"),
        ("transfer", "from scratch"),
        ("from scratch", "target only"),
    }


def test_correction(plan: StudyPlan) -> None:
    """Every p-value of the table is corrected for all of them."""
    found = table(plan)
    tests = [row.gain for row in found.rows if row.gain] + [c.tested for c in found.contrasts]
    assert found.tests == len(tests) == 2 * 3 * (3 + 3)
    assert all(one.corrected is not None and one.p_value is not None for one in tests)
    smallest = min(tests, key=lambda one: one.p_value or 0.0)
    assert smallest.corrected == pytest.approx(min(1.0, len(tests) * (smallest.p_value or 0.0)))


def test_missing_runs(plan: StudyPlan) -> None:
    """A seed without a result is left out of its row, the comparisons, and the rows over all targets."""
    [missing] = [c for c in plan.cells if str(c.label) == "first / large / transfer / seed 2"]
    found = table(plan, **{missing.run: CellState("failed", error="no such key")})
    rows = {(row.target, row.arm): row for row in found.rows if row.model == "large"}
    assert rows["first", "transfer"].seeds == rows[ALL_TARGETS, "transfer"].seeds == 2
    assert rows["second", "transfer"].seeds == rows["first", "from scratch"].seeds == 3
    [contrast] = [
        c for c in found.contrasts if (c.model, c.target, c.against) == ("large", "first", "from scratch")
    ]
    assert contrast.tested.seeds == 2
    assert found.finished == 35


def test_remarks(plan: StudyPlan) -> None:
    """The table says if a model is not the same in all runs, or if versions differ."""
    assert table(plan).remarks == ()
    cell = plan.cells[0]
    found = table(plan, **{cell.run: replace(finished(cell), model="openai:y:m", version="2.0")})
    assert [remark for remark in found.remarks if "openai:x:m, openai:y:m" in remark and "large" in remark]
    assert [remark for remark in found.remarks if "1.0, 2.0" in remark]


def test_the_text(
    plan: StudyPlan, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text has the state, gains with intervals, comparisons, and measures by the paper's names."""
    monkeypatch.setenv("COLUMNS", "160")
    print_table_of_study(table(plan))
    text = capsys.readouterr().out
    assert text.startswith("Study small: 36 of 36 runs have a result; 360 tokens, 72 calls.")
    assert re.search(
        r"large +first +transfer +3 +0\.500 +0\.600 +\+10\.0 \(\+7\.5 to \+12\.5\) +0\.\d{3}", text
    )
    assert "transfer - from scratch" in text
    for title in ("ACC", "IFR", "ECE", "ROC", "token_f1"):
        assert title in text
    assert "corrected by Holm's method for the 36 tests" in text


def test_the_page(plan: StudyPlan) -> None:
    """The page is one file with the report's policy, which escapes the names of a study."""
    found = replace(table(plan), name="<script>alert(1)</script>", remarks=("\u202eabc",))
    page = study_page(found)
    assert "default-src 'none'; style-src-elem 'sha256-" in unescape(page)
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert page.count("<svg ") == 2
    assert "+10.0 (+7.5 to +12.5)" in page
    for address in re.findall(r"(?:src|href)\s*=\s*[\"']?(\S+)", page):
        assert address.startswith("#") or "svg" in address or "gains-" in address or "contrasts-" in address


def test_an_empty_study(plan: StudyPlan, capsys: pytest.CaptureFixture[str]) -> None:
    """Before any run has a result, the text and the page say so, and no figure is made up."""
    found = study_table(plan, {cell.run: CellState() for cell in plan.runs})
    print_table_of_study(found)
    assert capsys.readouterr().out == "Study small: 0 of 36 runs have a result; 0 tokens, 0 calls.\n"
    assert "0 of 36 runs have a result" in study_page(found)
    assert "<svg " not in study_page(found)
