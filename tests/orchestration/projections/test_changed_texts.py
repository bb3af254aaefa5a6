"""A search over the texts of a program: which text each prompt has changed, in every view."""

import json
from collections import Counter

import pytest
from program_calls import Tp
from rich.console import Console
from system_runs import RUN, TEXTS, system_log
from tiny_runs import ignore

from transfer_prompting.agents.messages import ProposalsMade, ProposalsRequested
from transfer_prompting.orchestration.console.table import prompt_table
from transfer_prompting.orchestration.projections.family_tree import family_tree, text_changes
from transfer_prompting.orchestration.projections.history import RunHistory, read_history
from transfer_prompting.orchestration.projections.prompt_history import prompt_history
from transfer_prompting.orchestration.report.contents import contents_of
from transfer_prompting.orchestration.report.page import page
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.prompts.named_texts import join_texts, split_texts
from transfer_prompting.storage.sqlite.reader import LogReader

NAMES = tuple(TEXTS)


@pytest.fixture(scope="module")
def found() -> RunHistory:
    """Return the run as read from its log."""
    with LogReader(system_log()) as reader:
        return read_history(reader, RUN)


def test_structure_holds(found: RunHistory) -> None:
    """Every prompt of the run holds each text once."""
    assert found.state.status == "finished"
    assert len(found.candidates) > 8
    assert all(split_texts(one.text, NAMES) for one in found.candidates.values())


def test_one_text_at_a_time(found: RunHistory) -> None:
    """A reflection changes one text, and the first siblings change different ones."""
    _, first = next(found.of(ProposalsMade))
    written = [prompt_history(found, one.id) for one in first.candidates]
    assert {one.changed for one in written if one.operator == "reflection"} == {(name,) for name in NAMES}
    for one in found.candidates.values():
        changed = prompt_history(found, one.id).changed
        assert len(changed) == {"initial": 0, "reflection": 1}.get(one.operator, len(changed))


def test_no_text_is_left_out(found: RunHistory) -> None:
    """Each text is changed several times in a run."""
    counts = Counter(name for one in found.candidates for name in prompt_history(found, one).changed)
    assert min(counts[name] for name in NAMES) >= 2


def test_traces_are_told(found: RunHistory) -> None:
    """The request of the curator holds the steps of each failing example, with the texts they rest on."""
    _, request = list(found.of(ProposalsRequested))[-1]
    traces = [failure.trace for entry in request.history for failure in entry.failures]
    assert traces
    assert all([step.texts for step in trace] == [("retrieve",), (), ("answer",)] for trace in traces)


def test_origin(found: RunHistory) -> None:
    """The call that wrote a text is found by that text alone, and the blame of the traces is told."""
    for one in found.candidates.values():
        if one.operator == "reflection":
            origin = prompt_history(found, one.id).making
            assert origin is not None
            assert origin.call is not None
            assert sum(origin.blamed.values()) == pytest.approx(1)


def test_leaderboard(found: RunHistory) -> None:
    """The standings name the changed text beside the operator, and show its words alone."""
    console = Console(width=150)
    with console.capture() as capture:
        console.print(prompt_table(found.state.leaderboards["target"], 150))
    shown = capture.get()
    assert "reflection: answer" in shown
    row = next(line for line in shown.splitlines() if "reflection: answer" in line)
    assert "Say what its" in row
    assert "Find the" not in row


def test_tree_and_report(found: RunHistory) -> None:
    """The tree and the report name the changed texts and show the changes of these alone."""
    for root in family_tree(found):
        for _, member in root.walk():
            if member.parent is not None:
                changes = text_changes(member.parent.text, member.candidate.text, NAMES)
                assert tuple(one.name for one in changes) == member.changed
    with LogReader(system_log()) as reader:
        assert "<em>reflection: answer</em>" in page(contents_of(found, reader))


def test_text_changes() -> None:
    """Only the texts that differ are compared; a prompt of one text is compared as a whole."""
    before, after = join_texts(TEXTS), join_texts({**TEXTS, "answer": "Say its shelf."})
    [only] = text_changes(before, after, NAMES)
    assert only.name == "answer"
    assert [piece for change, piece in only.changes if change == "new"] == ["its"]
    [whole] = text_changes("Say it.", "Say all.", ())
    assert whole.name == ""


def test_commands(tp: Tp, found: RunHistory) -> None:
    """The commands say which text was changed, and to which the failures pointed."""
    assert "reflection: answer" in tp("show", RUN, "--tree", "--log", system_log()).out
    written = next(one for one in found.candidates.values() if one.operator == "reflection")
    explained = tp("why", RUN, written.id, "--log", system_log()).out
    assert "Traces of the failures pointed to retrieve 50%, answer 50%" in explained


def test_tree_document(tp: Tp) -> None:
    """The tree as JSON names the changed texts."""
    prompts = json.loads(tp("show", RUN, "--tree", "--json", "--log", system_log()).out)["prompts"]
    assert {tuple(one["changed"]) for one in prompts if one["operator"] == "reflection"} == {
        (name,) for name in NAMES
    }


async def test_replay(found: RunHistory) -> None:
    """A replay, which has no program and no model, makes the same choices."""
    assert await lifecycle.reenact(system_log(), RUN, ignore) == found.seq
