/*
 * npe.c - helpful NullPointerException messages (JEP 358): which reference was null, in the words of the source.
 *
 * A small data-flow analysis over the method that threw: for each bytecode, which bytecode pushed each operand. Where
 * paths disagree the source is unknown. The instruction that threw says what failed, the pusher of the null reference
 * says why:  Cannot read field "b" because "a.x[<local3>]" is null
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/descriptor.h"
#include "runtime/classes/known.h"
#include "runtime/jni/stacktrace.h"
#include "vm/interp.h"
#include "vm/options.h"

#define UNKNOWN     (-1) /* several pushers */
#define MAX_NESTING 5    /* of the description: a.b.c.d.e */

struct analysis {
    struct method *m;
    int stack_size;
    int16_t *depth;  /* by bci: cells on the stack before it, -1 = not reached */
    int32_t *source; /* by bci * stack_size + cell: bci of the pusher */
    uint8_t *dirty;  /* by bci: to be looked at */
    FILE *out;
};

/* Cells that the values in "IJA?" etc. take; '?' counts as the given cells. */
static int effect_cells(const char *from, const char *to, int unknown)
{
    int n = 0;
    for (; from < to; from++) {
        n += *from == 'J' || *from == 'D'   ? 2
             : *from == '?'                 ? unknown
             : *from >= '1' && *from <= '9' ? *from - '0'
                                            : 1;
    }
    return n;
}

/* Cells popped and pushed by the instruction at p. */
static void stack_effect(const struct method *m, const uint8_t *p, int *pops, int *pushes)
{
    const struct constant_pool *cp = &m->cls->cp;
    uint8_t op = *p;
    struct symbol *name, *desc;
    switch (op) {
    case OP_ldc:
    case OP_ldc_w: *pops = 0, *pushes = 1; return;
    case OP_ldc2_w: *pops = 0, *pushes = 2; return;
    case OP_getstatic:
    case OP_putstatic:
    case OP_getfield:
    case OP_putfield: {
        cp_member(cp, read_u2(p + 1), &name, &desc);
        int cells = (int)type_slots(type_of_char(desc->text[0]));
        bool put = op == OP_putstatic || op == OP_putfield,
             field = op == OP_getfield || op == OP_putfield;
        *pops = field + (put ? cells : 0);
        *pushes = put ? 0 : cells;
        return;
    }
    case OP_invokevirtual:
    case OP_invokespecial:
    case OP_invokestatic:
    case OP_invokeinterface:
    case OP_invokedynamic:
        cp_member(cp, read_u2(p + 1), &name, &desc);
        *pops =
            (int)descriptor_slots(desc->text) + (op != OP_invokestatic && op != OP_invokedynamic);
        *pushes = (int)type_slots(descriptor_result_type(desc->text));
        return;
    case OP_multianewarray: *pops = p[3], *pushes = 1; return;
    case OP_wide: op = p[1]; break;
    default: break;
    }
    const char *effect = opcode_info[op].effect, *gt = strchr(effect, '>');
    *pops = effect_cells(effect, gt, 0);
    *pushes = effect_cells(gt + 1, effect + strlen(effect), 0);
}

/* Joins a state into the one of `bci`; marks it dirty when that changed. */
static void flow_to(struct analysis *a, int64_t bci, const int32_t *stack, int depth)
{
    if (bci < 0 || bci >= (int64_t)a->m->code_length || depth > a->stack_size) { return; }
    int32_t *to = a->source + bci * a->stack_size;
    if (a->depth[bci] < 0) {
        a->depth[bci] = (int16_t)depth;
        if (depth) { memcpy(to, stack, (size_t)depth * sizeof *to); }
        a->dirty[bci] = 1;
        return;
    }
    for (int i = 0; i < depth && i < a->depth[bci]; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): `depth` cells are set */
        if (to[i] != stack[i] && to[i] != UNKNOWN) {
            to[i] = UNKNOWN;
            a->dirty[bci] = 1;
        }
    }
}

/* dup and friends move cells: their pushed cells keep their pushers. Pattern: cells of the result, from the top of the
 * popped ones counted 1.. downwards, bottom first. */
static const char *shuffle_pattern(uint8_t op)
{
    switch (op) {
    case OP_dup: return "11";
    case OP_dup_x1: return "121";
    case OP_dup_x2: return "1321";
    case OP_dup2: return "2121";
    case OP_dup2_x1: return "21321";
    case OP_dup2_x2: return "214321";
    case OP_swap: return "12";
    default: return NULL;
    }
}

