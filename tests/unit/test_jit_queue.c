// The compiler's queue (order, ageing, batches, waiting), the file of results, and the thread that forks.
#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "jit/jit-internal.h"
#include "tests/unit/run_suite.h"

static struct method methods[64];

// Most tests are about --jit-tiers=gcc, where jobs get their tier when they are taken.
static void gcc_only(void) { jit_options.tiers = JIT_TIERS_GCC; }

static struct jit_job *job(unsigned i, uint32_t heat, uint32_t size)
{
    struct jit_job *j = calloc(1, sizeof *j);
    heat_add(&methods[i], heat, true);
    j->task.method = &methods[i];
    j->task.osr_bci = -1;
    j->task.tier = 2;
    j->full = true; // and hot by loops: tier 2
    j->task.id = i;
    j->queued = jit_now();
    j->size = size;
    j->refs = 1;
    return j;
}

static void finish(struct jit_job **jobs, unsigned n)
{
    for (unsigned i = 0; i < n; i++) { queue_done(jobs[i]); }
}

START_TEST(hotter_first)
{
    struct jit_job *got[BATCH_MAX];
    queue_push(job(1, 2000, 1500));
    queue_push(job(2, 90000, 1500));
    queue_push(job(3, 2, 1500));
    ck_assert_uint_eq(queue_length(), 3);
    ck_assert_uint_eq(queue_take(got, 1u << 1 | 1u << 2, NULL), 1); // two would be too large
    ck_assert_uint_eq(got[0]->task.id, 2);
    finish(got, 1);
    heat_add(&methods[3], 1000000, true); // got hot while it waited
    ck_assert_uint_eq(queue_take(got, 1u << 1 | 1u << 2, NULL), 1);
    ck_assert_uint_eq(got[0]->task.id, 3);
    finish(got, 1);
    ck_assert_uint_eq(queue_take(got, 1u << 1 | 1u << 2, NULL), 1);
    ck_assert_uint_eq(got[0]->task.id, 1);
    finish(got, 1);
    ck_assert_uint_eq(queue_length(), 0);
}
END_TEST

START_TEST(older_first)
{
    struct jit_job *old = job(1, 100000, 10), *young = job(2, 800000, 10);
    uint64_t now =
        jit_now() + 1000000000000u; // later: the clock may have started just now, at boot
    old->queued = young->queued = now - 10000000000u;
    ck_assert(queue_priority(young, now) > queue_priority(old, now));
    young->queued = now - 1000000000u; // 8 times as hot is worth 3 s
    old->queued = now - 4500000000u;
    ck_assert(queue_priority(young, now) < queue_priority(old, now));
    old->handicap = 100;
    ck_assert(queue_priority(young, now) > queue_priority(old, now));
    old->queued = now - 200000000000ull;
    ck_assert(queue_priority(young, now) < queue_priority(old, now));
    young->urgent = true;
    ck_assert(queue_priority(young, now) > queue_priority(old, now));
    // what is 8 times as hot but 20 times as much work comes later
    old->handicap = 0;
    young->urgent = false;
    old->queued = young->queued;
    young->size = 1000;
    ck_assert(queue_priority(young, now) < queue_priority(old, now));
    free(old);
    free(young);
}
END_TEST

START_TEST(batches)
{
    struct jit_job *got[BATCH_MAX];
    for (unsigned i = 0; i < 40; i++) { queue_push(job(i, 10000 << i / 4, 60)); }
    unsigned n =
        queue_take(got, 1u << 1 | 1u << 2, NULL); // as many as are a reasonable amount of work
    ck_assert(n > 2 && n < BATCH_MAX);
    ck_assert_uint_ge(got[0]->task.id, 36);
    ck_assert_uint_ge(got[n - 1]->task.id / 4, (40 - n) / 4); // of four equally hot any
    // one that failed goes by itself, though it is the hottest
    unsigned failed = got[0]->task.id;
    queue_again(got[0]);
    finish(got + 1, n - 1);
    heat_add(&methods[failed], 1u << 30, true);
    ck_assert_uint_eq(queue_take(got, 1u << 1 | 1u << 2, NULL), 1);
    ck_assert_uint_eq(got[0]->task.id, failed);
    finish(got, 1);
    // quick ones and full ones do not mix
    struct jit_job *quick = job(50, 0, 60);
    heat_add(&methods[50], 1u << 30, false);
    queue_push(quick);
    ck_assert_uint_eq(queue_take(got, 1u << 1 | 1u << 2, NULL), 1);
    ck_assert_uint_eq(got[0]->task.id, 50);
    ck_assert_uint_eq(got[0]->task.tier, 1);
    finish(got, 1);
    // what takes long goes alone
    queue_push(job(51, 1u << 30, 5000));
    ck_assert_uint_eq(queue_take(got, 1u << 1 | 1u << 2, NULL), 1);
    ck_assert_uint_eq(got[0]->task.tier, 2);
    finish(got, 1);
    for (unsigned left = 40 - n; left; left -= n) {
        n = queue_take(got, 1u << 1 | 1u << 2, NULL);
        ck_assert(n >= 1 && n <= left);
        finish(got, n);
    }
}
END_TEST

