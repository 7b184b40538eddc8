/*
 * jit-internal.h - what the rooms between "a method is hot" and "its code is installed" share (see the drawing in jit.h).
 *
 * Threads: Java threads call policy.c (hot, exited) and wait in queue.c; compiler threads (worker.c) do everything else in the
 * parent. The child of a worker's fork calls frontend, passes, emitter and meta_write only.
 *
 * Locks, in the order in which they may be nested: install_lock > notes (policy.c) > queue > cache. None is held while waiting
 * for a child or for a stop of the world.
 */
#ifndef MOKA_JIT_INTERNAL_H
#define MOKA_JIT_INTERNAL_H

#include <stdatomic.h>

#include "jit/jit.h"

/* Nanoseconds of a clock that both sides of a fork share. */
uint64_t jit_now(void);
/* False once the compiler gave up (no assembler, no memory for code) or the process ends. */
extern atomic_bool jit_running;
/* One line on stderr ("moka: warning: ..."), then nothing is compiled any more. */
void jit_give_up(const char *why);

/* ---- queue.c ---- */

/* A compilation on its way. The task comes first: the two are cast into each other. */
struct jit_job {
    struct jit_task task;    /* task.next: the queue's list, then the batch's */
    uint64_t queued;         /* jit_now() when it was asked for */
    const struct insn *loop; /* OSR: header; NULL: whole method */
    uint32_t credit;         /* heat_of() it when the queue was last looked through */
    double handicap;         /* subtracted from the priority */
    uint32_t size;           /* bytecodes, */
    uint32_t work;           /* and with those that will probably be inlined */
    bool full;               /* may be compiled with all that GCC has: tier 2 */
    bool again;              /* was compiled in tier 1 before */
    bool application;        /* not of the boot loader */
    bool alone;              /* failed in a batch: again by itself */
    bool upgrade;            /* tier 2 for what runs in tier 1 */
    bool urgent;             /* somebody waits for it */
    bool done;
    unsigned refs;          /* the queue or worker, and each waiter */
    struct jit_job *active; /* list of those that are not done */
};

/* Is it for the quick generator? */
static inline bool job_is_quick(const struct jit_job *j)
{
    return jit_options.tiers != JIT_TIERS_GCC && j->task.tier == 1;
}

/* log2 of what it would take out of the interpreter for each bytecode compiled; some points for waiting. */
double queue_priority(struct jit_job *j, uint64_t now);
/* The job for a method or loop that is not done yet; a reference is added. NULL: none. */
struct jit_job *queue_find(const struct method *m, int32_t osr_bci, uint8_t tier);
/* Takes over the caller's reference. */
void queue_push(struct jit_job *j);
/* Puts a job that a batch has failed with back, to be tried by itself. */
void queue_again(struct jit_job *j);
/* Waits until the application's own code is to be compiled, or anything by GCC: a good time to load it. False: the queue was closed. */
bool queue_wait_use(void);
/* Waits for work of one of the tiers (a bit each, 1 << tier); takes the hottest job, and others that go well with it. What has become
 * cold is dropped. During the `rest` (NULL: none) only what somebody waits for is reason to come back, in its second part also what is the
 * application's own. 0: the queue was closed. */
#define BATCH_MAX 80
struct queue_rest {
    uint64_t application, others; /* ends of its parts, by jit_now() */
};
unsigned queue_take(struct jit_job *jobs[BATCH_MAX], unsigned tiers, const struct queue_rest *rest);
/* A taken job has ended, well or not: wakes those who wait for it, drops the reference. */
void queue_done(struct jit_job *j);
/* Waits for the end of a job, t out of the machine; drops the reference. */
void queue_wait(struct thread *t, struct jit_job *j);
void queue_release(struct jit_job *j);
/* Nothing is taken or waited for any more. */
void queue_close(void);
unsigned queue_length(void);

/* ---- heat.c: samples of what the interpreter does ---- */

/* To be called at each hot(): takes a sample now and then. Returns the outermost method that would have m inlined if it were
 * compiled (m itself, if none), NULL if this was no sample. */
