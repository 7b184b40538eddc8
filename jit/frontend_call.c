/*
 * frontend_call.c - calls: what they reach, whether it is inlined, and behind which guard.
 *
 * A call site's profile (struct call_site) says which receivers it has seen: one -> guard on the class, then a direct call;
 * two -> a branch and a guard; a dominant one among many -> a branch, the rest through the vtable. What a direct call
 * reaches is read into the graph if should_inline() says so. Method handles whose object is a constant (invokedynamic,
 * static final handles) are followed to the method that they name.
 */
#include <string.h>

#include "jit/frontend-internal.h"
#include "runtime/classes/descriptor.h"
#include "runtime/classes/known.h"
#include "runtime/natives.h"
#include "vm/interp.h"
#include "vm/invoke.h"

#define MAX_DEPTH        14
#define MAX_DEPTH_FORCED 40
#define MAX_SMALL        35   /* bytecodes: inlined wherever it is warm */
#define MAX_HOT          325  /* bytecodes: inlined where it is hot */
#define MAX_TOTAL        1600 /* bytecodes brought into one compilation */
#define MAX_TOTAL_QUICK                                                                            \
    600 /* in tier 1: what comes sooner saves more than what is inlined further */
#define MAX_VALUES 20000
#define MAX_CODE                                                                                   \
    2500 /* bytes of machine code: a callee that became so large has enough of its own to optimise */
#define MAX_FORM_RECURSION 8
#define MAX_RECURSION      3  /* copies of a method below each other */
#define LONG_LOOP          4  /* trips per entry */
#define FREE_CALL          32 /* trips per entry, beside which a call costs nothing */
#define SCOPE_DESC         "Ljdk/internal/misc/ScopedMemoryAccess$Scope;"
#define HOT_FREQ           0.25 /* of a call, per entry of the root, to count as hot */
#define COLD_PART                                                                                  \
    200 /* of the root's hottest block: what is called more rarely has code of its own, and this one is there sooner */

/* ---- the decision ---- */

static bool note(struct scope *s, struct method *m, bool yes, const char *why)
{
    struct ir_inlining *i = ir_alloc(s->g, sizeof *i);
    i->callee = m;
    i->bci = s->bci;
    i->depth = (uint16_t)s->depth;
    i->yes = yes;
    i->why = why;
    *s->g->inlining_tail = i;
    s->g->inlining_tail = &i->next;
    return yes;
}

static unsigned times_in_chain(const struct scope *s, const struct method *m)
{
    unsigned n = 0;
    for (; s; s = s->caller) { n += s->m == m; }
    return n;
}

/* How much of the compilation's bytecodes may be there when this one is brought in. Methods are read in the order of the
 * bytecode, not by heat: so something is kept for the hottest places, and for what is small. */
static unsigned budget(const struct scope *s, const struct method *m, double freq)
{
    unsigned all = s->fe->task->tier == 1 ? MAX_TOTAL_QUICK : MAX_TOTAL;
    if (freq < s->fe->hottest / 16) { all /= 4; }
    return m->code_length > MAX_SMALL ? all / 2 : all;
}

/* How often a method may be in the chain of calls already where it is called once more. What is small and calls itself in one of
 * four runs or more is worth a tree of copies: there is little but calls in it. */
static unsigned most_in_chain(const struct scope *s, const struct method *m)
{
    bool mostly_recursion = s->m == m && m->code_length <= MAX_SMALL &&
                            s->bb->count > s->entry_count / 4 && s->fe->task->tier > 1;
    return mostly_recursion ? MAX_RECURSION : 1;
}

/* Has it a loop that goes round more than so many times each time that the method is entered? */
static bool has_long_loop(const struct method *m, const struct code *code, uint32_t trips)
{
    for (uint32_t bci = 0, n; bci < m->code_length; bci += n) {
        n = bytecode_length_checked(m->code, bci, m->code_length);
        if (!n) { break; }
        struct branches b = bytecode_branches(m->code, bci);
        for (uint32_t i = 0; i < b.n; i++) {
            int32_t to = branch_offset(&b, i);
            if (to <= 0 &&
                code_block_at(code, (int32_t)bci + to)->count / trips > code->insns[0].count) {
                return true;
            }
        }
    }
    return false;
}