// Each compiler thread takes what is of its tiers, and tiers stay as they were asked for.
START_TEST(tiers_apart)
{
    struct jit_job *got[BATCH_MAX];
    jit_options.tiers = JIT_TIERS_BOTH;
    struct jit_job *quick = job(1, 100, 5000), *more = job(2, 50, 500), *full = job(3, 90000, 60);
    quick->task.tier = more->task.tier = 1;
    full->task.tier = 2;
    queue_push(quick);
    queue_push(full);
    queue_push(more);
    ck_assert(queue_find(&methods[3], -1, 1) == NULL);
    struct jit_job *found = queue_find(&methods[3], -1, 2);
    ck_assert_ptr_eq(found, full);
    queue_release(found);
    ck_assert_uint_eq(queue_take(got, 1u << 1, NULL), 2); // much more work than GCC would be given
    ck_assert_uint_eq(got[0]->task.tier, 1);
    ck_assert_uint_eq(got[1]->task.tier, 1);
    finish(got, 2);
    ck_assert_uint_eq(queue_take(got, 1u << 2, NULL), 1);
    ck_assert_uint_eq(got[0]->task.id, 3);
    finish(got, 1);
}
END_TEST

START_TEST(cold_dropped)
{
    struct jit_job *got[BATCH_MAX];
    struct jit_job *cold = job(1, 0, 60);
    cold->queued -= 2000000000u;
    methods[1].jit_state = JIT_STATE_QUEUED;
    queue_push(cold);
    queue_push(job(2, 100, 60));
    ck_assert_uint_eq(queue_take(got, 1u << 1 | 1u << 2, NULL), 1);
    ck_assert_uint_eq(got[0]->task.id, 2);
    finish(got, 1);
    ck_assert_uint_eq(queue_length(), 0);
    ck_assert_uint_eq(methods[1].jit_state, 0); // it may be asked for again
}
END_TEST

START_TEST(urgent_alone)
{
    struct jit_job *got[BATCH_MAX];
    queue_push(job(1, 1u << 20, 60));
    struct jit_job *j = job(2, 1, 60);
    j->urgent = true;
    queue_push(j);
    ck_assert_uint_eq(queue_take(got, 1u << 1 | 1u << 2, NULL), 1);
    ck_assert_uint_eq(got[0]->task.id, 2);
    finish(got, 1);
    ck_assert_uint_eq(queue_take(got, 1u << 1 | 1u << 2, NULL), 1);
    finish(got, 1);
}
END_TEST

// A method with a hot loop that was called again: a loop of it that waits for tier 2 gives way to the method.
START_TEST(method_before_loop)
{
    struct jit_job *got[BATCH_MAX];
    static uint8_t bytecode[] = {0xb1};
    static struct class cls;
    static struct code code;
    static struct insn header;
    struct symbol *name = calloc(1, sizeof *name + 8);
    struct method *m = &methods[1];
    *m = (struct method){.cls = &cls,
                         .name = name,
                         .code = bytecode,
                         .code_length = sizeof bytecode,
                         .code_cache = &code,
                         .counter = 1};
    jit_options.tiers = JIT_TIERS_BOTH;
    for (unsigned call = 1; call <= 2; call++) {
        struct jit_job *loop = job(1, 1000, 60);
        loop->loop = &header;
        loop->task.osr_bci = 7;
        loop->upgrade = true;
        m->counter = call;
        queue_push(loop);
        ck_assert_uint_eq(queue_take(got, 1u << 2, NULL), 1);
        ck_assert_ptr_eq(got[0]->task.method, m);
        ck_assert_int_eq(got[0]->task.osr_bci, call == 1 ? 7 : -1);
        ck_assert_uint_eq(got[0]->task.tier, 2);
        finish(got, 1);
    }
    ck_assert_uint_eq(m->jit_state, JIT_STATE_FULL_QUEUED);
    ck_assert_uint_eq(queue_length(), 0);
}
END_TEST

static struct {
    const struct queue_rest *rest;
    atomic_int taken;
} rester;

static void *rest_and_take(void *unused)
{
    (void)unused;
    struct jit_job *got[BATCH_MAX];
    unsigned n = queue_take(got, 1u << 1, rester.rest);
    finish(got, n);
    atomic_store(&rester.taken, (int)n);
    return NULL;
}

