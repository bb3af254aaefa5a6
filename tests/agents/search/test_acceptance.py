"""Constraints and the judge decide whether the first of a race becomes the best prompt."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from curator_making import Search, of, search_settings, share, task

from transfer_prompting.agents.messages import (
    JudgementRequested,
    Message,
    PromptJudged,
    ProposalsRequested,
    RaceFinished,
    StageFinished,
)
from transfer_prompting.agents.messages.scores import Measure
from transfer_prompting.prompts.candidate import candidate_id

Opinion = Callable[[str], float | None]
STRONG, START = "Always 0.95", ("Answer.", "Say it.")


_OPTIONS = ("objective", "weights", "constraints", "racing", "concurrent_steps")


class Judged(Search):
    """A search with a judge that has an `opinion` of each prompt's text."""

    def __init__(self, *, opinion: Opinion, wording: dict[str, Any] | None = None, **search: Any) -> None:
        options = {name: search.pop(name) for name in _OPTIONS if name in search}
        table = wording or {"dimensions": ["clarity"]}
        super().__init__(search_settings(wording=table, **options), **search)
        self._opinion = opinion

    def answer(self, message: Message) -> Message | None:
        if not isinstance(message, JudgementRequested):
            return super().answer(message)
        value = self._opinion(message.candidate.text)
        return PromptJudged(
            stage=message.stage,
            step=message.step,
            candidate=message.candidate.id,
            measures={name: Measure(value=value, n=3) for name in message.dimensions},
            noise=dict.fromkeys(message.dimensions, 0.0),
            unreadable=0,
            prompt_tokens=1,
            completion_tokens=1,
        )


def strong_at_first(request: ProposalsRequested) -> list[str]:
    """One proposal that beats all, then such as cannot."""
    return [STRONG] if request.step == 1 else [f"Bad rule {request.step} 0.01"]


def muddled(text: str) -> float:
    """The strong prompt is worded badly, and so is every prompt that holds it; the others are worded well."""
    return 0.0 if STRONG in text else 1.0


def garbled(text: str, example: str) -> bool:
    """The strong prompt's answers keep the format on four examples of five."""
    return text != STRONG or share("kept 0.8", example)


def second_race(sent: list[Message]) -> RaceFinished:
    """The race in which the strong prompt came in."""
    return of(RaceFinished, sent)[1]


def test_a_judgement_without_weight_decides_nothing() -> None:
    """If no judged dimension has a weight, the judge is asked but does not change the result."""
    sent = Judged(opinion=muddled, propose=strong_at_first).play()
    assert of(JudgementRequested, sent)
    assert second_race(sent).winner == candidate_id(STRONG)
    assert second_race(sent).refused is None


def test_the_judge_holds_back() -> None:
    """A weight that exceeds its gain holds back a badly worded winner, and the race gives the reason."""
    sent = Judged(
        opinion=muddled,
        propose=strong_at_first,
        objective="composite",
        weights={"accuracy": 0.5, "clarity": 0.5},
    ).play()
    race = second_race(sent)
    assert race.winner is None
    assert race.refused is not None
    assert race.refused.startswith(f"{candidate_id(STRONG)} is held back by the wording judge: 0.")
    assert race.refused.endswith("with clarity counted in")
    assert race.refused in race.gist()
    [end] = of(StageFinished, sent)
    assert end.best.candidate.text in START


def test_a_small_weight_does_not_outdo_a_great_gain() -> None:
    """The measured score and the judgement are weighed against each other."""
    weights = {"accuracy": 0.95, "clarity": 0.05}
    sent = Judged(opinion=muddled, propose=strong_at_first, objective="composite", weights=weights).play()
    assert second_race(sent).winner == candidate_id(STRONG)


def test_an_unreadable_judgement_is_left_out() -> None:
    """A dimension without a readable judgement of one prompt counts for neither."""
    sent = Judged(
        opinion=lambda text: None if text == STRONG else 1.0,
        propose=strong_at_first,
        objective="composite",
        weights={"accuracy": 0.5, "clarity": 0.5},
    ).play()
    assert second_race(sent).winner == candidate_id(STRONG)


