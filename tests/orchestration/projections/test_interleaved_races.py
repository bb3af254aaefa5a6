"""What is told of a run in which the races of several steps went on at once."""

import pytest
from console_script import CAREFUL, PLAIN, QUIET, SHORT, Script, go_on, interleaved

from transfer_prompting.agents.messages import RunStarted
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.orchestration.projections.history import RunHistory
from transfer_prompting.orchestration.projections.learning_curve import learning_curve
from transfer_prompting.orchestration.projections.prompt_chapters import Chapter
from transfer_prompting.orchestration.projections.prompt_history import prompt_history
from transfer_prompting.orchestration.projections.tables.fold import fold
from transfer_prompting.orchestration.projections.tables.schema import CandidateRow


@pytest.fixture
def script() -> Script:
    """A stage in which the race of step 2 is over before that of step 1."""
    script = interleaved()
    go_on(script)
    return script


@pytest.fixture
def told(script: Script) -> RunHistory:
    """That run, read to its end."""
    opening = decode(script.events[0])
    assert isinstance(opening, RunStarted)
    account = RunHistory(script.run, opening)
    for event in script.events:
        account.apply(event)
    return account


def races(account: RunHistory, prompt: str) -> list[Chapter]:
    """The chapters of a prompt's life that tell of races."""
    return [chapter for chapter in prompt_history(account, prompt).chapters if chapter.what == "race"]


def test_the_curve_has_the_races_as_they_ended(told: RunHistory) -> None:
    """Each race is a point where it ended, with the best prompt then: that of step 2 comes first."""
    found = [(point.step, point.prompt, point.score) for point in learning_curve(told).points]
    assert found == [(0, PLAIN.id, 0.5), (2, QUIET.id, 0.8), (1, QUIET.id, 0.8)]


def test_a_life_names_the_prompt_that_was_raced_against_last(told: RunHistory) -> None:
    """Whoever lost to a prompt that came in the midst of the race is told of that one."""
    [chapter] = races(told, CAREFUL.id)
    assert chapter.text.startswith("race of step 1 (source): lost,")
    assert f"against {QUIET.id} over 4 examples" in chapter.text


def test_a_life_of_who_won_one_race_and_stood_in_another(told: RunHistory) -> None:
    """It won its own race, and stayed the best in the one that it was taken into."""
    won, stayed = races(told, QUIET.id)
    assert won.text.startswith("race of step 2 (source): won,")
    assert stayed.text == "race of step 1 (source): stays the best against 2 challengers"
    [*_, beaten] = races(told, PLAIN.id)
    assert beaten.text.startswith(f"race of step 2 (source): beaten by {QUIET.id}")


def test_who_was_stopped_while_another_race_went_on(told: RunHistory) -> None:
    """The end of its own race does not hide why a prompt was stopped."""
    assert prompt_history(told, SHORT.id).summary.startswith("Last: stopped after 2 of 4 examples")


class _Rows:
    """Rows in memory, for a fold."""

    def __init__(self) -> None:
        self.kept: dict[tuple[object, ...], dict[str, object]] = {}

    def get(self, table: type, *key: object) -> dict[str, object] | None:
        return self.kept.get((table, *key))

    def add(self, table: type, *key: object) -> dict[str, object]:
        fields = table.model_fields  # type: ignore[attr-defined]
        row = self.kept[(table, *key)] = {name: field.default for name, field in fields.items()}
        row["run"] = key[0]
        return row

    def at(self, table: type, *key: object) -> dict[str, object]:
        return self.get(table, *key) or self.add(table, *key)


def test_tables(script: Script) -> None:
    """In the tables each prompt has the step in which it first appeared."""
    rows = _Rows()
    for event in script.events:
        fold(rows, event)  # type: ignore[arg-type]
    steps = {key[2]: row["step"] for key, row in rows.kept.items() if key[0] is CandidateRow}
    assert (steps[CAREFUL.id], steps[SHORT.id], steps[QUIET.id]) == (1, 1, 2)
    assert rows.kept[CandidateRow, script.run, SHORT.id]["stopped"] is True