// Resting after a fork: what somebody waits for ends it, in its second part the application's jobs too.
START_TEST(rest_ends)
{
    const struct queue_rest rest = {.application = _i ? 0 : jit_now() + 1000000000000u,
                                    .others = jit_now() + 1000000000000u};
    pthread_t thread;
    jit_options.tiers = JIT_TIERS_BOTH;
    rester.rest = &rest;
    ck_assert(!pthread_create(&thread, NULL, rest_and_take, NULL));
    struct jit_job *j[3] = {job(1, 100, 10), job(2, 100, 10), job(3, 100, 10)};
    for (int i = 0; i < 3; i++) { j[i]->task.tier = 1; }
    j[1]->application = true;
    j[2]->urgent = true;
    queue_push(j[0]);
    usleep(20000);
    ck_assert_int_eq(atomic_load(&rester.taken), 0);
    queue_push(j[1]);
    if (!_i) {
        usleep(20000);
        ck_assert_int_eq(atomic_load(&rester.taken), 0);
        queue_push(j[2]);
    } else {
        free(j[2]);
    }
    pthread_join(thread, NULL);
    ck_assert_int_ne(atomic_load(&rester.taken), 0);
}
END_TEST

static struct thread waiter_thread;
static struct jit_job *awaited;
static atomic_bool waiter_back;

static void *waiter(void *arg)
{
    (void)arg;
    queue_wait(&waiter_thread, awaited);
    atomic_store(&waiter_back, true);
    return NULL;
}

START_TEST(waiting)
{
    pthread_t t;
    struct jit_job *got[BATCH_MAX];
    queue_push(job(5, 10, 60));
    ck_assert(!queue_find(&methods[5], 3, 2));
    ck_assert(!queue_find(&methods[6], -1, 2));
    awaited = queue_find(&methods[5], -1, 2);
    ck_assert(awaited);
    ck_assert(pthread_create(&t, NULL, waiter, NULL) == 0);
    ck_assert_uint_eq(queue_take(got, 1u << 1 | 1u << 2, NULL), 1);
    struct jit_job *again = queue_find(&methods[5], -1, 2); // while it is being compiled, too
    ck_assert(again == awaited);
    queue_release(again);
    usleep(20000);
    ck_assert(!atomic_load(&waiter_back));
    ck_assert_int_eq(__atomic_load_n(&waiter_thread.state, __ATOMIC_ACQUIRE), THREAD_IN_NATIVE);
    queue_done(got[0]);
    pthread_join(t, NULL);
    ck_assert(atomic_load(&waiter_back));
    ck_assert_int_eq(waiter_thread.state, THREAD_IN_VM);
    ck_assert(!queue_find(&methods[5], -1, 2));
    queue_close();
    ck_assert_uint_eq(queue_take(got, 1u << 1 | 1u << 2, NULL), 0);
}
END_TEST

static atomic_int in_use;
static void *wait_use(void *unused)
{
    (void)unused;
    atomic_store(&in_use, queue_wait_use() ? 1 : 2);
    return NULL;
}

// GCC is loaded for the application's code, and not for some methods of the JDK's in tier 1.
START_TEST(when_to_load)
{
    jit_options.tiers = JIT_TIERS_BOTH;
    pthread_t thread;
    ck_assert(!pthread_create(&thread, NULL, wait_use, NULL));
    struct jit_job *j = job(1, 100, 10);
    j->task.tier = 1;
    queue_push(j);
    usleep(50000);
    ck_assert_int_eq(atomic_load(&in_use), 0);
    j = job(2, 100, 10);
    j->task.tier = 1;
    j->application = true;
    queue_push(j);
    pthread_join(thread, NULL);
    ck_assert_int_eq(atomic_load(&in_use), 1);
    ck_assert(queue_wait_use());
    queue_close();
    ck_assert(!queue_wait_use());
}
END_TEST

