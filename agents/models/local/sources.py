"""Where local weights lie and what identifies them, told without importing torch."""

import hashlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..base import ModelError

_SAMPLE_BYTES = 4096
_SAMPLES = 64
_WEIGHTS = ("*.safetensors", "*.bin", "*.gguf")
_SMALL_FILES = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer.model", "*.jinja")


class ModelNotInstalled(ModelError):
    """A package the model needs is absent; the advice is the one command that installs it."""

    def __init__(self, what: str, command: str) -> None:
        super().__init__("not_supported", f"{what} is not installed.", advice=f"Run: {command}")
        self.command = command


@dataclass(frozen=True, slots=True)
class WeightsLocation:
    """Arguments for `from_pretrained`: a folder or hub name, and the GGUF file or revision in it."""

    name: str
    gguf_file: str | None = None
    revision: str | None = None

    @property
    def place(self) -> dict[str, str]:
        """What goes with the name."""
        if self.gguf_file is not None:
            return {"gguf_file": self.gguf_file}
        return {"revision": self.revision or "main"}


@dataclass(frozen=True, slots=True)
class ModelSource:
    """`label` identifies the weights; `locate` makes them ready (it may take long) and says where."""

    label: str
    locate: Callable[[], WeightsLocation]


def need_local_packages(extra: str = "") -> None:
    """Raise `ModelNotInstalled` unless torch and transformers (and `extra`) can be imported."""
    for package in ("torch", "transformers", *filter(None, [extra])):
        if importlib.util.find_spec(package) is None:
            raise ModelNotInstalled(f"Package {package}", "pip install 'transfer-prompting[local]'")


def source_of(folder_or_name: str, revision: str | None = None) -> ModelSource:
    """Describe a folder in the format of transformers, a .gguf file, or else a name at the hub.

    The label of files holds a digest of their content, so that it follows the weights and not the
    place where they lie; the label of a hub model holds its revision.
    """
    path = Path(folder_or_name).expanduser()
    if path.suffix == ".gguf" and path.is_file():
        need_local_packages("gguf")
        located = WeightsLocation(str(path.parent), gguf_file=path.name)
        return ModelSource(f"transformers:{path.name}@{digest_of([path])}", lambda: located)
    if path.is_dir():
        located = WeightsLocation(str(path))
        return ModelSource(f"transformers:{path.resolve().name}@{_folder_digest(path)}", lambda: located)
    if path.is_absolute() or path.suffix == ".gguf" or folder_or_name.startswith((".", "~")):
        raise ModelError(
            "bad_request",
            f"There is no model at {folder_or_name}.",
            advice="Correct `model` in [models.NAME].",
        )
    hub = WeightsLocation(folder_or_name, revision=revision)
    return ModelSource(f"transformers:{folder_or_name}@{revision or 'main'}", lambda: hub)


def _folder_digest(folder: Path) -> str:
    if not (folder / "config.json").is_file():
        raise ModelError(
            "bad_request",
            f"Folder {folder} holds no config.json.",
            advice="Name the folder that `save_pretrained` wrote.",
        )
    return digest_of(sorted({file for glob in (*_SMALL_FILES, *_WEIGHTS) for file in folder.glob(glob)}))


def digest_of(files: list[Path]) -> str:
    """Return 12 hexadecimal digits that tell files apart by name, size and evenly spaced samples.

    Reading all weights would take seconds. A fine-tuned model keeps the header of its weights, so the
    samples reach over the whole file: training moves practically every weight.
    """
    digest = hashlib.sha256()
    for file in files:
        size = file.stat().st_size
        digest.update(f"{file.name}\0{size}\0".encode())
        with file.open("rb") as stream:
            for offset in _sample_offsets(size):
                stream.seek(offset)
                digest.update(stream.read(_SAMPLE_BYTES))
    return digest.hexdigest()[:12]


def _sample_offsets(size: int) -> range:
    """Cover small files whole and large ones by evenly spaced samples."""
    return range(0, size, max(_SAMPLE_BYTES, size // _SAMPLES))
