# Builds, tests and shows Sluice. `make` alone prints the targets.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help deps build install uninstall deb test bench soak storm charges fuzz sanitize format lint shell-lint check-headers demo demo-up demo-down clean

lab := slurm-conf/lab
scripts := $(lab)/up $(lab)/down $(lab)/ctl $(lab)/install $(lab)/demo slurm-conf/job_notice .ci/run .ci/sanitize .ci/tests Tests/Fuzz/run systemd/install systemd/debian/build
products := sluiced sluice sluice-slurm-agent
# Static but for libslurm, json-c, SQLite and libc; symbols are stripped.
release := -c release --static-swift-stdlib -Xlinker -s
swift_sources := Package.swift Sources Tests
# Before a command that makes labs: ends those that it leaves.
keeping_labs := export SLUICE_LAB_LIST=$$(mktemp); \
	trap 'while read -r folder; do [[ ! -e $$folder ]] || $(lab)/down --dir "$$folder" --wipe; done <"$$SLUICE_LAB_LIST"; rm -f "$$SLUICE_LAB_LIST"' EXIT;
SEED ?= 1
STORMS ?= 20
# Of fuzzing a target: six of them, two at a time, take an hour.
SECONDS := 1200

help: ## print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## install the Debian packages that building and testing need
	@$(lab)/install gcc libc6-dev pkg-config libslurm-dev libjson-c-dev libsqlite3-dev openssh-client openssh-server systemd dpkg-dev lua-socket lua-cjson

build: ## build the release binaries into .build/release
	@for product in $(products); do swift build $(release) --product $$product; done

install: ## install what build made: PREFIX=/usr DESTDIR=
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" systemd/install

uninstall: ## remove it again, but for settings and state
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" systemd/install --remove

deb: build ## make the Debian packages, in .build/debian
	@systemd/debian/build

test: deps lint ## check the format, build all, run every test, on real Slurm too
	@echo "== building"
	@swift build $(release)
	@swift build --build-tests
	@$(keeping_labs) .ci/tests

soak: ## a million seeds of the simulation, on all processors; or SEEDS=10000
	@swift build $(release) --product sluice-soak
	@.build/release/sluice-soak --seeds $(or $(SEEDS),1000000)

fuzz: deps ## fuzz all that is parsed, for an hour; or SECONDS=60 a target, or TARGET=json
	@Tests/Fuzz/run $(SECONDS) $(TARGET)

sanitize: deps ## run the unit tests under the address sanitizer, then under the thread sanitizer
	@.ci/sanitize

bench: build ## measure against the limits of docs/performance.md: all figures, or ONLY=NAME
	@swift build $(release) --product sluice-bench
	@$(keeping_labs) .build/release/sluice-bench $(if $(ONLY),--only $(ONLY))

storm: build ## kill everything at random on real Slurm: STORMS=20 storms of SLUICE_STORM_KILLS=20, seeds from SEED=1 on
	@swift build --build-tests
	@$(keeping_labs) \
	for ((seed = $(SEED); seed < $(SEED) + $(STORMS); seed++)); do \
	SLUICE_STORM_SEED=$$seed swift test --skip-build --no-parallel --filter KillStormTests </dev/null; done

charges: build ## charge many jobs while everything is killed, on real Slurm: JOBS=500, SEED=1
	@swift build --build-tests
	@$(keeping_labs) SLUICE_CHARGE_JOBS=$(or $(JOBS),500) SLUICE_CHARGE_SEED=$(SEED) \
	swift test --skip-build --no-parallel --filter ChargeStormTests </dev/null

format: ## write the sources as swift format would
	swift format --in-place --recursive $(swift_sources)

lint: shell-lint ## check the format
	@echo "== checking the format"
	@swift format lint --strict --recursive $(swift_sources)

shell-lint:
	@if command -v shellcheck >/dev/null; then echo "== checking the shell scripts"; shellcheck -a $(scripts); \
	else echo "== shellcheck is not installed: the shell scripts go unchecked"; fi

check-headers: ## compile the C shim against another Slurm: SLURM_INCLUDE=DIR (the one that has slurm/)
	@test -n "$(SLURM_INCLUDE)" || { echo "make check-headers SLURM_INCLUDE=DIR, where DIR/slurm/slurm.h is"; exit 2; }
	cc -fsyntax-only -Wall -Werror -x c -isystem "$(SLURM_INCLUDE)" Sources/C/CSlurm/shim.h

demo: build ## two clusters, one quota, two minutes
	@$(lab)/demo run

demo-up: build ## the same, left running: then `. .demo/env`
	@$(lab)/demo up

demo-down: ## end what demo-up left
	@$(lab)/demo down

clean: ## remove what was built
	swift package clean
