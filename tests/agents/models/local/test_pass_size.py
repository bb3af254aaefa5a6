"""The size of a forward pass on each device."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from transfer_prompting.agents.models.local.pass_size import PassSize, pass_size

GIB = 1 << 30


def model(device: str, hidden: int = 576, **config: Any) -> Any:
    """Return what is asked of a loaded model, by default of one like SmolLM2-135M."""
    sizes = {"hidden_size": hidden, "intermediate_size": 1536, "num_attention_heads": 9, **config}
    return SimpleNamespace(device=torch.device(device), dtype=torch.bfloat16, config=SimpleNamespace(**sizes))


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Let a GPU have as much free memory as the dictionary says."""
    free = {"free": 70 * GIB}
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _device: (free["free"], 80 * GIB))
    return free


def test_a_pass_on_a_cpu_fits_into_its_cache() -> None:
    """On a CPU a pass has a thousand tokens."""
    assert pass_size(model("cpu")) == PassSize(tokens=1024, logits=1 << 26)


def test_a_gpu_gets_more(memory: dict[str, int]) -> None:
    """A large card gets passes of ten thousands of tokens, and a full one no fewer than a CPU."""
    assert pass_size(model("cuda:0")).tokens == 32_768
    memory["free"] = 100 << 20
    assert pass_size(model("cuda:0")) == PassSize()


def test_the_pass_fits_into_the_free_memory(memory: dict[str, int]) -> None:
    """A larger model gets fewer tokens in a pass, and so does a card with less free memory."""
    memory["free"] = 4 * GIB
    small = pass_size(model("cuda:0", hidden=2048, intermediate_size=8192, num_attention_heads=32)).tokens
    large = pass_size(model("cuda:0", hidden=4096, intermediate_size=14336, num_attention_heads=32)).tokens
    assert 1024 < large < small < 32_768
    memory["free"] = 2 * GIB
    assert (
        pass_size(model("cuda:0", hidden=4096, intermediate_size=14336, num_attention_heads=32)).tokens
        < large
    )


def test_an_architecture_without_an_intermediate_size(memory: dict[str, int]) -> None:
    """An architecture that does not name its intermediate size is taken to have the usual one."""
    assert pass_size(model("cuda:0", intermediate_size=None)).tokens == 32_768
