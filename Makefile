# Vitrine: `make run` opens the manager, `make test` runs every test.
# PYTHON=/path/to/python3 chooses another interpreter; ARGS="..." is passed on to the program.

VENV := .venv/bin
ARGS ?=

.PHONY: help run test test-fast lint docs icons screenshots translations bench bench-kvm setup clean

help:
	@echo 'make run        install what is needed and open the manager'
	@echo 'make test       all tests, those with real guests and windows too'
	@echo 'make test-fast  unit tests only (some minutes)'
	@echo 'make lint       ruff and mypy'
	@echo 'make docs       write the reference pages anew from the declarations'
	@echo 'make icons  derive the icons for dark windows from those for light ones'
	@echo 'make screenshots  take the pictures in docs/screenshots/manager anew'
	@echo 'make translations  collect the texts of the program for the translators, and compile'
	@echo 'make bench      speed, compared with QEMU'
	@echo 'make bench-kvm  the same with both on KVM, where the host has it'
	@echo 'make clean      remove everything that these commands have made here'

run:
	@tools/setup.sh run
	@$(VENV)/python -m app $(ARGS)

setup:
	@tools/setup.sh test

test: setup
	@tools/with-screen.sh $(VENV)/python -m pytest $(ARGS)

test-fast: setup
	@QT_QPA_PLATFORM=offscreen $(VENV)/python -m pytest -m 'not guest and not e2e and not slow' $(ARGS)

# Both report, also when the first finds something.
lint: setup
	@status=0; \
	$(VENV)/ruff check . || status=1; \
	$(VENV)/mypy || status=1; \
	exit $$status

docs: setup
	@$(VENV)/python -m tools.docs

icons: setup
	@$(VENV)/python -m tools.dark_icons

screenshots: setup
	@$(VENV)/python -m tools.screenshots

translations: setup
	@$(VENV)/python -m tools.translations

bench:
	@tools/setup.sh bench
	@$(VENV)/python -m bench $(ARGS)

bench-kvm:
	@tools/setup.sh bench
	@$(VENV)/python -m bench kvm $(ARGS)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
