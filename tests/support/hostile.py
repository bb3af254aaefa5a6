"""A report in which every text tries to break out of the page."""

from dataclasses import replace

from transfer_prompting.orchestration.deploy.whole_request import Turn, WholeRequest
from transfer_prompting.orchestration.projections.answer_grid import AnswerGrid
from transfer_prompting.orchestration.projections.example_history import RecordedAnswer
from transfer_prompting.orchestration.projections.family_tree import TextChanges
from transfer_prompting.orchestration.projections.replies_in_full import PairInFull
from transfer_prompting.orchestration.report.contents import Contents
from transfer_prompting.prompts.candidate import Candidate

ATTACK = (
    "</script></pre><script>document.title='broken'</script>"
    "<img src=http://127.0.0.1:9/x>\"' onload=alert(1) "
)


def hostile(contents: Contents) -> Contents:
    """Return the same report with a hostile prompt, questions, answers, names and settings."""
    assert contents.winner is not None
    return replace(
        contents,
        run=contents.run + ATTACK,
        headline=ATTACK,
        words=(ATTACK,),
        winner=Candidate(id=ATTACK, text=ATTACK, operator=ATTACK),
        initial=Candidate(id=f"own {ATTACK}", text=ATTACK, operator=ATTACK),
        changes=(TextChanges("", [("new", ATTACK), ("gone", ATTACK)]),),
        request=WholeRequest((Turn(ATTACK, ATTACK),), ATTACK, ATTACK, (ATTACK,)),
        sentences=tuple(replace(s, sentence=ATTACK) for s in contents.sentences),
        learning=tuple(replace(p, prompt=ATTACK) for p in contents.learning),
        finalists=tuple(replace(f, id=ATTACK, text=ATTACK, operator=ATTACK) for f in contents.finalists),
        pairs=tuple(
            replace(p, example=ATTACK, question=ATTACK, wanted=ATTACK, initial=ATTACK, best=ATTACK)
            for p in contents.pairs
        ),
        in_full=tuple(_hostile_pair(one) for one in contents.in_full),
        grid=_hostile_grid(contents.grid),
        family=tuple(
            replace(
                m,
                life=replace(
                    m.life,
                    id=ATTACK,
                    operator=ATTACK,
                    text=ATTACK,
                    summary=ATTACK,
                    chapters=tuple(replace(c, text=ATTACK) for c in m.life.chapters),
                ),
                texts=(TextChanges(ATTACK, [("new", ATTACK), ("gone", ATTACK), ("same", ATTACK)]),),
            )
            for m in contents.family
        ),
        settings={ATTACK: ATTACK},
        models={ATTACK: ATTACK},
        versions={ATTACK: ATTACK},
    )


def _hostile_pair(one: PairInFull) -> PairInFull:
    pair = replace(one.pair, example=ATTACK, question=ATTACK, wanted=ATTACK)
    return PairInFull(pair, _hostile_answer(one.initial), _hostile_answer(one.best))


def _hostile_answer(answer: RecordedAnswer | None) -> RecordedAnswer:
    assert answer is not None
    return replace(answer, replied=ATTACK, answer=ATTACK, likelihoods={ATTACK: -1.0})


def _hostile_grid(grid: AnswerGrid | None) -> AnswerGrid:
    assert grid is not None
    return replace(
        grid,
        stage=ATTACK,
        examples=tuple(replace(one, example=ATTACK, question=ATTACK) for one in grid.examples),
        rows=tuple(replace(row, prompt=ATTACK) for row in grid.rows),
    )
