"""The glossary explains what is on the screen."""

import re
from typing import get_args

from blocks import ROOT
from harbour_run import RUN, harbour_log

from transfer_prompting.agents.call_events import CALL_KINDS
from transfer_prompting.agents.messages.scores import Outcome
from transfer_prompting.agents.operators.names import OperatorName
from transfer_prompting.agents.scoring.evaluator import evaluate
from transfer_prompting.agents.scoring.measures import TokenUse
from transfer_prompting.agents.scoring.objective import DEFAULT_WEIGHTS
from transfer_prompting.orchestration.console.legend import MARKS
from transfer_prompting.orchestration.console.table import prompt_table
from transfer_prompting.orchestration.projections.partial_decode import state_after
from transfer_prompting.orchestration.projections.run_status import STATUSES
from transfer_prompting.orchestration.projections.spending import LIMITS
from transfer_prompting.storage.opening import open_reader

PAGE = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
ENTRIES = {
    term
    for row in re.findall(r"^\| (.+?) \|", PAGE, re.MULTILINE)
    for term in re.findall(r"`([^`]+)`|\*\*([^*]+)\*\*", row)
    for term in term
    if term
}


def _columns() -> list[str]:
    """Return the titles of all columns, as a wide leaderboard shows them."""
    with open_reader(harbour_log()) as reader:
        state = state_after(reader.read(RUN, without=CALL_KINDS))
    return [str(column.header) for column in prompt_table(state.leaderboards["target"], 300).columns]


def _measures() -> list[str]:
    """Return the names of all measures that the evaluator takes."""
    outcome = Outcome(example="one", answer="a", correct=True, followed=True, confidence=0.5, likelihood=0.5)
    tokens = TokenUse([1], [1], 1.0, 1.0)
    return [*evaluate([outcome], DEFAULT_WEIGHTS, tokens=tokens, likelihood=True).measures]


def test_columns_have_entries() -> None:
    """Each titled column of the leaderboard has its entry."""
    columns = set(_columns()) - {""}
    assert len(columns) > 10
    assert columns <= ENTRIES


def test_marks_have_entries() -> None:
    """Each mark of the leaderboard's legend has its entry."""
    assert len(MARKS) == 5
    assert MARKS.keys() <= ENTRIES


def test_measures_have_entries() -> None:
    """Each measure of a score vector has its entry, and so has the composite."""
    assert {*_measures(), "composite"} <= ENTRIES


def test_words_of_fixed_sets_have_entries() -> None:
    """Each operator and each status of a run has its entry, and each limit of a budget is named."""
    assert {*get_args(OperatorName), *STATUSES.values()} <= ENTRIES
    assert all(f"`{limit}`" in PAGE for limit in LIMITS)
