# Thin names for the everyday commands. Each one sets up what it needs first, so a fresh clone works.
# `make` alone lists them.

PYTHON := .venv/bin/python
.PHONY: help run demo story evaluate bring backup restore prove test check fix fuzz audit bench years faults words clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(firstword $(MAKEFILE_LIST))

run: ## start Kindline
	@tools/setup run && exec $(PYTHON) serve.py

demo: ## start Kindline with a simulated day (SPEED=20 for a slower one, BAD=1 for a day that goes wrong)
	@tools/setup run && exec $(PYTHON) demo.py $(if $(SPEED),--speed $(SPEED)) $(if $(BAD),--bad-day)

story: ## live a bad day with one patient and take its pictures for docs/story.md
	@tools/setup dev && $(PYTHON) tools/story.py

evaluate: ## try the estimate on its own past, or on DATA=folder (HISTORY=folder OUT=file.csv PLOT=file.svg)
	@tools/setup run && $(PYTHON) -m clinic.evaluate $(if $(DATA),"$(DATA)") $(if $(HISTORY),--history "$(HISTORY)") \
		$(if $(OUT),--out "$(OUT)") $(if $(PLOT),--plot "$(PLOT)")

bring: ## teach the estimate past days from DATA=folder (DRY=1 only says what it would do, REPORT=file)
	@$(if $(DATA),,echo "Say which folder: make bring DATA=folder" >&2; exit 2)
	@tools/setup run && $(PYTHON) -m clinic.bring "$(DATA)" $(if $(DRY),--dry-run) $(if $(REPORT),--report "$(REPORT)")

backup: ## copy the clinic, checked, also while Kindline runs (TO=folder, as on a stick)
	@tools/setup run && $(PYTHON) -m clinic.backups $(if $(TO),"$(TO)")

restore: ## list the backups; FROM=file goes back to one, also while Kindline runs
	@tools/setup run && $(PYTHON) -m clinic.restore $(if $(FROM),"$(FROM)")

prove: ## prove that the audit is whole, also while Kindline runs; names the first row that is not
	@tools/setup run && $(PYTHON) -m doors.audit

# Everything on threads, a file of tests at a time, and one more at once than there are cores, as browser tests mostly
# wait; those start the real server, on eventlet. Beside that, on eventlet, what meets the engine without a browser, in
# one process: its patches and pytest-xdist do not go together. That is every address with every example of the document
# (test_openapi.py), and the files that are about races, locks, what is on disk, erasing, live screens, lists sent in, and
# who is signed in; the words of a page are the same on both. Both parts always run whole: neither hides what failed in
# the other.
# Files begin in the order of their names, so those with a browser early, after the longest (tests/conftest.py): these are
# not left to the end.
# Each test opens a clinic of its own: their files are in memory where there is a gigabyte for them. What Python
# compiled is kept, whatever the environment says: the server is started some sixty times, and the tests are read anew
# by every worker.
WORKERS := $(shell echo $$(($$(nproc 2>/dev/null || echo 2) + 1)))
ON_EVENTLET := tests/test_openapi.py \
	$(patsubst %,tests/kiosk/test_%.py,check_in code feedback privacy two_tablets) \
	$(patsubst %,tests/staff/test_%.py,commands day follow_ups import privacy screens trust what_if) \
	$(patsubst %,tests/doors/test_%.py,sessions devices) \
	$(patsubst %,tests/clinic/test_%.py,races desk durable store log register kept after bring)
IN_MEMORY := $(shell df -k /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 1000000 { print "TMPDIR=/dev/shm" }')

test: export PYTHONDONTWRITEBYTECODE :=
test: ## run every test
	@tools/setup dev
	@failed=0; \
	$(IN_MEMORY) KINDLINE_ASYNC=eventlet $(PYTHON) -m pytest -q $(ON_EVENTLET) >.venv/eventlet.log 2>&1 & eventlet=$$!; \
	$(IN_MEMORY) KINDLINE_ASYNC=threading $(PYTHON) -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder || failed=1; \
	wait $$eventlet || failed=1; \
	cat .venv/eventlet.log; \
	exit $$failed

check: ## lint, format and types, changing nothing
	@tools/setup dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -m bandit -q -c pyproject.toml -r .

fix: ## mend what lint and format can mend
	@tools/setup dev
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

fuzz: ## send each address of docs/openapi.json a thousand requests of every kind (EXAMPLES=200 PARTS="phone tablet")
	@tools/setup fuzz && $(PYTHON) tools/fuzz.py $(EXAMPLES) $(PARTS)

audit: ## look for secrets in the history and for known holes in what is installed (asks a service on the internet)
	@tools/setup audit
	$(PYTHON) tools/history.py
	$(PYTHON) -m pip_audit --strict --disable-pip --no-deps $(patsubst %,-r %,$(wildcard requirements*.txt))

faults: export PYTHONDONTWRITEBYTECODE :=
faults: ## do to real servers what may go wrong in a clinic, hundreds of times (FAULTS="F1 F7" SHORT=1)
	@tools/setup dev && $(PYTHON) -m faults $(if $(SHORT),--short) $(FAULTS)

soak: ## run one server for an hour at ten times a clinic's load and see whether it grows (HOURS=8, MINUTES=10)
	@tools/setup dev && $(PYTHON) -m faults.soak $(if $(HOURS),--hours $(HOURS)) $(if $(MINUTES),--minutes $(MINUTES))

bench: ## measure how fast it is, beside a bare server (ONLY="rush phones", KEEP=1 for the README)
	@tools/setup dev
	$(PYTHON) -m bench $(if $(ONLY),--only $(ONLY)) $(if $(KEEP),--keep)

years: ## measure it on ten years of data, a million visits (some ten minutes, three gigabytes)
	@tools/setup dev && $(PYTHON) -m bench.years

words: ## bring templates/words up to date with the pages
	@tools/setup run
	$(PYTHON) tools/words.py

clean: ## remove .venv and every cache, never the data
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