static bool should_inline(struct scope *s, struct method *m)
{
    if (!pass_enabled(PASS_inline)) { return note(s, m, false, "inlining is off"); }
    if (m->flags & (ACC_NATIVE | ACC_ABSTRACT) || !m->code) {
        return note(s, m, false, "no bytecode");
    }
    if (m->props & MP_OVERPASS) { return note(s, m, false, "needs a frame of its own"); }
    if (m->props & MP_INTRINSIC && native_find_intrinsic(m)) {
        return note(s, m, false, "done by the VM");
    }
    if (m->cls == KC(AccessController)) { return note(s, m, false, "needs a frame of its own"); }
    if (m->props & MP_DONT_INLINE) { return note(s, m, false, "@DontInline"); }
    const struct code *code = m->code_cache;
    if (!code) { return note(s, m, false, "never run"); }
    if (s->g->n_values > MAX_VALUES) { return note(s, m, false, "graph is too large"); }
    unsigned depth = s->depth;
    if (m->props & MP_FORCE_INLINE || m->cls->props & CLP_HIDDEN) {
        if (depth > MAX_DEPTH_FORCED) { return note(s, m, false, "too deep"); }
        /* forms of method handles are shared: the same one is there for different handles */
        unsigned most = m->props & MP_HIDDEN ? MAX_FORM_RECURSION : 2;
        if (times_in_chain(s, m) > most) { return note(s, m, false, "recursive"); }
        return note(s, m, true, "forced");
    }
    if (depth > MAX_DEPTH) { return note(s, m, false, "too deep"); }
    if (times_in_chain(s, m) > most_in_chain(s, m)) { return note(s, m, false, "recursive"); }
    double freq = s->entry_count ? s->freq * s->bb->count / s->entry_count : s->freq;
    if (m->props & MP_INIT && class_is_subclass(m->cls, KC(Throwable)) && freq < HOT_FREQ) {
        return note(s, m, false, "exceptions are rare");
    }
    uint32_t entries = code->insns[0].count;
    if (s->bb->count == 0 && s->entry_count > 0) { return note(s, m, false, "call never seen"); }
    if (m->code_length <= 6 && entries) { return note(s, m, true, "tiny"); }
    bool part_of_handle = s->m->props & MP_HIDDEN && m->code_length <= MAX_SMALL;
    if (!part_of_handle && s->fe->inlined_bytes > budget(s, m, freq)) {
        return note(s, m, false, "budget of the compilation is used up");
    }
    if (!entries) { return note(s, m, false, "never run"); }
    /* Better code for an inlined loop would have to wait for better code of the caller. */
    if (s->fe->task->tier == 1 && has_long_loop(m, code, LONG_LOOP)) {
        return note(s, m, false, "its loop gets its own code in tier 1");
    }
    if (m->code_length <= MAX_SMALL) {
        return freq < 0.001 ? note(s, m, false, "cold") : note(s, m, true, "small");
    }
    if (m->code_length > MAX_HOT) { return note(s, m, false, "too large"); }
    if (freq < HOT_FREQ) { return note(s, m, false, "large and not hot"); }
    if (freq < s->fe->hottest / COLD_PART) { return note(s, m, false, "cold beside the rest"); }
    const struct compiled *own = __atomic_load_n(&code->compiled, __ATOMIC_ACQUIRE);
    if (own && own->size > MAX_CODE) { return note(s, m, false, "its code is large"); }
    if (own && own->tier == 2 && own->valid && has_long_loop(m, code, FREE_CALL)) {
        return note(s, m, false, "its loop has good code already");
    }
    return note(s, m, true, "hot");
}

/* ---- calls of a known method ---- */

static struct ir_value *plain_call(struct scope *s, enum ir_op op, struct method *m,
                                   enum ir_type type, struct ir_value **args, unsigned n)
{
    struct ir_value *v = ir_value_newv(s->g, op, type, n, args);
    v->k.p = m;
    v->state = fe_call_state(s);
    fe_add(s, v);
    fe_after_call(s, v);
    return v;
}