static void flow_branches(struct analysis *a, int bci, const int32_t *stack, int depth)
{
    struct branches b = bytecode_branches(a->m->code, (uint32_t)bci);
    for (uint32_t i = 0; i < b.n; i++) {
        flow_to(a, (int64_t)bci + branch_offset(&b, i), stack, depth);
    }
}

static bool step(struct analysis *a, int bci)
{
    const struct method *m = a->m;
    const uint8_t *p = m->code + bci;
    int pops, pushes, depth = a->depth[bci];
    stack_effect(m, p, &pops, &pushes);
    if (depth < pops || depth - pops + pushes > a->stack_size) { return false; }
    int32_t *stack = malloc(((size_t)a->stack_size + 8) * sizeof *stack);
    if (!stack) { return false; }
    memcpy(stack, a->source + (size_t)bci * a->stack_size, (size_t)depth * sizeof *stack);
    const char *shuffle = shuffle_pattern(*p);
    int32_t popped[8] = {0};
    for (int i = 1; shuffle && i <= pops; i++) { popped[i] = stack[depth - i]; }
    depth -= pops;
    for (int i = 0; i < pushes; i++) {
        /* a cast value is still the value that was pushed before */
        stack[depth] = shuffle ? popped[shuffle[i] - '0'] : *p == OP_checkcast ? stack[depth] : bci;
        depth++;
    }
    flow_branches(a, bci, stack, depth);
    uint8_t op = *p;
    if (!(opcode_info[op].flags & OPF_END) && !(op == OP_wide && p[1] == OP_ret)) {
        flow_to(a, (int64_t)bci + bytecode_length_checked(m->code, (uint32_t)bci, m->code_length),
                stack, depth);
    }
    if (op == OP_jsr) {
        flow_to(a, bci + 3, a->source + (size_t)bci * a->stack_size, a->depth[bci]);
    }
    free(stack); /* NOLINT(clang-analyzer-unix.Malloc): a->source is freed by describe() */
    return true;
}

static bool analyse(struct analysis *a)
{
    int32_t unknown = UNKNOWN;
    flow_to(a, 0, NULL, 0);
    for (uint32_t i = 0; i < a->m->n_handlers; i++) {
        flow_to(a, a->m->handlers[i].handler_pc, &unknown, 1);
    }
    for (bool again = true; again;) {
        again = false;
        for (uint32_t bci = 0; bci < a->m->code_length; bci++) {
            if (a->dirty[bci]) {
                a->dirty[bci] = 0;
                again = true;
                if (!step(a, (int)bci)) { return false; }
            }
        }
    }
    return true;
}

/* ---- words ---- */

/* A class name with java.lang.Object and String shortened. */
static void print_class_name(FILE *out, const char *name, size_t length)
{
    if (length == 16 &&
        (!strncmp(name, "java/lang/Object", 16) || !strncmp(name, "java/lang/String", 16))) {
        fprintf(out, "%.6s", name + 10);
        return;
    }
    for (size_t i = 0; i < length; i++) { fputc(name[i] == '/' ? '.' : name[i], out); }
}

static const char *print_type(FILE *out, const char *p)
{
    int dims = 0;
    while (*p == '[') {
        dims++;
        p++;
    }
    switch (*p) {
    case 'L': {
        const char *end = strchr(p, ';');
        print_class_name(out, p + 1, (size_t)(end - p - 1));
        p = end;
        break;
    }
    case 'Z': fputs("boolean", out); break;
    case 'B': fputs("byte", out); break;
    case 'C': fputs("char", out); break;
    case 'S': fputs("short", out); break;
    case 'I': fputs("int", out); break;
    case 'J': fputs("long", out); break;
    case 'F': fputs("float", out); break;
    case 'D': fputs("double", out); break;
    default: break;
    }
    while (dims--) { fputs("[]", out); }
    return p + 1;
}

static void print_pool_class(struct analysis *a, unsigned member_index)
{
    const struct constant_pool *cp = &a->m->cls->cp;
    struct symbol *c = cp_class_name(cp, cp_raw(cp, member_index) >> 16);
    print_class_name(a->out, c->text, c->length); /* of arrays the descriptor, as java does */
}

