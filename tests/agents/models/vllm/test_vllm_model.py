"""What VLLMModel does without vLLM, and how likelihoods are put together; tests/with_vllm has the engine."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from transfer_prompting.agents.models.base import ModelError
from transfer_prompting.agents.models.local.scoring import Encoded
from transfer_prompting.agents.models.local.sources import ModelNotInstalled
from transfer_prompting.agents.models.registry import ModelSettings, build_model
from transfer_prompting.agents.models.vllm.model import VLLMModel
from transfer_prompting.agents.models.vllm.options import contexts_of, prompts_of, sums_of, sums_of_prompts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that looks like a model's."""
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    return tmp_path


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make vLLM look installed: it is imported only when the engine starts."""
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: object() if name == "vllm" else real(name, *rest)
    )


def told(**logprobs: float) -> Any:
    """Return a step of log-probabilities, t7=-1.0 for token 7."""
    return {int(name[1:]): SimpleNamespace(logprob=value) for name, value in logprobs.items()}


def after(step: Any) -> Any:
    """Return the output of a request for one token."""
    return SimpleNamespace(outputs=[SimpleNamespace(logprobs=[step])])


def test_absent_vllm_is_named_with_the_command_that_installs_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the package the error holds the one command to run."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_: None)
    with pytest.raises(ModelNotInstalled, match=r"transfer-prompting\[vllm\]"):
        build_model(ModelSettings(provider="vllm", model=str(folder)))


@pytest.mark.usefixtures("installed")
def test_identity_names_weights_and_precision(folder: Path) -> None:
    """Weights and precision tell engines apart, and vLLM from transformers on the same folder."""
    one, other = VLLMModel(str(folder)), VLLMModel(str(folder), dtype="float32")
    assert one.identity.startswith(f"vllm:{folder.name}@")
    assert one.identity.endswith(":auto")
    assert one.identity != other.identity


@pytest.mark.usefixtures("installed")
def test_gguf_is_refused() -> None:
    """A file that vLLM cannot run is refused with what can."""
    with pytest.raises(ModelError, match="transformers") as caught:
        VLLMModel("model.gguf")
    assert caught.value.cause == "not_supported"


def test_contexts_are_the_options_beginnings() -> None:
    """Options that begin alike share their contexts."""
    assert contexts_of([[1, 2, 3], [1, 4], [5]]) == {(): {1, 5}, (1,): {2, 4}, (1, 2): {3}}


def test_few_contexts_are_sent_and_many_give_way_to_the_options() -> None:
    """Up to eight contexts are asked for what follows them; otherwise each option is read whole."""
    assert prompts_of(Encoded([7, 8], [[1, 2], [1, 3]])) == [[7, 8], [7, 8, 1]]
    assert prompts_of(Encoded([7], [list(range(9))])) == [[7, *range(9)]]


def test_option_is_the_sum_of_its_tokens() -> None:
    """Each token counts after the option's tokens before it."""
    outputs = {(): after(told(t1=-1.0, t5=-2.0)), (1,): after(told(t2=-0.5, t4=-0.25))}
    assert sums_of([[1, 2], [1, 4], [5]], outputs) == [-1.5, -1.25, -2.0]


def test_option_read_with_its_prompt_counts_its_own_tokens_only() -> None:
    """The prompt's own log-probabilities do not count."""
    read = SimpleNamespace(prompt_logprobs=[None, told(t8=-9.0), told(t1=-1.0), told(t2=-0.5)])
    assert sums_of_prompts(Encoded([7, 8], [[1, 2]]), [read]) == [-1.5]


@pytest.mark.parametrize("step", [None, told(t3=-1.0)])
def test_missing_log_probability_is_an_error(step: Any) -> None:
    """A token without its log-probability is never taken for one that costs nothing."""
    with pytest.raises(ModelError, match="left out"):
        sums_of([[1]], {(): after(step)})