static void type_result(struct ir_value *v, const struct method *m)
{
    if (v && v->type == IR_R && !v->cls) {
        const char *ret = descriptor_result(m->desc->text);
        v->cls = fe_class_of_descriptor(m->cls, ret, strlen(ret));
    }
}

/*
 * A method of ScopedMemoryAccess checks that memory still exists, and accesses it. Between the two no poll is passed, so the memory's owner,
 * who stops the world to free it, comes before the check or behind the access; if the check is not moved out of a loop, that is. No scope:
 * the memory lives as long as its buffer.
 */
static void keep_scope_check(struct scope *s, struct method *m, struct ir_value **args)
{
    struct params p = params_of_method(m);
    bool scoped = false;
    for (unsigned i = 0; params_next(&p); i++) {
        bool is_scope = p.text && !strncmp(p.text, SCOPE_DESC, sizeof SCOPE_DESC - 1);
        scoped |= is_scope && !(ir_is_const(args[i]) && args[i]->k.j == 0);
    }
    if (scoped) { fe_add(s, ir_value_new(s->g, IR_FENCE, IR_V, 0))->index = FENCE_COMPILER; }
}

/* The method itself, inlined or called. NULL: void, or control does not come back. The receiver was checked. */
static struct ir_value *call_method(struct scope *s, struct method *m, struct ir_value **args,
                                    unsigned n)
{
    struct ir_value *result = NULL;
    if (fe_intrinsic(s, m, args, n, &result)) { return result; }
    if (should_inline(s, m)) {
        s->fe->inlined_bytes += m->code_length;
        if (m->props & MP_SCOPED) { keep_scope_check(s, m, args); }
        return fe_inline(s, m, args, n);
    }
    struct ir_value *v = plain_call(s, IR_CALL, m, ir_type_of(m->ret_type), args, n);
    type_result(v, m);
    return v;
}

/* ---- dispatch ---- */

struct join {
    struct ir_block *block;
    struct ir_value *values[4];
    unsigned n;
};

static void join_edge(struct scope *s, struct join *j, struct ir_value *v)
{
    if (!s->cur) { return; }
    fe_goto(s, j->block);
    j->values[j->n++] = v;
    s->cur = NULL;
}

static struct ir_value *join_end(struct scope *s, struct join *j, enum ir_type type)
{
    if (!j->n || s->g->failure) {
        s->cur = NULL;
        return NULL;
    }
    s->cur = j->block;
    if (type == IR_V) { return NULL; }
    struct ir_value *first = j->values[0];
    bool same = true;
    for (unsigned i = 1; i < j->n; i++) { same = same && j->values[i] == first; }
    if (same) { return first; }
    struct ir_value *phi = ir_value_newv(s->g, IR_PHI, type, j->n, j->values);
    phi->bci = s->bci;
    ir_prepend(j->block, phi);
    return phi;
}

static struct ir_value *virtual_call(struct scope *s, struct method *m, bool interface,
                                     int32_t slot, struct ir_value **args, unsigned n)
{
    struct ir_value *v =
        ir_value_newv(s->g, interface ? IR_CALLI : IR_CALLV, ir_type_of(m->ret_type), n, args);
    v->k.method = m;
    v->offset = (uint32_t)slot;
    v->state = fe_call_state(s);
    fe_add(s, v);
    type_result(v, m);
    fe_after_call(s, v);
    return v;
}

static struct method *select_for(struct class *c, struct method *m, bool interface, int32_t slot)
{
    struct method *found = NULL;
    if (interface) {
        bool implements = false;
        found = class_itable_lookup(c, m, &implements);
        if (!implements || (found && !(found->flags & ACC_PUBLIC))) { return NULL; }
    } else if (slot >= 0 && (uint32_t)slot < c->vtable_length) {
        found = c->vtable[slot];
    }
    return found && !(found->flags & ACC_ABSTRACT) && !(found->props & MP_OVERPASS) ? found : NULL;
}

/* ---- class hierarchy ---- */

#define MAX_HIERARCHY 200 /* classes looked at */

