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
#include "vm/verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/descriptor.h"
#include "runtime/classes/known.h"
#include "runtime/classes/loader.h"
#include "vm/code.h"

enum tag {
    V_TOP,
    V_INT,
    V_FLOAT,
    V_DOUBLE,
    V_LONG,
    V_NULL,
    V_UNINIT_THIS,
    V_OBJECT,
    V_UNINIT,
    V_SECOND, /* second half of a long or double */
};

struct vtype {
    uint8_t tag;
    uint16_t bci;        /* V_UNINIT */
    struct symbol *name; /* V_OBJECT: java/lang/String or [I */
};

struct vframe {
    struct vtype *locals; /* max_locals */
    struct vtype *stack;  /* max_stack */
    int depth;
    bool this_uninit; /* flagThisUninit */
};

struct verifier {
    struct thread *t;
    struct class *c;
    struct method *m;
    const uint8_t *code;
    uint32_t code_length;
    uint8_t *starts; /* by bci: an instruction starts there */
    struct vframe now;
    struct vframe *maps; /* of the StackMapTable */
    uint32_t *map_bci;
    uint32_t n_maps;
    int bci;
    bool failed;
};

static const struct vtype TOP = {.tag = V_TOP};
static const struct vtype INT = {.tag = V_INT};
static const struct vtype SECOND = {.tag = V_SECOND};

/* ---- errors ---- */

