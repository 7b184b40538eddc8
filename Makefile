# moka - one Makefile for the whole tree. A new .c or .S file in one of the rooms below joins by being there.
#
#   make            build/moka, build/lib/libjvm.so, libmoka-gcc.so, build/lib/java (classes of stdlib/java)
#   make demo       examples/demo.sh: a real program in each MMU mode
#   make check      everything that is tested; last line "N passed, N failed"
#   make check-unit only the Check programs tests/unit/test_*.c
#   make check-jit  the Java programs with each compiler pass off, each level, while workers are killed ...
#   make fuzz-jit   random programs under the compiler: N=20000 SEED=1
#   make bench      bench/run.sh
#   make warmup     bench/warmup.sh: how soon moka and HotSpot are at speed
#   make ablation   bench/ablation.sh: what each pass, MMU mode, unit and level is worth
#   make lint       clang-format, clang-tidy, cppcheck
#   make install    below prefix (configure --prefix=DIR)
#   SANITIZE=1      with any of these: ASan + UBSan, objects in build-asan/
#   CI=1            warnings are errors

-include config.mk

ifneq ($(filter-out 0,$(SANITIZE)),)
BUILD := build-asan
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
else
BUILD := build
endif

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# ---- what is built -------------------------------------------------------------------------------------------

# The rooms, in link order: arrows point from left to right only (docs/architecture.md).
ROOMS := vm jit stdlib runtime
sources = $(sort $(wildcard $(1)/*.c $(1)/*/*.c $(1)/*.S $(1)/*/*.S))
objects = $(patsubst %,$(BUILD)/obj/%.o,$(basename $(1)))

MAIN := $(wildcard vm/main.c)
$(foreach r,$(ROOMS),$(eval SRC_$(r) := $(filter-out vm/main.c,$(call sources,$(r)))))
$(foreach r,$(ROOMS),$(eval OBJ_$(r) := $(call objects,$(SRC_$(r)))))
# The emitter is a library of its own, loaded when something is to be compiled with libgccjit (jit/jit.h).
SRC_gcc := $(filter jit/emit%.c,$(SRC_jit))
OBJ_gcc := $(call objects,$(SRC_gcc))
OBJ_jit := $(filter-out $(OBJ_gcc),$(OBJ_jit))
ARCHIVES := $(foreach r,$(ROOMS),$(if $(SRC_$(r)),$(BUILD)/lib$(r).a))
ALL_SOURCES := $(foreach r,$(ROOMS),$(SRC_$(r))) $(MAIN)

UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT_BIN := $(patsubst %.c,$(BUILD)/%,$(UNIT_SRC))

