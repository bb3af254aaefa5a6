"""Settings of models, and the models built from them. Heavy packages are imported only when needed."""

import importlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from .base import Model
from .kinds import ModelKind, thinks
from .openai.option_scorer import Server
from .params import Params, to_params
from .price import Price
from .secret_settings import check_no_secret
from .token_bounds import IMAGE_TOKENS

if TYPE_CHECKING:
    from .local.model import TransformersModel

Provider = Literal["smollm2", "transformers", "vllm", "ray", "openai", "autogen", "dspy", "human"]
Engine = Literal["smollm2", "transformers", "vllm"]
"""Providers that an actor on a Ray cluster can run."""
_BATCHED = frozenset({"smollm2", "transformers"})
"""Providers that compute requests together in batches."""
_MEMORY = 0.9
"""Share of a GPU's memory that vLLM takes by default."""


def _is_unset(value: object) -> bool:
    """Return True for a setting that a log leaves out, as older logs do."""
    return value is None or value == {}


def _is_auto(value: object) -> bool:
    return value == "auto"


class ModelSettings(BaseModel):
    """One named model of the configuration, the table [models.NAME]."""

    # Errors do not quote what was written: a key may have been put into the wrong place.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    provider: Provider
    """Kind of model.

    `smollm2` is the embedded model, `transformers` runs a model in this process, `vllm` runs one on vLLM's
    engine, `ray` runs one of these three on the nodes of a Ray cluster, `openai` calls an OpenAI-compatible
    server, `autogen` calls a client of AutoGen, `dspy` calls a `dspy.LM`, and `human` asks a person."""
    model: str = ""
    """Name at the server; or folder, .gguf file or hub name; for `autogen`, "package.module:callable"; for
    `dspy`, "provider/name"."""
    base_url: str | tuple[str, ...] | None = None
    """Address of the server up to and including its version, for example http://127.0.0.1:8000/v1; or a list
    of servers of the same model, the first of which enters the model's identity."""
    server: Server = "openai"
    """Kind of server. `llama.cpp` and `vllm` extend OpenAI's protocol and can score options."""
    api_key_env: str = "OPENAI_API_KEY"
    """Environment variable that holds the key. The key itself never belongs in a configuration."""
    params: Annotated[dict[str, Any], AfterValidator(to_params)] = Field(
        default_factory=Params, exclude_if=_is_unset
    )
    """For `openai`: further fields of each request's body, for example `{reasoning_effort = "low"}`."""
    temperature: Annotated[float, Field(ge=0, allow_inf_nan=False)] | Literal["unset"] | None = Field(
        default=None, exclude_if=_is_unset
    )
    """For `openai`: the temperature of all requests instead of their own; "unset" sends none."""
    answers: str = ""
    """For `human`: folder of the files that hold questions and take the answers. Without one, questions are
    asked at the terminal."""
    timeout: float = Field(default=60.0, gt=0)
    """Seconds to wait for one reply of a server."""
    connect_timeout: float = Field(default=10.0, gt=0)
    """Seconds to wait for a connection to a server."""
    max_wait: float = Field(default=300.0, ge=0)
    """Seconds that a request may wait for a server's rate limit."""
    concurrency: int = Field(default=16, ge=1)
    """Greatest number of requests in flight at a server or client; fewer while a server is overloaded."""
    batch_size: int = Field(default=64, ge=1)
    """Number of requests that a model in this process computes together."""
    revision: str | None = None
    """Commit, tag or branch of a hub model. The default, `main`, may change at any time."""
    dtype: str = "auto"
    """`float32`, `bfloat16`, `float16`, or `auto`, which chooses the fastest: bfloat16 on a GPU or on a CPU
    that computes in it, and float32 otherwise. With `vllm`, `auto` is the type in the model's files."""
    device: str = "auto"
    """`cpu`, `cuda`, `cuda:1`, or `auto`, which chooses the first GPU if there is one."""
    threads: int | None = Field(default=None, ge=1)
    """CPU threads of a model in this process; by default one for each core that it may use. Fewer are faster
    if other programs keep the cores busy."""
    engine: Engine | None = Field(default=None, exclude_if=_is_unset)
    """For `ray`: the provider that each actor runs."""
    actors: int = Field(default=1, ge=1, exclude_if=lambda value: value == 1)
    """For `ray`: number of actors, which Ray spreads over the nodes. Each loads the model."""
    cpus: float = Field(default=1.0, ge=0, allow_inf_nan=False, exclude_if=lambda value: value == 1)
    """For `ray`: processors that Ray reserves for each actor."""
    gpus: float = Field(default=0.0, ge=0, allow_inf_nan=False, exclude_if=lambda value: value == 0)
    """For `ray`: GPUs that Ray reserves for each actor. A part, such as 0.5, lets actors share one."""
    address: str | None = Field(default=None, exclude_if=_is_unset)
    """For `ray`: address of the cluster, such as 10.0.0.1:6379. Without one, Ray starts on this computer."""
    price: Price | None = None
    """Price of its tokens; by default they cost nothing."""
    thinks: bool | Literal["auto"] = Field(default="auto", exclude_if=_is_auto)
    """Whether it thinks before it answers, for which it needs long replies.

    `auto` guesses by `params` and its name."""
    structured: bool | Literal["auto"] = Field(default="auto", exclude_if=_is_auto)
    """Whether it can be held to a JSON schema. `auto` is true for `openai`, whose server may refuse, and
    `vllm`."""
    image_tokens: int = Field(default=IMAGE_TOKENS, ge=1, exclude_if=lambda value: value == IMAGE_TOKENS)
    """For `openai`: the most tokens that the server counts for an image, for which a budget reserves."""

    @property
    def slots(self) -> int:
        """Number of requests to keep in flight: one whole batch for a model in this process."""
        if self.provider == "human" and not self.answers:
            return 1  # The terminal shows one question at a time.
        return self.actors * (self.batch_size if self.runs in _BATCHED else self.concurrency)

    @property
    def runs(self) -> Provider:
        """The provider that answers: the engine of the actors, or the provider itself."""
        return self.engine if self.provider == "ray" and self.engine else self.provider

    @property
    def kind(self) -> ModelKind:
        """Kind of the model, on which the length of its replies depends."""
        if thinks(self.model, self.params) if self.thinks == "auto" else self.thinks:
            return "thinking"
        return "local" if self.runs in _BATCHED else "endpoint"

    @property
    def takes_schema(self) -> bool:
        """True if requests to the model may hold a JSON schema for the reply."""
        possible = self.runs in {"openai", "vllm"}
        return possible if self.structured == "auto" else self.structured

    @property
    def base_urls(self) -> tuple[str, ...]:
        """All base URLs; empty if there are none."""
        return (self.base_url,) if isinstance(self.base_url, str) else self.base_url or ()

    @model_validator(mode="before")
    @classmethod
    def _hold_no_secret(cls, settings: Any, info: ValidationInfo) -> Any:
        """Check what may hold a key before anything else: errors of a single field quote its value.

        A log of an earlier version that holds one can still be read.
        """
        if isinstance(settings, dict) and not (info.context or {}).get("recorded"):
            check_no_secret(settings)
        return settings

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = dict.fromkeys((*_REQUIRED[self.provider], *_REQUIRED[self.runs]))
        missing = [name for name in needed if not getattr(self, name)]
        if missing:
            raise ValueError(f"provider {self.provider!r} needs {' and '.join(missing)}")
        if self.runs == "smollm2" and self.model:
            raise ValueError("'smollm2' is one fixed model: leave `model` out")
        self._check_actors()
        if self.provider != "openai" and (self.params or self.temperature is not None):
            raise ValueError("params and temperature are for provider 'openai' only: leave them out")
        if self.structured is True and self.runs not in {"openai", "vllm"}:
            raise ValueError(f"provider {self.provider!r} holds no reply to a schema: leave `structured` out")
        if self.provider == "autogen" and not all(self.model.partition(":")):
            raise ValueError(f"model {self.model!r} is not of the form 'package.module:callable'")
        return self

    def _check_actors(self) -> None:
        """Raise `ValueError` if the settings of actors are wrong, or belong to another provider."""
        if self.provider != "ray":
            if self.engine or self.address or (self.actors, self.cpus, self.gpus) != (1, 1.0, 0.0):
                raise ValueError(
                    "engine, actors, cpus, gpus and address are for provider 'ray' only: leave them out"
                )
            return
        if self.device != "auto":
            raise ValueError("Ray chooses the device of each actor: leave `device` out, and set `gpus`")
        if self.gpus > 1 and self.gpus % 1:
            raise ValueError("gpus is a part of one GPU, such as 0.5, or a whole number")
        if self.engine == "vllm" and not self.gpus:
            raise ValueError("engine 'vllm' needs `gpus`")


