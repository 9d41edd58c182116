# Everything a newcomer types. `make run` needs Python 3.11, Node 20.19 and a package registry, no root.
.DEFAULT_GOAL := help
.PHONY: help run setup test check soak requirements openapi sbom audit

help:
	@echo "make run           install what is missing, then run the whole desk with its demo (port: HOLDFAST_PORT)"
	@echo "make test          install what the tests need (apt, with root or sudo), then run every test"
	@echo "make check         style, types, imports, licences, translations, generated files"
	@echo "make soak          the long runs; a dated report goes to docs/operations/soak/"
	@echo "make requirements  pin the Python packages anew from pyproject.toml and requirements/dev.in"
	@echo "make sbom          the CycloneDX bill of materials, to test-results/sbom.json"
	@echo "make audit         known faults of dependencies; fails without a fresh answer (for a release)"
	@echo "make openapi       write the REST interface's document and the console's client types"

setup:
	@python3 scripts/setup run

run: setup
	@exec .venv/bin/holdfast up --demo

test:
	@scripts/test

check:
	@scripts/check

soak:
	@python3 scripts/setup test
	@.venv/bin/python -m bench.redaction
	@.venv/bin/python -m bench.mutants
	@exec .venv/bin/python -m bench.soak

requirements:
	@scripts/pin

sbom:
	@.venv/bin/python scripts/sbom

audit:
	@.venv/bin/python scripts/audit-dependencies --strict

openapi:
	@.venv/bin/holdfast openapi web/shared/api/openapi.json
	@cd web/console && npm run --silent api