JAVA_SRC := $(sort $(wildcard stdlib/java/*.java stdlib/java/*/*.java stdlib/java/*/*/*.java \
                              stdlib/java/*/*/*/*.java))

PRODUCTS := $(ARCHIVES) $(if $(MAIN),$(BUILD)/moka) $(BUILD)/lib/libjvm.so $(BUILD)/lib/libmoka-gcc.so \
            $(if $(JAVA_SRC),$(BUILD)/lib/java/.stamp)

# ---- flags ---------------------------------------------------------------------------------------------------

CPPFLAGS := -I. -I$(BUILD)/gen -isystem $(JDK)/include -isystem $(JDK)/include/linux -D_GNU_SOURCE \
            $(if $(CONFIGURED_JDK),-DMOKA_CONFIGURED_JDK='"$(CONFIGURED_JDK)"')
WARNINGS := -Wall -Wextra -Wshadow $(if $(CI),-Werror)
CFLAGS = -std=gnu11 $(OPTFLAGS) $(WARNINGS) -fno-strict-aliasing -fwrapv -fPIE $(SANFLAGS)
LDFLAGS := -pie -rdynamic $(SANFLAGS)
LDLIBS := -lz -lpthread -ldl -lm

# Unit tests always know a JDK: the one that configure found.
$(BUILD)/obj/tests/%.o: CPPFLAGS += $(if $(CONFIGURED_JDK),,-DMOKA_CONFIGURED_JDK='"$(JDK)"')

# Dispatch code is sensitive to how its jumps lie in fetch blocks: up to 5 %.
$(BUILD)/obj/vm/interp_%.o: CFLAGS += -falign-jumps=32

# ---- rules ---------------------------------------------------------------------------------------------------

# Pages of docs/ that are made from tables.
docs: all
	$(BUILD)/moka --help-moka:markdown > docs/options.md

.PHONY: docs all demo check check-unit bench warmup ablation lint install clean
all: $(PRODUCTS)

# Goals that must work on a fresh Debian 12 may install what is missing; others only say what it is.
config.mk: configure
	./configure $(CONFIGURE_ARGS) $(if $(filter demo check check-unit bench warmup ablation,$(MAKECMDGOALS)),--install-missing)

$(BUILD)/obj/%.o: %.c config.mk
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/%.o: %.S config.mk
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

define archive_rule
$(BUILD)/lib$(1).a: $(OBJ_$(1))
	rm -f $$@
	$(AR) rcs $$@ $$^
endef
$(foreach r,$(ROOMS),$(if $(SRC_$(r)),$(eval $(call archive_rule,$(r)))))

# In our copy of libgc.a some calls go to runtime/heap/guest_memory.c instead (nobody else's mmap is touched, which
# -Wl,--wrap=mmap would do): giving pages back, and blocking the signals that stand for page faults, everywhere; and in
# the members named, all memory that is or may become part of the heap (old mark stacks and section tables are recycled
# as heap). Block headers and other tables stay ordinary host memory. What allocates asks runtime/heap/blocks.c for blocks,
# and runtime/heap/lists.c makes lists of them. The collecting thread's own stack is left out of the roots (mark.c).
LIBGC_RENAMED := mmap munmap mprotect madvise pthread_sigmask
LIBGC_HEAP_MEMBERS := alloc.o mark.o os_dep.o
LIBGC_BLOCK_MEMBERS := malloc.o mallocx.o new_hblk.o
$(BUILD)/libgc-guest.a: $(LIBGC) config.mk Makefile
	rm -rf $(BUILD)/libgc && mkdir -p $(BUILD)/libgc
	objcopy $(foreach f,$(LIBGC_RENAMED),--redefine-sym $(f)=heap_gc_$(f)) $(LIBGC) $(BUILD)/libgc/libgc.a
	cd $(BUILD)/libgc && $(AR) x libgc.a $(LIBGC_HEAP_MEMBERS) $(LIBGC_BLOCK_MEMBERS) allchblk.o mark_rts.o && \
	    objcopy --globalize-symbol=GC_allochblk_nth allchblk.o && \
	    for o in $(LIBGC_BLOCK_MEMBERS); do \
	        objcopy --redefine-sym GC_allochblk=heap_gc_allochblk \
	            --redefine-sym GC_clear_stack=heap_gc_clear_stack $$o || exit 1; \
	    done && \
	    objcopy --redefine-sym GC_build_fl=heap_gc_build_fl \
        --redefine-sym GC_reclaim_generic=heap_gc_reclaim_generic mallocx.o && \
    objcopy --redefine-sym GC_unix_get_mem=heap_gc_get_mem alloc.o && \
	    objcopy --redefine-sym GC_with_callee_saves_pushed=heap_gc_push_own_stack mark_rts.o && \
	    for o in $(LIBGC_HEAP_MEMBERS); do \
	        objcopy --redefine-sym GC_scratch_alloc=heap_gc_get_mem $$o || exit 1; \
	    done && $(AR) r libgc.a $(LIBGC_HEAP_MEMBERS) $(LIBGC_BLOCK_MEMBERS) allchblk.o mark_rts.o
	mv $(BUILD)/libgc/libgc.a $@ && rm -rf $(BUILD)/libgc

LINK_ARCHIVES = -Wl,--start-group $(ARCHIVES) $(BUILD)/libgc-guest.a -Wl,--end-group

# The JVM_* and JNI symbols are there for the JDK's libraries, so whole archives go into the executable.
$(BUILD)/moka: $(call objects,$(MAIN)) $(ARCHIVES) $(BUILD)/libgc-guest.a
	$(CC) $(LDFLAGS) -o $@ $(call objects,$(MAIN)) -Wl,--whole-archive $(ARCHIVES) -Wl,--no-whole-archive \
	      $(BUILD)/libgc-guest.a $(LDLIBS)

$(BUILD)/lib/libjvm.so: runtime/jni/libjvm/stub.c runtime/jni/libjvm/stub.map config.mk
	@mkdir -p $(@D)
	$(CC) -shared -fPIC -O2 -nostdlib -Wl,-soname,libjvm.so \
	      -Wl,--version-script=runtime/jni/libjvm/stub.map -o $@ $<

# What it lacks is in the executable.
$(OBJ_gcc): CFLAGS += -fPIC
$(OBJ_gcc): Makefile
$(BUILD)/lib/libmoka-gcc.so: $(OBJ_gcc)
	@mkdir -p $(@D)
	$(CC) -shared $(SANFLAGS) -o $@ $(OBJ_gcc) -lgccjit

$(BUILD)/lib/java/.stamp: $(JAVA_SRC) config.mk
	rm -rf $(@D) && mkdir -p $(@D)
	$(JDK)/bin/javac --release 17 -Xlint:all -d $(@D) $(JAVA_SRC)
	touch $@

# This one runs a whole VM, whose JVM_* symbols the JDK's libraries look for.
$(BUILD)/tests/unit/test_compiled: LINK_ARCHIVES = -Wl,--whole-archive $(ARCHIVES) -Wl,--no-whole-archive \
                                                   $(BUILD)/libgc-guest.a

$(UNIT_BIN): $(BUILD)/%: $(BUILD)/obj/%.o $(ARCHIVES) $(BUILD)/libgc-guest.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $< $(LINK_ARCHIVES) -lcheck -lsubunit -lrt $(LDLIBS)

demo: all
	examples/demo.sh $(abspath $(BUILD)/moka)

# `all`: test_compiled is a VM and needs the libjvm.so and classes beside it.
check-unit: all $(UNIT_BIN)
	@tests/unit/run.sh $(UNIT_BIN)

check: all $(UNIT_BIN)
	@MOKA=$(abspath $(BUILD)/moka) JDK=$(JDK) tests/check.sh $(UNIT_BIN)

check-jit: all
	@MOKA=$(abspath $(BUILD)/moka) JDK=$(JDK) tests/run.sh --jit

fuzz-jit: all
	@MOKA=$(abspath $(BUILD)/moka) JDK=$(JDK) tests/fuzz/jit.sh $(or $(N),1000) $(or $(SEED),1)

bench: all
	MOKA=$(abspath $(BUILD)/moka) JDK=$(JDK) bench/run.sh

warmup ablation: all
	MOKA=$(abspath $(BUILD)/moka) JDK=$(JDK) bench/$@.sh

LINT_FILES := $(wildcard $(foreach d,$(ROOMS) tests/unit bench,$(d)/*.[ch] $(d)/*/*.[ch]))
# What cppcheck 2.10 takes for errors: compound literals in ?:, computed goto's &&label, and conversions between members
# of slot_t, which GNU C defines.
CPPCHECK_OFF := $(addprefix --suppress=,internalAstError assignBoolToPointer overlappingWriteUnion)
# All three have their say, over all files. clang-tidy takes seconds a file, so it works on LINT_JOBS of them at a time.
LINT_JOBS ?= $(shell nproc)
TIDY := $(addprefix tidy/,$(filter %.c,$(ALL_SOURCES)))
.PHONY: tidy $(TIDY)
lint: config.mk
	@failed=; \
	clang-format --dry-run -Werror $(LINT_FILES) || failed="$$failed clang-format"; \
	cppcheck --quiet -j $(LINT_JOBS) --std=c11 --enable=warning,portability --inline-suppr \
	         --error-exitcode=1 -I. $(CPPCHECK_OFF) $(filter %.c,$(LINT_FILES)) || failed="$$failed cppcheck"; \
	$(MAKE) --no-print-directory -k -j $(LINT_JOBS) tidy || failed="$$failed clang-tidy"; \
	[ -z "$$failed" ] || { echo "lint: something found by$$failed"; exit 1; }

