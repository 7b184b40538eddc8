/*
 * verify.c - see verify.h.
 *
 * One linear pass over each method. The current frame (types of locals and operands) starts from the descriptor; where the
 * StackMapTable has a frame, the current one must be assignable to it and it takes over. Branch targets and exception
 * handlers must have a frame. So no iteration, and what the table claims is proved on the way.
 *
 * Verification types (JVMS 4.10.1.2):
 *
 *     top  int  float  long  double  null  uninitializedThis  uninitialized(bci of new)  object(class name or [descriptor)
 *
 * Long and double take two entries, the second being `second half`. boolean, byte, char and short are int.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/known.h"
#include "vm/code.h"
#include "vm/verify-internal.h"

/* ---- StackMapTable (JVMS 4.7.4) ---- */

struct map_reader {
    const uint8_t *p, *end;
};

static bool map_fail(struct verifier *v)
{
    if (!v->failed && !v->t->exception) {
        v->failed = true;
        throw_new(v->t, "java/lang/ClassFormatError",
                  "StackMapTable format error: bad frame for method %s%s in class %s",
                  v->m->name->text, v->m->desc->text, v->c->name->text);
    }
    return false;
}

static int read1(struct map_reader *r) { return r->p < r->end ? *r->p++ : -1; }

static int read2(struct map_reader *r)
{
    if (r->end - r->p < 2) {
        r->p = r->end;
        return -1;
    }
    r->p += 2;
    return read_u2(r->p - 2);
}

static bool read_type(struct verifier *v, struct map_reader *r, struct vtype *x)
{
    int tag = read1(r), operand;
    *x = TOP;
    if (tag < 0 || tag > V_UNINIT) { return map_fail(v); }
    x->tag = (uint8_t)tag;
    if (tag == V_OBJECT) {
        operand = read2(r);
        if (operand <= 0 || operand >= v->c->cp.count ||
            (v->c->cp.tags[operand] & CP_TAG_MASK) != CP_CLASS) {
            return map_fail(v);
        }
        x->name = cp_class_name(&v->c->cp, (unsigned)operand);
        if (v->c->props & CLP_HIDDEN && operand == v->c->this_index) { x->name = v->c->name; }
    } else if (tag == V_UNINIT) {
        operand = read2(r);
        if (operand < 0 || operand >= (int)v->code_length || v->code[operand] != OP_new) {
            return map_fail(v);
        }
        x->bci = (uint16_t)operand;
    }
    return true;
}

/* Reads `n` types into a list of `room` cells from `at` on; the new end, or -1. */
static int read_types(struct verifier *v, struct map_reader *r, int n, struct vtype *list, int at,
                      int room)
{
    for (; n > 0; n--) {
        struct vtype x;
        if (!read_type(v, r, &x)) { return -1; }
        int cells = x.tag == V_LONG || x.tag == V_DOUBLE ? 2 : 1;
        if (at + cells > room) {
            map_fail(v);
            return -1;
        }
        list[at++] = x;
        if (cells == 2) { list[at++] = SECOND; }
    }
    return at;
}

/* One frame: `f` holds the previous one's locals; *used is how many cells of them are used. Offset delta, or -1. */
static int read_frame(struct verifier *v, struct map_reader *r, struct vframe *f, int *used)
{
    int kind = read1(r), delta = kind;
    f->depth = 0;
    if (kind < 0) { return -1; }
    if (kind < 64) { return delta; }
    if (kind < 128) {
        f->depth = read_types(v, r, 1, f->stack, 0, v->m->max_stack);
        return f->depth < 0 ? -1 : kind - 64;
    }
    if (kind < 247) { return -1; }
    delta = read2(r);
    if (kind == 247) {
        f->depth = read_types(v, r, 1, f->stack, 0, v->m->max_stack);
        return f->depth < 0 ? -1 : delta;
    }
    if (kind < 251) { /* chop */
        for (int k = 251 - kind; k > 0; k--) {
            if (*used == 0) { return -1; }
            if (f->locals[--*used].tag == V_SECOND && *used > 0) {
                f->locals[*used] = TOP;
                --*used;
            }
            f->locals[*used] = TOP;
        }
        return delta;
    }
    if (kind < 255) { /* same extended, append */
        *used = read_types(v, r, kind - 251, f->locals, *used, v->m->max_locals);
        return *used < 0 ? -1 : delta;
    }
    int n = read2(r);
    for (unsigned i = 0; i < v->m->max_locals; i++) { f->locals[i] = TOP; }
    *used = n < 0 ? -1 : read_types(v, r, n, f->locals, 0, v->m->max_locals);
    n = *used < 0 ? -1 : read2(r);
    f->depth = n < 0 ? -1 : read_types(v, r, n, f->stack, 0, v->m->max_stack);
    return f->depth < 0 ? -1 : delta;
}

