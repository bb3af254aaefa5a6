"""What goes from the source stage into the target stage."""

from collections.abc import Sequence
from typing import Any

import pytest
from curator_making import PROPOSAL, Search, of, search_settings, task

from transfer_prompting.agents.messages import (
    CandidateRejected,
    MergeRequested,
    Message,
    PromptPromoted,
    ProposalsRequested,
    ScoringRequested,
    StageFinished,
    StageStarted,
)
from transfer_prompting.prompts.candidate import candidate_id
from transfer_prompting.prompts.named_texts import join_texts

GOOD, ALSO, POOR = "Weigh each word.", "Mind each word.", "Guess."
OWN = ("Answer.", "Say it.")


def right(text: str, example: str) -> bool:
    """Answer rightly with the good sentence, and on few examples with the poor one."""
    number = int(example.rpartition("-")[2])
    return number % 10 < 5 + 4 * (GOOD in text or ALSO in text) - 4 * (POOR in text)


def propose(request: ProposalsRequested) -> Sequence[str]:
    """Propose the good sentence only together with the poor one, so that no prompt with it wins a race."""
    if request.stage != "source" or request.step > 1:
        return []
    return [f"Answer. {POOR}", f"Answer. {GOOD} {POOR}", "Answer. Be brief."]


def propose_two(request: ProposalsRequested) -> Sequence[str]:
    """Propose two good sentences, each in prompts of its own."""
    if request.stage != "source" or request.step > 1:
        return []
    return [f"Answer. {GOOD}", f"Answer. {ALSO}", f"Answer. {POOR}"]


def play(**options: Any) -> list[Message]:
    """Return what the curator says in a run with one source task."""
    # A second step would try the good sentence alone, which the answers speak for.
    settings = search_settings(racing=False, source={"steps": 1, "candidates": 3})
    return Search(settings, sources=[task("near")], right=right, propose=propose, **options).play()


def test_a_rule_of_a_losing_prompt_is_promoted() -> None:
    """The target's own first prompt gets the rule that helped, though every prompt with it has lost."""
    sent = play()
    [promoted] = of(PromptPromoted, sent)
    assert promoted.as_candidate.text == f"Answer. {GOOD}"
    assert promoted.as_candidate.operator == "merged"
    [rule] = promoted.rules
    assert (rule.sentence, rule.kept) == (GOOD, False)
    assert rule.mean > rule.sd
    assert f"{GOOD} (+" in promoted.reason


def test_the_first_race_is_against_one_own_prompt() -> None:
    """The promoted prompt faces the user's first prompt; the others join the races of the steps."""
    sent = play()
    [target] = [stage for stage in of(StageStarted, sent) if stage.stage == "target"]
    assert [one.text for one in target.population] == [f"Answer. {GOOD}", *OWN]
    steps = {r.step for r in of(ScoringRequested, sent) if r.stage == "target" and r.candidate.text == OWN[1]}
    assert min(steps) == 1


def test_other_texts_are_promoted_whole() -> None:
    """A rule cannot be merged into a prompt of other texts, so a whole prompt is promoted if it fits."""
    texts = ("plan", "reply")
    own = join_texts({"plan": "Plan.", "reply": "Reply."})
    target = task("far", prompts=(own,)).model_copy(update={"texts": texts})
    sent = play(target=target)
    assert of(PromptPromoted, sent) == []
    [opened] = [stage for stage in of(StageStarted, sent) if stage.stage == "target"]
    assert [one.id for one in opened.population] == [candidate_id(own)]


def test_nothing_learned_leaves_the_best_prompt() -> None:
    """If no sentence has shown that it helps, the best source prompt is promoted as it is."""
    sent = Search(search_settings(), sources=[task("near")], propose=lambda _: []).play()
    [promoted] = of(PromptPromoted, sent)
    assert promoted.rules == ()
    assert promoted.as_candidate == promoted.standing.candidate
    assert of(CandidateRejected, sent) == []


@pytest.mark.parametrize("wording", ["Answer, and mind each word well.", ""])
def test_a_model_words_the_rules(wording: str) -> None:
    """If the reference agent's model can write, its wording of the rules is promoted, or else the rules."""
    settings = search_settings(racing=False, briefing="full", operators=("reflection",), control=True)
    search = Search(settings, sources=[task("near")], right=right, propose=propose_two, merged=wording)
    sent = search.play()
    [asked] = of(MergeRequested, sent)
    assert [rule.sentence for rule in asked.rules] == [GOOD, ALSO]
    [promoted] = of(PromptPromoted, sent)
    assert promoted.as_candidate.text == (wording or asked.edited.text)
    assert len(promoted.rules) == 2
    stages = of(StageFinished, sent)
    [control] = [stage for stage in of(StageStarted, sent) if stage.stage == "control"]
    assert control.budget is not None
    spent = sum(stage.spent.proposals for stage in stages if stage.stage != "control")
    assert control.budget.proposals == spent + sum(PROPOSAL)


def test_one_rule_needs_no_wording() -> None:
    """A single rule is added to the prompt as it is, without a call."""
    settings = search_settings(racing=False, briefing="full", operators=("reflection",))
    sent = Search(settings, sources=[task("near")], right=right, propose=propose, merged="No.").play()
    assert of(MergeRequested, sent) == []
    [promoted] = of(PromptPromoted, sent)
    assert promoted.as_candidate.text == f"Answer. {GOOD}"