_REQUIRED: dict[Provider, tuple[str, ...]] = {
    "smollm2": (),
    "transformers": ("model",),
    "vllm": ("model",),
    "ray": ("engine",),
    "openai": ("model", "base_url"),
    "autogen": ("model",),
    "dspy": ("model",),
    "human": (),
}


def build_model(settings: ModelSettings) -> Model:
    """Return the model that the settings describe. Its first request loads weights or opens connections.

    Raises `ModelNotInstalled`, a `ModelError`, if a package that it needs is absent, and `ValueError` if the
    factory of an AutoGen client cannot be found or returns something else.
    """
    match settings.provider:
        case "smollm2" | "transformers":
            return _build_local(settings)
        case "vllm":
            return _build_vllm_on(1, settings)
        case "ray":
            return _build_ray(settings)
        case "openai":
            return _build_openai(settings)
        case "autogen":
            return _build_autogen(settings)
        case "dspy":
            return _build_dspy(settings)
        case "human":
            return _build_human(settings)


def _build_local(settings: ModelSettings) -> "TransformersModel":
    from .local.model import TransformersModel
    from .local.smollm2 import embedded_source

    return TransformersModel(
        embedded_source() if settings.provider == "smollm2" else settings.model,
        revision=settings.revision,
        device=settings.device,
        dtype=settings.dtype,
        batch_size=settings.batch_size,
        threads=settings.threads,
    )


