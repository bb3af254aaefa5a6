"""VLLMModel without vLLM, and the computation of likelihoods. The engine is tested in tests/with_vllm."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from transfer_prompting.agents.models.base import ModelError
from transfer_prompting.agents.models.local.scoring import EncodedRequest
from transfer_prompting.agents.models.local.sources import ModelNotInstalled
from transfer_prompting.agents.models.registry import ModelSettings, build_model
from transfer_prompting.agents.models.vllm.model import VLLMModel
from transfer_prompting.agents.models.vllm.option_scoring import (
    contexts_of,
    prompts_of,
    sums_of,
    sums_of_prompts,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that looks like a model's."""
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    return tmp_path


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make vLLM look installed: it is imported only when the engine starts."""
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: object() if name == "vllm" else real(name, *rest)
    )


def logprobs(**values: float) -> Any:
    """Return a step of log-probabilities, t7=-1.0 for token 7."""
    return {int(name[1:]): SimpleNamespace(logprob=value) for name, value in values.items()}


def after(step: Any) -> Any:
    """Return the output of a request for one token."""
    return SimpleNamespace(outputs=[SimpleNamespace(logprobs=[step])])


def test_missing_vllm_is_named_with_the_command_that_installs_it(folder: Path) -> None:
    """Without the package, the error contains the command that installs it."""
    if importlib.util.find_spec("vllm") is not None:
        pytest.skip("vllm is installed")
    with pytest.raises(ModelNotInstalled, match=r"transfer-prompting\[vllm\]"):
        build_model(ModelSettings(provider="vllm", model=str(folder)))


@pytest.mark.usefixtures("installed")
def test_identity_names_weights_and_precision(folder: Path) -> None:
    """The identity differs for other weights or precision, and from transformers on the same folder."""
    one, other = VLLMModel(str(folder)), VLLMModel(str(folder), dtype="float32")
    assert one.identity.startswith(f"vllm:{folder.name}@")
    assert one.identity.endswith(":auto")
    assert one.identity != other.identity


@pytest.mark.usefixtures("installed")
def test_gguf_is_refused() -> None:
    """A .gguf file is refused with the advice to use transformers."""
    with pytest.raises(ModelError, match="transformers") as caught:
        VLLMModel("model.gguf")
    assert caught.value.cause == "not_supported"


def test_contexts_are_the_options_beginnings() -> None:
    """Options that begin with the same tokens share contexts."""
    assert contexts_of([[1, 2, 3], [1, 4], [5]]) == {(): {1, 5}, (1,): {2, 4}, (1, 2): {3}}


def test_prompts_are_contexts_if_there_are_few() -> None:
    """Up to eight contexts are sent; if there are more, the options are sent instead."""
    assert prompts_of(EncodedRequest([7, 8], [[1, 2], [1, 3]])) == [[7, 8], [7, 8, 1]]
    assert prompts_of(EncodedRequest([7], [list(range(9))])) == [[7, *range(9)]]


def test_log_probability_of_an_option_is_the_sum_of_its_tokens() -> None:
    """Each token is conditioned on the option's tokens before it."""
    outputs = {(): after(logprobs(t1=-1.0, t5=-2.0)), (1,): after(logprobs(t2=-0.5, t4=-0.25))}
    assert sums_of([[1, 2], [1, 4], [5]], outputs) == [-1.5, -1.25, -2.0]


def test_log_probabilities_of_the_prompt_do_not_count() -> None:
    """Only the option's own tokens are summed if the option is read with its prompt."""
    output = SimpleNamespace(prompt_logprobs=[None, logprobs(t8=-9.0), logprobs(t1=-1.0), logprobs(t2=-0.5)])
    assert sums_of_prompts(EncodedRequest([7, 8], [[1, 2]]), [output]) == [-1.5]


@pytest.mark.parametrize("step", [None, logprobs(t3=-1.0)])
def test_missing_log_probability_is_an_error(step: Any) -> None:
    """A token without a log-probability is never taken for a certain one."""
    with pytest.raises(ModelError, match="left out"):
        sums_of([[1]], {(): after(step)})