START_TEST(meta_round_trip)
{
    char path[] = "/tmp/moka-test-XXXXXX";
    close(mkstemp(path));
    struct jit_task tasks[2] = {{.id = 3}, {.id = 4}};
    struct compiled_frame frames[2] = {{.method = &methods[1], .bci = 7, .n_cells = 3},
                                       {.method = &methods[2], .caller = 1, .first_cell = 1}};
    struct compiled_cell cells[3] = {{1, 2}, {3, 4}, {5, 6}};
    struct compiled_exit exits[1] = {{.frame = 1, .reason = EXIT_NULL_CHECK}};
    uint8_t code[5] = {0xc3, 1, 2, 3, 4};
    struct compiled_site sites[2] = {{.offset = 3, .frame = 1}, {.offset = 4}};
    char log[] = "one\ntwo\n";
    struct jit_result out[2] = {
        {.task = &tasks[0],
         .meta = {.frames = frames,
                  .cells = cells,
                  .exits = exits,
                  .n_frames = 2,
                  .n_cells = 3,
                  .n_exits = 1,
                  .code = code,
                  .code_size = 5,
                  .glue = 4,
                  .sites = sites,
                  .n_sites = 2,
                  .log = log,
                  .log_size = 8},
         .n_blocks = 5,
         .n_values = 50,
         .ns_build = 1,
         .ns_passes = 2,
         .ns_emit = 3},
        {.task = &tasks[1], .failure = "too hard", .permanent = true},
    };
    struct batch_times times = {.start = 10, .gcc = 20, .as = 30}, back = {0};
    times.pass[0] = 99;
    ck_assert(meta_write(path, out, 2, &times));
    struct jit_result in[2] = {{.task = &tasks[0]}, {.task = &tasks[1]}};
    ck_assert(meta_read(path, in, 2, &back));
    ck_assert(!memcmp(&times, &back, sizeof times));
    ck_assert(!in[0].failure && in[0].n_blocks == 5 && in[0].n_values == 50 && in[0].ns_emit == 3);
    ck_assert(in[0].meta.n_frames == 2 && !memcmp(in[0].meta.frames, frames, sizeof frames));
    ck_assert(in[0].meta.code_size == 5 && !memcmp(in[0].meta.code, code, sizeof code));
    ck_assert(in[0].meta.n_sites == 2 && !memcmp(in[0].meta.sites, sites, sizeof sites));
    ck_assert(in[0].meta.entry == 0 && in[0].meta.glue == 4);
    ck_assert(in[0].meta.n_cells == 3 && !memcmp(in[0].meta.cells, cells, sizeof cells));
    ck_assert(in[0].meta.n_exits == 1 && !memcmp(in[0].meta.exits, exits, sizeof exits));
    ck_assert(in[0].meta.log_size == 8 && !memcmp(in[0].meta.log, log, 8));
    ck_assert_str_eq(in[1].failure, "too hard");
    ck_assert(in[1].permanent && !in[1].meta.n_frames && !in[1].meta.log);
    meta_free(&in[0]);
    meta_free(&in[1]);
    // tasks in another order, too few of them, and a file that is cut off anywhere
    struct jit_result wrong[2] = {{.task = &tasks[1]}, {.task = &tasks[0]}};
    ck_assert(!meta_read(path, wrong, 2, &back));
    ck_assert(!meta_read(path, in, 1, &back));
    meta_free(&wrong[0]);
    meta_free(&wrong[1]);
    FILE *f = fopen(path, "r");
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    fclose(f);
    for (long n = size - 1; n >= 0; n -= 3) {
        struct jit_result cut[2] = {{.task = &tasks[0]}, {.task = &tasks[1]}};
        ck_assert(truncate(path, n) == 0);
        ck_assert(!meta_read(path, cut, 2, &back));
        meta_free(&cut[0]);
        meta_free(&cut[1]);
    }
    unlink(path);
    ck_assert(!meta_read(path, in, 2, &back));
}
END_TEST

static void child_of_forker(void *arg)
{
    (void)arg;
    bool holds = fcntl(3, F_GETFD) >= 0; // no RAM here: nothing but standard streams
    for (int fd = 0; fd <= 2; fd++) { holds |= fcntl(fd, F_GETFD) < 0; }
    if (holds) { _exit(1); }
    pause();
}

// The other end of a pipe is seen as closed at once, whatever was forked meanwhile.
START_TEST(fork_without_descriptors)
{
    pid_t children[50];
    for (size_t i = 0; i < ARRAY_COUNT(children); i++) {
        int fds[2];
        ck_assert_int_eq(pipe(fds), 0);
        children[i] = forker_fork(child_of_forker, NULL);
        ck_assert_int_gt(children[i], 0);
        close(fds[1]);
        struct pollfd p = {.fd = fds[0]};
        ck_assert_int_eq(poll(&p, 1, 0), 1);
        ck_assert_int_eq(p.revents, POLLHUP);
        close(fds[0]);
    }
    for (size_t i = 0; i < ARRAY_COUNT(children); i++) {
        int status;
        kill(children[i], SIGKILL);
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("jit_queue");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, gcc_only, NULL);
    tcase_add_test(t, hotter_first);
    tcase_add_test(t, older_first);
    tcase_add_test(t, batches);
    tcase_add_test(t, tiers_apart);
    tcase_add_test(t, cold_dropped);
    tcase_add_test(t, urgent_alone);
    tcase_add_test(t, method_before_loop);
    tcase_add_loop_test(t, rest_ends, 0, 2);
    tcase_add_test(t, waiting);
    tcase_add_test(t, when_to_load);
    tcase_add_test(t, meta_round_trip);
    tcase_add_test(t, fork_without_descriptors);
    suite_add_tcase(s, t);
    return run_suite(s);
}
