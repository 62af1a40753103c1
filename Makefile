# Everything a person needs, in one word each; `make help` lists them.
# `run` and `test` first install what is missing (Debian, Ubuntu) or say what to install.
PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 60

# What a release has besides; a build of the workspace alone goes without, and so without libclang.
features := --features rendezvous/camera
target_dir := $(or $(CARGO_TARGET_DIR),target)
program := $(target_dir)/release/rendezvous
share := $(DESTDIR)$(PREFIX)/share

.PHONY: help run test lint bench fuzz build install uninstall clean
.DEFAULT_GOAL := help

help: ## what can be made
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: ## build and open the window
	.ci/install build
	cargo build --release --locked --workspace $(features) --bin rendezvous
	$(program)

test: ## every test, then how many passed, failed and were skipped, and why
	.ci/install test
	.ci/test

lint: ## formatting, clippy, documentation, licences, the Windows target
	.ci/lint

bench: ## measurements: sound, pictures, the window, a thousand members, the directory server
	.ci/install test
	cargo build --profile bench --locked --workspace $(features) --bin rendezvous
	cargo bench --workspace --locked --bench '*'

fuzz: ## FUZZ_SECONDS (60) of each fuzz target
	tests/fuzz/run $(FUZZ_SECONDS)

build: ## the release program
	.ci/install build
	cargo build --release --locked --workspace $(features) --bin rendezvous

install: $(if $(wildcard $(program)),,build) ## into PREFIX (/usr/local), below DESTDIR if that is given
	install -Dm755 $(program) $(DESTDIR)$(PREFIX)/bin/rendezvous
	install -Dm644 assets/rendezvous.desktop $(share)/applications/rendezvous.desktop
	install -Dm644 assets/icons/rendezvous.svg $(share)/icons/hicolor/scalable/apps/rendezvous.svg
	install -Dm644 assets/icons/rendezvous.png $(share)/icons/hicolor/256x256/apps/rendezvous.png
	install -d $(share)/man/man1 $(share)/bash-completion/completions \
	  $(share)/zsh/site-functions $(share)/fish/vendor_completions.d
	$(program) man > $(share)/man/man1/rendezvous.1
	$(program) completions bash > $(share)/bash-completion/completions/rendezvous
	$(program) completions zsh > $(share)/zsh/site-functions/_rendezvous
	$(program) completions fish > $(share)/fish/vendor_completions.d/rendezvous.fish

uninstall: ## take away what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/rendezvous $(share)/applications/rendezvous.desktop \
	  $(share)/icons/hicolor/scalable/apps/rendezvous.svg \
	  $(share)/icons/hicolor/256x256/apps/rendezvous.png $(share)/man/man1/rendezvous.1 \
	  $(share)/bash-completion/completions/rendezvous $(share)/zsh/site-functions/_rendezvous \
	  $(share)/fish/vendor_completions.d/rendezvous.fish

clean: ## remove everything built
	cargo clean
	rm -rf tests/fuzz/target tests/fuzz/corpus tests/fuzz/artifacts
