"""The prompts that a stage begins with."""

from curator_making import task

from transfer_prompting.agents.search.population import initial_prompts, seeds
from transfer_prompting.prompts.seeds import seed_library


def test_initial_prompts() -> None:
    """Initial prompts are the tasks' own, in order, marked by their operator."""
    prompts = initial_prompts([task("near", prompts=["One.", "Two."]), task("next", prompts=["Three."])])
    assert [(p.text, p.operator) for p in prompts] == [(t, "initial") for t in ("One.", "Two.", "Three.")]


def test_seeds() -> None:
    """The library of seed prompts, each once."""
    assert [p.text for p in seeds()] == list(seed_library().prompts)
    assert {p.operator for p in seeds()} == {"seed"}
    assert len({p.id for p in seeds()}) == len(seeds()) > 3
