"""A limit on the cost of answers needs a price and influences the search."""

from pathlib import Path

import pytest
from tiny_runs import begin, scripted, tiny_config

from transfer_prompting.agents.messages import PromptScored
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.models.price import Price
from transfer_prompting.orchestration.config.settings import read_config
from transfer_prompting.orchestration.errors import ConfigError

MODEL = 'provider = "openai"\nmodel = "m"\nbase_url = "http://127.0.0.1:9/v1"\n'


def written(folder: Path, price: str = "") -> Path:
    """Return a configuration that limits the cost, with this price of the scorer's model."""
    path = folder / "run.toml"
    path.write_text(
        f'[target]\ntask = "dates"\n[search]\nconstraints = ["cost <= 2"]\n'
        f"[models.scorer]\n{MODEL}{price}[models.reference]\n{MODEL}"
    )
    return path


def test_a_limit_on_cost_needs_a_price(tmp_path: Path) -> None:
    """Without [models.scorer.price] a limit on cost is refused, and the error names the table."""
    with pytest.raises(ConfigError, match=r"limit on cost needs a price: set \[models\.scorer\.price\]"):
        read_config(written(tmp_path))
    priced = read_config(written(tmp_path, "price = { input = 1.0, output = 3.0 }\n"))
    assert priced.search_settings().price == Price(input=1.0, output=3.0)


async def test_scores_have_a_cost(tmp_path: Path) -> None:
    """With a price each score gives the cost of 1000 answers."""
    config = tiny_config(tmp_path, examples=20)
    scorer = config.models.scorer.model_copy(update={"price": Price(input=1.0, output=3.0)})
    models = config.models.model_copy(update={"scorer": scorer})
    events = await begin(config.model_copy(update={"models": models}), tmp_path, scripted())
    told = next(m for e in events if isinstance(m := decode(e), PromptScored))
    tokens = told.prompt_tokens * 1.0 + told.completion_tokens * 3.0
    assert told.score.value("cost") == pytest.approx(tokens / len(told.outcomes) / 1000)