struct method *heat_sample(struct thread *t, struct method *m, const struct insn *loop);
/* What a sample does with each of the methods: for tests. */
void heat_add(const void *key, uint32_t weight, bool loop);
/* Would the front end bring m into the caller at this instruction (NULL: not known which)? A guess: it knows how often the one call is
 * made, and this does not. */
bool heat_goes_into(const struct method *m, const struct method *caller, const struct insn *call);
/* Recent samples of a method or loop (its header): 10 to 60 each. */
uint32_t heat_of(const void *key);
/* Bytecodes that would be inlined into the method, as far as samples tell. */
uint32_t heat_inlined(const struct method *m);
/* Are iterations of loops what makes the method hot? */
bool heat_is_loops(const void *key);
/* All recent samples. */
uint32_t heat_total(void);

/* ---- policy.c ---- */

/* Bits of method.jit_state, which the engine may read: refused methods are not worth a call of jit_hooks.hot(). */
enum {
    JIT_STATE_QUEUED = 1,
    JIT_STATE_REFUSED = 2,
    JIT_STATE_LOOP_QUEUED = 4,
    JIT_STATE_FULL_QUEUED = 8, /* for tier 2, while it runs in tier 1 */
};

void policy_hot(struct thread *t, struct method *m, struct insn *pc);
void policy_exited(struct thread *t, struct compiled *c, uint32_t index);
/* See HELPER(tier_up). */
bool policy_tier_up(struct thread *t, struct jit_counter *n, struct method *m, int32_t bci);
/* A job ended without code; `permanent`: never again. */
void policy_failed(const struct jit_job *j, bool permanent);
void policy_compiled(const struct jit_job *j);
/* Nothing has been asked for lately: queues what was hottest when it was compiled quickly, to be compiled fully. False: nothing. */
bool policy_idle(void);
/* Is it a loop's, and its method has been called again since? Then the method comes first. */
bool policy_is_superseded(const struct jit_job *j);
/* A job was dropped from the queue: it may be asked for again, or its method is. */
void policy_dropped(const struct jit_job *j);
/* Around fork(): the child reads jit_trapped()'s table as it is. */
void policy_fork_lock(void);
void policy_fork_unlock(void);
/* Why a method cannot be compiled whatever its heat; NULL: it can. */
const char *policy_unfit(const struct method *m);

/* ---- cache.c: memory for code ---- */

/* Reserves the region: pages are mapped twice, writable and executable, at different addresses. False with errno set. */
bool cache_init(uint64_t size);
/* `size` bytes, 64-byte aligned, as they will be executed; NULL: no hole is large enough. */
char *cache_alloc(size_t size);
void cache_free(char *code, size_t size);
/* Where the bytes at an executable address can be written. */
char *cache_writable(const char *code);
struct cache_stats {
    uint64_t size, used, largest; /* largest hole */
    uint32_t holes;
};
struct cache_stats cache_get_stats(void);

/* ---- load.c: relocatable object -> code cache ---- */

/* What the tasks of one object share: constants, GOT cells, stubs. Counted; freed with the last task's code. */
struct code_data;
void code_data_release(struct code_data *d);

struct load_unit {
    uint32_t id; /* in: number of the task */
    char *code;  /* out: one range with all functions of the task; NULL if the object has none */
    uint32_t size;
    char *entry, *glue;          /* moka_<id>, moka_glue_<id>; NULL if absent */
    struct compiled_site *sites; /* malloced, by offset */
    uint32_t n_sites;
    struct code_data *data; /* a reference; NULL if nothing is shared */
};

/* Loads an object file's image. Undefined symbols go through resolve(name). False with a text in `error` (and nothing kept); *full
 * tells a full cache from a bad object. */
bool object_load(const void *image, size_t size, struct load_unit *units, unsigned n,
                 void *(*resolve)(const char *name), char *error, size_t error_size, bool *full);
/* A function that compiled code may call, by its symbol. */
void *helper_find(const char *symbol);

/* ---- meta.c: results, from child to parent ---- */

struct batch_times {
    uint64_t start, gcc,
        as; /* jit_now() when the child started, began to write, began the assembler */
    uint64_t pass[PASS_COUNT + 1]; /* ns */
};
bool meta_write(const char *path, const struct jit_result *r, unsigned n,
                const struct batch_times *times);
