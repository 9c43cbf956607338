# SynthesizeMe: `make demo` shows it, `make check` tests it, `make install` installs it.
VERSION = 0.2.0
PREFIX = /usr/local
DESTDIR =
STRIP =
CC = gcc
PKG_CONFIG = pkg-config
CFLAGS = -O2 -g
SANITIZE = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
B = build
BIN = bin
# What is built on the way to something else is built on all cores, unless make was told on how many.
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
ALL_CORES = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(CORES))
# So many files of tests at a time, on few cores too: much of what they do is wait.
JOBS = $(if $(filter 1 2 3 4 5 6 7 8,$(CORES)),8,$(CORES))

WARN = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
       -Wwrite-strings -Wvla
HARDEN = -fstack-protector-strong -fPIE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
# Without libzstd what is packed with zstd cannot be read.
ZSTD := $(shell $(PKG_CONFIG) --libs libzstd 2>/dev/null)
ZLIB := $(shell $(PKG_CONFIG) --libs zlib 2>/dev/null || echo -lz)
# Without libpq a store is a file.
PQ := $(shell $(PKG_CONFIG) --libs 'libpq >= 14' 2>/dev/null)
PQ_CFLAGS := $(if $(PQ),-DSM_POSTGRES $(shell $(PKG_CONFIG) --cflags libpq))
ALL_CFLAGS = -std=c17 -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -DSM_VERSION='"$(VERSION)"' -I. $(WARN) $(HARDEN) \
             $(if $(ZSTD),-DSM_ZSTD) $(PQ_CFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now,--as-needed $(LDFLAGS)
LIBS = -ljq -lcurl -lsqlite3 $(PQ) -lcrypto $(ZLIB) $(ZSTD) -lm

# Where each shell looks for what completes command lines. Debian's zsh looks elsewhere.
SHARE = $(DESTDIR)$(PREFIX)/share
BASH_DIR = $(SHARE)/bash-completion/completions
ZSH_DIR = $(SHARE)/zsh/site-functions
FISH_DIR = $(SHARE)/fish/vendor_completions.d

# A program is cmd/sm-NAME.c with the helpers in cmd/NAME/, and what it uses of cmd/common/ and lib/.
MAINS = $(wildcard cmd/sm-*.c)
SCRIPTS = $(filter-out %.c,$(wildcard cmd/sm-*))
PROGRAMS = $(MAINS:cmd/%.c=$(BIN)/%) $(SCRIPTS:cmd/%=$(BIN)/%)
HELPERS = $(patsubst cmd/%/,%,$(wildcard cmd/*/))
LIB_SOURCES = $(filter-out $(if $(PQ),,lib/store/postgres%),$(wildcard lib/*/*.c))
LIB_OBJS = $(LIB_SOURCES:%.c=$(B)/%.o) \
           $(patsubst %,$(B)/texts/%.o,prompts formats exports batchforms prices)
FUZZ_PARTS = driver inputs support
FUZZERS = $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(filter-out $(FUZZ_PARTS:%=tests/fuzz/%.c),$(wildcard tests/fuzz/*.c)))
FUZZ_MAIN = driver inputs
UNITS = $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/*.c))
SHELLS = bash zsh fish
PAGES = $(patsubst man/%,$(B)/man/%,$(wildcard man/*.[157]))

all: $(PROGRAMS)

.SECONDEXPANSION:
$(BIN)/sm-%: $(B)/cmd/sm-%.o $$(addsuffix .a,$$(addprefix $(B)/cmd/,$$(filter $$* common,$(HELPERS)))) $(B)/libsm.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ -Wl,--start-group $^ -Wl,--end-group $(LIBS)

$(BIN)/sm-report: $(B)/cmd/eval.a

$(BIN)/sm-%: cmd/sm-%
	@mkdir -p $(@D)
	cp $< $@ && chmod 755 $@

$(B)/libsm.a: $(LIB_OBJS)
	rm -f $@ && $(AR) rcs $@ $^

$(B)/cmd/report.a: $(B)/texts/page.o
$(B)/cmd/%.a: $$(addprefix $(B)/,$$(addsuffix .o,$$(basename $$(wildcard cmd/$$*/*.c))))
	rm -f $@ && $(AR) rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# What tells the version is compiled anew when that may have changed.
