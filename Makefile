# Posthouse: one Makefile, read top to bottom.
#
#   make             build the four services and the tools into $(BUILD)
#   make run         install what is missing, build, start everything
#   make test        install what is missing, run all tests
#   make test-fresh  make run and make test in a Debian that has git and make only (as root)
#   make test-compose  deploy/docker for real, with a container engine
#   make rehearse    the Kubernetes manifests as processes on this machine (as root)
#   make check       unit tests only; DIRS="lib/mail storesvc" limits them
#   make soak        every kind of trouble for SOAK_SECONDS, then all that was acknowledged is counted
#   make lint        layering rules, clang-tidy, Kubernetes manifests
#   make scan        what sslscan and testssl.sh say of our TLS, in some minutes
#   make fuzz        every fuzzer for FUZZ_SECONDS
#   make bench       side by side with Dovecot, into bench/RESULTS.md
#   make bench-scale how costs grow with sizes, into bench/RESULTS-scale.md
#   make docs        the references of settings and metrics, from their tables
#   make install     DESTDIR= prefix=; then make install-configure, with the same
#
# WITHOUT="pam" leaves modules of authsvc out, with the client libraries they need.
#
# A file's name decides its part: *_test.c is a test, *_fuzz.c a fuzzer,
# main.c a service, tools/NAME.c a tool; test_*.c and PART/testing/ are for the tests of that part; everything
# else goes into the archive of its top directory. SAN=address,undefined or SAN=thread builds with
# sanitizers, apart from the plain build.

MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
# No object is an intermediate file: a second make has nothing to do.
.SECONDARY:

SAN      ?=
BUILD    ?= build$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))
ifeq ($(strip $(BUILD)),)
$(error BUILD is empty: it is the directory that everything is built into)
endif
DIRS     ?= lib frontend authsvc storesvc outboxsvc tools
prefix   ?= /usr/local
comma    := ,
# V=1 shows whole commands.
say       = $(if $(V),,@printf '  %-4s %s\n' '$(1)' '$(subst $(BUILD)/,,$@)';)

CC       ?= cc
PACKAGES := openssl libprotobuf-c libevent libevent_pthreads libevent_openssl hiredis \
            libutf8proc libxxhash zlib libcurl libgsasl jansson
PACKAGE_FLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
CPPFLAGS += -D_GNU_SOURCE -Ilib -I. -I$(BUILD)/gen -include base/banned.h $(PACKAGE_FLAGS)
WARNINGS := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wvla -Wstrict-prototypes \
            -Wpointer-arith -Wwrite-strings -Wundef -Werror
HARDEN   := -fstack-protector-strong -fPIE -fno-plt $(if $(SAN),,-D_FORTIFY_SOURCE=2)
CFLAGS   ?= -O2 -g
ALL_CFLAGS = -std=gnu11 $(CFLAGS) $(WARNINGS) $(HARDEN) -fno-strict-aliasing -pthread \
            $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all -Wno-format-truncation)
LDFLAGS  += -pie -Wl,-z,relro,-z,now,--as-needed -pthread $(if $(SAN),-fsanitize=$(SAN))
LIBS     := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lnng -lcdb -lpam -lcrypt -largon2 -ldl

