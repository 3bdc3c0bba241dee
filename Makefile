# One makefile for the whole suite.  Everything built lands under build/.
#
#   make                 build every tool into build/bin
#   make test            run all tests; make test T=predict runs one table
#   make demo            build a small background end to end
#   make deps            install what is missing (Debian, Ubuntu), or say what to install
#   make install         PREFIX=/usr/local DESTDIR=
#   make ASAN=1 ...      address and undefined-behaviour sanitizers, in build/asan
#   make lint            static analysis (cppcheck)
#   make fuzz            fuzz targets of the readers, in build/fuzz (tests/fuzz/README.md)
#   make background BUILD=my.build   build a background; JOBS=8 ENGINE=slurm are pertrack-build's
#   make soak            the long tests: every engine, 220 faults, the cost of splitting
#   make bench           speed and memory against the floors in the documentation
#
# A tool is a directory under tools/: every .c in it is linked with the library, every .1 is its
# manual.  Adding one needs no edit here.  Local settings go into config.mk.

PREFIX ?= /usr/local
CC     ?= cc
CFLAGS ?= -O2 -g
-include config.mk

VARIANT := $(if $(FUZZ),fuzz,$(if $(ASAN),asan,release))
B       := build/$(VARIANT)

# CFLAGS and friends belong to the user (make CFLAGS=-O3).  What the suite needs is kept apart,
# because a variable set on the command line silently cancels every += in this file.
# FUZZ=1 is what "make fuzz" calls itself with: libFuzzer where clang has it, else driver.c.
ifdef FUZZ
ASAN     := 1
LIBFUZZER := $(shell echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void) { return 0; }' | \
               clang -fsanitize=fuzzer,address -x c - -o /dev/null 2>/dev/null && echo yes)
CC       := $(if $(LIBFUZZER),clang,$(CC))
CPPFLAGS += -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
endif
SAN      := $(if $(LIBFUZZER),-fsanitize=fuzzer-no-link) $(if $(ASAN),-fsanitize=address -fsanitize=undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
OUR_CPP   = -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Ilib -I$(B)
# No contraction of a*b+c: grids and effects must round as the reference does, on every machine.
OUR_C    := -std=c11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -ffp-contract=off -fno-math-errno $(SAN)
OUR_LIBS  = -lhts -ldeflate -ljansson -lcrypto -lz -ldl -lm -lpthread
ISA      :=

TOOLS   := $(notdir $(patsubst %/,%,$(wildcard tools/*/)))
LIBOBJ  := $(patsubst %.c,$(B)/%.o,$(wildcard lib/*.c lib/*/*.c))
# What a family declares is an object of its own, so that it brings no network (lib/family/declare.h).
LIBOBJ  += $(patsubst %.c,$(B)/%.declared.o,$(shell grep -l '^.ifdef FAMILY_DECLARATION' lib/oracle/*.c))
UNIT    := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
HELPERS := $(patsubst tests/helpers/%.c,%,$(wildcard tests/helpers/*.c))

all: $(TOOLS:%=$(B)/bin/%) $(if $(ASAN),,build/bin)

# Keep the objects: make would delete them as intermediate files.
.SECONDARY:

# Only these files may contain instructions the build machine's baseline lacks.
ifneq ($(filter x86_64 amd64,$(shell uname -m)),)
$(B)/lib/kernels/ops_avx2.o:   ISA := -O3 -mavx2 -mfma
$(B)/lib/kernels/ops_avx512.o: ISA := -O3 -mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma -mprefer-vector-width=512
endif

$(B)/%.o: %.c | $(filter deps,$(MAKECMDGOALS))
	@mkdir -p $(@D)
	$(CC) $(OUR_CPP) $(CPPFLAGS) $(OUR_C) $(CFLAGS) $(ISA) -MMD -MP -c -o $@ $<

$(B)/%.declared.o: %.c
	@mkdir -p $(@D)
	$(CC) $(OUR_CPP) -DFAMILY_DECLARATION $(CPPFLAGS) $(OUR_C) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libpertrack.a: $(LIBOBJ)
	@rm -f $@; $(AR) rcs $@ $^

.SECONDEXPANSION:
$(B)/bin/%: $$(addprefix $(B)/,$$(addsuffix .o,$$(basename $$(wildcard tools/$$*/*.c)))) $(B)/libpertrack.a
	@mkdir -p $(@D)
	$(CC) $(SAN) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(LDLIBS) $(OUR_LIBS)

