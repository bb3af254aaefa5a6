"""A report in which every text tries to break out of the page."""

from dataclasses import replace

from transfer_prompting.orchestration.projections.family_tree import TextChanges
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
        finalists=tuple(replace(f, id=ATTACK, text=ATTACK, operator=ATTACK) for f in contents.finalists),
        pairs=tuple(
            replace(p, example=ATTACK, question=ATTACK, wanted=ATTACK, initial=ATTACK, best=ATTACK)
            for p in contents.pairs
        ),
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
