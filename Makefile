# goodhart: `make` alone lists what there is to make.
#   MODE=debug|release|asan|tsan  flags; each mode has its own folder under build/
#   CC=gcc|clang                  both must stay free of warnings
#   V=1                           shows the command lines
MODE ?= debug
CC   := $(if $(filter default,$(origin CC)),gcc,$(CC))
BUILD   ?= build/$(MODE)$(if $(findstring clang,$(CC)),-clang)
PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
VERSION := 0.1.0

# Evaluated when first used, so that `make help` and `make deps` need no pkg-config.
once = $(eval $(1) := $(2))$($(1))
PURE_DEPS := gsl
DEPS      := $(PURE_DEPS) libzmq jansson yaml-0.1 glib-2.0 zlib liblzma sqlite3 libzstd \
             libmicrohttpd libcurl libsodium libprotobuf-c libsystemd
DEPS_CFLAGS = $(call once,DEPS_CFLAGS,$(shell pkg-config --cflags $(DEPS)))
DEPS_LIBS   = $(call once,DEPS_LIBS,$(shell pkg-config --libs $(DEPS)))
PURE_LIBS   = $(call once,PURE_LIBS,$(shell pkg-config --libs $(PURE_DEPS)))
REVISION    = $(call once,REVISION,$(shell git describe --always --dirty 2>/dev/null))

CFLAGS_debug   := -O1 -g3 -fPIC
# What the OpenSSF guide for compilers asks for; `make check` looks whether the program has it.
HARDENING      := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 \
                  -fstack-protector-strong -fstack-clash-protection -fcf-protection=full \
                  -fno-delete-null-pointer-checks -fno-strict-overflow
CFLAGS_release := -O2 -g -fPIC $(HARDENING)
LDFLAGS_release := -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed
CFLAGS_asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
                  -fno-sanitize-recover=all
CFLAGS_tsan    := -O1 -g -fsanitize=thread
CFLAGS_fuzz    := $(CFLAGS_asan) -fsanitize=fuzzer-no-link
WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla -Wswitch-enum \
            -Wstrict-prototypes -Wmissing-prototypes -Werror
# No fused multiply-add: the same numbers from every compiler. User's CFLAGS stay last.
STANDARD := -std=c11 -D_GNU_SOURCE -DGH_VERSION='"$(VERSION)"' -ffp-contract=off -Iinclude \
            -Isrc -Itests -isystem $(BUILD)/generated
ALL_CFLAGS = $(STANDARD) -MMD -MP $(WARNINGS) $(CFLAGS_$(MODE)) $(DEPS_CFLAGS) $(CFLAGS)
LINK       = $(CC) $(CFLAGS_$(MODE)) $(CFLAGS) $(LDFLAGS_$(MODE)) $(LDFLAGS)
LIBS       = $(DEPS_LIBS) -lpthread -lm