# The driver replays a corpus; libFuzzer has a main of its own.
$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(if $(LIBFUZZER),,$(B)/tests/fuzz/driver.o) $(B)/libpertrack.a
	$(CC) $(SAN) $(if $(LIBFUZZER),-fsanitize=fuzzer) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(LDLIBS) $(OUR_LIBS)

$(B)/tests/%: $(B)/tests/%.o $(B)/libpertrack.a
	$(CC) $(SAN) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(LDLIBS) $(OUR_LIBS)

$(B)/demo/%: $(B)/demo/%.o $(B)/libpertrack.a
	$(CC) $(SAN) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(LDLIBS) $(OUR_LIBS)

$(B)/bench/%: $(B)/bench/%.o $(B)/libpertrack.a
	$(CC) $(SAN) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(LDLIBS) $(OUR_LIBS)

# build/bin is where a user looks; the release variant is what is there.
build/bin: $(TOOLS:%=$(B)/bin/%)
	@ln -sfn $(VARIANT)/bin build/bin

# One object sees the version, and its header is rewritten only when the text changes.
$(B)/lib/prog/version.o: $(B)/version_text.h
VERSION := $(shell git describe --always --dirty --tags 2>/dev/null || echo 0.1.0)
$(B)/version_text.h: FORCE
	@mkdir -p $(@D)
	@echo '#define PT_VERSION "$(VERSION)"' | cmp -s - $@ || echo '#define PT_VERSION "$(VERSION)"' > $@

tests: $(UNIT:%=$(B)/tests/unit/%) $(FUZZERS:%=$(B)/tests/fuzz/%) $(HELPERS:%=$(B)/tests/helpers/%) $(B)/demo/make-demo

test check: all tests
	@B="$(CURDIR)/$(B)" sh tests/run.sh $(T)

fuzz:
	$(MAKE) FUZZ=1 fuzzers

fuzzers: $(FUZZERS:%=$(B)/tests/fuzz/%)

# The recipe is for make's own -j too: its job slots are handed on.
background: all
	+@test -n "$(BUILD)" || { echo "make background: name the description: BUILD=my.build" >&2; \
	    exit 2; }
	+@$(B)/bin/pertrack-build $(if $(JOBS),-j $(JOBS)) $(if $(ENGINE),--engine $(ENGINE)) $(BUILD)

soak: all tests
	@B="$(CURDIR)/$(B)" sh tests/soak.sh

demo: all $(B)/demo/make-demo
	@B="$(CURDIR)/$(B)" sh demo/run.sh

bench: all $(patsubst %.c,$(B)/%,$(wildcard bench/*.c)) $(HELPERS:%=$(B)/tests/helpers/%) $(B)/demo/make-demo
	@B="$(CURDIR)/$(B)" sh bench/run.sh

# Static analysis: cppcheck must find nothing, clang-tidy (.clang-tidy) is for reading.
lint:
	cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --std=c11 \
	    --suppressions-list=.cppcheck -Ilib -D__x86_64__ lib tools bench demo

deps:
	@sh deps.sh

install: all
	mkdir -p $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 755 $(TOOLS:%=$(B)/bin/%) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(wildcard tools/*/*.1) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(wildcard lib/*/*.5) $(DESTDIR)$(PREFIX)/share/man/man5

clean:
	rm -rf build

-include $(shell find $(B) -name '*.d' 2>/dev/null)
.PHONY: all tests test check background soak demo bench lint fuzz fuzzers deps install clean FORCE
