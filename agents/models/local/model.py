"""A model that transformers runs in this process, in one thread outside the event loop."""

import os
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from ..base import ModelError, ModelReply, ModelRequest, refuse_images
from ..tokenised import TokenisedModel
from .batching import Batcher, ReplyOrError
from .scoring import EncodedRequest
from .sources import ModelSource, require_local_packages, source_of

if TYPE_CHECKING:
    from .engine import Engine

_DTYPES = ("float32", "bfloat16", "float16")


class TransformersModel(TokenisedModel):
    """Runs a causal language model with a chat template.

    `model` is a folder, a .gguf file, a hub name, or a `ModelSource`. Weights are loaded at the first
    request. `dtype` "auto" is bfloat16 on a GPU and on CPUs that compute in it, and float32 on other CPUs,
    which are many times slower in bfloat16. `batch_size` is the number of requests computed together, and
    `threads` the number of CPU threads, by default one for each core that this process may use.

    Raises `ModelError` if a package, the folder or the file is missing.
    """

    def __init__(
        self,
        model: str | ModelSource,
        *,
        revision: str | None = None,
        device: str = "auto",
        dtype: str = "auto",
        batch_size: int = 64,
        threads: int | None = None,
    ) -> None:
        require_local_packages()
        super().__init__(source_of(model, revision) if isinstance(model, str) else model)
        self._device = default_device() if device == "auto" else device
        self._dtype = default_dtype(self._device) if dtype == "auto" else dtype
        if self._dtype not in _DTYPES:
            raise ModelError(
                "bad_request", f"dtype is {dtype!r}.", advice=f"Use one of {', '.join(_DTYPES)}."
            )
        self._threads = threads or available_cores()
        self._engine: Engine | None = None
        self._batcher = Batcher(self._compute, batch_size)

    @property
    def identity(self) -> str:
        """Label of the weights and dtype."""
        return f"{self._source.label}:{self._dtype}"

    @property
    def dtype(self) -> str:
        """The type of the weights, which "auto" may have been."""
        return self._dtype

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Score the options or generate an answer, in a batch with other requests. Raises `ModelError`."""
        if request.json_schema is not None:
            raise ModelError("not_supported", "A model in this process cannot be held to a JSON schema.")
        if request.tools:
            raise ModelError("not_supported", "A model in this process cannot use tools.")
        refuse_images(request, "A model in this process")
        return await self._batcher.reply(request)

    async def close(self) -> None:
        """Wait for the running batch, end the thread and release the weights."""
        await self._batcher.close()
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def _prompt_tokens(self, encoded: EncodedRequest, *, generates: bool) -> int:
        # Prompt and options are read once, even if an answer is generated as well.
        return len(encoded.prompt) + sum(map(len, encoded.options))

    def _compute(self, batch: Sequence[ModelRequest], wanted: Callable[[], bool]) -> list[ReplyOrError]:
        try:
            return self._load_engine().run(batch, wanted)
        except ModelError as error:
            return [error] * len(batch)

    def _load_engine(self) -> "Engine":
        if self._engine is None:
            from .engine import Engine

            self._engine = Engine(self._source, self._device, self._dtype, self._threads)
        return self._engine


def available_cores() -> int:
    """Return the number of CPU cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def gpu_is_there() -> bool:
    """Return True if this computer has an NVIDIA GPU, whether or not PyTorch can use it."""
    return any(Path("/dev").glob("nvidia[0-9]*"))


def default_device() -> str:
    """Return the device of `auto`, without importing torch: labels of models depend on it."""
    if not gpu_is_there():
        return "cpu"
    try:
        return "cpu" if version("torch").endswith("+cpu") else "cuda"
    except PackageNotFoundError:
        return "cpu"


def default_dtype(device: str) -> str:
    """Return the dtype of `auto` on a device: the fastest."""
    return "bfloat16" if device != "cpu" or _computes_in_bfloat16() else "float32"


def _computes_in_bfloat16() -> bool:
    """Return True if the CPU multiplies bfloat16 matrices natively; otherwise they take many times longer."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return any(f" {flag} " in flags for flag in ("avx512_bf16", "amx_bf16"))
