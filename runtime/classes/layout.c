/*
 * layout.c - where fields lie.
 *
 *   instance:  header 8 | superclass's fields | own: [filled gap] longs/doubles, ints/floats, references, shorts, bytes
 *   statics:   the same order, behind the instance fields of the mirror (java.lang.Class)
 *
 * Widest first needs no padding but possibly one gap in front, when the superclass ends at an odd place and there are
 * 8-byte fields; the gap is filled with narrower ones.
 */
#include <string.h>

#include "runtime/classes/classes-internal.h"

enum bucket { BUCKET_8, BUCKET_4, BUCKET_REF, BUCKET_2, BUCKET_1, BUCKETS };
static const uint8_t bucket_size[BUCKETS] = {8, 4, 4, 2, 1};

static enum bucket bucket_of(const struct field *f)
{
    if (type_is_ref(f->type)) { return BUCKET_REF; }
    switch (type_size(f->type)) {
    case 8: return BUCKET_8;
    case 4: return BUCKET_4;
    case 2: return BUCKET_2;
    default: return BUCKET_1;
    }
}

/* The next field of bucket b from *cursor on that is (or isn't) static. */
static struct field *next_in(struct class *c, enum bucket b, unsigned is_static, unsigned *cursor)
{
    while (*cursor < c->n_fields) {
        struct field *f = &c->fields[(*cursor)++];
        if ((f->flags & ACC_STATIC) == is_static && bucket_of(f) == b) { return f; }
    }
    return NULL;
}

/* Lays out the static or the instance fields from `at` on; returns the first free byte. */
static uint32_t place(struct class *c, unsigned is_static, uint32_t at)
{
    unsigned left[BUCKETS] = {0}, cursor[BUCKETS] = {0};
    for (unsigned i = 0; i < c->n_fields; i++) {
        if ((c->fields[i].flags & ACC_STATIC) == is_static) { left[bucket_of(&c->fields[i])]++; }
    }
    /* Fill up to the alignment of the widest field with what fits. */
    static const uint8_t fillers[] = {BUCKET_4, BUCKET_REF, BUCKET_2, BUCKET_1};
    uint32_t widest = left[BUCKET_8]                       ? 8
                      : left[BUCKET_4] || left[BUCKET_REF] ? 4
                      : left[BUCKET_2]                     ? 2
                                                           : 1;
    while (at & (widest - 1)) {
        uint32_t gap = ALIGN_UP(at, widest) - at;
        bool filled = false;
        for (unsigned i = 0; i < ARRAY_COUNT(fillers) && !filled; i++) {
            enum bucket b = fillers[i];
            if (left[b] && bucket_size[b] <= gap && (at & (bucket_size[b] - 1u)) == 0) {
                next_in(c, b, is_static, &cursor[b])->offset = at;
                left[b]--;
                at += bucket_size[b];
                filled = true;
            }
        }
        if (!filled) { at++; }
    }
    for (unsigned b = 0; b < BUCKETS; b++) {
        struct field *f;
        if (!left[b]) { continue; }
        at = ALIGN_UP(at, (uint32_t)bucket_size[b]);
        while (left[b] && (f = next_in(c, b, is_static, &cursor[b])) != NULL) {
            f->offset = at;
            at += bucket_size[b];
            left[b]--;
        }
    }
    return at;
}

/* Own references are one run plus at most one in the gap; `runs` has room for n_inherited + 2... see callers. */
static unsigned add_runs(struct class *c, unsigned is_static, struct ref_run *runs, unsigned n)
{
    for (unsigned i = 0; i < c->n_fields; i++) {
        const struct field *f = &c->fields[i];
        if ((f->flags & ACC_STATIC) != is_static || !type_is_ref(f->type)) { continue; }
        if (n && runs[n - 1].offset + runs[n - 1].count * 4 == f->offset) {
            runs[n - 1].count++;
        } else {
            runs[n++] = (struct ref_run){f->offset, 1};
        }
    }
    return n;
}

void layout_instance(struct class *c)
{
    struct class *super = c->super;
    uint32_t at = place(c, 0, super ? super->fields_end : OBJ_HEADER_SIZE);
    c->fields_end = at;
    c->instance_size = ALIGN_UP(at, 8u);
    unsigned own = 0;
    for (unsigned i = 0; i < c->n_fields; i++) {
        own += !(c->fields[i].flags & ACC_STATIC) && type_is_ref(c->fields[i].type);
    }
    unsigned inherited = super ? super->n_ref_runs : 0;
    if (own == 0) {
        c->ref_runs = super ? super->ref_runs : NULL;
        c->n_ref_runs = (uint16_t)inherited;
    } else {
        /* Fields of a bucket are placed in order, so at most two new runs appear: the gap's and the group's. */
        c->ref_runs = meta_alloc((inherited + 2) * sizeof c->ref_runs[0]);
        if (inherited) { memcpy(c->ref_runs, super->ref_runs, inherited * sizeof c->ref_runs[0]); }
        c->n_ref_runs = (uint16_t)add_runs(c, 0, c->ref_runs, inherited);
    }
    if (c->n_ref_runs == 0) { c->props |= CLP_NO_REFS; }
}

void layout_statics(struct class *c)
{
    uint32_t base = KC(Class)->instance_size;
    if (c->statics_laid_out) { return; }
    c->statics_laid_out = 1;
    uint32_t at = place(c, ACC_STATIC, base);
    c->static_size = ALIGN_UP(at, 8u) - base;
    struct ref_run runs[2];
    unsigned n = add_runs(c, ACC_STATIC, runs, 0);
    if (n) {
        c->static_ref_runs = meta_alloc(n * sizeof runs[0]);
        memcpy(c->static_ref_runs, runs, n * sizeof runs[0]);
        c->n_static_ref_runs = (uint16_t)n;
    }
}