# What there is.
PROTOS   := $(wildcard proto/*.proto)
# Folders of authsvc that one module has to itself, because they need its client library.
MODULE_FOLDERS := ldap oauth
SOURCES  := $(filter-out $(patsubst %,authsvc/%/%,$(filter $(MODULE_FOLDERS),$(WITHOUT))), \
            $(shell find lib frontend authsvc storesvc outboxsvc tools bench -name '*.c' 2>/dev/null))
TESTS    := $(filter %_test.c,$(SOURCES))
FUZZERS  := $(filter %_fuzz.c,$(SOURCES))
TESTING  := $(filter-out $(TESTS),$(foreach file,$(SOURCES),$(if $(or $(findstring /testing/,$(file)), \
            $(filter test_%,$(notdir $(file)))),$(file))))
MAINS    := $(filter %/main.c,$(SOURCES))
TOOLS    := $(filter-out %_test.c %_fuzz.c,$(wildcard tools/*.c))
PARTS    := lib frontend authsvc storesvc outboxsvc tools
part_of   = $(firstword $(subst /, ,$(1)))
sources   = $(filter-out %_test.c %_fuzz.c %/main.c authsvc/modules/% $(TESTING) $(MODULE_FOLDERS:%=authsvc/%/%),\
            $(filter $(1)/%,$(SOURCES)))

GEN      := $(PROTOS:proto/%.proto=$(BUILD)/gen/proto/%.pb-c.c)
GEN_H    := $(GEN:.c=.h)
SERVICES := $(MAINS:%/main.c=$(BUILD)/bin/posthouse-%)
TOOL_BIN := $(TOOLS:tools/%.c=$(BUILD)/bin/%)

MODULES  := $(filter-out $(WITHOUT),$(patsubst authsvc/modules/%.c,%,$(filter authsvc/modules/%,$(filter-out %_test.c,$(SOURCES)))))
MODULE_SO := $(MODULES:%=$(BUILD)/lib/posthouse/auth-%.so)

all: $(SERVICES) $(TOOL_BIN) $(MODULE_SO)

# Contracts.
$(BUILD)/gen/proto/%.pb-c.c $(BUILD)/gen/proto/%.pb-c.h &: proto/%.proto $(PROTOS)
	@mkdir -p $(BUILD)/gen/proto
	$(call say,PB)protoc-c --c_out=$(BUILD)/gen $<
$(BUILD)/gen/%.o: $(BUILD)/gen/%.c $(GEN_H)
	$(call say,CC)$(CC) -D_GNU_SOURCE -I$(BUILD)/gen $(PACKAGE_FLAGS) $(CFLAGS) $(HARDEN) -std=gnu11 -MMD -MP -c -o $@ $<

# Objects, archives, programs.
$(BUILD)/obj/%.o: %.c $(GEN_H)
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

define archive
$(BUILD)/$(1).a: $(patsubst %.c,$(BUILD)/obj/%.o,$(call sources,$(1))) $(if $(filter lib,$(1)),$(GEN:.c=.o))
	@rm -f $$@
	$$(call say,AR)ar crs $$@ $$^
endef
$(foreach part,$(PARTS),$(eval $(call archive,$(part))))

$(BUILD)/bin/posthouse-%: $(BUILD)/obj/%/main.o $(BUILD)/%.a $(BUILD)/lib.a
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(LDFLAGS) -rdynamic -o $@ $^ $(LIBS)

# Some load modules of authsvc, as it does.
TOOL_LIBS := -ljansson -lncursesw -lm
$(TOOL_BIN): $(BUILD)/bin/%: $(BUILD)/obj/tools/%.o $(BUILD)/tools.a $(BUILD)/authsvc.a $(BUILD)/lib.a
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(LDFLAGS) -rdynamic -o $@ $^ $(LIBS) $(TOOL_LIBS)

# Modules of authsvc: a shared object each, with its own client library. What they share with authsvc
# is linked into each as well, but authsvc's own copy prevails when they are loaded; what they count adds itself to
# authsvc's metrics (lib/metrics/metrics.c).
MODULE_SHARES := $(filter lib/base/% lib/metrics/% $(foreach dir,account pam password pipe pool sql userdb vpasswd,authsvc/$(dir)/%), \
                 $(call sources,lib) $(call sources,authsvc))
MODULE_LIBS_pam    := -lpam
MODULE_LIBS_pgsql  := -lpq
MODULE_LIBS_mysql  := -lmariadb
MODULE_LIBS_sqlite := -lsqlite3
MODULE_LIBS_ldap   := -lldap -llber
MODULE_LIBS_oauth  := -ljansson -lcurl -lutf8proc
$(BUILD)/pic/authsvc/modules/pgsql.o: CPPFLAGS += $(shell pkg-config --cflags libpq 2>/dev/null)
$(BUILD)/pic/authsvc/modules/mysql.o: CPPFLAGS += $(shell pkg-config --cflags libmariadb 2>/dev/null)
$(BUILD)/pic/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -fPIC -MMD -MP -c -o $@ $<
$(BUILD)/pic/shares.a: $(MODULE_SHARES:%.c=$(BUILD)/pic/%.o)
	@rm -f $@
	$(call say,AR)ar crs $@ $^
define module_folder
$(BUILD)/pic/$(1).a: $(patsubst %.c,$(BUILD)/pic/%.o,$(filter-out %_test.c %_fuzz.c,$(filter authsvc/$(1)/%,$(SOURCES))))
	@rm -f $$@
	$$(call say,AR)ar crs $$@ $$^
$(BUILD)/lib/posthouse/auth-$(1).so: $(BUILD)/pic/$(1).a
$(filter $(BUILD)/test/authsvc/$(1)/%,$(TESTS:%.c=$(BUILD)/test/%)): $(BUILD)/pic/$(1).a
$(filter $(BUILD)/fuzz/authsvc/$(1)/%,$(FUZZERS:%.c=$(BUILD)/fuzz/%)): $(BUILD)/pic/$(1).a
$(BUILD)/test/authsvc/$(1)/% $(BUILD)/fuzz/authsvc/$(1)/%: private LIBS += $(MODULE_LIBS_$(1))
endef
$(foreach folder,$(MODULE_FOLDERS),$(eval $(call module_folder,$(folder))))
# The order in which archives are named does not matter between --start-group and --end-group.
GROUP      = -Wl,--start-group $^ -Wl,--end-group
$(MODULE_SO): $(BUILD)/lib/posthouse/auth-%.so: $(BUILD)/pic/authsvc/modules/%.o $(BUILD)/pic/shares.a
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(filter-out -pie,$(LDFLAGS)) -shared $(if $(SAN),,-Wl,-z,defs) -o $@ $(GROUP) \
	    $(MODULE_LIBS_$*) -lcdb -lcrypto -lcrypt -largon2 -lgsasl -lxxhash

# Tests: beside what they test, linked with their part, what stands in for its surroundings, and lib.
TEST_BIN := $(TESTS:%.c=$(BUILD)/test/%)
testing   = $(patsubst %.c,$(BUILD)/obj/%.o,$(filter $(1)/%,$(TESTING)))
.SECONDEXPANSION:
$(TEST_BIN): $(BUILD)/test/%: $(BUILD)/obj/%.o $$(call testing,$$(call part_of,$$*)) $$(BUILD)/$$(call part_of,$$*).a $(BUILD)/lib.a
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $(GROUP) $(LIBS) -lcmocka

# They load modules as authsvc does.
AUTHSVC_TESTS := $(filter $(BUILD)/test/authsvc/%,$(TEST_BIN))
$(AUTHSVC_TESTS): | $(MODULE_SO)
$(AUTHSVC_TESTS): private LDFLAGS += -rdynamic
$(filter $(BUILD)/test/tools/%,$(TEST_BIN)): private LIBS += $(TOOL_LIBS)

CHECKS := $(foreach dir,$(DIRS),$(filter $(BUILD)/test/$(dir)/%,$(TEST_BIN)))
check: $(sort $(CHECKS))
	@tools/check.sh $(sort $(CHECKS))

# The benchmark's programs: lib/base is all they share with what they measure.
BENCH_BASE := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out %_test.c,$(filter lib/base/%,$(SOURCES))))
BENCH_OBJ  := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter bench/%,$(SOURCES)))
bench-tools: $(BUILD)/bench/genmail $(BUILD)/bench/loadgen
$(BUILD)/bench/genmail: $(patsubst %,$(BUILD)/obj/bench/%.o,genmail message fail) $(BENCH_BASE)
$(BUILD)/bench/loadgen: $(filter-out %/genmail.o,$(BENCH_OBJ)) $(BENCH_BASE)
$(BUILD)/bench/genmail $(BUILD)/bench/loadgen:
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs openssl libxxhash)

# Fuzzers: tools/fuzz.sh builds them with clang and libFuzzer, in a BUILD of their own.
FUZZ_BIN := $(FUZZERS:%.c=$(BUILD)/fuzz/%)
$(FUZZ_BIN): $(BUILD)/fuzz/%: $(BUILD)/obj/%.o $$(BUILD)/$$(call part_of,$$*).a $(BUILD)/lib.a
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $(GROUP) $(LIBS)

FUZZ_SECONDS ?= 60
fuzz: $(GEN_H)
	tools/deps.sh run fuzz
	BUILD=$(BUILD) tools/fuzz.sh $(FUZZ_SECONDS) $(FUZZERS)

deps:
	tools/deps.sh

run:
	tools/deps.sh run
	$(MAKE) all
	BUILD=$(BUILD) tools/run.sh

user users: all
	BUILD=$(BUILD) tools/user.sh $@ "$(NAME)" "$(PASS)" "$(N)"

rehearse:
	tools/deps.sh run test
	$(MAKE) all
	BUILD=$(BUILD) tests/rehearsal/run.sh $(OVERLAY)

test: deps
	$(MAKE) all check
	BUILD=$(BUILD) tests/integration/run.sh

# Both install what they need by themselves, where a root and a container engine can be had.
test-fresh:
	tests/fresh/run.sh

test-compose:
	tests/compose/run.sh

soak:
	tools/deps.sh run test
	$(MAKE) all
	BUILD=$(BUILD) tests/soak/run.sh

scan: deps all
	POSTHOUSE_SCAN=1 BUILD=$(BUILD) tests/integration/run.sh -k "sslscan or testssl"

bench:
	tools/deps.sh run bench
	$(MAKE) all bench-tools
	BUILD=$(BUILD) bench/run.sh

bench-scale:
	tools/deps.sh run test
	$(MAKE) all
	BUILD=$(BUILD) /usr/bin/python3 bench/scale.py --out bench/RESULTS-scale.md

lint: $(GEN_H)
	tools/deps.sh lint
	BUILD=$(BUILD) tools/lint.sh

# What is made from the sources and kept with them.
docs: all
	tools/settings.sh $(BUILD) >docs/settings.md.new && mv docs/settings.md.new docs/settings.md
	tools/metrics.sh $(BUILD) >docs/metrics.md.new && mv docs/metrics.md.new docs/metrics.md

install: all
	tools/install.sh "$(BUILD)" "$(DESTDIR)" "$(prefix)" "$(APART)"

# One module, for a package of its own with the client library it needs: make APART="ldap" install, make install-module-ldap.
install-module-%: $(BUILD)/lib/posthouse/auth-%.so
	install -D -m 644 $< "$(DESTDIR)$(prefix)/lib/posthouse/auth-$*.so"

# After install: settings of the new version, with what an operator has set in the old ones.
install-configure:
	tools/install-configure.sh "$(DESTDIR)" "$(prefix)"

clean:
	rm -rf $(BUILD)

.PHONY: all check docs fuzz deps rehearse run user users test test-fresh test-compose soak scan bench bench-tools bench-scale lint install install-configure clean
-include $(shell find $(BUILD) -name '*.d' -type f 2>/dev/null)
