# goodhart: make help
MODE   ?= debug
CC     ?= gcc
BUILD  ?= build/$(MODE)
PURE_DEPS := gsl
DEPS   := $(PURE_DEPS) libzmq jansson yaml-0.1 glib-2.0 zlib liblzma

CFLAGS_debug   := -O1 -g3
CFLAGS_release := -O2 -g -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIC
CFLAGS_asan    := -O1 -g3 -fno-omit-frame-pointer -fsanitize=address,undefined \
                  -fno-sanitize-recover=all
CFLAGS_tsan    := -O1 -g3 -fsanitize=thread
WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla -Wswitch-enum \
            -Wstrict-prototypes -Wmissing-prototypes -Werror

# User's CFLAGS stay last and untouched, so that `make CFLAGS=-O3` means what it says.
ALL_CFLAGS := -std=c11 -D_GNU_SOURCE -ffp-contract=off -Iinclude -Isrc -Itests -MMD -MP \
              $(WARNINGS) $(CFLAGS_$(MODE)) $(shell pkg-config --cflags $(DEPS)) $(CFLAGS)
LIBS       := $(shell pkg-config --libs $(DEPS)) -lpthread -lm

PURE_SOURCES  := $(wildcard src/base/*.c src/stat/*.c src/detect/*.c src/engine/*.c)
SHELL_SOURCES := $(filter-out src/app/main.c,$(wildcard src/edge/*.c src/app/*.c src/app/*/*.c))
PURE_OBJECTS  := $(PURE_SOURCES:%.c=$(BUILD)/%.o)
SHELL_OBJECTS := $(SHELL_SOURCES:%.c=$(BUILD)/%.o)
TESTS   := $(wildcard tests/unit/*.c tests/property/*.c)
RUNNERS := $(TESTS:%.c=$(BUILD)/%)

.DEFAULT_GOAL := help
.PHONY: help all clean unit
.SECONDARY:

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

all: $(PURE_OBJECTS) $(SHELL_OBJECTS) ## compile everything

unit: $(RUNNERS)
	@status=0; for t in $(RUNNERS); do echo "# $$t"; $$t || status=1; done; exit $$status

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c $< -o $@

# The assembler includes these files: see embedded.c.
$(BUILD)/src/edge/embedded.o: $(wildcard models/*.json)

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(PURE_OBJECTS) $(SHELL_OBJECTS)
	$(CC) $(ALL_CFLAGS) $^ -o $@ $(LIBS)

clean: ## remove build/
	rm -rf build

-include $(PURE_OBJECTS:.o=.d) $(SHELL_OBJECTS:.o=.d) $(RUNNERS:=.d)