sources       = $(foreach layer,$(1),$(wildcard src/$(layer)/*.c src/$(layer)/*/*.c))
PURE_SOURCES  := $(call sources,base stat detect engine)
MAIN          := $(wildcard src/app/main.c)
SHELL_SOURCES := $(filter-out $(MAIN),$(call sources,store edge app))
PURE_OBJECTS  := $(PURE_SOURCES:%.c=$(BUILD)/%.o)
OTLP          := $(BUILD)/generated/edge/otlp/otlp.pb-c
SHELL_OBJECTS := $(SHELL_SOURCES:%.c=$(BUILD)/%.o) $(OTLP).o
C_FILES        = $(shell find include src tests -name '*.[ch]')
HEADERS       := $(wildcard include/goodhart/*.h)
SCHEMA        := include/goodhart/events.proto
EVALUATORS    := tests/eval/evaluate.c tests/eval/detect.c
SUPPORT       := $(wildcard tests/support/*.c) tests/bench/live.c \
                 $(filter-out $(EVALUATORS),$(wildcard tests/eval/*.c))
TESTS         := $(wildcard tests/unit/test_*.c tests/property/test_*.c)
THREAD_TESTS  := $(wildcard tests/*/test_threads*.c tests/*/test_pool*.c)
FUZZERS       := $(wildcard tests/fuzz/fuzz_*.c)
SCRIPTS       := $(wildcard tests/checks/test_* tests/integration/test_* tests/golden/test_*)
ARCHIVES      := $(BUILD)/libsupport.a $(BUILD)/libshell.a $(BUILD)/libgoodhart.a
runners       = $(patsubst %.c,build/$(1)/%,$(2))

Q        = $(if $(V),,@)
# A make that was started with -j keeps it, else all cores are used.
PARALLEL = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))
IN       = $(MAKE) --no-print-directory $(PARALLEL)
SUM_TAP := tests/checks/sum-tap

.DEFAULT_GOAL := help
.SECONDARY:
.DELETE_ON_ERROR:
.PHONY: help deps all demo test check mutants torture bench bench-detect docs model fuzz unit \
        format install deb clean FORCE golden-update format-check tidy purity docs-check lint \
        purity-of-mode lint-of-mode program test-programs thread-programs fuzz-programs \
        bench-programs starved

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: ## install the Debian packages that are missing
	@.ci/deps product test

all: ## build/goodhart, libgoodhart.a, libgoodhart.so (optimised)
	@$(IN) MODE=release BUILD=build/release program
	@install -m 755 build/release/goodhart build/release/libgoodhart.so build/
	@install -m 644 build/release/libgoodhart.a build/

demo: ## a made-up company, live: events in, alerts out
	@.ci/deps product
	@$(MAKE) --no-print-directory all
	deploy/demo.sh

test: deps ## everything that must hold, in debug, with sanitizers, over real sockets
	@$(MAKE) --no-print-directory all
	@$(IN) MODE=debug BUILD=build/debug test-programs
	@$(IN) MODE=asan CC=clang BUILD=build/asan-clang test-programs starved
	@$(IN) MODE=tsan BUILD=build/tsan thread-programs build/tsan/goodhart
	@$(IN) MODE=fuzz CC=clang BUILD=build/fuzz fuzz-programs
	@$(SUM_TAP) -j $$(nproc) $(SCRIPTS) $(call runners,debug,$(TESTS)) \
	    $(call runners,asan-clang,$(TESTS)) $(call runners,tsan,$(THREAD_TESTS)) \
	    $(if $(FUZZERS),'tests/checks/corpus $(call runners,fuzz,$(FUZZERS))')

check: deps ## format, lint, house rules, purity, documentation
	@$(SUM_TAP) -t 3600 tests/checks/all

mutants: deps ## faults planted in the formulas, one at a time; the tests must see each
	@$(IN) MODE=debug BUILD=build/debug test-programs
	@$(SUM_TAP) -t 7200 tests/mutants/run

torture: deps all ## 1,000 kills, each call of the disk, each malloc, 100,000 flipped bits
	@.ci/deps product test torture
	@$(IN) MODE=debug BUILD=build/debug test-programs starved build/debug/goodhart
	@$(IN) MODE=asan CC=clang BUILD=build/asan-clang starved
	@$(SUM_TAP) -t 7200 -j 1 'tests/integration/test_durable.py 1000' \
	    'tests/integration/test_disk_faults.py 1' \
	    'env GOODHART_FLIPS=100000 build/debug/tests/property/test_store_flips' \
	    'env GOODHART_STARVE=1 build/debug/tests/property/test_starve_store' \
	    'env GOODHART_STARVE=1 build/debug/tests/property/test_starve_edge' \
	    'env GOODHART_STARVE=1 build/debug/tests/property/test_starve_maps' \
	    'env STARVED=build/debug/goodhart-starved tests/integration/test_starved.py 0 200' \
	    'tests/integration/test_starved.py 300 30' 'tests/integration/test_recovery.py 1' \
	    'tests/integration/test_invented.py 1000000' \
	    'tests/integration/test_invented.py 10000000' \
	    'tests/integration/test_sanitized.py memcheck' tests/integration/package.sh

bench: all ## what an event costs, here and elsewhere
	@.ci/deps product bench
	@$(IN) MODE=release BUILD=build/release bench-programs
	tests/bench/run

SEEDS ?= 20
bench-detect: ## how good the findings are, beside today's rules, SEEDS=20 companies a world
	@.ci/deps product bench
	@$(IN) MODE=release BUILD=build/release build/release/tests/eval/detect
	tests/bench/detect --seeds $(SEEDS) --jobs $(or $(JOBS),1)

docs: all ## deploy/goodhart.yaml and its schema, deploy/metrics.md, the README's demo
	build/goodhart options > deploy/goodhart.yaml
	build/goodhart options --schema > deploy/goodhart.schema.json
	build/goodhart options --metrics > deploy/metrics.md
	deploy/demo_in_readme.sh

# The same command stands in the card; the folder of traces may be anywhere.
TRACES ?= ../shared/data
model: all ## fit models/default.json anew, with its card; TRACES=folder of public traces
	@test -d '$(TRACES)' || { echo 'TRACES=$(TRACES): no such folder' >&2; exit 2; }
	@ln -sfn "$$(realpath '$(TRACES)')" build/traces
	build/goodhart fit --neutral --simulate 2000,8,6,1001 \
	    --trace azure-trace:build/traces/azure-llm-2023/code.csv.gz \
	    --trace mooncake:build/traces/mooncake/conversation.jsonl.xz \
	    --trace agent-trace:build/traces/agent-traces/requests.csv.gz --name default \
	    --out models/default.json --card models/default.md --report build/model.html

# Writes down what the recorded streams lead to now, and shows what has changed.
golden-update: all
	tests/golden/test_golden.sh --update

FUZZ_SECONDS ?= 60
fuzz: ## look for bytes that hurt, FUZZ_SECONDS=60 for each fuzzer
	@$(IN) MODE=fuzz CC=clang BUILD=build/fuzz fuzz-programs
	@set -e; for f in $(call runners,fuzz,$(FUZZERS)); do mkdir -p $$f.found; \
	    $$f -max_total_time=$(FUZZ_SECONDS) -max_len=70000 $$f.found \
	    tests/fuzz/corpus/$$(basename $$f | sed s/fuzz_//); done

unit: test-programs ## unit and property tests alone; MODE=asan, CC=clang …
	@$(SUM_TAP) $(TESTS:%.c=$(BUILD)/%)

format: ## put the C sources into the house format
	clang-format -i $(C_FILES)

install: all ## program, library, headers, pkg-config file; PREFIX=/usr/local DESTDIR=
	install -d $(addprefix $(DESTDIR),$(PREFIX)/bin $(LIBDIR)/pkgconfig \
	    $(PREFIX)/include/goodhart)
	install -m 755 build/goodhart $(DESTDIR)$(PREFIX)/bin/
	install -m 644 build/libgoodhart.a $(DESTDIR)$(LIBDIR)/
	install -m 755 build/libgoodhart.so $(DESTDIR)$(LIBDIR)/libgoodhart.so.0
	ln -sf libgoodhart.so.0 $(DESTDIR)$(LIBDIR)/libgoodhart.so
	install -m 644 $(HEADERS) $(SCHEMA) $(DESTDIR)$(PREFIX)/include/goodhart/
	printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' 'Name: goodhart' \
	    'Version: $(VERSION)' 'Description: finds gaming of AI-token leaderboards' \
	    'Requires.private: $(PURE_DEPS)' 'Cflags: -I$${prefix}/include' \
	    'Libs: -L$${libdir} -lgoodhart' 'Libs.private: -lm' \
	    > $(DESTDIR)$(LIBDIR)/pkgconfig/goodhart.pc

# A copy of its own, where debian/ stands where Debian's tools look for it.
DEB := build/deb/goodhart
deb: ## Debian packages, in build/deb: the service, the library, its development files
	@.ci/deps product packages
	@rm -rf build/deb && mkdir -p $(DEB)
	@cp -a Makefile LICENSE README.md include src models deploy $(DEB)/
	@mv $(DEB)/deploy/debian $(DEB)/debian
	cd $(DEB) && env -u MAKEFLAGS -u MAKELEVEL dpkg-buildpackage --build=binary --no-sign
	@ls build/deb/*.deb

clean: ## remove build/
	rm -rf build

# The parts of `make check`; each also stands alone.
format-check:
	@clang-format --dry-run -Werror $(C_FILES)
lint:
	@$(IN) -k MODE=debug BUILD=build/debug lint-of-mode
tidy:
	@tests/checks/tidy
purity:
	@$(IN) MODE=release BUILD=build/release purity-of-mode
docs-check: all
	@tests/checks/docs

# Below: how things are built in one mode.
program: $(BUILD)/goodhart $(BUILD)/libgoodhart.a $(BUILD)/libgoodhart.so
purity-of-mode: $(PURE_OBJECTS)
	@tests/checks/purity $(PURE_OBJECTS)
test-programs: $(TESTS:%.c=$(BUILD)/%)
starved: $(BUILD)/goodhart-starved
thread-programs: $(THREAD_TESTS:%.c=$(BUILD)/%)
fuzz-programs: $(FUZZERS:%.c=$(BUILD)/%)
bench-programs: $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/bench_*.c))
lint-of-mode: $(patsubst %.c,$(BUILD)/%.lint,$(PURE_SOURCES) $(SHELL_SOURCES) $(MAIN))

# Changes when the flags or the compiler do; what was built with others is built again.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@pkg-config --exists --print-errors $(DEPS) || { echo 'run make deps first' >&2; false; }
	@echo '$(CC) $(ALL_CFLAGS)' | cmp -s - $@ || echo '$(CC) $(ALL_CFLAGS)' > $@
$(BUILD)/revision: FORCE
	@mkdir -p $(@D)
	@echo '$(REVISION)' | cmp -s - $@ || echo '$(REVISION)' > $@

# The only file that tells the revision is built again when it changes.
$(BUILD)/src/app/main.o: $(BUILD)/revision
$(BUILD)/src/app/main.o: private CPPFLAGS += $(if $(REVISION),-DGH_REVISION='"$(REVISION)"')

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo '$(CC) $(MODE) $<'
	$(Q)$(CC) $(ALL_CFLAGS) $(CPPFLAGS) -c $< -o $@

# The assembler includes these files: see embedded.c.
$(BUILD)/src/edge/embedded.o: $(wildcard models/*.json models/fields/*.json)

# Archives are made anew, so that a deleted source leaves no member behind.
$(BUILD)/libgoodhart.a: $(PURE_OBJECTS)
$(BUILD)/libshell.a: $(SHELL_OBJECTS)
$(BUILD)/libsupport.a: $(SUPPORT:%.c=$(BUILD)/%.o)
$(ARCHIVES):
	@rm -f $@
	@ar rcsD $@ $^

$(BUILD)/goodhart: $(BUILD)/src/app/main.o $(BUILD)/libshell.a $(BUILD)/libgoodhart.a
	$(Q)$(LINK) $^ -o $@ $(LIBS)

# What the public headers declare, and nothing else, is visible outside.
$(BUILD)/libgoodhart.map: $(HEADERS)
	@mkdir -p $(@D)
	@grep -oh '\bgh_[a-z0-9_]*(' $^ | sort -u | tr '(' ';' | \
	    sed '1i { global:' | sed '$$a local: *; };' > $@
$(BUILD)/libgoodhart.so: $(BUILD)/libgoodhart.map $(PURE_OBJECTS)
	$(Q)$(LINK) -shared -Wl,-soname,libgoodhart.so.0,--no-undefined,--version-script=$< \
	    $(PURE_OBJECTS) -o $@ $(PURE_LIBS)

# Outside of MODE=fuzz a fuzzer replays files, with any compiler.
REPLAY := $(if $(filter fuzz,$(MODE)),,$(BUILD)/tests/fuzz/standalone.o)
OBJECTS_FIRST = $(filter %.o,$^) $(filter %.a,$^)
$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(REPLAY) $(ARCHIVES)
	$(Q)$(LINK) $(if $(filter fuzz,$(MODE)),-fsanitize=fuzzer) $(OBJECTS_FIRST) -o $@ $(LIBS)
$(BUILD)/tests/%: $(BUILD)/tests/%.o $(ARCHIVES)
	$(Q)$(LINK) $(OBJECTS_FIRST) -o $@ $(LIBS)

# The structs of OTLP, which protobuf-c makes of what we read of its schema.
$(OTLP).c: src/edge/otlp/otlp.proto
	@mkdir -p $(@D)
	@protoc-c --proto_path=$(<D) --c_out=$(@D) $<
$(OTLP).o: $(OTLP).c $(BUILD)/flags
	$(Q)$(CC) $(CFLAGS_$(MODE)) $(CFLAGS) -c $< -o $@
USE_OTLP := $(shell grep -rlE 'otlp/(attribute|otlp.pb-c|tell)\.h' src tests --include=*.c)
$(USE_OTLP:%.c=$(BUILD)/%.o): $(OTLP).c

# What is held against protobuf-c. It makes its code of the schema with texts as bytes, which it
# would cut at a zero otherwise.
PROTOBUF := $(BUILD)/protobuf/events.pb-c
$(BUILD)/protobuf/events.proto: $(SCHEMA)
	@mkdir -p $(@D)
	@sed 's/optional string/optional bytes/' $< > $@
$(PROTOBUF).c: $(BUILD)/protobuf/events.proto
	@protoc-c --proto_path=$(@D) --c_out=$(@D) $<
$(PROTOBUF).o: $(PROTOBUF).c $(BUILD)/flags
	$(Q)$(CC) $(CFLAGS_$(MODE)) $(CFLAGS) -I$(@D) -c $< -o $@
$(BUILD)/tests/support/protobuf/binary_pair.o: $(PROTOBUF).c
$(BUILD)/tests/support/protobuf/binary_pair.o: private CPPFLAGS += -I$(BUILD)/protobuf
HELD_AGAINST := $(BUILD)/tests/property/test_binary_differential $(BUILD)/tests/fuzz/fuzz_binary
$(HELD_AGAINST): $(BUILD)/tests/support/protobuf/binary_pair.o $(PROTOBUF).o
$(HELD_AGAINST): private LIBS += -lprotobuf-c

# Memory that runs out where a test says (tests/support/starve.h): calls of our objects alone
# are led there.
STARVE := malloc calloc realloc strdup strndup fopen opendir open_memstream zmq_ctx_new \
          zmq_socket inflateInit2_ lzma_stream_decoder ZSTD_createCCtx ZSTD_createDCtx \
          yaml_parser_initialize yaml_parser_parse yaml_parser_load
$(BUILD)/tests/property/test_starve_%: private LDFLAGS += $(STARVE:%=-Wl,--wrap=%)
$(BUILD)/goodhart-starved: private LDFLAGS += $(STARVE:%=-Wl,--wrap=%)
$(BUILD)/goodhart-starved: $(BUILD)/src/app/main.o $(BUILD)/tests/support/starve.o \
                           $(BUILD)/libshell.a $(BUILD)/libgoodhart.a
	$(Q)$(LINK) $^ -o $@ $(LIBS)

$(BUILD)/%.lint: %.c $(BUILD)/%.o .clang-tidy
	$(Q)clang-tidy --quiet --warnings-as-errors='*' $< -- $(STANDARD) $(DEPS_CFLAGS)
	@touch $@

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
