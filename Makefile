# Needs a Python from 3.11 to 3.13 with its venv module, and nothing else; `make help` lists targets.
# Every path is relative, so the folder may have spaces in its name. Recipes read no input.

PYTHON ?= python3
DEMO_REPLICATES ?= 200
OTHER_PYTHONS := 3.12 3.13
# 3.12 has the other Mesa and the other NumPy. What kills, cuts and crowds processes does not depend on
# them. 3.13 has the libraries of 3.12, and runs what holds engines and numbers against each other.
TESTS_OF_3.12 := $(patsubst %,--ignore=tests/integration/test_%.py,cli_ends compile_cache crash \
    damage dask failures foreign_folders hostile_text memory shards startup wheel)
TESTS_OF_3.13 := tests/golden tests/parity/test_engines_agree.py tests/integration/test_mesa.py \
    tests/integration/test_imports.py
TESTS :=

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed.stamp
INSTALL := -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
INSTALL_BROWSER := -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev,browser]'
INSTALL_BENCH := -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev,bench]'
INSTALL_DOCS := -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev,docs]'

export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: outlines science calibrate hindcast-fit evidence smallest-effects help venv demo test test-slow test-browser test-other-pythons lint bench tables docs citation clean

help:
	@echo 'make demo                two postures on the same random numbers, with a plot, in results/demo'
	@echo 'make test                the tests, but for the slow ones'
	@echo 'make test-slow           the slow tests'
	@echo 'make test-browser        the pages in Chromium, where it is installed'
	@echo 'make test-other-pythons  most tests under Python 3.12, and some under 3.13, where installed'
	@echo 'make lint                style, format and types'
	@echo 'make bench               speed and memory: docs/performance.md, ten minutes; with gcc also C'
	@echo 'make calibrate           set stakes and restraint on disputes, with a hold-out, five to ten minutes'
	@echo 'make hindcast-fit        gains that fit half of the hindcast, printed, about three minutes'
	@echo 'make evidence            what has to hold, and whether it does: docs/evidence.md, ten minutes'
	@echo 'make science             what the shipped questions give: docs/validation.md, resumable; DATA=folder'
	@echo 'make smallest-effects    how much each metric varies by itself, beside the catalogue, a minute'
	@echo 'make tables              the tables of parameters and metrics in docs/'
	@echo 'make docs                the documentation as a site, in build/site/html, two minutes'
	@echo 'make citation            codemeta.json and .zenodo.json, from CITATION.cff'
	@echo 'make outlines            outlines of countries for maps, from the npm package world-atlas'
	@echo 'make venv                the environment in $(VENV); the other targets make it on first use'
	@echo 'make clean               removes environments, results and caches'

venv: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' </dev/null || \
	    { echo 'This needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.12 ...' >&2; exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' </dev/null || \
	    { echo 'Python has no venv module here: on Debian, apt install python3-venv' >&2; exit 1; }
	@echo 'Installing into $(VENV), once ...'
	@$(BIN)/python -m pip --version </dev/null >/dev/null 2>&1 || \
	    "$(PYTHON)" -m venv --clear $(VENV) </dev/null
	@$(BIN)/python $(INSTALL) </dev/null
	@touch $@

demo: $(STAMP)
	$(BIN)/regional-sim run configs/baseline.yaml --posture traditional --posture new_approach \
	    --replicates $(DEMO_REPLICATES) --seed 7 --tables runs,timeseries --plot \
	    --out results/demo --force </dev/null

test: $(STAMP)
	$(BIN)/python -m pytest -q -n auto $(TESTS) </dev/null

test-slow: $(STAMP)
	$(BIN)/python -m pytest -q -n auto -m slow </dev/null || \
	    { code=$$?; [ $$code -eq 5 ] && echo 'There are no slow tests.' || exit $$code; }

# The browser is the system's own: nothing is downloaded but the library that drives it.
test-browser: $(STAMP)
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	    command -v google-chrome >/dev/null || \
	    { echo 'skipped: no Chromium here: on Debian, apt install chromium'; exit 0; }; \
	$(BIN)/python $(INSTALL_BROWSER) </dev/null && \
	$(BIN)/python -m pytest -q -m browser tests/browser </dev/null

# A command of that name may be there and not run, so each candidate is tried. The tests run in an
# environment of their own beside the first one.
test-other-pythons:
	@failed=0; \
	for version in $(OTHER_PYTHONS); do \
	    found=; \
	    for candidate in "python$$version" "$${PYENV_ROOT:-$$HOME/.pyenv}/versions/$$version".*/bin/python; do \
	        if "$$candidate" -c "import sys, venv, ensurepip; sys.exit('%d.%d' % sys.version_info[:2] != '$$version')" \
	            </dev/null >/dev/null 2>&1; then found=$$candidate; break; fi; \
	    done; \
	    if [ -z "$$found" ]; then echo "skipped: no Python $$version here"; continue; fi; \
	    echo "Python $$version"; \
	    case $$version in 3.12) tests='$(TESTS_OF_3.12)';; *) tests='$(TESTS_OF_3.13)';; esac; \
	    $(MAKE) --no-print-directory test VENV=".venv-$$version" PYTHON="$$found" TESTS="$$tests" \
	        || failed=1; \
	done; \
	exit $$failed

lint: $(STAMP)
	$(BIN)/ruff check . </dev/null
	$(BIN)/ruff format --check . </dev/null
	$(BIN)/mypy </dev/null

calibrate: $(STAMP)
	$(BIN)/python -m regional_sim.analysis.calibrate </dev/null

hindcast-fit: $(STAMP)
	$(BIN)/python -m regional_sim.analysis.hindcast fit </dev/null

evidence: $(STAMP)
	$(BIN)/python -m experiments.evidence </dev/null

science: $(STAMP)
	$(BIN)/python -m experiments.science $(if $(DATA),--data $(DATA)) </dev/null

smallest-effects: $(STAMP)
	$(BIN)/python -m regional_sim.analysis.smallest_effects </dev/null

outlines: $(STAMP)
	folder=$$(mktemp -d) && (cd "$$folder" && npm pack --silent world-atlas@2.0.2 && tar -xzf world-atlas-2.0.2.tgz) </dev/null && \
	$(BIN)/python scripts/region_outlines.py "$$folder/package/countries-50m.json" \
	    src/regional_sim/figures/region_outlines.json </dev/null; code=$$?; rm -rf "$$folder"; exit $$code

bench: $(STAMP)
	$(BIN)/python $(INSTALL_BENCH) </dev/null
	$(BIN)/python -m benchmarks.performance </dev/null

tables: $(STAMP)
	@mkdir -p docs
	$(BIN)/regional-sim describe parameters --format markdown </dev/null >docs/parameters.md.new
	mv docs/parameters.md.new docs/parameters.md
	$(BIN)/regional-sim describe metrics --format markdown </dev/null >docs/metrics.md.new
	mv docs/metrics.md.new docs/metrics.md

docs: $(STAMP)
	@$(BIN)/python $(INSTALL_DOCS) </dev/null
	$(BIN)/python site/build.py </dev/null

citation: $(STAMP)
	$(BIN)/python site/citation.py </dev/null

clean:
	rm -rf .venv .venv-* results build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
