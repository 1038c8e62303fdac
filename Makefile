# Two commands do everything on a fresh machine with Rust: `make demo` and `make test`.

CARGO   ?= cargo
PROGRAM := target/release/ccmscope

.PHONY: demo test format lint bench fuzz samples setup build clean

## Install what is missing, build, judge the bundled samples, show the result.
demo: build
	@tests/demo.sh $(PROGRAM)

## Install what is missing, run every test there is.
test: setup
	tests/format.sh --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	$(CARGO) test --workspace --locked --no-fail-fast --doc
	$(CARGO) test --workspace --locked --no-fail-fast --lib --bins --tests
	$(CARGO) build --package ccmscope-decoders --package ccmscope-findings --locked
	tests/fuzz/smoke.sh

## Format every Rust file.
format:
	tests/format.sh

## What a reviewer runs before the tests: format, lints, documentation, dependencies. Advisories come by git from the
## internet; without it: make lint DENY="bans licenses sources"
DENY ?=
lint: setup
	tests/format.sh --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked
	@if ! $(CARGO) deny --version >/dev/null 2>&1; then \
		echo "cargo-deny is not installed: 'cargo install --locked cargo-deny' to check licences and advisories"; \
	else $(CARGO) deny check $(DENY) && for other in tests/fuzz tests/bench samples/opened/rustls; do \
		$(CARGO) deny --manifest-path $$other/Cargo.toml check -A license-not-encountered -A unmatched-skip $(DENY) \
			|| exit 1; done; fi

## Measure against floors and peers; ratios in one run, see tests/bench/README.md.
bench: build
	tests/bench/run.sh

## Fuzz every target for a while: make fuzz SECONDS=1200
SECONDS ?= 60
fuzz: setup
	tests/fuzz/run.sh $(SECONDS)

## Make the sample captures again from real programs; needs root, see samples/README.md.
samples:
	samples/make.sh

setup:
	@tests/setup.sh

build: setup
	$(CARGO) build --release --locked

clean:
	$(CARGO) clean
