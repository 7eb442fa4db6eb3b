# Everything a newcomer needs. `make run` and `make test` set up what they need by themselves.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SECONDS ?= 60
MINUTES ?= 60
SEED ?=
ROUNDS ?= 50
STRIDE ?= 1
ONLY ?=
SEEDS ?= 300
FIRST ?= 1
SCENES ?=

.PHONY: setup run demo test check format lint types bench soak bench-check bench-codec bench-billing bench-stages growth plots faults fuzz simulate interop alerts gameday bench-scrape package lock clean

setup: $(READY)

# The lock names exact versions with hashes and no index; --no-deps keeps pip from looking further.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

run: setup
	$(BIN)/smpp-gateway demo

demo: setup
	$(BIN)/smpp-gateway demo --once

test: setup
	PYTHONHASHSEED=0 $(BIN)/python -m pytest --numprocesses 3 --dist loadfile

check: setup format lint types test

format: setup
	$(BIN)/ruff format --check .

lint: setup
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy

bench: setup
	$(BIN)/python -m bench $(BENCH)

# Mixed traffic and carriers that misbehave, for MINUTES; memory must be flat, and nothing lost.
soak: setup
	$(BIN)/python -m bench.soak --minutes $(MINUTES)

# Whether a message costs more than bench/reference.json says, against a loop that always does the same; fails above 30 %.
bench-check: setup
	$(BIN)/python -m bench.check

# Where the microseconds of a message go, by stage (py-spy; wants root).
bench-stages: setup
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m bench.stages $(BENCH)

# How the cost grows with binds, customers, length, rate, backlog and ported numbers: about a quarter of an hour.
growth: setup
	$(BIN)/python -m bench.growth

# Draws docs/figures/*.svg from what `make growth` measured.
plots: setup
	$(BIN)/python -m bench.plots

bench-codec: setup
	$(BIN)/python -m bench.codec

bench-billing: setup
	$(BIN)/python -m bench.billing --records 2000000

# Nonsense for the codec, the session and a gateway that runs. A failure tells the SEED and the octets.
fuzz: setup
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS) --seed "$(SEED)"

# The whole gateway on virtual time, one history a seed, with crashes and every other fault (docs/simulation.md).
simulate: setup
	$(BIN)/python -m tests.simulation --seeds $(SEEDS) --first $(FIRST)

# kill -9 of a gateway and of its store process under load, then every N-th fault of disk and wire; an auditor judges. The
# whole takes about a quarter of an hour; STRIDE tries each how many-th place (0: none), ONLY the faults that have it in
# their names. A failure tells the SEED, and keeps its files.
faults: setup
	$(BIN)/python -m tests.faults --rounds $(ROUNDS) --seed "$(SEED)" --stride $(STRIDE) --only "$(ONLY)"

# Other people's SMPP libraries, and the programs of docs/integrators/, against a gateway that runs: smpplib, aiosmpplib, node's smpp
# where node is installed, and Kannel where that is.
interop: setup
	@if command -v node > /dev/null && command -v npm > /dev/null; then $(MAKE) --no-print-directory interop/node_modules/.package-lock.json; \
	else echo "node and npm are not installed: node's smpp library is not tried, the Python ones are"; fi
	$(BIN)/python -m pytest interop -rs

interop/node_modules/.package-lock.json: interop/package.json interop/package-lock.json
	cd interop && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# The alert rules, tried with Prometheus' own tool. Debian has it in the package prometheus.
alerts:
	@if command -v promtool > /dev/null; then cd ops/prometheus && promtool check config prometheus.yaml && \
	    promtool test rules alerts_test.yaml; \
	else echo "promtool is not installed (Debian: prometheus): the alert rules are not tried"; fi

# Breaks things on purpose against a gateway that runs, with a real Prometheus beside it (docs/gameday.md). Debian has it in
# the package prometheus; without it nothing is played. SCENES names some of them.
gameday: setup
	$(BIN)/python -m tests.gameday --scenes "$(SCENES)" --seed "$(SEED)"

# What a scrape of /metrics costs the loop, with 500 customers and 50 binds.
bench-scrape: setup
	$(BIN)/python -m bench.scrape

# A Debian package in dist/, with everything but Python in it (docs/installation.md). Needs dpkg-deb.
package: setup
	$(BIN)/python -m package.build

# Rewrites requirements.lock from pyproject.toml; needs uv on the PATH (it is no part of the product).
lock:
	uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header \
	    --group dev --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