static bool read_map(struct verifier *v)
{
    uint32_t length;
    const uint8_t *info = attr_find(v->c, v->m->code_attrs, "StackMapTable", &length);
    struct vframe work = {0};
    unsigned n_args = 0;
    if (!verify_new_frame(v, &work) || !verify_initial_frame(v, &work, &n_args)) {
        free(work.locals);
        free(work.stack);
        return false;
    }
    struct map_reader r = {.p = info, .end = info ? info + length : NULL};
    int n = info ? read2(&r) : 0, used = (int)n_args;
    bool ok = n >= 0;
    v->maps = calloc((size_t)(ok ? n : 0) + 1, sizeof *v->maps);
    v->map_bci = calloc((size_t)(ok ? n : 0) + 1, sizeof *v->map_bci);
    int64_t bci = -1;
    for (int i = 0; ok && i < n; i++) {
        int delta = read_frame(v, &r, &work, &used);
        bci += delta + 1;
        ok = delta >= 0 && bci < (int64_t)v->code_length && v->starts[bci];
        if (ok) {
            work.this_uninit = false;
            for (unsigned k = 0; k < v->m->max_locals; k++) {
                work.this_uninit |= work.locals[k].tag == V_UNINIT_THIS;
            }
            ok = verify_new_frame(v, &v->maps[i]);
            v->n_maps++;
            v->map_bci[i] = (uint32_t)bci;
            verify_copy_frame(v, &v->maps[i], &work);
        }
    }
    free(work.locals);
    free(work.stack);
    return ok || map_fail(v);
}

/* The current locals must suit every handler that covers the instruction. */
static bool verify_handlers(struct verifier *v)
{
    for (uint32_t i = 0; i < v->m->n_handlers; i++) {
        const struct exception_entry *e = &v->m->handlers[i];
        if (v->bci < e->start_pc || v->bci >= e->end_pc) { continue; }
        const struct vframe *map = verify_map_at(v, e->handler_pc);
        if (!map) {
            return verify_fail(v, "Expecting a stackmap frame at branch target",
                               "Expected stackmap frame at location %u.", e->handler_pc);
        }
        struct vtype caught =
            e->catch_type ? verify_class_type(v, e->catch_type) : object(KC(Throwable)->name);
        if (v->failed || map->depth != 1 || !verify_assignable(v, caught, map->stack[0])) {
            return verify_fail(v, "Stack map does not match the one at exception handler",
                               "handler at %u", e->handler_pc);
        }
        if (!verify_frame_assignable(v, &v->now, map, false)) { return false; }
    }
    return true;
}

static bool mark_starts(struct verifier *v)
{
    for (uint32_t bci = 0; bci < v->code_length;) {
        v->bci = (int)bci;
        uint32_t n = bytecode_length_checked(v->code, bci, v->code_length);
        if (!n) { return verify_fail(v, "Bad instruction", "at %u", bci); }
        v->starts[bci] = 1;
        bci += n;
    }
    for (uint32_t i = 0; i < v->m->n_handlers; i++) {
        const struct exception_entry *e = &v->m->handlers[i];
        v->bci = e->handler_pc;
        if (e->handler_pc >= v->code_length || !v->starts[e->handler_pc] ||
            !v->starts[e->start_pc] || (e->end_pc < v->code_length && !v->starts[e->end_pc])) {
            return verify_fail(v, "Illegal exception table range", "entry %u", i);
        }
        if (e->catch_type) {
            struct vtype x = verify_class_type(v, e->catch_type);
            if (v->failed ||
                (!verify_assignable_names(v, x.name, KC(Throwable)->name) &&
                 !verify_fail(v, "Catch type is not a subclass of Throwable in exception handler",
                              "%s", x.name->text))) {
                return false;
            }
        }
    }
    return true;
}

static bool verify_code(struct verifier *v)
{
    unsigned n_args;
    bool falls = true;
    if (!mark_starts(v) || !read_map(v) || !verify_new_frame(v, &v->now) ||
        !verify_initial_frame(v, &v->now, &n_args)) {
        return false;
    }
    uint32_t next_map = 0;
    for (uint32_t bci = 0; bci < v->code_length;
         bci += bytecode_length_checked(v->code, bci, v->code_length)) {
        v->bci = (int)bci;
        if (next_map < v->n_maps && v->map_bci[next_map] == bci) {
            if (falls && !verify_frame_assignable(v, &v->now, &v->maps[next_map], true)) {
                return false;
            }
            verify_copy_frame(v, &v->now, &v->maps[next_map]);
            next_map++;
        } else if (!falls) {
            return verify_fail(v, "Expecting a stack map frame",
                               "Expected stackmap frame at location %u.", bci);
        }
        if (!verify_handlers(v) || !verify_insn(v, &falls)) { return false; }
    }
    return !falls ||
           verify_fail(v, "Control flow falls through code end", "the last instruction goes on");
}

static bool verify_method(struct thread *t, struct class *c, struct method *m)
{
    struct verifier v = {.t = t, .c = c, .m = m, .code = m->code, .code_length = m->code_length};
    v.starts = calloc(v.code_length + 1u, 1);
    bool ok = v.starts && verify_code(&v);
    for (uint32_t i = 0; i < v.n_maps; i++) {
        free(v.maps[i].locals);
        free(v.maps[i].stack);
    }
    free(v.maps);
    free(v.map_bci);
    free(v.now.locals);
    free(v.now.stack);
    free(v.starts);
    if (!ok && !t->exception) { throw_oom(t, "verifier"); }
    return ok;
}

bool verify_class(struct thread *t, struct class *c)
{
    for (unsigned i = 0; i < c->n_methods; i++) {
        struct method *m = &c->methods[i];
        if (m->code && !(m->props & MP_OVERPASS) && !verify_method(t, c, m)) { return false; }
    }
    return true;
}