/* Do all loaded classes below c have one method in the slot? Then it is *found. */
static bool one_target(struct class *c, uint32_t slot, struct method **found, unsigned *budget)
{
    if (!--*budget || slot >= c->vtable_length) { return false; }
    if (!(c->access_flags & ACC_ABSTRACT)) {
        struct method *m = c->vtable[slot];
        if ((*found && *found != m) || m->flags & ACC_ABSTRACT || m->props & MP_OVERPASS) {
            return false;
        }
        *found = m;
    }
    for (struct class *k = __atomic_load_n(&c->first_subclass, __ATOMIC_ACQUIRE); k;
         k = k->next_sibling) {
        if (!one_target(k, slot, found, budget)) { return false; }
    }
    return true;
}

/*
 * The only method that a call can reach among the classes loaded so far, behind a guard that none was loaded since which overrides
 * the slot (in any class of the hierarchy; then the code is made anew). The guard is good for the receiver that it was read behind:
 * a class is counted before it has objects.
 */
static struct method *hierarchy_target(struct scope *s, struct method *m, int32_t slot,
                                       struct ir_value *receiver)
{
    struct class *c =
        receiver->cls && class_is_subclass(receiver->cls, m->cls) ? receiver->cls : m->cls;
    if (slot < 0 || class_is_interface(c) || c->kind != CLASS_INSTANCE ||
        jit_trapped(s->m, s->bci, EXIT_INVALID)) {
        return NULL;
    }
    struct method *root = class_slot_root(c, (uint32_t)slot), *found = NULL;
    uint32_t count = __atomic_load_n(&root->overrides, __ATOMIC_SEQ_CST);
    unsigned budget = MAX_HIERARCHY;
    if (root->cls == KC(Object) || class_is_interface(root->cls) ||
        !one_target(c, (uint32_t)slot, &found, &budget) || !found) {
        return NULL;
    }
    struct ir_value *now = ir_value_new(s->g, IR_OVERRIDES, IR_I, 1, receiver);
    now->k.method = root;
    fe_guard(s, IRC_EQ, fe_add(s, now), fe_int(s, (int32_t)count), EXIT_INVALID);
    return found;
}

/* A receiver of a class that the profile names, in the arguments of the call behind the guard. */
static struct ir_value *as_class(struct scope *s, struct ir_value *r, uint32_t id)
{
    struct ir_value *v = ir_value_new(s->g, IR_CAST, IR_R, 1, r);
    v->cls = class_from_id(id);
    v->flags |= VALUE_NONNULL | VALUE_EXACT;
    return fe_add(s, v);
}

static struct ir_value *call_as(struct scope *s, const struct receiver_profile *p,
                                struct ir_value **args, unsigned n)
{
    struct ir_value *receiver = args[0];
    args[0] = as_class(s, receiver, p->class_id);
    struct ir_value *v = call_method(s, p->target, args, n);
    args[0] = receiver;
    return v;
}

/* args[0] is checked for null. */
static struct ir_value *dispatch(struct scope *s, struct method *m, const struct call_site *site,
                                 bool interface, int32_t slot, struct ir_value **args, unsigned n)
{
    struct class *c = args[0]->cls;
    if (c && (args[0]->flags & VALUE_EXACT || c->access_flags & ACC_FINAL) &&
        !class_is_interface(c)) {
        struct method *found = select_for(c, m, interface, slot);
        if (found) { return call_method(s, found, args, n); }
    }
    struct receiver_profile a = {0}, b = {0};
    uint32_t others = 0;
    if (site && pass_enabled(PASS_inline)) {
        a = site->seen[0];
        b = site->seen[1];
        others = site->others;
        if (b.count > a.count) {
            struct receiver_profile x = a;
            a = b;
            b = x;
        }
    }
    uint64_t total = (uint64_t)a.count + b.count + others;
    bool mono = a.class_id && a.target && !b.class_id && !others;
    bool trapped = jit_trapped(s->m, s->bci, EXIT_CLASS_CHECK);
    if (!interface && pass_enabled(PASS_inline) && (!mono || trapped)) {
        struct method *only = hierarchy_target(s, m, slot, args[0]);
        if (only) { return call_method(s, only, args, n); }
    }
    if (!a.class_id || !a.target || total < 1) {
        return virtual_call(s, m, interface, slot, args, n);
    }
    struct ir_value *id = fe_classid(s, args[0]);
    if (mono && !trapped) {
        fe_guard(s, IRC_EQ, id, fe_int(s, (int32_t)a.class_id), EXIT_CLASS_CHECK);
        return call_as(s, &a, args, n);
    }
    if (a.count * 10ull < total * 3) { return virtual_call(s, m, interface, slot, args, n); }
    struct join j = {.block = ir_block_new(s->g, s->m, s->bci)};
    j.block->freq = s->cur->freq;
    struct ir_block *yes =
        fe_split(s, IRC_EQ, id, fe_int(s, (int32_t)a.class_id), (double)a.count / (double)total);
    struct ir_block *no = s->cur;
    s->cur = yes;
    struct ir_value *v = call_as(s, &a, args, n);
    join_edge(s, &j, v);
    s->cur = no;
    if (b.class_id && b.target && !others && !trapped) {
        fe_guard(s, IRC_EQ, id, fe_int(s, (int32_t)b.class_id), EXIT_CLASS_CHECK);
        v = call_as(s, &b, args, n);
    } else {
        v = virtual_call(s, m, interface, slot, args, n);
    }
    join_edge(s, &j, v);
    return join_end(s, &j, ir_type_of(m->ret_type));
}

/* ---- arguments ---- */

/* Finds the arguments on the operand stack, without popping them. False if they are not what the descriptor says. */
static bool peek_args(struct scope *s, const struct symbol *desc, bool receiver,
                      struct ir_value **args, unsigned *n, unsigned *cells)
{
    struct params p = params_of(desc->text);
    p.receiver = receiver;
    *cells = descriptor_slots(desc->text) + receiver;
    if (s->sp < s->m->max_locals + *cells) { return false; }
    struct ir_value **first = s->v + s->sp - *cells;
    for (*n = 0; params_next(&p); *n += 1) {
        args[*n] = first[p.cell];
        if (!args[*n] || args[*n]->type != ir_type_of(p.type)) { return false; }
    }
    return true;
}

/* What the instruction left: the result, unless control does not come back. */
static bool finish(struct scope *s, struct ir_value *v, enum ir_type type)
{
    if (!s->cur || s->g->failure) { return true; }
    if (type != IR_V) { fe_push(s, v); }
    return false;
}

static bool unresolved(struct scope *s)
{
    fe_exit(s, EXIT_UNRESOLVED);
    return true;
}

static bool bad_operands(struct scope *s)
{
    fe_fail(s, "operand of another type", true);
    return true;
}

/* ---- method handles ---- */

static const struct symbol *call_descriptor(struct scope *s)
{
    const struct constant_pool *cp = &s->m->cls->cp;
    unsigned index = read_u2(s->bc + s->bci + 1);
    uint32_t nt = cp_raw(cp, index) & 0xffff;
    return cp->val[cp_raw(cp, nt) & 0xffff].p;
}

static bool follow(struct scope *s, struct method *target, struct ir_value **args, unsigned n)
{
    struct params p = params_of_method(target);
    unsigned i = 0;
    for (; params_next(&p); i++) {
        if (i == n || args[i]->type != ir_type_of(p.type)) { return false; }
    }
    if (i != n) { return false; }
    if (method_is_static(target)) { return class_is_initialized(target->cls); }
    args[0] = fe_nonnull(s, args[0]);
    return true;
}

static bool invoke_handle_site(struct scope *s, const struct call_site *site)
{
    if (!site || site->error || !site->method) { return unresolved(s); }
    struct method *m = site->method;
    if (site->appendix) { s->v[s->sp++] = fe_ref(s, site->appendix); }
    struct ir_value *args[260];
    unsigned n, cells;
    bool ok = peek_args(s, m->desc, !method_is_static(m), args, &n, &cells);
    if (site->appendix) {
        s->sp--;
        cells--;
    }
    if (!ok) { return bad_operands(s); }
    fe_state(s); /* before the pops */
    s->sp -= cells;
    return finish(s, call_method(s, m, args, n), ir_type_of(m->ret_type));
}