/* Fills r[i].* but task (set by the caller, checked against the file). False if the file is not whole. */
bool meta_read(const char *path, struct jit_result *r, unsigned n, struct batch_times *times);
/* Frees what meta_read or the emitter allocated in it. */
void meta_free(struct jit_result *r);

/* ---- install.c ---- */

/* What install.c remembers of code beside what the engine knows. */
struct installed {
    struct compiled c;
    struct code_data *data;
    struct installed *next; /* list of all: live, and dead but not yet freed */
    bool dead, seen;        /* discarded; found on a stack by the sweep */
    uint32_t heat;          /* its job's credit */
    uint32_t credit;        /* of tier 1: how hot it was; 0 once it was chosen for tier 2 */
};

/* Makes the code of a task the one that runs. Takes over the unit's and the meta's arrays. */
struct compiled *install(const struct jit_job *j, struct load_unit *u, struct jit_meta *meta);
/* Nothing enters it any more. False if it was discarded already. */
bool discard(struct compiled *c);
/* Stops the world (t NULL: a compiler thread) and frees dead code that no thread is in. Bytes freed. */
uint64_t install_sweep(struct thread *t);
/* True if enough dead code has piled up that a sweep is due. */
bool install_sweep_due(void);
/* Discards what was no hotter than the mean when it was compiled (a full cache). How many. */
uint32_t install_discard_coldest(void);
/* The method that was hottest when it was compiled in tier 1, once; NULL: there is none. */
struct method *install_hottest_quick(void);
void install_for_each(void (*f)(const struct compiled *c, void *arg), void *arg);
/* Sums of exits taken, by reason, freed code included. */
void install_exits(uint64_t by_reason[EXIT_REASON_COUNT]);

/* ---- files.c ---- */

/* Makes the directory of a compiler thread, if need be. False: there is no place for it. */
bool files_worker_directory(unsigned index, char *path, size_t size);
/* Empties it (not under --jit-keep). */
void files_clean(const char *path);
void files_end(void);

/* ---- forker.c ---- */

/* A thread of the VM's own (host_thread_start) with a large stack. */
bool compiler_thread_start(const char *name, void *(*entry)(void *), void *arg);
/* Forks a child that runs child(arg) and ends with it. It has the caller's memory, but none of the program's descriptors: guest RAM and,
 * as standard streams, /dev/null. One caller at a time. -1 and errno as fork(). */
pid_t forker_fork(void (*child)(void *), void *arg);

/* ---- worker.c ---- */

/* Starts a compiler thread for some tiers (a bit each). */
bool worker_start(unsigned tiers);
/* Is there no tier 2, for want of an assembler or libgccjit? */
extern atomic_bool worker_no_gcc;
/* Kills children, removes files. */
void workers_end(void);

/* ---- log.c ---- */

struct jit_stats {
    atomic_ulong compiled, full, final, osr, failed, discarded, crashed, batches, sweeps;
    atomic_ulong code_bytes, bytecodes, wait_max;
    atomic_ulong ns_build, ns_passes, ns_emit, ns_gcc, ns_as, ns_load, ns_fork;
    atomic_ulong ns_user, ns_system; /* processor time of children */
    atomic_ulong ns_pass[PASS_COUNT + 1];
    atomic_ulong ns_total; /* from asked for to installed */
};
extern struct jit_stats jit_stats;
void log_start(void);
void log_compiled(const struct jit_job *j, const struct compiled *c, const struct jit_result *r);
void log_failed(const struct jit_job *j, const char *why, bool permanent);
void log_discarded(const struct compiled *c, uint32_t exit);
void log_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_print_stats(FILE *f);
/* Foo.Bar::method */
const char *log_name(const struct method *m, char *buf, size_t size);
void log_perf_map(const struct compiled *c);
void log_perf_map_all(void);

/* ---- gdb.c: the debugger's JIT interface (--jit-gdb) ---- */

void gdb_register(const struct compiled *c);
void gdb_unregister(const struct compiled *c);

#endif