def _build_ray(settings: ModelSettings) -> Model:
    from .ray.connection import require_ray
    from .ray.model import PoolSize, RayModel

    require_ray()
    batched = settings.runs in _BATCHED
    size = PoolSize(
        actors=settings.actors,
        cpus=settings.cpus,
        gpus=settings.gpus,
        group=settings.batch_size if batched else 1,
        groups=1 if batched else settings.concurrency,
    )
    return RayModel(_engine_builder(settings), size, settings.address)


def _engine_builder(settings: ModelSettings) -> Callable[[], Model]:
    """Return the function that builds the engine of an actor: the same model on every node.

    What "auto" stands for is decided here, since nodes may differ.
    """
    if settings.engine == "vllm":
        return partial(_build_vllm_on, settings.gpus, _of_engine(settings, {}))
    device = "cuda" if settings.gpus else "cpu"
    here = _build_local(_of_engine(settings, {"device": device}))
    threads = settings.threads or max(1, int(settings.cpus))
    fixed = {"device": device, "dtype": here.dtype, "threads": threads}
    return partial(_build_local, _of_engine(settings, fixed))


def _of_engine(settings: ModelSettings, fixed: dict[str, Any]) -> ModelSettings:
    """Return the settings of an engine by itself; `fixed` replaces some of them."""
    kept = ("model", "revision", "dtype", "batch_size", "concurrency", "threads")
    values = {name: getattr(settings, name) for name in kept}
    return ModelSettings.model_validate({**values, "provider": settings.engine, **fixed})


def _build_vllm_on(gpus: float, settings: ModelSettings) -> Model:
    """Build a model on a part of a GPU, or on several."""
    from .vllm.model import VLLMModel

    share: dict[str, Any] = {"gpu_memory_utilization": _MEMORY * gpus} if gpus < 1 else {}
    if gpus > 1:
        share["tensor_parallel_size"] = int(gpus)
    return VLLMModel(
        settings.model,
        revision=settings.revision,
        dtype=settings.dtype,
        max_num_seqs=max(settings.concurrency, 8),
        **share,
    )


def _build_openai(settings: ModelSettings) -> Model:
    from .openai.model import OpenAIModel

    return OpenAIModel(
        settings.model,
        settings.base_urls,
        api_key=os.environ.get(settings.api_key_env) or None,
        timeout=settings.timeout,
        connect_timeout=settings.connect_timeout,
        max_wait=settings.max_wait,
        concurrency=settings.concurrency,
        server=settings.server,
        params=settings.params,
        temperature=settings.temperature,
        image_tokens=settings.image_tokens,
    )


def _build_human(settings: ModelSettings) -> Model:
    from .human import FileAsker, HumanModel, TerminalAsker

    return HumanModel(FileAsker(Path(settings.answers)) if settings.answers else TerminalAsker())


def _build_autogen(settings: ModelSettings) -> Model:
    from .autogen.model import AutoGenModel

    return AutoGenModel(_make_client(settings.model), settings.model)


def _build_dspy(settings: ModelSettings) -> Model:
    try:
        from .dspy_lm import DspyModel, make_lm
    except ModuleNotFoundError as error:
        from .local.sources import ModelNotInstalled

        raise ModelNotInstalled("The package dspy", "pip install 'transfer-prompting[dspy]'") from error
    return DspyModel(make_lm(settings.model))


def _make_client(name: str) -> Any:
    module_name, _, attribute = name.partition(":")
    try:
        factory = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"No client factory at {name!r}: {error}.") from error
    client = factory()
    if not callable(getattr(client, "create", None)):
        raise ValueError(f"{name!r} returned {type(client).__name__}, not a ChatCompletionClient.")
    return client
