/*
 * descriptor.h - walks over the parameters of method descriptors (JVMS 4.3.3). They must have been checked when their class was
 * parsed (parse_method_descriptor); of other text nothing is said but that the walk stays inside of it.
 *
 *     struct params p = params_of("(I[JLjava/lang/String;)V");
 *     while (params_next(&p)) {
 *         ...                         p.type    T_INT   T_ARRAY   T_OBJECT
 *     }                               p.text    I       [J        Ljava/lang/String;   p.length characters of it
 *                                     p.cell    0       1         2                    and 3 after the walk
 */
#ifndef MOKA_CLASSES_DESCRIPTOR_H
#define MOKA_CLASSES_DESCRIPTOR_H

#include <string.h>

#include "runtime/classes/class.h"
#include "runtime/classes/symbol.h"

struct params {
    const char *next; /* where the walk goes on; at its end, the ')' */
    bool receiver;    /* a receiver comes first */
    /* the current one: */
    enum basic_type type;
    const char *text; /* its field descriptor; NULL: the receiver */
    size_t length;
    unsigned cell; /* its first cell in a frame; after the walk, how many cells all of them take */
};

/* The parameters that the descriptor names. */
static inline struct params params_of(const char *desc)
{
    return (struct params){.next = desc + 1, .type = T_VOID};
}

/* What a call of the method passes: the receiver, if there is one, and the parameters. */
static inline struct params params_of_method(const struct method *m)
{
    return (struct params){
        .next = m->desc->text + 1, .receiver = !method_is_static(m), .type = T_VOID};
}

/* Length of the field descriptor at s. */
static inline size_t descriptor_length(const char *s)
{
    const char *p = s;
    while (*p == '[') { p++; }
    if (*p == 'L') { p = strchrnul(p, ';'); }
    return (size_t)(p - s) + (*p != 0);
}

/* Goes on to the next one; false when there is none. */
static inline bool params_next(struct params *p)
{
    p->cell += type_slots(p->type);
    p->text = NULL;
    p->type = p->receiver ? T_OBJECT : type_of_char(*p->next);
    if (p->receiver) {
        p->receiver = false;
        return true;
    }
    if (!p->type) { /* the ')' */
        p->type = T_VOID;
        return false;
    }
    p->text = p->next;
    p->length = descriptor_length(p->text);
    p->next += p->length;
    return true;
}

/* Cells of the parameters, without a receiver. */
static inline unsigned descriptor_slots(const char *desc)
{
    struct params p = params_of(desc);
    while (params_next(&p)) {}
    return p.cell;
}

/* What the method returns: the rest of the text is its field descriptor, or V. */
static inline const char *descriptor_result(const char *desc) { return strchr(desc, ')') + 1; }

static inline enum basic_type descriptor_result_type(const char *desc)
{
    return type_of_char(*descriptor_result(desc));
}

#endif