static void print_method(struct analysis *a, unsigned index)
{
    struct symbol *name, *desc;
    cp_member(&a->m->cls->cp, index, &name, &desc);
    print_pool_class(a, index);
    fprintf(a->out, ".%s(", name->text);
    for (const char *p = desc->text + 1; *p != ')';) {
        p = print_type(a->out, p);
        fputs(*p == ')' ? "" : ", ", a->out);
    }
    fputc(')', a->out);
}

static void print_local(struct analysis *a, unsigned index, int bci)
{
    const struct method *m = a->m;
    if (index == 0 && !method_is_static(m)) {
        fputs("this", a->out);
        return;
    }
    uint32_t length;
    const uint8_t *table = attr_find(m->cls, m->code_attrs, "LocalVariableTable", &length);
    for (unsigned i = 0; table && i < read_u2(table) && 2 + 10 * (i + 1) <= length; i++) {
        const uint8_t *e = table + 2 + 10 * i;
        unsigned start = read_u2(e), len = read_u2(e + 2);
        if (read_u2(e + 8) == index && (unsigned)bci >= start && (unsigned)bci < start + len) {
            fputs(cp_utf8(&m->cls->cp, read_u2(e + 4))->text, a->out);
            return;
        }
    }
    /* without a table: parameters by number (the receiver would be 0), other locals by their slot */
    struct params p = params_of_method(m);
    for (unsigned parameter = method_is_static(m); params_next(&p); parameter++) {
        if (p.cell == index) {
            fprintf(a->out, "<parameter%u>", parameter);
            return;
        }
    }
    fprintf(a->out, "<local%u>", index);
}

static int32_t pusher(struct analysis *a, int bci, int from_top)
{
    int depth = a->depth[bci];
    return depth > from_top ? a->source[(size_t)bci * a->stack_size + depth - 1 - from_top]
                            : UNKNOWN;
}

static bool print_value(struct analysis *a, int32_t bci, int nesting);

/* "array[index]" for the load at bci. */
static void print_element(struct analysis *a, int bci, int nesting)
{
    if (!print_value(a, pusher(a, bci, 1), nesting - 1)) { fputs("<array>", a->out); }
    fputc('[', a->out);
    if (!print_value(a, pusher(a, bci, 0), nesting - 1)) { fputs("...", a->out); }
    fputc(']', a->out);
}

/* Describes the value that the instruction at bci pushed; false (nothing printed) if there are no words for it. */
static bool print_value(struct analysis *a, int32_t bci, int nesting)
{
    if (bci < 0 || nesting <= 0) { return false; }
    const uint8_t *p = a->m->code + bci;
    const struct constant_pool *cp = &a->m->cls->cp;
    struct symbol *name, *desc;
    uint8_t op = *p;
    switch (op) {
    case OP_aconst_null: fputs("null", a->out); return true;
    case OP_iconst_m1 ... OP_iconst_5: fprintf(a->out, "%d", (int)op - OP_iconst_0); return true;
    case OP_bipush: fprintf(a->out, "%d", (int8_t)p[1]); return true;
    case OP_sipush: fprintf(a->out, "%d", (int16_t)read_u2(p + 1)); return true;
    case OP_iload:
    case OP_aload: print_local(a, p[1], bci); return true;
    case OP_iload_0 ... OP_iload_3: print_local(a, op - OP_iload_0, bci); return true;
    case OP_aload_0 ... OP_aload_3: print_local(a, op - OP_aload_0, bci); return true;
    case OP_wide:
        if (p[1] == OP_iload || p[1] == OP_aload) {
            print_local(a, read_u2(p + 2), bci);
            return true;
        }
        return false;
    case OP_getstatic:
        cp_member(cp, read_u2(p + 1), &name, &desc);
        print_pool_class(a, read_u2(p + 1));
        fprintf(a->out, ".%s", name->text);
        return true;
    case OP_getfield:
        cp_member(cp, read_u2(p + 1), &name, &desc);
        if (print_value(a, pusher(a, bci, 0), nesting - 1)) { fputc('.', a->out); }
        fputs(name->text, a->out);
        return true;
    case OP_invokevirtual:
    case OP_invokespecial:
    case OP_invokestatic:
    case OP_invokeinterface: print_method(a, read_u2(p + 1)); return true;
    case OP_iaload:
    case OP_aaload:
    case OP_baload:
    case OP_caload:
    case OP_saload: print_element(a, bci, nesting); return true;
    default: return false;
    }
}

