/*
 * verify_types.c - types, operand stack, locals and frames of the verifier, see verify-internal.h.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/descriptor.h"
#include "runtime/classes/known.h"
#include "vm/code.h"
#include "vm/verify-internal.h"

/* ---- errors ---- */

bool verify_fail(struct verifier *v, const char *what, const char *fmt, ...)
{
    if (v->failed || v->t->exception) {
        v->failed = true;
        return false;
    }
    v->failed = true;
    char reason[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(reason, sizeof reason, fmt, ap);
    va_end(ap);
    uint8_t op = v->bci >= 0 && v->bci < (int)v->code_length ? v->code[v->bci] : 0;
    throw_new(v->t, "java/lang/VerifyError",
              "%s\nException Details:\n  Location:\n    %s.%s%s @%d: %s\n  Reason:\n    %s", what,
              v->c->name->text, v->m->name->text, v->m->desc->text, v->bci,
              op < OP_JVM_COUNT ? opcode_info[op].name : "illegal", reason);
    return false;
}

const char *verify_type_text(struct vtype x, char *buf, size_t size)
{
    static const char *const names[] = {"top",  "integer",          "float", "double", "long",
                                        "null", "uninitializedThis"};
    if (x.tag <= V_UNINIT_THIS) { return names[x.tag]; }
    if (x.tag == V_OBJECT) {
        snprintf(buf, size, "'%s'", x.name->text);
    } else if (x.tag == V_UNINIT) {
        snprintf(buf, size, "uninitialized %u", x.bci);
    } else {
        snprintf(buf, size, "second half of a long or double");
    }
    return buf;
}

/* ---- types ---- */

/* The type of a field descriptor. */
struct vtype verify_type_of_descriptor(const char *p, size_t n)
{
    switch (*p) {
    case 'Z':
    case 'B':
    case 'C':
    case 'S':
    case 'I': return INT;
    case 'F': return (struct vtype){.tag = V_FLOAT};
    case 'J': return (struct vtype){.tag = V_LONG};
    case 'D': return (struct vtype){.tag = V_DOUBLE};
    case 'L': return object(symbol_intern(p + 1, n - 2));
    default: return object(symbol_intern(p, n));
    }
}

static struct class *load(struct verifier *v, struct symbol *name)
{
    if (name == v->c->name) { return v->c; }
    struct class *c = class_load(v->t, v->c->loader, name);
    if (!c) { v->failed = true; }
    return c;
}

static bool assignable_arrays(struct verifier *v, struct symbol *from, struct symbol *to)
{
    const char *f = from->text + 1, *t = to->text + 1;
    if ((*f == 'L' || *f == '[') && (*t == 'L' || *t == '[')) {
        struct symbol *fs = *f == 'L' ? symbol_intern(f + 1, strlen(f) - 2) : symbol_of(f);
        struct symbol *ts = *t == 'L' ? symbol_intern(t + 1, strlen(t) - 2) : symbol_of(t);
        return verify_assignable_names(v, fs, ts);
    }
    return !strcmp(f, t);
}

/* Is class or array `from` assignable to `to`? Interfaces are treated like Object (JVMS 4.10.1.2). */
bool verify_assignable_names(struct verifier *v, struct symbol *from, struct symbol *to)
{
    if (!from || !to) { return false; } /* V_OBJECT always has a name */
    if (from == to || to == KC(Object)->name) { return true; }
    if (to->text[0] == '[') { return from->text[0] == '[' && assignable_arrays(v, from, to); }
    struct class *tc = load(v, to);
    if (!tc) { return false; }
    if (class_is_interface(tc)) {
        return from->text[0] != '[' || tc == KC(Cloneable) || tc == KC(Serializable);
    }
    if (from->text[0] == '[') { return false; }
    struct class *fc = load(v, from);
    return fc && class_is_subclass(fc, tc);
}

bool verify_assignable(struct verifier *v, struct vtype from, struct vtype to)
{
    if (to.tag == V_TOP) { return true; }
    if (to.tag == V_OBJECT) {
        return from.tag == V_NULL ||
               (from.tag == V_OBJECT && verify_assignable_names(v, from.name, to.name));
    }
    return from.tag == to.tag && (to.tag != V_UNINIT || from.bci == to.bci);
}

/* ---- the constant pool ---- */

unsigned verify_cp_tag(struct verifier *v, unsigned index)
{
    return index < v->c->cp.count ? v->c->cp.tags[index] & CP_TAG_MASK : 0;
}

bool verify_pool_error(struct verifier *v, unsigned index)
{
    return verify_fail(v, "Bad constant pool index",
                       "Illegal type at constant pool entry %u in class %s", index,
                       v->c->name->text);
}

/* Name of a class entry as the verifier sees it: a hidden class under its own name. */
struct symbol *verify_class_entry(struct verifier *v, unsigned index)
{
    return (v->c->props & CLP_HIDDEN) && index == v->c->this_index
               ? v->c->name
               : cp_class_name(&v->c->cp, index);
}

struct vtype verify_class_type(struct verifier *v, unsigned index)
{
    if (verify_cp_tag(v, index) != CP_CLASS) {
        verify_pool_error(v, index);
        return TOP;
    }
    return object(verify_class_entry(v, index));
}

/* ---- the operand stack and locals ---- */

bool verify_push(struct verifier *v, struct vtype x)
{
    int cells = x.tag == V_LONG || x.tag == V_DOUBLE ? 2 : 1;
    if (v->now.depth + cells > v->m->max_stack) {
        return verify_fail(v, "Operand stack overflow", "Exceeded max stack size.");
    }
    v->now.stack[v->now.depth++] = x;
    if (cells == 2) { v->now.stack[v->now.depth++] = SECOND; }
    return true;
}

/* Any one cell, as it is. */
struct vtype verify_pop_raw(struct verifier *v)
{
    if (v->now.depth == 0) {
        verify_fail(v, "Operand stack underflow", "Attempt to pop empty stack.");
        return TOP;
    }
    return v->now.stack[--v->now.depth];
}

/* A value of any type; the first half of a two-cell one. */
struct vtype verify_pop_any(struct verifier *v)
{
    struct vtype x = verify_pop_raw(v);
    if (x.tag == V_SECOND) { x = verify_pop_raw(v); }
    return x;
}

struct vtype verify_pop(struct verifier *v, struct vtype want)
{
    char a[300], b[300];
    struct vtype x = verify_pop_any(v);
    if (!v->failed && !verify_assignable(v, x, want)) {
        verify_fail(v, "Bad type on operand stack",
                    "Type %s (current frame, stack[%d]) is not assignable to %s",
                    verify_type_text(x, a, sizeof a), v->now.depth,
                    verify_type_text(want, b, sizeof b));
    }
    return x;
}

struct vtype verify_pop_tag(struct verifier *v, enum tag tag)
{
    return verify_pop(v, (struct vtype){.tag = (uint8_t)tag});
}

struct vtype verify_pop_reference(struct verifier *v, bool uninit_too)
{
    char a[300];
    struct vtype x = verify_pop_any(v);
    if (!v->failed && !is_reference(x) &&
        !(uninit_too && (x.tag == V_UNINIT || x.tag == V_UNINIT_THIS))) {
        verify_fail(v, "Bad type on operand stack",
                    "Type %s (current frame, stack[%d]) is not assignable to reference type",
                    verify_type_text(x, a, sizeof a), v->now.depth);
    }
    return x;
}

bool verify_load_local(struct verifier *v, unsigned index, enum tag tag)
{
    char a[300], b[300];
    if (index + (tag == V_LONG || tag == V_DOUBLE) >= v->m->max_locals) {
        return verify_fail(v, "Local variable table overflow", "Exceeded max locals.");
    }
    struct vtype x = v->now.locals[index];
    bool ok = tag == V_OBJECT ? is_reference(x) || x.tag == V_UNINIT || x.tag == V_UNINIT_THIS
                              : x.tag == tag;
    if (ok && (tag == V_LONG || tag == V_DOUBLE)) { ok = v->now.locals[index + 1].tag == V_SECOND; }
    if (!ok) {
        return verify_fail(
            v, "Bad local variable type",
            "Type %s (current frame, locals[%u]) is not assignable to %s",
            verify_type_text(x, a, sizeof a), index,
            tag == V_OBJECT ? "reference type"
                            : verify_type_text((struct vtype){.tag = (uint8_t)tag}, b, sizeof b));
    }
    return verify_push(v, x);
}

static void set_local(struct verifier *v, unsigned index, struct vtype x)
{
    struct vtype *locals = v->now.locals;
    bool two = x.tag == V_LONG || x.tag == V_DOUBLE;
    /* half of a pair that is overwritten takes the other half with it */
    if (locals[index].tag == V_SECOND && index > 0) { locals[index - 1] = TOP; }
    if (index + 1u + two < v->m->max_locals && locals[index + 1 + two].tag == V_SECOND &&
        (two || locals[index].tag == V_LONG || locals[index].tag == V_DOUBLE)) {
        locals[index + 1 + two] = TOP;
    }
    locals[index] = x;
    if (two) { locals[index + 1] = SECOND; }
}

bool verify_store_local(struct verifier *v, unsigned index, enum tag tag)
{
    struct vtype x = tag == V_OBJECT ? verify_pop_reference(v, true) : verify_pop_tag(v, tag);
    if (v->failed) { return false; }
    if (index + (tag == V_LONG || tag == V_DOUBLE) >= v->m->max_locals) {
        return verify_fail(v, "Local variable table overflow", "Exceeded max locals.");
    }
    set_local(v, index, x);
    return true;
}

/* ---- frames ---- */

bool verify_frame_assignable(struct verifier *v, const struct vframe *from, const struct vframe *to,
                             bool with_stack)
{
    char a[300], b[300];
    for (unsigned i = 0; i < v->m->max_locals; i++) {
        if (!verify_assignable(v, from->locals[i], to->locals[i])) {
            return verify_fail(
                v, "Inconsistent stackmap frames at branch target",
                "Type %s (current frame, locals[%u]) is not assignable to %s (stack map, "
                "locals[%u])",
                verify_type_text(from->locals[i], a, sizeof a), i,
                verify_type_text(to->locals[i], b, sizeof b), i);
        }
    }
    if (with_stack && from->depth != to->depth) {
        return verify_fail(v, "Inconsistent stackmap frames at branch target",
                           "Current frame's stack size doesn't match stackmap.");
    }
    for (int i = 0; with_stack && i < from->depth; i++) {
        if (!verify_assignable(v, from->stack[i], to->stack[i])) {
            return verify_fail(
                v, "Inconsistent stackmap frames at branch target",
                "Type %s (current frame, stack[%d]) is not assignable to %s (stack map, stack[%d])",
                verify_type_text(from->stack[i], a, sizeof a), i,
                verify_type_text(to->stack[i], b, sizeof b), i);
        }
    }
    if (from->this_uninit && !to->this_uninit) {
        return verify_fail(v, "Inconsistent stackmap frames at branch target",
                           "Current frame's flags are not assignable to stack map frame's.");
    }
    return true;
}

const struct vframe *verify_map_at(struct verifier *v, int64_t bci)
{
    uint32_t low = 0, high = v->n_maps;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if ((int64_t)v->map_bci[mid] < bci) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < v->n_maps && (int64_t)v->map_bci[low] == bci ? &v->maps[low] : NULL;
}

bool verify_check_target(struct verifier *v, int64_t bci)
{
    if (bci < 0 || bci >= (int64_t)v->code_length || !v->starts[bci]) {
        return verify_fail(v, "Illegal target of jump or branch", "Bad branch target %lld",
                           (long long)bci);
    }
    const struct vframe *map = verify_map_at(v, bci);
    if (!map) {
        return verify_fail(v, "Expecting a stackmap frame at branch target",
                           "Expected stackmap frame at location %lld.", (long long)bci);
    }
    return verify_frame_assignable(v, &v->now, map, true);
}

void verify_copy_frame(struct verifier *v, struct vframe *to, const struct vframe *from)
{
    memcpy(to->locals, from->locals, v->m->max_locals * sizeof *to->locals);
    memcpy(to->stack, from->stack, (size_t)from->depth * sizeof *to->stack);
    to->depth = from->depth;
    to->this_uninit = from->this_uninit;
}

bool verify_new_frame(struct verifier *v, struct vframe *f)
{
    f->locals = calloc(v->m->max_locals + 1u, sizeof *f->locals);
    f->stack = calloc(v->m->max_stack + 1u, sizeof *f->stack);
    f->depth = 0;
    f->this_uninit = false;
    return f->locals && f->stack;
}

/* The frame that a method starts with; false if the arguments do not fit. *n gets the cells used. */
bool verify_initial_frame(struct verifier *v, struct vframe *f, unsigned *n)
{
    struct params p = params_of_method(v->m);
    while (params_next(&p)) {
        unsigned cells = type_slots(p.type);
        if (p.cell + cells > v->m->max_locals) {
            return verify_fail(v, "Local variable table overflow", "Arguments exceed max locals.");
        }
        if (p.text) {
            f->locals[p.cell] = verify_type_of_descriptor(p.text, p.length);
        } else {
            f->this_uninit = (v->m->props & MP_INIT) && v->c != KC(Object);
            f->locals[p.cell] = object(v->c->name);
            if (f->this_uninit) { f->locals[p.cell].tag = V_UNINIT_THIS; }
        }
        if (cells == 2) { f->locals[p.cell + 1] = SECOND; }
    }
    *n = p.cell;
    return true;
}
