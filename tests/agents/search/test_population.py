"""The prompts that a stage begins with."""

from curator_making import task

from transfer_prompting.agents.search.population import initial_prompts, seeds
from transfer_prompting.prompts.seeds import seed_library
from transfer_prompting.prompts.task import AnswerType


def test_initial_prompts() -> None:
    """Initial prompts are the tasks' own, in order, marked by their operator."""
    prompts = initial_prompts([task("near", prompts=["One.", "Two."]), task("next", prompts=["Three."])])
    assert [(p.text, p.operator) for p in prompts] == [(t, "initial") for t in ("One.", "Two.", "Three.")]


def test_seeds() -> None:
    """The library of seed prompts, each once."""
    assert [p.text for p in seeds()] == list(seed_library().prompts)
    assert {p.operator for p in seeds()} == {"seed"}
    assert len({p.id for p in seeds()}) == len(seeds()) > 3


def test_seeds_suit_the_answers() -> None:
    """Prompts about options are not tried on open answers, and none on lists, JSON or raw text."""

    def texts(kind: AnswerType) -> list[str]:
        near = task("near")
        answer = near.answer.model_copy(update={"type": kind})
        return [seed.text for seed in seeds([near.model_copy(update={"answer": answer})])]

    assert texts("label") == list(seed_library().prompts)
    assert texts("number") == texts("text") == list(seed_library().open_prompts)
    assert set(texts("text")) < set(texts("label"))
    assert texts("list") == texts("json") == texts("raw") == []
