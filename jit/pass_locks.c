/*
 * pass_locks.c - lock coarsening: an unlock that the next lock of the same object follows at once goes, and so does that lock.
 *
 * In between, in the same block, may be what neither leaves compiled code nor waits nor is volatile: pure operations and plain
 * loads and stores, which may move into a lock (the memory model's "roach motel"). The states inside of the second region say
 * that the object is locked once, as it is.
 *
 * Inlined synchronized methods leave such pairs. Locks that each iteration of a loop takes: pass_strip.c. Cost: linear.
 */
#include "jit/ir.h"
#include "jit/jit.h"
#include "jit/memory.h"
#include "jit/passes.h"

static bool is_monitor(const struct ir_value *v, enum helper_id h)
{
    return v->op == IR_RT && v->index == h;
}

static bool may_be_locked(const struct ir_value *v)
{
    if (memory_is_plain_load(v) || memory_is_plain_store(v)) { return true; }
    return (ir_flags(v) & (IRF_PURE | IRF_CONST)) != 0;
}

/* The lock that takes again what v gives back; NULL if there is none. */
static struct ir_value *lock_behind(const struct ir_value *v)
{
    for (struct ir_value *n = v->next; n; n = n->next) {
        if (is_monitor(n, HELPER_monitor_enter)) {
            return ir_reference(n->args[0]) == ir_reference(v->args[0]) ? n : NULL;
        }
        if (!may_be_locked(n)) { return NULL; }
    }
    return NULL;
}

void pass_locks(struct ir_graph *g)
{
    ir_clean_copies(g);
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first, *next; v; v = next) {
            next = v->next;
            struct ir_value *again = is_monitor(v, HELPER_monitor_exit) ? lock_behind(v) : NULL;
            if (!again) { continue; }
            next = v->next == again ? again->next : v->next;
            ir_remove(again);
            ir_remove(v);
        }
    }
}