def test_which_prompts_are_judged() -> None:
    """The first winner is judged, and each later winner and its incumbent, once in a stage."""
    sent = Judged(opinion=muddled, sources=[task("near"), task("next")]).play()
    for stage in ("source", "target"):
        races = [race for race in of(RaceFinished, sent) if race.stage == stage]
        asked = [request for request in of(JudgementRequested, sent) if request.stage == stage]
        won = {race.winner for race in races if race.winner} | {races[-1].against}
        assert set(Counter(request.candidate.id for request in asked).values()) == {1}
        assert {request.candidate.id for request in asked} == won
        assert asked[0].step == 0
        assert {request.tasks for request in asked} == {("near", "next") if stage == "source" else ("far",)}
        assert {request.dimensions for request in asked} == {("clarity",)}
        [end] = [end for end in of(StageFinished, sent) if end.stage == stage]
        assert end.spent.judgements == 2 * len(asked)


def test_the_race_waits_for_the_judge() -> None:
    """A race with a winner does not end before the winner is judged."""
    sent = Judged(opinion=muddled, concurrent_steps=1).play()
    for request in of(JudgementRequested, sent):
        after = sent[sent.index(request) + 1]
        assert isinstance(after, RaceFinished | JudgementRequested)
        assert after.step == request.step


@pytest.mark.parametrize("arrival", range(4))
def test_arrival_does_not_matter(arrival: int) -> None:
    """The curator sends the same messages in the same order, however scores and judgements arrive."""
    runs = [
        Judged(
            opinion=lambda text: len(text) % 5 / 4,
            objective="composite",
            weights={"accuracy": 0.6, "clarity": 0.4},
            constraints=["ifr >= 0.9", "clarity >= 0.25"],
            sources=[task("near"), task("next")],
            followed=lambda text, example: share("format 0.9", text + example),
            arrival=order,
        ).play()
        for order in (None, arrival)
    ]
    assert runs[0] == runs[1]


def test_judged_dimensions_enter_the_front() -> None:
    """A winner that was held back stands on the front by its accuracy, the best by its wording."""
    weights = {"accuracy": 0.5, "clarity": 0.5}
    sent = Judged(
        opinion=muddled, propose=strong_at_first, objective="composite", weights=weights, racing=False
    ).play()
    [end] = of(StageFinished, sent)
    assert {candidate_id(STRONG), end.best.candidate.id} <= set(end.front)


def test_a_judged_limit() -> None:
    """A constraint on a judged dimension holds back a winner that breaks it, with the value found."""
    sent = Judged(opinion=muddled, propose=strong_at_first, constraints=["clarity >= 0.5"]).play()
    assert second_race(sent).refused == (
        f"{candidate_id(STRONG)} is held back by a constraint: clarity >= 0.5, but it is 0"
    )


def test_a_winner_that_breaks_a_constraint() -> None:
    """A winner does not replace a prompt that keeps a constraint it breaks; the reason names both values."""
    settings = search_settings(constraints=["ifr >= 0.99"])
    sent = Search(settings, propose=strong_at_first, followed=garbled).play()
    race = second_race(sent)
    assert race.winner is None
    assert race.refused is not None
    assert "is held back by a constraint: ifr >= 0.99, but it is 0." in race.refused
    assert not of(JudgementRequested, sent)


def test_an_incumbent_that_breaks_the_constraint_too() -> None:
    """A prompt that breaks no more constraints than the best may take its place."""
    settings = search_settings(constraints=["ifr >= 0.99"])
    sent = Search(
        settings, propose=strong_at_first, followed=lambda _, example: share("kept 0.8", example)
    ).play()
    assert second_race(sent).winner == candidate_id(STRONG)


def test_the_first_race_prefers_prompts_that_keep_the_constraints() -> None:
    """A race without an incumbent is won by the prompt that breaks the fewest constraints."""
    settings = search_settings(constraints=["ifr >= 0.99"], racing=False)
    target = task("far", prompts=(STRONG, "Plain 0.3"))
    sent = Search(settings, target=target, propose=strong_at_first, followed=garbled).play()
    first = of(RaceFinished, sent)[0]
    assert first.winner == candidate_id("Plain 0.3")
    assert first.refused is None