tidy: $(TIDY)
$(TIDY): tidy/%: % | $(BUILD)/lint/libgccjit.h
	@said=$$(clang-tidy --quiet --warnings-as-errors='*' $< -- $(CPPFLAGS) -isystem $(BUILD)/lint -std=gnu11 2>&1) || \
	    { printf '%s\n' "$$said"; exit 1; }

# It lies among headers of GCC's own, which are not for clang.
$(BUILD)/lint/libgccjit.h: config.mk
	@mkdir -p $(@D)
	@ln -sf $(shell $(CC) -print-file-name=include/libgccjit.h) $@

# moka finds its own files beside the executable, so these stay together and bin/ gets a link.
install: all
	install -d $(DESTDIR)$(prefix)/bin $(DESTDIR)$(prefix)/lib/moka
	install $(BUILD)/moka $(DESTDIR)$(prefix)/lib/moka/moka
	cp -R $(BUILD)/lib $(DESTDIR)$(prefix)/lib/moka/
	ln -sf ../lib/moka/moka $(DESTDIR)$(prefix)/bin/moka

clean:
	rm -rf build build-asan

-include $(patsubst %.o,%.d,$(foreach r,$(ROOMS),$(OBJ_$(r))) $(OBJ_gcc) $(call objects,$(MAIN) $(UNIT_SRC)))
