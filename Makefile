# SynthesizeMe: `make demo` shows it, `make check` tests it, `make install` installs it.
VERSION = 0.1.0
PREFIX = /usr/local
DESTDIR =
CC = gcc
CFLAGS = -O2 -g
B = build
BIN = bin
JOBS = 8

WARN = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
       -Wwrite-strings -Wvla
ALL_CFLAGS = -std=c17 -D_POSIX_C_SOURCE=200809L -DSM_VERSION='"$(VERSION)"' -I$(B) $(WARN) $(CFLAGS)
LIBS = -ljq -lcurl -lsqlite3 -lcrypto -lm

MAINS = $(wildcard cmd/sm-*.c)
SCRIPTS = $(filter-out %.c %.h %.o,$(wildcard cmd/sm-*))
PROGRAMS = $(MAINS:cmd/%.c=$(BIN)/%) $(SCRIPTS:cmd/%=$(BIN)/%)
LIB_OBJS = $(patsubst lib/%.c,$(B)/lib/%.o,$(wildcard lib/*.c)) $(B)/lib/builtin.o
APP_OBJS = $(patsubst %.c,$(B)/%.o,$(filter-out $(MAINS),$(wildcard cmd/*.c)))
UNITS = $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/*.c))
PAGES = $(patsubst man/%,$(B)/man/%,$(wildcard man/*.[157]))

all: $(PROGRAMS)

$(BIN)/sm-%: $(B)/cmd/sm-%.o $(APP_OBJS) $(B)/libsm.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BIN)/sm-%: cmd/sm-%
	@mkdir -p $(@D)
	cp $< $@ && chmod 755 $@

$(B)/libsm.a: $(LIB_OBJS)
	rm -f $@ && ar rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/lib/builtin.o: $(B)/builtin.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Ilib -c -o $@ $<

$(B)/builtin.c: $(wildcard lib/prompts/*.jq) lib/prices.jsonl lib/builtin.sh
	@mkdir -p $(@D)
	sh lib/builtin.sh lib/prompts/*.jq lib/prices.jsonl > $@

$(B)/mock-llm: $(wildcard tests/mock/*.c tests/mock/*.h)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^) -lmicrohttpd -ljq -lm -lpthread

$(B)/unit/%: tests/unit/%.c cmd/oom.c $(B)/libsm.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -Ilib -o $@ $^ $(LIBS)

$(B)/man/%: man/% $(PROGRAMS) man/fill.sh
	@mkdir -p $(@D)
	sh man/fill.sh $(BIN) $< > $@

man: $(PAGES)

demo:
	@examples/install-needs demo
	@$(MAKE) -s all
	@examples/demo

check:
	@examples/install-needs check
	@$(MAKE) -s test

test: all man $(UNITS) $(B)/mock-llm
	MAKE='$(MAKE)' B='$(B)' BIN='$(BIN)' tests/run -j $(JOBS) $(TESTS)

asan:
	@$(MAKE) -s test B=build-asan BIN=build-asan/bin \
	    CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all'

lint:
	@examples/install-needs lint
	@tests/lint

bench:
	@examples/install-needs bench
	@$(MAKE) -s all $(B)/mock-llm
	@tests/bench/client $(B) $(BIN) && echo && tests/bench/search $(B) $(BIN)
	@echo && tests/bench/eval $(B) $(BIN)

local-llm:
	@examples/local-llm start

install: all man
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	for p in $(PAGES); do d=$(DESTDIR)$(PREFIX)/share/man/man$${p##*.}; \
	    install -d $$d && install -m 644 $$p $$d || exit 1; done

uninstall:
	cd $(DESTDIR)$(PREFIX)/bin && rm -f $(notdir $(PROGRAMS))
	for p in $(notdir $(PAGES)); do rm -f $(DESTDIR)$(PREFIX)/share/man/man$${p##*.}/$$p; done

clean:
	rm -rf build build-asan bin

-include $(wildcard $(B)/lib/*.d $(B)/cmd/*.d)
.PHONY: all man demo check test asan lint bench local-llm install uninstall clean
.SECONDARY:
