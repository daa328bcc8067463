# Everything is installed into .venv; nothing else on the machine is touched, but for the Debian packages of `make test`.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
unexport PYTHONDONTWRITEBYTECODE  # the tests start Python some hundred times, and a module is compiled once

.PHONY: help setup run test check fix strings docs pictures archive archive-test audit kept bench bench-search bench-growth bench-pages bench-disposal bench-alarms crash cycles drift field fuzz timelines walk album lock clean
help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/'

setup: .venv/.run  ## install what running needs

run: .venv/.run  ## a fictional demo department, served on this machine only
	$(BIN)/platekeeper demo

# Each process has a home, a database and a browser of its own; who is done takes from who is not. One more than there are
# cores, since a test waits for the servers and browsers it started.
SIDE_BY_SIDE := -n $(shell expr $$(nproc) + 1) --maxprocesses 4 --dist worksteal
test: .venv/.dev .venv/.debian  ## install what the tests need and run them on SQLite, then the records on PostgreSQL
	$(BIN)/pytest $(SIDE_BY_SIDE) -m "not crash and not archive"
	PLATEKEEPER_TEST_DATABASE=postgresql $(BIN)/pytest $(SIDE_BY_SIDE) -m "records and not crash"

check: .venv/.dev  ## formatting, types, the import ladder, migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	mkdir -p .venv/check-home
	PLATEKEEPER_HOME=.venv/check-home $(BIN)/platekeeper manage check --fail-level WARNING
	PLATEKEEPER_HOME=.venv/check-home $(BIN)/platekeeper manage makemigrations --check --dry-run

fix: .venv/.dev  ## format, and mend what can be mended by machine
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

strings: .venv/.dev .venv/.debian  ## find what the product says, bring the Spanish catalogue up to it, and compile it
	$(BIN)/python -m tests.house.strings

pictures: .venv/.dev .venv/.debian  ## take the pictures of the quick start from the demo's real screens
	$(BIN)/python docs/pictures/take.py

docs: .venv/.dev  ## check that every link in the documents leads somewhere
	$(BIN)/pytest tests/house/test_links.py

archive: .venv/.dev  ## one file in dist/ that a machine without network is installed and upgraded from
	$(BIN)/python deploy/build.py

archive-test: .venv/.dev  ## build archives of this version and of a next one; install, upgrade, go back, without network
	$(BIN)/pytest tests/deploy -m archive

audit: .venv/audit/.done  ## ask for known faults in everything that is locked; needs the network, and says so
	$(BIN)/python deploy/audit.py $(AUDIT)

kept: .venv/.dev .venv/.debian  ## when a version is released: keep a small department of it, which later versions are tested on
	$(BIN)/python -m tests.upgrades.keep

NOT_BY_ITSELF := $(addprefix benchmarks/,reading.py making.py street.py alarming.py disposal.py growing.py pages.py)
bench: .venv/.dev .venv/.debian  ## measure what we say about speed
	for script in $(filter-out $(NOT_BY_ITSELF),$(wildcard benchmarks/*.py)); do $(BIN)/python $$script || exit 1; done

READS ?= 5000000
SEARCHED ?= .venv/searched
bench-search: .venv/.dev .venv/.debian  ## search READS reads (5 million), kept in the folder SEARCHED; a run that was cut short goes on
	$(BIN)/python benchmarks/search.py $(READS) $(SEARCHED)

STORED ?= 50000000
GROWN ?= .venv/grown
bench-growth: .venv/.dev .venv/.debian  ## whether reads come in as fast beside STORED reads (50 million: 20 and 26 GB) as beside a fiftieth; kept in the folder GROWN, to be removed
	for engine in SQLite PostgreSQL; do $(BIN)/python benchmarks/growing.py $(STORED) $(GROWN) $$engine || exit 1; done

PAGED ?= .venv/paged
PAGED_ON ?= SQLite
bench-pages: .venv/.dev .venv/.debian  ## whether each page answers as fast with READS reads stored as with 50,000, on SQLite or PAGED_ON=PostgreSQL; kept in the folder PAGED, to be removed
	$(BIN)/python benchmarks/pages.py $(READS) $(PAGED) $(PAGED_ON)

bench-disposal: .venv/.dev .venv/.debian  ## dispose of a day of a hundred thousand reads, and of a million, among 90
	$(BIN)/python benchmarks/disposal.py 100000 1000000

bench-alarms: .venv/.dev .venv/.debian  ## from a read to its alarm at 1,000 reads a second
	$(BIN)/python benchmarks/alarming.py

CRASHES ?= 500
crash: .venv/.dev .venv/.debian  ## every act on data killed CRASHES (500) times on each engine, going on after those that went well; 50,000 reads over HTTP; ten million lines swapped; moves and migrations
	PLATEKEEPER_CRASHES=$(CRASHES) PLATEKEEPER_CRASHED=.venv/crashed $(BIN)/pytest tests/e2e/test_crashes.py
	PLATEKEEPER_TEST_DATABASE=postgresql PLATEKEEPER_CRASHES=$(CRASHES) PLATEKEEPER_CRASHED=.venv/crashed $(BIN)/pytest tests/e2e/test_crashes.py
	PLATEKEEPER_KILL_READS=50000 $(BIN)/pytest tests/e2e/test_kill.py
	$(BIN)/pytest tests/storage/test_sealing_crash.py tests/e2e/test_frigate.py -m crash
	PLATEKEEPER_SWAP_LINES=10000000 PLATEKEEPER_SWAP_READS=200000 $(BIN)/pytest tests/e2e/test_swap.py
	PLATEKEEPER_KILL_STEPS=0 $(BIN)/pytest tests/e2e/test_case_crash.py
	PLATEKEEPER_MACHINE=500 $(BIN)/pytest tests/procedures/test_hits_and_cases_machine.py
	PLATEKEEPER_MOVE_KILLS=$(CRASHES) PLATEKEEPER_CRASHED=.venv/crashed $(BIN)/pytest tests/moving

CYCLES ?= 500
cycles: .venv/.dev  ## a unit and its server with network and power cut and the clock wrong, CYCLES (500) times: every read arrives once
	PLATEKEEPER_CYCLES=$(CYCLES) $(BIN)/pytest tests/field/test_power_cuts.py

DRIFT ?= 20
drift: .venv/.dev  ## the watch over LPRs judged on DRIFT (20) simulated fleets that it was not tuned on
	PLATEKEEPER_DRIFT_SEEDS=$(DRIFT) $(BIN)/pytest tests/core/watching/test_watching.py -k within_a_week
	PLATEKEEPER_DRIFT_EVENLY=1 PLATEKEEPER_DRIFT_SEEDS=$(DRIFT) $(BIN)/pytest tests/core/watching/test_watching.py -k within_a_week

FUZZ ?= 1000000
API_FUZZ ?= 1000
fuzz: .venv/.dev  ## every camera and hot list format against FUZZ (a million) broken messages and files; every operation of the API API_FUZZ (1,000) times
	PLATEKEEPER_FUZZ=$(FUZZ) $(BIN)/pytest tests/core/cameras/test_table.py tests/core/hotlists/test_table.py
	PLATEKEEPER_API_FUZZ=$(API_FUZZ) $(BIN)/pytest tests/api/test_fuzzed.py

PHOTOGRAPHS ?= ../shared/ocr-dev
field: .venv/.dev  ## a video of a hundred vehicles gives a hundred reads; the engine measured on labeled photographs (PHOTOGRAPHS)
	PLATEKEEPER_DRIVE_BY=100 $(BIN)/pytest tests/field/test_reading.py
	for folder in us eu; do $(BIN)/platekeeper-field evaluate $(PHOTOGRAPHS)/$$folder --wrong || exit 1; done
	$(BIN)/python benchmarks/reading.py $(PHOTOGRAPHS)/us

timelines: .venv/.dev  ## ten thousand timelines of what ends on the model, 200 on the databases
	PLATEKEEPER_TIMELINES=10000 PLATEKEEPER_STORED_TIMELINES=200 $(BIN)/pytest tests/retention/test_timelines.py

WALK ?= 10000
walk: .venv/.dev  ## WALK (ten thousand) random calls by the whole cast: no stored read is served without the entry that covers it; and every address for everybody
	PLATEKEEPER_WALK=$(WALK) $(BIN)/pytest tests/web/test_every_look_is_logged.py
	PLATEKEEPER_EVERYBODY=1 $(BIN)/pytest tests/web/test_every_url.py

ALBUM ?= .venv/album
album: .venv/.dev .venv/.debian  ## the clause list walked in Chromium by the whole cast, in two widths, light and dark; its pictures, a sheet a clause, in ALBUM
	mkdir -p $(ALBUM)
	PLATEKEEPER_SHOTS=$(ALBUM) $(BIN)/pytest tests/web/clause_walk.py

COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --no-emit-index-url --no-emit-find-links \
	--generate-hashes --allow-unsafe --strip-extras
lock: .venv/.dev  ## lock the dependencies anew, with hashes and without index addresses
	$(COMPILE) --extra build --extra dev --extra field --output-file requirements-dev.lock pyproject.toml
	for lock in "" -field; do cp requirements-dev.lock requirements$$lock.lock; done  # the versions that are tested
	$(COMPILE) --extra build --output-file requirements.lock pyproject.toml
	$(COMPILE) --extra build --extra field --output-file requirements-field.lock pyproject.toml
	$(COMPILE) --output-file requirements-audit.lock requirements-audit.in

clean:  ## forget what was installed
	rm -rf .venv

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.run: .venv/bin/python requirements.lock pyproject.toml
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

.venv/.dev: .venv/.run requirements-dev.lock
	$(PIP) --require-hashes -r requirements-dev.lock
	touch $@

.venv/audit/.done: .venv/bin/python requirements-audit.lock
	$(BIN)/python -m venv .venv/audit
	.venv/audit/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-audit.lock
	touch $@

# PostgreSQL runs as an unprivileged user in a folder of its own; Chromium shows the pages.
.venv/.debian: .venv/bin/python
	tests/install-debian-packages
	touch $@