SOUND = "Plain 0.45"


def one_sound(request: ProposalsRequested) -> list[str]:
    """A proposal that keeps the format and scores a little lower, then none."""
    return [SOUND] if request.step == 1 else []


def only_sound(text: str, example: str) -> bool:
    """Only the sound prompt's answers always keep the format; all others miss it four times in ten."""
    return text == SOUND or share("kept 0.6", example)


def rule_breaker(text: str, _example: str) -> bool:
    """Readable answers are always right, except the sound prompt's, of which eleven in twenty are."""
    return text != SOUND or share("readable 0.55", _example)


def breaking(**options: Any) -> list[Message]:
    """A search whose first prompts break the constraint, and whose one proposal keeps it."""
    settings = search_settings(constraints=["ifr >= 0.9"], **{"steps": 1, **options})
    return Search(settings, propose=one_sound, followed=only_sound, right=rule_breaker).play()


@pytest.mark.parametrize("racing", [True, False])
def test_keeping_a_constraint_replaces_a_higher_score(racing: bool) -> None:
    """A prompt that surely keeps a constraint wins though it scores lower, and the race gives the reason."""
    sent = breaking(racing=racing)
    race = second_race(sent)
    assert race.winner == candidate_id(SOUND)
    assert race.results[0].gain < 0
    assert race.kept is not None
    assert race.kept.startswith(f"{candidate_id(SOUND)} takes over at 0.")
    assert "it keeps ifr >= 0.9 (1, 95 % interval 0." in race.kept
    assert f"which {race.against} breaks (0." in race.kept
    assert race.kept in race.gist()
    [end] = of(StageFinished, sent)
    assert end.best.candidate.text == SOUND


def test_without_a_constraint_the_score_decides() -> None:
    """The same search without the constraint keeps the prompt that scores higher, without a reason."""
    settings = search_settings(steps=1)
    sent = Search(settings, propose=one_sound, followed=only_sound, right=rule_breaker).play()
    assert second_race(sent).winner is None
    assert second_race(sent).kept is None


def test_luck_is_no_evidence() -> None:
    """If the intervals of the two overlap, a prompt does not win for keeping the constraint."""
    settings = search_settings(constraints=["ifr >= 0.9"], steps=1)
    # Four answers in five keep the format, which the limit says is too few, but not by far.
    sent = Search(
        settings,
        propose=one_sound,
        followed=lambda text, example: share("0.95" if text == SOUND else "0.87", example),
        right=rule_breaker,
    ).play()
    assert second_race(sent).winner is None


def test_the_last_race_admits_a_challenger() -> None:
    """A prompt that keeps a constraint which the best breaks takes part in the last race, and can win."""
    readable: set[tuple[str, str]] = set()
    steps = [0]

    def followed(text: str, example: str) -> bool:
        """The initial prompt's answers are readable up to step 1, the sound one's always, no other's."""
        if text in START and steps[-1] < 2:
            readable.add((text, example))
        return text == SOUND or (text, example) in readable

    def propose(request: ProposalsRequested) -> list[str]:
        steps.append(request.step)
        return [SOUND] if request.step == 1 else [f"Weak {request.step} {n} 0.4" for n in range(6)]

    sent = Search(
        search_settings(
            steps=6,
            patience=9,
            constraints=["ifr >= 0.9"],
            concurrent_steps=1,
            block=60,
        ),
        target=task("far", dev=120, prompts=START[:1]),
        propose=propose,
        followed=followed,
        right=lambda text, example: text in START or share("right 0.9", example),
    ).play()
    *races, last = of(RaceFinished, sent)
    assert candidate_id(SOUND) not in [race.winner for race in races]
    assert (last.winner, last.against) == (candidate_id(SOUND), races[-1].against)
    [end] = of(StageFinished, sent)
    assert end.best.candidate.text == SOUND
