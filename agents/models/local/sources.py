"""Location and identity of local weights, found without importing torch."""

import hashlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..base import ModelError

LOCAL_COMMAND = "pip install 'transfer-prompting[local]'"
_SAMPLE_BYTES = 4096
_SAMPLES = 64
_WEIGHTS = ("*.safetensors", "*.bin", "*.gguf")
_SMALL_FILES = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer.model", "*.jinja")


class ModelNotInstalled(ModelError):
    """A package that a model needs is missing. The advice is the command that installs it."""

    def __init__(self, missing: str, command: str) -> None:
        super().__init__("not_supported", f"{missing} is not installed.", advice=f"Run: {command}")
        self.command = command


@dataclass(frozen=True, slots=True)
class WeightsLocation:
    """Arguments of `from_pretrained`: a folder or hub name, and its GGUF file or revision."""

    name: str
    gguf_file: str | None = None
    revision: str | None = None

    @property
    def arguments(self) -> dict[str, str]:
        """The arguments besides the name."""
        if self.gguf_file is not None:
            return {"gguf_file": self.gguf_file}
        return {"revision": self.revision or "main"}


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model's weights: `label` identifies them, and `locate` prepares them and returns their location.

    `locate` may take minutes.
    """

    label: str
    locate: Callable[[], WeightsLocation]


def require_local_packages(extra: str = "") -> None:
    """Raise `ModelNotInstalled` unless torch and transformers (and `extra`) are installed."""
    for package in ("torch", "transformers", *filter(None, [extra])):
        if importlib.util.find_spec(package) is None:
            raise ModelNotInstalled(f"Package {package}", LOCAL_COMMAND)


def source_of(folder_or_name: str, revision: str | None = None) -> ModelSource:
    """Return the source for a folder in transformers' format, a .gguf file, or else a hub name.

    The label of files contains a digest of their content, so that it identifies the weights and not their
    location. The label of a hub model contains its revision. Raises `ModelError` if a path holds no model.
    """
    path = Path(folder_or_name).expanduser()
    if path.suffix == ".gguf" and path.is_file():
        require_local_packages("gguf")
        gguf = WeightsLocation(str(path.parent), gguf_file=path.name)
        return ModelSource(f"transformers:{path.name}@{digest_of([path])}", lambda: gguf)
    if path.is_dir():
        folder = WeightsLocation(str(path))
        return ModelSource(f"transformers:{path.resolve().name}@{_folder_digest(path)}", lambda: folder)
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
    """Return a digest of 12 hexadecimal digits over names, sizes and evenly spaced samples of files.

    Reading all weights would take seconds. The samples cover the whole file, because a fine-tuned model
    keeps the header of its weights while training changes practically every weight.
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
    """Return offsets whose samples cover small files completely and large ones evenly."""
    return range(0, size, max(_SAMPLE_BYTES, size // _SAMPLES))