$(patsubst %.c,$(B)/%.o,$(shell grep -lw SM_VERSION lib/*/*.c cmd/*/*.c)): Makefile

$(B)/texts/%.o: $(B)/texts/%.c
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(B)/texts/prices.c: lib/llm/prices.jsonl
$(B)/texts/page.c: $(wildcard cmd/report/page/*)
$(B)/texts/%.c: $$(wildcard lib/$$*/*.jq) lib/base/texts.sh
	@mkdir -p $(@D)
	sh lib/base/texts.sh $(patsubst %s,%,$*) $(filter-out %.sh %.c %.h,$^) > $@

$(B)/mock-llm: $(patsubst %.c,$(B)/%.o,$(wildcard tests/mock/*.c))
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ -lmicrohttpd -ljq -lm

$(B)/unit/%: tests/unit/%.c $(B)/cmd/common.a $(B)/libsm.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ -Wl,--start-group $^ -Wl,--end-group $(LIBS)

$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(patsubst %,$(B)/tests/fuzz/%.o,support $(FUZZ_MAIN)) $(B)/cmd/report.a $(B)/cmd/common.a $(B)/libsm.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ -Wl,--start-group $^ -Wl,--end-group $(LIBS)

$(B)/fail.so: tests/torture/fail.c
	$(CC) -std=c17 -O2 $(WARN) -fPIC -shared -o $@ $< -ldl

$(B)/man/%: man/% $(PROGRAMS) man/fill.sh
	@mkdir -p $(@D)
	sh man/fill.sh $(BIN) $< > $@

man: $(PAGES)

$(B)/completions/synthesizeme.%: $(PROGRAMS) $(wildcard man/completion/*)
	@mkdir -p $(@D)
	man/completion/generate $* $(BIN) > $@.new && mv $@.new $@

completions: $(SHELLS:%=$(B)/completions/synthesizeme.%)

demo:
	@examples/install-needs demo
	@$(MAKE) -sq all || echo 'Building the programs: up to a minute.' >&2
	@$(MAKE) -s $(ALL_CORES) all
	@examples/demo

check:
	@examples/install-needs check
	@$(if $(TESTS),,examples/install-needs browser cluster)
	@$(MAKE) -s $(ALL_CORES) test-needs
	@$(MAKE) -s test

test-needs: all man completions $(UNITS) $(FUZZERS) $(B)/fail.so $(B)/mock-llm

# Without MAKEFLAGS: bats has its own use for the descriptors of make's job server.
test: test-needs
	MAKEFLAGS= MAKE='$(MAKE)' B='$(B)' BIN='$(BIN)' tests/run -j $(JOBS) $(TESTS)

ASAN = B=build-asan BIN=build-asan/bin CFLAGS='$(SANITIZE)'
asan:
	@$(MAKE) -s $(ALL_CORES) test-needs $(ASAN)
	@$(MAKE) -s test $(ASAN)

fuzzers: $(FUZZERS)

# Fuzzes each target for T seconds: with clang's libFuzzer, else by chance (see tests/fuzz/README.md).
FUZZ_CC = $(if $(shell command -v clang),clang,$(CC))
fuzz fuzz-keep:
	@examples/install-needs fuzz
	@$(MAKE) -s fuzzers B=build-fuzz CC=$(FUZZ_CC) HARDEN=-fPIE WARN='-Wall -Werror' $(if $(FUZZ_CC:clang=),CFLAGS='$(SANITIZE)',CFLAGS='$(SANITIZE) -fsanitize=fuzzer-no-link' FUZZ_MAIN= LDFLAGS=-fsanitize=fuzzer)
	@tests/fuzz/run $(if $(@:fuzz=),-k) $(TARGETS)

fuzz-coverage:
	@$(MAKE) -s fuzzers B=build-coverage HARDEN= CFLAGS='-O0 -g --coverage'
	@tests/fuzz/coverage

lint:
	@examples/install-needs lint
	@tests/lint

# What takes long, by hand: the analysers of gcc and clang; the tests (TESTS) under Valgrind.
analyze:
	@tests/tools/analyze

valgrind: all man $(B)/mock-llm
	@examples/install-needs check valgrind
	B='$(B)' tests/tools/valgrind $(TESTS)

bench:
	@examples/install-needs bench
	@$(MAKE) -s all $(B)/mock-llm
	@for b in client search prefix rank eval import store; do tests/bench/$$b $(B) $(BIN) && echo || exit 1; done

# Calls of the system fail in turn, at N points of every program (0: all), and much more: see tests/torture/run.
N = 200
torture: all $(B)/fail.so $(B)/mock-llm
	@examples/install-needs check
	B='$(B)' BIN='$(BIN)' tests/torture/run -n $(N) $(PARTS)

bench-learning:
	@examples/install-needs bench
	@$(MAKE) -s all $(B)/mock-llm
	@tests/bench/learning $(B) $(BIN)

local-llm:
	@examples/local-llm start

install: all man completions
	install -d $(DESTDIR)$(PREFIX)/bin $(BASH_DIR) $(ZSH_DIR) $(FISH_DIR)
	install $(if $(STRIP),-s) -m 755 $(MAINS:cmd/%.c=$(BIN)/%) $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(SCRIPTS:cmd/%=$(BIN)/%) $(DESTDIR)$(PREFIX)/bin
	for p in $(PAGES); do d=$(SHARE)/man/man$${p##*.}; \
	    install -d $$d && install -m 644 $$p $$d || exit 1; done
	install -m 644 $(B)/completions/synthesizeme.bash $(BASH_DIR)/synthesizeme
	install -m 644 $(B)/completions/synthesizeme.zsh $(ZSH_DIR)/_synthesizeme
	install -m 644 $(B)/completions/synthesizeme.fish $(FISH_DIR)/synthesizeme.fish
	for p in $(notdir $(PROGRAMS)); do ln -sf synthesizeme $(BASH_DIR)/$$p && \
	    ln -sf synthesizeme.fish $(FISH_DIR)/$$p.fish || exit 1; done

# For programs of one's own: see examples/library. These headers are stable, and include none of the others.
STABLE = $(addprefix lib/base/,buf.h err.h mem.h) $(addprefix lib/eval/,power.h stats.h verdict.h) \
         $(addprefix lib/json/,json.h raw.h record.h record_view.h record_words.h)
INCLUDE_DIR = $(DESTDIR)$(PREFIX)/include/synthesizeme
LIB_DIR = $(DESTDIR)$(PREFIX)/lib
install-lib: $(B)/libsm.a
	install -d $(LIB_DIR)/pkgconfig $(sort $(dir $(STABLE:%=$(INCLUDE_DIR)/%)))
	install -m 644 $(B)/libsm.a $(LIB_DIR)/libsynthesizeme.a
	for h in $(STABLE); do install -m 644 $$h $(INCLUDE_DIR)/$$h || exit 1; done
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|; s|@LIBS@|$(LIBS)|' examples/packages/synthesizeme.pc.in \
	    > $(LIB_DIR)/pkgconfig/synthesizeme.pc

uninstall:
	rm -rf $(INCLUDE_DIR)
	rm -f $(LIB_DIR)/libsynthesizeme.a $(LIB_DIR)/pkgconfig/synthesizeme.pc
	rm -f $(PROGRAMS:$(BIN)/%=$(DESTDIR)$(PREFIX)/bin/%)
	for p in $(notdir $(PAGES)); do rm -f $(SHARE)/man/man$${p##*.}/$$p; done
	rm -f $(ZSH_DIR)/_synthesizeme
	for p in synthesizeme $(notdir $(PROGRAMS)); do rm -f $(BASH_DIR)/$$p $(FISH_DIR)/$$p.fish; done

# A release's tarball and a Debian package, both into build/: see examples/packages.
dist:
	@examples/packages/dist

deb:
	@examples/install-needs deb
	@examples/packages/deb

clean:
	rm -rf build build-* bin

-include $(wildcard $(B)/lib/*/*.d $(B)/cmd/*.d $(B)/cmd/*/*.d $(B)/tests/mock/*.d $(B)/tests/fuzz/*.d)

.PHONY: all man completions demo check test-needs test asan fuzzers fuzz fuzz-keep fuzz-coverage lint analyze valgrind bench bench-learning torture local-llm install install-lib uninstall dist deb clean
.SECONDARY:
