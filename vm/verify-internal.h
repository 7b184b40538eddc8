/*
 * verify-internal.h - what the verifier's files share: verification types, frames, the state of one method's check.
 *
 *      verify.c          the walk over a method, the StackMapTable, exception handlers
 *      verify_types.c    types, the constant pool, operand stack, locals and frames
 *      verify_insn.c     what each instruction takes and leaves
 */
#ifndef MOKA_VM_VERIFY_INTERNAL_H
#define MOKA_VM_VERIFY_INTERNAL_H

#include "runtime/classes/loader.h"
#include "vm/verify.h"

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

static inline struct vtype object(struct symbol *name)
{
    return (struct vtype){.tag = V_OBJECT, .name = name};
}

static inline bool is_reference(struct vtype x) { return x.tag == V_NULL || x.tag == V_OBJECT; }

static inline bool is_array(struct vtype x) { return x.tag == V_OBJECT && x.name->text[0] == '['; }

/* ---- verify_types.c: false, or TOP, after a failure, which has thrown ---- */

bool verify_fail(struct verifier *v, const char *what, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A type as messages name it; `buf` for those whose name is made. */
const char *verify_type_text(struct vtype x, char *buf, size_t size);
/* The type of a field descriptor. */
struct vtype verify_type_of_descriptor(const char *p, size_t n);
/* JVMS 4.10.1.2: may `from` stand where `to` is wanted? */
bool verify_assignable(struct verifier *v, struct vtype from, struct vtype to);
bool verify_assignable_names(struct verifier *v, struct symbol *from, struct symbol *to);
/* Tag of a constant pool entry, 0 if there is none. */
unsigned verify_cp_tag(struct verifier *v, unsigned index);
bool verify_pool_error(struct verifier *v, unsigned index);
/* The name of a class entry; a hidden class under its own. */
struct symbol *verify_class_entry(struct verifier *v, unsigned index);
struct vtype verify_class_type(struct verifier *v, unsigned index);

bool verify_push(struct verifier *v, struct vtype x);
/* One cell as it is; a value of any type; one that is assignable to `want`; of a primitive type; a reference. */
struct vtype verify_pop_raw(struct verifier *v);
struct vtype verify_pop_any(struct verifier *v);
struct vtype verify_pop(struct verifier *v, struct vtype want);
struct vtype verify_pop_tag(struct verifier *v, enum tag tag);
struct vtype verify_pop_reference(struct verifier *v, bool uninit_too);
bool verify_load_local(struct verifier *v, unsigned index, enum tag tag);
bool verify_store_local(struct verifier *v, unsigned index, enum tag tag);

bool verify_new_frame(struct verifier *v, struct vframe *f);
void verify_copy_frame(struct verifier *v, struct vframe *to, const struct vframe *from);
/* The frame that a method starts with; false if the arguments do not fit. *n gets the cells used. */
bool verify_initial_frame(struct verifier *v, struct vframe *f, unsigned *n);
bool verify_frame_assignable(struct verifier *v, const struct vframe *from, const struct vframe *to,
                             bool with_stack);
/* The StackMapTable's frame at bci; NULL: it has none. */
const struct vframe *verify_map_at(struct verifier *v, int64_t bci);
/* May the current frame go on at bci? */
bool verify_check_target(struct verifier *v, int64_t bci);

/* ---- verify_insn.c ---- */

/* The effect of the instruction at v->bci on the current frame; *falls: control goes on to the next. */
bool verify_insn(struct verifier *v, bool *falls);

#endif