/* What the instruction at bci could not do; the depth of the null reference below the top of the stack, or -1 if this
 * is not an instruction that throws because of null. */
static int print_action(struct analysis *a, int bci)
{
    static const char *const loads[] = {"int",    "long",         "float", "double",
                                        "object", "byte/boolean", "char",  "short"};
    const uint8_t *p = a->m->code + bci;
    const struct constant_pool *cp = &a->m->cls->cp;
    struct symbol *name, *desc;
    int cells;
    switch (*p) {
    case OP_iaload ... OP_saload:
        fprintf(a->out, "Cannot load from %s array", loads[*p - OP_iaload]);
        return 1;
    case OP_iastore ... OP_sastore:
        fprintf(a->out, "Cannot store to %s array", loads[*p - OP_iastore]);
        return *p == OP_lastore || *p == OP_dastore ? 3 : 2;
    case OP_arraylength: fputs("Cannot read the array length", a->out); return 0;
    case OP_athrow: fputs("Cannot throw exception", a->out); return 0;
    case OP_monitorenter: fputs("Cannot enter synchronized block", a->out); return 0;
    case OP_monitorexit: fputs("Cannot exit synchronized block", a->out); return 0;
    case OP_getfield:
        cp_member(cp, read_u2(p + 1), &name, &desc);
        fprintf(a->out, "Cannot read field \"%s\"", name->text);
        return 0;
    case OP_putfield:
        cp_member(cp, read_u2(p + 1), &name, &desc);
        fprintf(a->out, "Cannot assign field \"%s\"", name->text);
        return (int)type_slots(type_of_char(desc->text[0]));
    case OP_invokevirtual:
    case OP_invokespecial:
    case OP_invokeinterface:
        cp_member(cp, read_u2(p + 1), &name, &desc);
        if (name == SYM(init)) {
            return -1; /* `throw new NullPointerException()`: the program's own */
        }
        cells = (int)descriptor_slots(desc->text);
        fputs("Cannot invoke \"", a->out);
        print_method(a, read_u2(p + 1));
        fputc('"', a->out);
        return cells;
    default: return -1;
    }
}

/* " because "..." is null", if the pusher is known. */
static void print_reason(struct analysis *a, int32_t source)
{
    if (source < 0) { return; }
    char *text = NULL;
    size_t size = 0;
    FILE *out = a->out;
    a->out = open_memstream(&text, &size);
    bool known = print_value(a, source, MAX_NESTING);
    fclose(a->out);
    a->out = out;
    uint8_t op = a->m->code[source];
    bool call = op >= OP_invokevirtual && op <= OP_invokeinterface;
    if (known) {
        fprintf(out,
                call ? " because the return value of \"%s\" is null" : " because \"%s\" is null",
                text);
    }
    free(text);
}

static char *describe(struct method *m, int bci)
{
    struct analysis a = {.m = m, .stack_size = m->max_stack ? m->max_stack : 1};
    size_t n = m->code_length;
    a.depth = malloc(n * sizeof *a.depth);
    a.source = malloc(n * (size_t)a.stack_size * sizeof *a.source);
    a.dirty = calloc(n, 1);
    char *text = NULL;
    size_t size = 0;
    bool useful = false;
    if (a.depth && a.source && a.dirty) {
        memset(a.depth, 0xff, n * sizeof *a.depth);
        a.out = open_memstream(&text, &size);
        if (analyse(&a) && a.depth[bci] >= 0) {
            int from_top = print_action(&a, bci);
            useful = from_top >= 0;
            if (useful) { print_reason(&a, pusher(&a, bci, from_top)); }
        }
        fclose(a.out);
    }
    free(a.depth);
    free(a.source);
    free(a.dirty);
    if (!useful) {
        free(text);
        return NULL;
    }
    return text;
}

char *npe_message(struct thread *t, gref exception)
{
    (void)t;
    gref trace = exception ? obj_get_ref(exception, OFF(Throwable_backtrace)) : 0;
    if (!options.helpful_npe || !trace || array_length(trace) < 2 ||
        array_get_long(trace, array_length(trace) - 1)) {
        return NULL;
    }
    uint64_t top = (uint64_t)array_get_long(trace, 0);
    struct method *m = frame_method(top);
    int bci = frame_bci(top);
    if (!m->code || bci < 0 || bci >= (int)m->code_length || m->props & MP_HIDDEN) { return NULL; }
    return describe(m, bci);
}