static bool invoke_basic(struct scope *s)
{
    const struct symbol *desc = call_descriptor(s);
    struct ir_value *args[260];
    unsigned n, cells;
    if (!desc) { return unresolved(s); }
    if (!peek_args(s, desc, true, args, &n, &cells)) { return bad_operands(s); }
    enum ir_type type = ir_type_of(descriptor_result_type(desc->text));
    args[0] = fe_nonnull(s, args[0]);
    struct method *target = NULL;
    if (ir_is_const(args[0])) {
        gref form = obj_get_ref((gref)args[0]->k.j, OFF(MethodHandle_form));
        target = form ? member_target(obj_get_ref(form, OFF(LambdaForm_vmentry))) : NULL;
    }
    fe_state(s);
    s->sp -= cells;
    if (target && pass_enabled(PASS_inline) && follow(s, target, args, n)) {
        return finish(s, call_method(s, target, args, n), type);
    }
    struct ir_value *m = fe_helper(s, HELPER_basic_target, IR_J, 1, args[0]);
    memmove(args + 1, args, n * sizeof *args);
    args[0] = m;
    return finish(s, plain_call(s, IR_CALLM, NULL, type, args, n + 1), type);
}

static bool link_to(struct scope *s, enum method_intrinsic kind)
{
    const struct symbol *desc = call_descriptor(s);
    struct ir_value *args[260];
    unsigned n, cells;
    if (!desc) { return unresolved(s); }
    if (!peek_args(s, desc, false, args, &n, &cells) || n < 1) { return bad_operands(s); }
    enum ir_type type = ir_type_of(descriptor_result_type(desc->text));
    struct ir_value *member = args[n - 1];
    fe_state(s); /* before the pops */
    if (ir_is_const(member) && member->k.j && pass_enabled(PASS_inline)) {
        struct method *target = member_target((gref)member->k.j);
        bool direct = target && (kind == MI_LINK_TO_STATIC || kind == MI_LINK_TO_SPECIAL ||
                                 method_is_direct(target) || target->flags & ACC_FINAL);
        bool interface = target && class_is_interface(target->cls);
        bool callable =
            target && (target->code || target->flags & ACC_NATIVE) && target->intrinsic == MI_NONE;
        if (callable && direct && follow(s, target, args, n - 1)) {
            s->sp -= cells;
            return finish(s, call_method(s, target, args, n - 1), type);
        }
        if (target && !direct && (interface || target->vtable_index >= 0) &&
            kind == (interface ? MI_LINK_TO_INTERFACE : MI_LINK_TO_VIRTUAL) &&
            follow(s, target, args, n - 1)) {
            s->sp -= cells;
            return finish(s,
                          dispatch(s, target, NULL, interface,
                                   interface ? -1 : target->vtable_index, args, n - 1),
                          type);
        }
    }
    s->sp -= cells;
    struct ir_value *receiver =
        n > 1 && args[0]->type == IR_R && kind != MI_LINK_TO_STATIC ? args[0] : fe_ref(s, 0);
    struct ir_value *m =
        fe_helper(s, HELPER_link_target, IR_J, 3, fe_int(s, (int32_t)kind), receiver, member);
    memmove(args + 1, args, (n - 1) * sizeof *args);
    args[0] = m;
    return finish(s, plain_call(s, IR_CALLM, NULL, type, args, n), type);
}

/* ---- the instructions ---- */

