# Each target sets up what it needs and is quick the second time.

PYTHON ?= python3
VENV ?= .venv
RUN := $(VENV)/bin/python
SITES ?=
HOSTILE ?=
STRESS ?=
AXE_CORE := 4
GENERATED := tests/generators/sites

.PHONY: help demo test lint agreement zensical neighbours accessibility generators generators-npm fill hosts bench stress \
	shared-cache hostile trials pictures website clean

help:
	@echo "make demo       build the example site with the embedded OCR: no key, no network"
	@echo "make test       pass all tests"
	@echo "make trials     pass the long ones: servers at their worst, kills, planted files, a site's whole life"
	@echo "make lint       check types and style, and what GitHub runs"
	@echo "make agreement  compare decisions over images with another reading of the page (SITES='folder …')"
	@echo "make zensical   build sites with Zensical, with the extension and without"
	@echo "make neighbours build beside the plugins that sites combine this one with"
	@echo "make accessibility  the same, and let axe-core judge sites in Chromium (needs it and npm)"
	@echo "make generators  fill sites that other generators build, as far as they are installed"
	@echo "make fill       kill fills of a folder at 50 moments, and measure time and memory of a large one"
	@echo "make hosts      test with other versions of MkDocs, Python and the dependencies"
	@echo "make website    build the documentation site into build/website"
	@echo "make pictures   draw every picture of the project anew (needs Chromium and two fonts)"
	@echo "make bench      measure builds with the plugin against builds without"
	@echo "make stress     drive builds against a service at its worst, and count every credit"
	@echo "make shared-cache  build on many machines over a redis-server that fails, and count every credit"
	@echo "make hostile    plant what a pull request can, and judge what builds make of it"

# A stamp for each set of packages: installed anew only when pyproject.toml changes.
$(VENV)/pip.stamp: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --upgrade "pip>=25.1"
	@touch $@

$(VENV)/demo.stamp: $(VENV)/pip.stamp
	$(RUN) -m pip install --quiet --editable ".[ocr]"
	@touch $@

$(VENV)/test.stamp: $(VENV)/demo.stamp
	$(RUN) -m pip install --quiet --group test
	@touch $@

$(VENV)/lint.stamp: $(VENV)/test.stamp
	$(RUN) -m pip install --quiet --group lint
	@touch $@

$(VENV)/neighbours.stamp: $(VENV)/test.stamp
	$(RUN) -m pip install --quiet --group neighbours
	@touch $@

$(VENV)/zensical.stamp: $(VENV)/test.stamp
	$(RUN) -m pip install --quiet --group zensical
	@touch $@

$(VENV)/axe.js:
	cd $(VENV) && npm pack --silent axe-core@$(AXE_CORE) > axe.name
	tar -xzf $(VENV)/$$(cat $(VENV)/axe.name) -C $(VENV) package/axe.min.js
	mv $(VENV)/package/axe.min.js $@

$(VENV)/bench.stamp: $(VENV)/test.stamp
	$(RUN) -m pip install --quiet --group bench
	@touch $@

demo: $(VENV)/demo.stamp
	$(RUN) -m mkdocs build --strict
	$(RUN) -m tools.show_alt_texts build/alttext-report.json
	$(RUN) -m tools.situations
	@echo
	@echo "Open site/index.html: each kind of image before and after, and why."
	@echo "Every text and reason is in build/alttext-report.json."

test: $(VENV)/test.stamp
	$(RUN) -m pytest -n 2 --dist worksteal

trials: $(VENV)/test.stamp
	$(RUN) -m pytest -n 2 --dist worksteal tests/trials

lint: $(VENV)/lint.stamp
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m mypy
	$(RUN) -m tools.lint_workflows

agreement: $(VENV)/test.stamp
	$(RUN) -m bench.scanner_agreement $(SITES)

zensical: $(VENV)/zensical.stamp
	$(RUN) -m pytest -n 2 --dist worksteal tests/generators/test_zensical.py

neighbours: $(VENV)/neighbours.stamp
	$(RUN) -m pytest -n 2 --dist worksteal tests/neighbours

accessibility: $(VENV)/neighbours.stamp $(VENV)/axe.js
	ALTTEXT_AXE=$(VENV)/axe.js $(RUN) -m pytest -n 2 --dist worksteal tests/accessibility tests/neighbours

# What cannot be installed is skipped by the tests, which say so. Needs no package of Python.
$(VENV)/npm.stamp: $(wildcard $(GENERATED)/*/package.json)
	mkdir -p $(VENV)/generators
	for name in docusaurus eleventy; do \
		mkdir -p $(VENV)/generators/$$name && cp $(GENERATED)/$$name/package.json $(VENV)/generators/$$name; \
		npm install --prefix $(VENV)/generators/$$name --no-audit --no-fund --loglevel=error || true; \
	done
	@touch $@

generators-npm: $(VENV)/npm.stamp

generators: $(VENV)/zensical.stamp $(VENV)/npm.stamp $(VENV)/axe.js
	PATH="$(abspath $(VENV))/bin:$$PATH" ALTTEXT_AXE=$(VENV)/axe.js ALTTEXT_GENERATORS=$(VENV)/generators \
		$(RUN) -m pytest -rs -n 2 --dist worksteal tests/generators

fill: $(VENV)/test.stamp
	$(RUN) -m bench.fill --kills 50
	$(RUN) -m bench.fill

pictures: $(VENV)/neighbours.stamp
	$(RUN) -m tools.render_pictures
	$(RUN) -m bench.text_pictures
	$(RUN) -m tools.website_pictures

website: $(VENV)/neighbours.stamp
	NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict -f website/mkdocs.yml
	@echo "Open build/website/index.html."

hosts: $(VENV)/test.stamp
	$(RUN) -m tools.hosts

bench: $(VENV)/bench.stamp
	$(RUN) -m bench.warm_build

stress: $(VENV)/test.stamp
	$(RUN) -m bench.stress $(STRESS)

shared-cache: $(VENV)/test.stamp
	$(RUN) -m pytest tests/shared_cache

hostile: $(VENV)/test.stamp
	$(RUN) -m bench.hostile $(HOSTILE)

clean:
	rm -rf $(VENV) build dist site .cache