static bool fail(struct verifier *v, const char *what, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static bool fail(struct verifier *v, const char *what, const char *fmt, ...)
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

static const char *type_text(struct vtype x, char *buf, size_t size)
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

static struct vtype object(struct symbol *name)
{
    return (struct vtype){.tag = V_OBJECT, .name = name};
}

static bool is_reference(struct vtype x) { return x.tag == V_NULL || x.tag == V_OBJECT; }

static bool is_array(struct vtype x) { return x.tag == V_OBJECT && x.name->text[0] == '['; }

/* The type of a field descriptor. */
static struct vtype type_of_descriptor(const char *p, size_t n)
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

static bool assignable_names(struct verifier *v, struct symbol *from, struct symbol *to);

static bool assignable_arrays(struct verifier *v, struct symbol *from, struct symbol *to)
{
    const char *f = from->text + 1, *t = to->text + 1;
    if ((*f == 'L' || *f == '[') && (*t == 'L' || *t == '[')) {
        struct symbol *fs = *f == 'L' ? symbol_intern(f + 1, strlen(f) - 2) : symbol_of(f);
        struct symbol *ts = *t == 'L' ? symbol_intern(t + 1, strlen(t) - 2) : symbol_of(t);
        return assignable_names(v, fs, ts);
    }
    return !strcmp(f, t);
}

/* Is class or array `from` assignable to `to`? Interfaces are treated like Object (JVMS 4.10.1.2). */
static bool assignable_names(struct verifier *v, struct symbol *from, struct symbol *to)
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

static bool assignable(struct verifier *v, struct vtype from, struct vtype to)
{
    if (to.tag == V_TOP) { return true; }
    if (to.tag == V_OBJECT) {
        return from.tag == V_NULL ||
               (from.tag == V_OBJECT && assignable_names(v, from.name, to.name));
    }
    return from.tag == to.tag && (to.tag != V_UNINIT || from.bci == to.bci);
}

/* ---- the operand stack and locals ---- */

static bool push(struct verifier *v, struct vtype x)
{
    int cells = x.tag == V_LONG || x.tag == V_DOUBLE ? 2 : 1;
    if (v->now.depth + cells > v->m->max_stack) {
        return fail(v, "Operand stack overflow", "Exceeded max stack size.");
    }
    v->now.stack[v->now.depth++] = x;
    if (cells == 2) { v->now.stack[v->now.depth++] = SECOND; }
    return true;
}

/* Any one cell, as it is. */
static struct vtype pop_raw(struct verifier *v)
{
    if (v->now.depth == 0) {
        fail(v, "Operand stack underflow", "Attempt to pop empty stack.");
        return TOP;
    }
    return v->now.stack[--v->now.depth];
}

/* A value of any type; the first half of a two-cell one. */
static struct vtype pop_any(struct verifier *v)
{
    struct vtype x = pop_raw(v);
    if (x.tag == V_SECOND) { x = pop_raw(v); }
    return x;
}

static struct vtype pop(struct verifier *v, struct vtype want)
{
    char a[300], b[300];
    struct vtype x = pop_any(v);
    if (!v->failed && !assignable(v, x, want)) {
        fail(v, "Bad type on operand stack",
             "Type %s (current frame, stack[%d]) is not assignable to %s",
             type_text(x, a, sizeof a), v->now.depth, type_text(want, b, sizeof b));
    }
    return x;
}

static struct vtype pop_tag(struct verifier *v, enum tag tag)
{
    return pop(v, (struct vtype){.tag = (uint8_t)tag});
}

static struct vtype pop_reference(struct verifier *v, bool uninit_too)
{
    char a[300];
    struct vtype x = pop_any(v);
    if (!v->failed && !is_reference(x) &&
        !(uninit_too && (x.tag == V_UNINIT || x.tag == V_UNINIT_THIS))) {
        fail(v, "Bad type on operand stack",
             "Type %s (current frame, stack[%d]) is not assignable to reference type",
             type_text(x, a, sizeof a), v->now.depth);
    }
    return x;
}

static bool load_local(struct verifier *v, unsigned index, enum tag tag)
{
    char a[300], b[300];
    if (index + (tag == V_LONG || tag == V_DOUBLE) >= v->m->max_locals) {
        return fail(v, "Local variable table overflow", "Exceeded max locals.");
    }
    struct vtype x = v->now.locals[index];
    bool ok = tag == V_OBJECT ? is_reference(x) || x.tag == V_UNINIT || x.tag == V_UNINIT_THIS
                              : x.tag == tag;
    if (ok && (tag == V_LONG || tag == V_DOUBLE)) { ok = v->now.locals[index + 1].tag == V_SECOND; }
    if (!ok) {
        return fail(v, "Bad local variable type",
                    "Type %s (current frame, locals[%u]) is not assignable to %s",
                    type_text(x, a, sizeof a), index,
                    tag == V_OBJECT ? "reference type"
                                    : type_text((struct vtype){.tag = (uint8_t)tag}, b, sizeof b));
    }
    return push(v, x);
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

static bool store_local(struct verifier *v, unsigned index, enum tag tag)
{
    struct vtype x = tag == V_OBJECT ? pop_reference(v, true) : pop_tag(v, tag);
    if (v->failed) { return false; }
    if (index + (tag == V_LONG || tag == V_DOUBLE) >= v->m->max_locals) {
        return fail(v, "Local variable table overflow", "Exceeded max locals.");
    }
    set_local(v, index, x);
    return true;
}

/* ---- frames ---- */

static bool frame_assignable(struct verifier *v, const struct vframe *from, const struct vframe *to,
                             bool with_stack)
{
    char a[300], b[300];
    for (unsigned i = 0; i < v->m->max_locals; i++) {
        if (!assignable(v, from->locals[i], to->locals[i])) {
            return fail(v, "Inconsistent stackmap frames at branch target",
                        "Type %s (current frame, locals[%u]) is not assignable to %s (stack map, "
                        "locals[%u])",
                        type_text(from->locals[i], a, sizeof a), i,
                        type_text(to->locals[i], b, sizeof b), i);
        }
    }
    if (with_stack && from->depth != to->depth) {
        return fail(v, "Inconsistent stackmap frames at branch target",
                    "Current frame's stack size doesn't match stackmap.");
    }
    for (int i = 0; with_stack && i < from->depth; i++) {
        if (!assignable(v, from->stack[i], to->stack[i])) {
            return fail(
                v, "Inconsistent stackmap frames at branch target",
                "Type %s (current frame, stack[%d]) is not assignable to %s (stack map, stack[%d])",
                type_text(from->stack[i], a, sizeof a), i, type_text(to->stack[i], b, sizeof b), i);
        }
    }
    if (from->this_uninit && !to->this_uninit) {
        return fail(v, "Inconsistent stackmap frames at branch target",
                    "Current frame's flags are not assignable to stack map frame's.");
    }
    return true;
}

static const struct vframe *map_at(struct verifier *v, int64_t bci)
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

static bool check_target(struct verifier *v, int64_t bci)
{
    if (bci < 0 || bci >= (int64_t)v->code_length || !v->starts[bci]) {
        return fail(v, "Illegal target of jump or branch", "Bad branch target %lld",
                    (long long)bci);
    }
    const struct vframe *map = map_at(v, bci);
    if (!map) {
        return fail(v, "Expecting a stackmap frame at branch target",
                    "Expected stackmap frame at location %lld.", (long long)bci);
    }
    return frame_assignable(v, &v->now, map, true);
}

static void copy_frame(struct verifier *v, struct vframe *to, const struct vframe *from)
{
    memcpy(to->locals, from->locals, v->m->max_locals * sizeof *to->locals);
    memcpy(to->stack, from->stack, (size_t)from->depth * sizeof *to->stack);
    to->depth = from->depth;
    to->this_uninit = from->this_uninit;
}

static bool new_frame(struct verifier *v, struct vframe *f)
{
    f->locals = calloc(v->m->max_locals + 1u, sizeof *f->locals);
    f->stack = calloc(v->m->max_stack + 1u, sizeof *f->stack);
    f->depth = 0;
    f->this_uninit = false;
    return f->locals && f->stack;
}

/* The frame that a method starts with; false if the arguments do not fit. *n gets the cells used. */
static bool initial_frame(struct verifier *v, struct vframe *f, unsigned *n)
{
    struct params p = params_of_method(v->m);
    while (params_next(&p)) {
        unsigned cells = type_slots(p.type);
        if (p.cell + cells > v->m->max_locals) {
            return fail(v, "Local variable table overflow", "Arguments exceed max locals.");
        }
        if (p.text) {
            f->locals[p.cell] = type_of_descriptor(p.text, p.length);
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
    if (!new_frame(v, &work) || !initial_frame(v, &work, &n_args)) {
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
            ok = new_frame(v, &v->maps[i]);
            v->n_maps++;
            v->map_bci[i] = (uint32_t)bci;
            copy_frame(v, &v->maps[i], &work);
        }
    }
    free(work.locals);
    free(work.stack);
    return ok || map_fail(v);
}

/* ---- instructions ---- */

static unsigned tag_of(struct verifier *v, unsigned index)
{
    return index < v->c->cp.count ? v->c->cp.tags[index] & CP_TAG_MASK : 0;
}

static bool pool_error(struct verifier *v, unsigned index)
{
    return fail(v, "Bad constant pool index", "Illegal type at constant pool entry %u in class %s",
                index, v->c->name->text);
}

/* Name of a class entry as the verifier sees it: a hidden class under its own name. */
static struct symbol *class_entry(struct verifier *v, unsigned index)
{
    return (v->c->props & CLP_HIDDEN) && index == v->c->this_index
               ? v->c->name
               : cp_class_name(&v->c->cp, index);
}

static struct vtype class_type(struct verifier *v, unsigned index)
{
    if (tag_of(v, index) != CP_CLASS) {
        pool_error(v, index);
        return TOP;
    }
    return object(class_entry(v, index));
}

static bool verify_ldc(struct verifier *v, unsigned index, bool two)
{
    struct symbol *name, *desc;
    struct vtype x = TOP;
    switch (tag_of(v, index)) {
    case CP_INTEGER: x = INT; break;
    case CP_FLOAT: x.tag = V_FLOAT; break;
    case CP_LONG: x.tag = V_LONG; break;
    case CP_DOUBLE: x.tag = V_DOUBLE; break;
    case CP_STRING: x = object(KC(String)->name); break;
    case CP_CLASS: x = object(KC(Class)->name); break;
    case CP_METHOD_HANDLE: x = object(KC(MethodHandle)->name); break;
    case CP_METHOD_TYPE: x = object(KC(MethodType)->name); break;
    case CP_DYNAMIC:
        cp_member(&v->c->cp, index, &name, &desc);
        x = type_of_descriptor(desc->text, desc->length);
        break;
    default: return pool_error(v, index);
    }
    if (two != (x.tag == V_LONG || x.tag == V_DOUBLE)) { return pool_error(v, index); }
    return push(v, x);
}

/* Protected members of superclasses in other packages are accessible through the current class only (4.10.1.8). */
static bool protected_check(struct verifier *v, unsigned index, struct vtype receiver,
                            bool is_method)
{
    struct symbol *name, *desc;
    cp_member(&v->c->cp, index, &name, &desc);
    struct symbol *holder = class_entry(v, cp_raw(&v->c->cp, index) >> 16);
    struct class *super = v->c->super;
    while (super && super->name != holder) { super = super->super; }
    if (!super || receiver.tag == V_NULL) { return true; }
    uint16_t flags = 0;
    struct class *decl = NULL;
    if (is_method) {
        struct method *m = class_lookup_method(super, name, desc);
        if (m) { flags = m->flags, decl = m->cls; }
    } else {
        struct field *f = class_lookup_field(super, name, desc);
        if (f) { flags = f->flags, decl = f->cls; }
    }
    if (!decl || !(flags & ACC_PROTECTED) || class_same_package(decl, v->c)) { return true; }
    if (is_method && is_array(receiver) && name == SYM(clone)) { return true; }
    if (!assignable(v, receiver, object(v->c->name))) {
        char a[300];
        return fail(v, "Bad access to protected data", "Type %s is not assignable to '%s'",
                    type_text(receiver, a, sizeof a), v->c->name->text);
    }
    return true;
}

static bool verify_field(struct verifier *v, uint8_t op, unsigned index)
{
    if (tag_of(v, index) != CP_FIELDREF) { return pool_error(v, index); }
    struct symbol *name, *desc;
    cp_member(&v->c->cp, index, &name, &desc);
    struct vtype x = type_of_descriptor(desc->text, desc->length);
    if (op == OP_getstatic) { return push(v, x); }
    if (op == OP_putstatic) {
        pop(v, x);
        return !v->failed;
    }
    if (op == OP_putfield) { pop(v, x); }
    struct symbol *holder = class_entry(v, cp_raw(&v->c->cp, index) >> 16);
    if (op == OP_putfield && v->now.depth > 0 &&
        v->now.stack[v->now.depth - 1].tag == V_UNINIT_THIS && holder == v->c->name &&
        class_declared_field(v->c, name, desc)) {
        pop_raw(v); /* a field of this class may be set before the superclass's constructor ran */
        return !v->failed;
    }
    struct vtype receiver = pop(v, object(holder));
    if (v->failed || !protected_check(v, index, receiver, false)) { return false; }
    return op == OP_putfield || push(v, x);
}

static void replace_everywhere(struct verifier *v, struct vtype old, struct vtype with)
{
    for (unsigned i = 0; i < v->m->max_locals; i++) {
        struct vtype *x = &v->now.locals[i];
        if (x->tag == old.tag && x->bci == old.bci) { *x = with; }
    }
    for (int i = 0; i < v->now.depth; i++) {
        struct vtype *x = &v->now.stack[i];
        if (x->tag == old.tag && x->bci == old.bci) { *x = with; }
    }
}

static bool verify_init_call(struct verifier *v, unsigned index)
{
    char a[300];
    struct symbol *holder = class_entry(v, cp_raw(&v->c->cp, index) >> 16);
    struct vtype x = pop_raw(v);
    if (v->failed) { return false; }
    if (x.tag == V_UNINIT_THIS) {
        if (holder != v->c->name && !(v->c->super && holder == v->c->super->name)) {
            return fail(v, "Bad <init> method call",
                        "Type '%s' is neither this class nor its superclass", holder->text);
        }
        for (uint32_t i = 0; i < v->m->n_handlers; i++) {
            const struct exception_entry *e = &v->m->handlers[i];
            if (v->bci >= e->start_pc && v->bci < e->end_pc) {
                return fail(v, "Bad <init> method call from inside of a try block",
                            "Constructor call in a try block");
            }
        }
        v->now.this_uninit = false;
        replace_everywhere(v, x, object(v->c->name));
        return true;
    }
    if (x.tag == V_UNINIT) {
        struct symbol *made = class_entry(v, read_u2(v->code + x.bci + 1));
        if (made != holder) {
            return fail(v, "Call to wrong initialization method",
                        "'%s' was allocated, '%s' is initialized", made->text, holder->text);
        }
        if (!protected_check(v, index, object(holder), true)) { return false; }
        replace_everywhere(v, x, object(made));
        return true;
    }
    return fail(v, "Bad operand type when invoking <init>",
                "Type %s (current frame, stack[%d]) is not uninitialized",
                type_text(x, a, sizeof a), v->now.depth);
}

static bool verify_invoke(struct verifier *v, uint8_t op, unsigned index)
{
    unsigned tag = tag_of(v, index);
    bool tag_ok = op == OP_invokeinterface ? tag == CP_IMETHODREF
                  : op == OP_invokedynamic ? tag == CP_INVOKE_DYNAMIC
                  : op == OP_invokevirtual
                      ? tag == CP_METHODREF
                      : tag == CP_METHODREF || (tag == CP_IMETHODREF && v->c->major >= 52);
    if (!tag_ok) { return pool_error(v, index); }
    struct symbol *name, *desc;
    cp_member(&v->c->cp, index, &name, &desc);
    if (name->text[0] == '<' && (op != OP_invokespecial || name != SYM(init))) {
        return fail(v, "Illegal call to internal method", "%s", name->text);
    }
    struct params p = params_of(desc->text), params[256];
    int n = 0;
    while (n < 256 && params_next(&p)) { params[n++] = p; }
    unsigned count = descriptor_slots(desc->text) + 1;
    if (op == OP_invokeinterface && (v->code[v->bci + 3] != count || v->code[v->bci + 4] != 0)) {
        return fail(v, "Inconsistent args count operand in invokeinterface", "%u instead of %u",
                    v->code[v->bci + 3], count);
    }
    if (op == OP_invokedynamic && (v->code[v->bci + 3] || v->code[v->bci + 4])) {
        return fail(v, "Third and fourth operand bytes of invokedynamic must be zero", "%s",
                    name->text);
    }
    for (int i = n; i-- > 0 && !v->failed;) {
        pop(v, type_of_descriptor(params[i].text, params[i].length));
    }
    if (v->failed) { return false; }
    if (name == SYM(init)) {
        if (!verify_init_call(v, index)) { return false; }
    } else if (op == OP_invokespecial) {
        struct symbol *holder = class_entry(v, cp_raw(&v->c->cp, index) >> 16);
        struct vtype self = object(v->c->name);
        bool known = holder == v->c->name;
        for (struct class *s = v->c->super; s && !known; s = s->super) {
            known = s->name == holder;
        }
        for (unsigned i = 0; i < v->c->n_interfaces && !known; i++) {
            known = v->c->interfaces[i]->name == holder;
        }
        if (!known) {
            return fail(
                v,
                "Bad invokespecial instruction: current class isn't assignable to reference class.",
                "'%s'", holder->text);
        }
        pop(v, self);
    } else if (op == OP_invokevirtual || op == OP_invokeinterface) {
        struct vtype receiver = pop(v, object(class_entry(v, cp_raw(&v->c->cp, index) >> 16)));
        if (v->failed || (op == OP_invokevirtual && !protected_check(v, index, receiver, true))) {
            return false;
        }
    }
    if (v->failed) { return false; }
    const char *result = descriptor_result(desc->text);
    return *result == 'V' || push(v, type_of_descriptor(result, strlen(result)));
}

/* Element type of an array on the stack for the typed load and store instructions. */
static bool pop_array(struct verifier *v, const char *allowed, struct vtype *element)
{
    char a[300];
    struct vtype x = pop_any(v);
    *element = (struct vtype){.tag = V_NULL};
    if (v->failed || x.tag == V_NULL) { return !v->failed; }
    bool ok = is_array(x) && strchr(allowed, x.name->text[1]);
    if (!ok) {
        return fail(v, "Bad type on operand stack",
                    "Type %s (current frame, stack[%d]) is not an array of the right type",
                    type_text(x, a, sizeof a), v->now.depth);
    }
    *element = type_of_descriptor(x.name->text + 1, x.name->length - 1u);
    return true;
}

static const char *const array_codes[] = {"I", "J", "F", "D", "L[", "BZ", "C", "S"};

static bool verify_array_load(struct verifier *v, uint8_t op)
{
    static const uint8_t tags[] = {V_INT, V_LONG, V_FLOAT, V_DOUBLE, V_OBJECT, V_INT, V_INT, V_INT};
    struct vtype element;
    pop(v, INT);
    if (v->failed || !pop_array(v, array_codes[op - OP_iaload], &element)) { return false; }
    return push(v, op == OP_aaload ? element : (struct vtype){.tag = tags[op - OP_iaload]});
}

static bool verify_array_store(struct verifier *v, uint8_t op)
{
    static const uint8_t tags[] = {V_INT, V_LONG, V_FLOAT, V_DOUBLE, V_OBJECT, V_INT, V_INT, V_INT};
    struct vtype element;
    if (op == OP_aastore) {
        pop(v, object(KC(Object)->name));
    } else {
        pop_tag(v, tags[op - OP_iastore]);
    }
    pop(v, INT);
    return !v->failed && pop_array(v, array_codes[op - OP_iastore], &element);
}

static bool verify_return(struct verifier *v, uint8_t op)
{
    const char *r = descriptor_result(v->m->desc->text);
    if (op == OP_return) {
        if (*r != 'V') {
            return fail(v, "Wrong return type in function", "return in a method with a result");
        }
        if (v->now.this_uninit) {
            return fail(v, "Constructor must call super() or this() before return",
                        "uninitializedThis");
        }
        return true;
    }
    static const char codes[] = {'I', 'J', 'F', 'D', 'A'};
    char code = codes[op - OP_ireturn];
    char kind = strchr("ZBCSI", *r) ? 'I' : *r == 'L' || *r == '[' ? 'A' : *r;
    if (kind != code) {
        return fail(v, "Wrong return type in function", "%s in a method that returns %s",
                    opcode_info[op].name, r);
    }
    pop(v, type_of_descriptor(r, strlen(r)));
    return !v->failed;
}

static bool verify_dup(struct verifier *v, uint8_t op)
{
    /* bottom first, counted from the old top downwards (1 = top) */
    static const struct {
        const char *pattern;
        const char *not_second;
        int pops;
        uint8_t op;
    } moves[] = {
        {"11", "1", 1, OP_dup},    {"121", "12", 2, OP_dup_x1},    {"1321", "13", 3, OP_dup_x2},
        {"2121", "2", 2, OP_dup2}, {"21321", "23", 3, OP_dup2_x1}, {"214321", "24", 4, OP_dup2_x2},
        {"12", "12", 2, OP_swap},
    };
    for (size_t i = 0; i < ARRAY_COUNT(moves); i++) {
        if (moves[i].op != op) { continue; }
        struct vtype x[5];
        for (int k = 1; k <= moves[i].pops; k++) { x[k] = pop_raw(v); }
        if (v->failed) { return false; }
        /* no long or double may be cut in halves */
        for (const char *p = moves[i].not_second; *p; p++) {
            if (x[*p - '0'].tag == V_SECOND) {
                return fail(v, "Bad type on operand stack", "%s would split a long or double",
                            opcode_info[op].name);
            }
        }
        if ((op == OP_dup || op == OP_swap || op == OP_dup_x1 || op == OP_dup_x2) &&
            (x[1].tag == V_LONG || x[1].tag == V_DOUBLE)) {
            return fail(v, "Bad type on operand stack", "%s of a long or double",
                        opcode_info[op].name);
        }
        size_t n = strlen(moves[i].pattern);
        if (v->now.depth + (int)n > v->m->max_stack) {
            return fail(v, "Operand stack overflow", "Exceeded max stack size.");
        }
        for (size_t k = 0; k < n; k++) {
            v->now.stack[v->now.depth++] = x[moves[i].pattern[k] - '0'];
        }
        return true;
    }
    return false;
}

static bool verify_pop(struct verifier *v, int cells)
{
    struct vtype top = pop_raw(v);
    if (v->failed) { return false; }
    if (cells == 1) {
        return top.tag != V_SECOND ||
               fail(v, "Bad type on operand stack", "pop of half a long or double");
    }
    struct vtype below = pop_raw(v);
    return !v->failed && (below.tag != V_SECOND ||
                          fail(v, "Bad type on operand stack", "pop2 of half a long or double"));
}

static bool verify_newarray(struct verifier *v, unsigned code)
{
    static const char *const types[] = {"[Z", "[C", "[F", "[D", "[B", "[S", "[I", "[J"};
    if (code < T_BOOLEAN || code > T_LONG) {
        return fail(v, "Illegal newarray instruction", "Bad type code %u", code);
    }
    pop(v, INT);
    return !v->failed && push(v, object(symbol_of(types[code - T_BOOLEAN])));
}

static bool verify_anewarray(struct verifier *v, unsigned index)
{
    struct vtype x = class_type(v, index);
    pop(v, INT);
    if (v->failed) { return false; }
    char name[65540];
    const char *e = x.name->text;
    snprintf(name, sizeof name, *e == '[' ? "[%s" : "[L%s;", e);
    return (strspn(name, "[") <= 255 ||
            fail(v, "Illegal anewarray instruction, array has more than 255 dimensions", "%s",
                 e)) &&
           push(v, object(symbol_of(name)));
}

static bool verify_multianewarray(struct verifier *v, unsigned index, unsigned dims)
{
    struct vtype x = class_type(v, index);
    if (v->failed) { return false; }
    if (dims == 0 || strspn(x.name->text, "[") < dims) {
        return fail(v, "Illegal dimension in multianewarray", "%u of %s", dims, x.name->text);
    }
    while (dims--) { pop(v, INT); }
    return !v->failed && push(v, x);
}

static bool verify_new(struct verifier *v, unsigned index)
{
    struct vtype x = class_type(v, index);
    if (v->failed || is_array(x)) { return fail(v, "Illegal new instruction", "entry %u", index); }
    struct vtype made = {.tag = V_UNINIT, .bci = (uint16_t)v->bci};
    for (int i = 0; i < v->now.depth; i++) {
        if (v->now.stack[i].tag == V_UNINIT && v->now.stack[i].bci == v->bci) {
            return fail(v, "Illegal new instruction",
                        "an uninitialized object of the same instruction is on the stack");
        }
    }
    replace_everywhere(v, made, TOP);
    return push(v, made);
}

/* Instructions whose effect string says all: "II>I". */
static bool verify_by_effect(struct verifier *v, const char *effect)
{
    const char *gt = strchr(effect, '>');
    for (const char *p = gt; p-- > effect && !v->failed;) {
        switch (*p) {
        case 'I': pop_tag(v, V_INT); break;
        case 'J': pop_tag(v, V_LONG); break;
        case 'F': pop_tag(v, V_FLOAT); break;
        case 'D': pop_tag(v, V_DOUBLE); break;
        default: pop_reference(v, true); break;
        }
    }
    for (const char *p = gt + 1; *p && !v->failed; p++) {
        push(v, (struct vtype){.tag = *p == 'I'   ? V_INT
                                      : *p == 'J' ? V_LONG
                                      : *p == 'F' ? V_FLOAT
                                                  : V_DOUBLE});
    }
    return !v->failed;
}

/* Verifies one instruction; *falls: control goes on to the next. */
static bool verify_insn(struct verifier *v, bool *falls)
{
    static const uint8_t local_tags[] = {V_INT, V_LONG, V_FLOAT, V_DOUBLE, V_OBJECT};
    const uint8_t *p = v->code + v->bci;
    uint8_t op = *p;
    unsigned index = p[1];
    if (op == OP_wide) {
        op = p[1];
        index = read_u2(p + 2);
    }
    *falls = !(opcode_info[op].flags & OPF_END);
    switch (op) {
    case OP_aconst_null: return push(v, (struct vtype){.tag = V_NULL});
    case OP_ldc: return verify_ldc(v, p[1], false);
    case OP_ldc_w: return verify_ldc(v, read_u2(p + 1), false);
    case OP_ldc2_w: return verify_ldc(v, read_u2(p + 1), true);
    case OP_iload ... OP_aload: return load_local(v, index, local_tags[op - OP_iload]);
    case OP_iload_0 ... OP_aload_3:
        return load_local(v, (op - OP_iload_0) & 3, local_tags[(op - OP_iload_0) / 4]);
    case OP_istore ... OP_astore: return store_local(v, index, local_tags[op - OP_istore]);
    case OP_istore_0 ... OP_astore_3:
        return store_local(v, (op - OP_istore_0) & 3, local_tags[(op - OP_istore_0) / 4]);
    case OP_iinc:
        return (index < v->m->max_locals && v->now.locals[index].tag == V_INT) ||
               fail(v, "Bad local variable type", "iinc of locals[%u], which is no integer", index);
    case OP_iaload ... OP_saload: return verify_array_load(v, op);
    case OP_iastore ... OP_sastore: return verify_array_store(v, op);
    case OP_pop: return verify_pop(v, 1);
    case OP_pop2: return verify_pop(v, 2);
    case OP_dup ... OP_swap: return verify_dup(v, op);
    case OP_jsr:
    case OP_jsr_w:
    case OP_ret:
        return fail(v, "Bad instruction",
                    "jsr and ret are not allowed in class files of version 51 and up");
    case OP_ireturn ... OP_return: return verify_return(v, op);
    case OP_getstatic ... OP_putfield: return verify_field(v, op, read_u2(p + 1));
    case OP_invokevirtual ... OP_invokedynamic: return verify_invoke(v, op, read_u2(p + 1));
    case OP_new: return verify_new(v, read_u2(p + 1));
    case OP_newarray: return verify_newarray(v, p[1]);
    case OP_anewarray: return verify_anewarray(v, read_u2(p + 1));
    case OP_multianewarray: return verify_multianewarray(v, read_u2(p + 1), p[3]);
    case OP_arraylength: {
        struct vtype x = pop_any(v);
        if (!v->failed && x.tag != V_NULL && !is_array(x)) {
            return fail(v, "Bad type on operand stack",
                        "arraylength of something that is no array");
        }
        return !v->failed && push(v, INT);
    }
    case OP_athrow: pop(v, object(KC(Throwable)->name)); return !v->failed;
    case OP_checkcast:
    case OP_instanceof: {
        struct vtype x = class_type(v, read_u2(p + 1));
        if (!v->failed) { pop_reference(v, false); }
        return !v->failed && push(v, op == OP_checkcast ? x : INT);
    }
    default: break;
    }
    if (!verify_by_effect(v, opcode_info[op].effect)) { return false; }
    struct branches b = bytecode_branches(v->code, (uint32_t)v->bci);
    for (uint32_t i = 0; i < b.n; i++) {
        if (!check_target(v, (int64_t)v->bci + branch_offset(&b, i))) { return false; }
    }
    return true;
}

/* The current locals must suit every handler that covers the instruction. */
static bool verify_handlers(struct verifier *v)
{
    for (uint32_t i = 0; i < v->m->n_handlers; i++) {
        const struct exception_entry *e = &v->m->handlers[i];
        if (v->bci < e->start_pc || v->bci >= e->end_pc) { continue; }
        const struct vframe *map = map_at(v, e->handler_pc);
        if (!map) {
            return fail(v, "Expecting a stackmap frame at branch target",
                        "Expected stackmap frame at location %u.", e->handler_pc);
        }
        struct vtype caught =
            e->catch_type ? class_type(v, e->catch_type) : object(KC(Throwable)->name);
        if (v->failed || map->depth != 1 || !assignable(v, caught, map->stack[0])) {
            return fail(v, "Stack map does not match the one at exception handler", "handler at %u",
                        e->handler_pc);
        }
        if (!frame_assignable(v, &v->now, map, false)) { return false; }
    }
    return true;
}

static bool mark_starts(struct verifier *v)
{
    for (uint32_t bci = 0; bci < v->code_length;) {
        v->bci = (int)bci;
        uint32_t n = bytecode_length_checked(v->code, bci, v->code_length);
        if (!n) { return fail(v, "Bad instruction", "at %u", bci); }
        v->starts[bci] = 1;
        bci += n;
    }
    for (uint32_t i = 0; i < v->m->n_handlers; i++) {
        const struct exception_entry *e = &v->m->handlers[i];
        v->bci = e->handler_pc;
        if (e->handler_pc >= v->code_length || !v->starts[e->handler_pc] ||
            !v->starts[e->start_pc] || (e->end_pc < v->code_length && !v->starts[e->end_pc])) {
            return fail(v, "Illegal exception table range", "entry %u", i);
        }
        if (e->catch_type) {
            struct vtype x = class_type(v, e->catch_type);
            if (v->failed ||
                (!assignable_names(v, x.name, KC(Throwable)->name) &&
                 !fail(v, "Catch type is not a subclass of Throwable in exception handler", "%s",
                       x.name->text))) {
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
    if (!mark_starts(v) || !read_map(v) || !new_frame(v, &v->now) ||
        !initial_frame(v, &v->now, &n_args)) {
        return false;
    }
    uint32_t next_map = 0;
    for (uint32_t bci = 0; bci < v->code_length;
         bci += bytecode_length_checked(v->code, bci, v->code_length)) {
        v->bci = (int)bci;
        if (next_map < v->n_maps && v->map_bci[next_map] == bci) {
            if (falls && !frame_assignable(v, &v->now, &v->maps[next_map], true)) { return false; }
            copy_frame(v, &v->now, &v->maps[next_map]);
            next_map++;
        } else if (!falls) {
            return fail(v, "Expecting a stack map frame", "Expected stackmap frame at location %u.",
                        bci);
        }
        if (!verify_handlers(v) || !verify_insn(v, &falls)) { return false; }
    }
    return !falls || fail(v, "Control flow falls through code end", "the last instruction goes on");
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
