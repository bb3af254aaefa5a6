"""The history that a writing model sees: scores on shared examples, and the user's own prompt."""

from random import Random

from outcome_making import outcome, scores_of

from transfer_prompting.agents.messages import HistoryEntry
from transfer_prompting.agents.messages.scores import Measure, Score
from transfer_prompting.agents.search.standings import Standings
from transfer_prompting.prompts.candidate import candidate_id, make_candidate
from transfer_prompting.prompts.task import AnswerFormat, Example, Task

TASK = Task(
    name="law",
    description="",
    answer=AnswerFormat(type="label", labels=("a", "b")),
    initial_prompts=("Answer.",),
    dev=tuple(Example(id=f"e{n}", question=f"{n}?", answer="a") for n in range(60)),
)


def history(answers: dict[str, tuple[int, str]], best: str, count: int = 20) -> dict[str, HistoryEntry]:
    """Return the history by text; `answers` maps a prompt to its first example and what it got right."""
    standings = Standings([TASK], {"metric": 1.0})
    for text, (first, right) in answers.items():
        candidate = make_candidate(text, "initial" if text == "Answer." else "reflection")
        standings.add(candidate)
        share = right.count("+") / len(right)
        score = Score(composite=share, measures={"accuracy": Measure(value=share, n=len(right))})
        found = (outcome(first + n, sign == "+") for n, sign in enumerate(right))
        standings.record(scores_of(candidate, score, found, "law"))
    standings.set_best(candidate_id(best))
    standings.note_race([candidate_id(text) for text in answers], {candidate_id("Poor one.")})
    return {entry.text: entry for entry in standings.history(count, Random(1))}


def test_gains_are_over_shared_examples() -> None:
    """A prompt that answered easier examples is compared on those that the best prompt answered too."""
    found = history({"Best one.": (0, "++-+-+-+-+"), "Easy one.": (2, "-+-+-+-+++++++++")}, "Best one.")
    assert (found["Best one."].leader, found["Best one."].gain) == (True, None)
    easy = found["Easy one."]
    assert easy.score > found["Best one."].score
    assert (easy.gain, easy.shared) == (0, 8)


def test_few_shared_examples_tell_nothing() -> None:
    """A gain on a few examples is chance, and is not told."""
    found = history({"Best one.": (0, "+" * 10), "Other one.": (5, "-" * 10)}, "Best one.")
    assert (found["Other one."].gain, found["Other one."].shared) == (None, 0)


def test_stopped_prompts_are_marked() -> None:
    """A prompt that was stopped in its race is marked, and with it no other."""
    found = history({"Best one.": (0, "+" * 10), "Poor one.": (0, "-" * 10)}, "Best one.")
    assert [entry.stopped for entry in found.values()] == [True, False]


def test_the_users_own_prompt_is_always_there() -> None:
    """The user's best prompt comes with examples of its answers, although others rank before it."""
    answers = {f"Better {n}.": (0, "+++++-----") for n in range(6)} | {"Answer.": (0, "+---------")}
    found = history(answers, "Better 0.", count=3)
    assert next(iter(found)) == "Answer."
    assert len(found) == 3
    assert found["Answer."].initial
    assert found["Answer."].failures
    assert found["Answer."].tallies