/* Object.<init> does nothing, unless the object wants a finalizer. */
static bool object_init(struct scope *s)
{
    struct ir_value *o = fe_nonnull(s, s->v[s->sp - 1]);
    bool known = o->cls && (o->flags & VALUE_EXACT || o->cls->access_flags & ACC_FINAL);
    if (known ? (o->cls->props & CLP_HAS_FINALIZER) != 0 : jit_trapped(s->m, s->bci, EXIT_OTHER)) {
        fe_helper(s, HELPER_register_finalizer, IR_V, 1, o);
    } else if (!known) {
        struct ir_value *id = fe_op(s, IR_CONV, IR_J, 1, fe_classid(s, o));
        struct ir_value *at =
            fe_op(s, IR_ADD, IR_J, 2, id,
                  fe_long(s, (int64_t)(META_BASE + offsetof(struct class, props))));
        struct ir_value *props = ir_value_new(s->g, IR_LOADRAW, IR_I, 1, at);
        props->mem = T_CHAR;
        props->flags |= VALUE_FINAL;
        props = fe_add(s, props);
        struct ir_value *bit = fe_op(s, IR_AND, IR_I, 2, props, fe_int(s, CLP_HAS_FINALIZER));
        fe_guard(s, IRC_EQ, bit, fe_int(s, 0), EXIT_OTHER);
    }
    s->sp--;
    return false;
}

bool fe_invoke(struct scope *s, enum opcode op)
{
    const struct insn *in = &s->code->insns[s->insn];
    enum opcode quick = insn_opcode(in);
    if (quick == OP_invoke_handle) { return invoke_handle_site(s, in->p); }
    if (quick == OP_invoke_basic) { return invoke_basic(s); }
    if (quick == OP_link_to) { return link_to(s, (enum method_intrinsic)in->b); }
    if (op == OP_invokedynamic) { return unresolved(s); }
    struct method *m = fe_resolved(s);
    if (!m || m->intrinsic) { return unresolved(s); }
    if (method_is_static(m) != (op == OP_invokestatic)) { return unresolved(s); }
    struct ir_value *args[260];
    unsigned n, cells;
    if (!peek_args(s, m->desc, op != OP_invokestatic, args, &n, &cells)) { return bad_operands(s); }
    enum ir_type type = ir_type_of(m->ret_type);
    struct ir_value *v = NULL;
    switch (op) {
    case OP_invokestatic:
        if (!fe_initialised(s, m->cls)) { return unresolved(s); }
        fe_state(s);
        s->sp -= cells;
        v = call_method(s, m, args, n);
        break;
    case OP_invokespecial:
        if (method_is_object_init(m)) { return object_init(s); }
        if (!(m->props & MP_INIT) && !(m->flags & ACC_PRIVATE)) {
            if (quick != OP_invoke_direct) { return unresolved(s); }
            m = in->p; /* selected (JVMS invokespecial) */
        }
        args[0] = fe_check_null(s, args[0]);
        fe_state(s);
        s->sp -= cells;
        v = call_method(s, m, args, n);
        break;
    default: {
        const struct call_site *site =
            quick == OP_invoke_virtual || quick == OP_invoke_interface ? in->p : NULL;
        bool interface = quick == OP_invoke_interface;
        int32_t slot = site ? site->vtable_slot : m->vtable_index;
        bool direct = quick == OP_invoke_direct;
        if (direct) { m = in->p; }
        if (!site && !direct) { /* not executed yet */
            if (m->flags & (ACC_PRIVATE | ACC_FINAL) ||
                (m->cls->access_flags & ACC_FINAL && !(m->flags & ACC_ABSTRACT))) {
                direct = true;
            } else if (class_is_interface(m->cls)) {
                if (op != OP_invokeinterface) { return unresolved(s); }
                interface = true;
            } else if (slot < 0) {
                return unresolved(s);
            }
        }
        args[0] = fe_check_null(s, args[0]);
        if (interface && m->flags & ACC_PRIVATE) { /* as lambdas in interfaces are called */
            struct ir_value *isa = ir_value_new(s->g, IR_ISA, IR_I, 1, args[0]);
            isa->k.cls = m->cls;
            isa->offset = site ? site->seen[0].class_id : 0;
            fe_guard(s, IRC_NE, fe_add(s, isa), fe_int(s, 0), EXIT_CLASS_CHECK);
            direct = true;
        }
        fe_state(s);
        s->sp -= cells;
        v = direct ? call_method(s, m, args, n) : dispatch(s, m, site, interface, slot, args, n);
        break;
    }
    }
    return finish(s, v, type);
}
