"""A prompt's life, told from the log."""

from copy import copy
from dataclasses import replace

from transfer_prompting.agents.messages import (
    CandidateStopped,
    PromptJudged,
    PromptPromoted,
    PromptScored,
    RaceFinished,
)
from transfer_prompting.orchestration.projections.history import RunHistory
from transfer_prompting.orchestration.projections.prompt_history import prompt_history


def test_every_block_is_told(account: RunHistory) -> None:
    """Each score of a prompt is a chapter, with the right answers of that block and the seq that says so."""
    for id_ in account.candidates:
        scored = [(said, m) for said, m in account.of(PromptScored) if m.candidate == id_]
        chapters = [chapter for chapter in prompt_history(account, id_).chapters if chapter.what == "scored"]
        assert [chapter.seq for chapter in chapters] == [said.seq for said, _ in scored]
        for chapter, (_, message) in zip(chapters, scored, strict=True):
            right = sum(outcome.correct for outcome in message.outcomes)
            assert chapter.text.startswith(f"{right} of {len(message.outcomes)} ")


def test_why_a_prompt_was_dropped(account: RunHistory) -> None:
    """Who was stopped in its last race is told when and why, in the words of the curator."""
    dropped = {m.candidate: m for _, m in account.of(CandidateStopped) if m.stage == "target"}
    assert dropped
    for id_, message in dropped.items():
        life = prompt_history(account, id_)
        if life.operator == "initial":
            continue  # The best of the user's own prompts is raced again at the end.
        assert message.reason in life.summary, life
        assert f"stopped after {message.seen} of {message.total}" in life.summary


def test_both_sides_of_a_race(account: RunHistory) -> None:
    """Who won over whom is told in the lives of both, with the gain that was its evidence."""
    wins = [(s, m) for s, m in account.of(RaceFinished) if m.winner and m.against]
    assert wins
    for said, message in wins:
        gain = next(r for r in message.results if r.candidate == message.winner)
        assert message.winner is not None
        assert message.against is not None
        mine = _chapter(account, message.winner, said.seq)
        theirs = _chapter(account, message.against, said.seq)
        assert f"won, {100 * gain.gain:+.1f} points of utility against {message.against}" in mine
        assert f"beaten by {message.winner}" in theirs


def test_promotion_and_judgement(account: RunHistory) -> None:
    """A promotion and a judgement are told with their evidence."""
    promoted = list(account.of(PromptPromoted))
    assert promoted
    for said, message in promoted:
        text = _chapter(account, message.standing.candidate.id, said.seq)
        assert message.reason in text
        assert f"rank {message.rank}" in text
    said, judged = next(account.of(PromptJudged))
    assert "clarity" in _chapter(account, judged.candidate, said.seq)


def test_the_winner(account: RunHistory) -> None:
    """The life of the prompt of the verdict ends with the verdict, whole."""
    winner, finished = account.state.winner, account.state.finished
    assert winner is not None
    assert finished is not None
    life = prompt_history(account, winner.id)
    assert life.summary == "It is the prompt to use."
    assert life.chapters[-1].what == "verdict"
    assert finished.verdict in life.chapters[-1].text


def test_no_winner(account: RunHistory) -> None:
    """Without an improvement the prompt to use is the user's own, and the best of the search is not."""
    finished = account.state.finished
    assert finished is not None
    assert finished.best.id != finished.initial.id
    own = replace(account, state=copy(account.state))
    own.state.finished = finished.model_copy(update={"improved": False})
    assert "keep that" in prompt_history(own, finished.best.id).summary
    assert "the prompt to use" in prompt_history(own, finished.initial.id).summary


def test_how_it_was_made(account: RunHistory) -> None:
    """A reflection names its parent with the score it had, the call that wrote it, and the mistakes shown."""
    made = [id_ for id_, c in account.candidates.items() if c.operator == "reflection"]
    makings = [making for id_ in made if (making := prompt_history(account, id_).making)]
    assert len(makings) == len(made) > 0
    calls = {call.seq: call for call in account.calls.by_id.values()}
    for making in makings:
        assert making.call is not None
        assert making.reply == calls[making.call].replied
        assert 1 <= len(making.mistakes) <= 5
        for mistake in making.mistakes:
            assert mistake.question is not None
            assert mistake.question in calls[making.call].asked
            assert mistake.answered != mistake.wanted


def test_an_edit_asks_no_model(account: RunHistory) -> None:
    """What was made without a model has parents but no call; what began a stage was not made at all."""
    for id_, candidate in account.candidates.items():
        making = prompt_history(account, id_).making
        if candidate.operator == "demonstrations":
            assert making is not None
            assert (making.call, making.mistakes) == (None, ())
        if candidate.operator == "initial":
            assert making is None


def _chapter(account: RunHistory, prompt: str, seq: int) -> str:
    [text] = [chapter.text for chapter in prompt_history(account, prompt).chapters if chapter.seq == seq]
    return text
