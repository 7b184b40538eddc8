/*
 * classes-internal.h - what the files of runtime/classes share among themselves.
 *
 *   parse.c, parse_pool.c, parse_member.c, parse_attr.c, names.c   bytes -> struct class, no other class is touched
 *   define.c    the steps of class_define: parse, supertypes, layout.c, vtable.c, mirror.c, loader's table
 */
#ifndef MOKA_CLASSES_INTERNAL_H
#define MOKA_CLASSES_INTERNAL_H

#include <pthread.h>
#include <setjmp.h>

#include "runtime/classes/class.h"
#include "runtime/classes/known.h"
#include "runtime/classes/loader.h"
#include "runtime/threads/thread.h"

/* Java 17's class file version. */
#define JAVA_MAX_MAJOR     61
#define JAVA_PREVIEW_MINOR 65535

/*
 * State of one parse. An error ends it through longjmp: the parser holds no lock and owns nothing but arena memory.
 * `strict`: all checks of JVMS 4.8 (format checking), not given to boot classes, as on HotSpot. What protects the
 * VM itself (bounds, tags of entries that are followed) is checked always.
 */
struct class_parser {
    const uint8_t *start, *pos, *end;
    struct class *cls;
    struct constant_pool *cp;
    const char *name;        /* for messages */
    struct symbol *expected; /* NoClassDefFoundError if the file holds another class; NULL = any */
    bool strict;
    bool trusted; /* boot or platform: the VM's annotations count */
    uint16_t this_index, super_index;
    const uint8_t *interface_indices; /* u2 each */
    bool saw_module_tag;
    uint16_t module_tag;
    bool needs_bootstrap;
    uint16_t max_bootstrap;
    jmp_buf failed;
    const char *error_class;
    char message[1500];
};

/* Fills p->cls (allocated here). False: error_class and message say why. */
bool class_parse(struct class_parser *p, const uint8_t *bytes, size_t length,
                 const char *name_for_messages);

/* ---- inside the parser ---- */

void parse_fail(struct class_parser *p, const char *error_class, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 3, 4)));
/* ClassFormatError; fmt's last %s is the class's name, given by the caller. */
#define format_error(p, ...) parse_fail(p, "java/lang/ClassFormatError", __VA_ARGS__)

static inline void need(struct class_parser *p, size_t n)
{
    if (UNLIKELY((size_t)(p->end - p->pos) < n)) { format_error(p, "Truncated class file"); }
}

static inline uint8_t get_u1(struct class_parser *p)
{
    need(p, 1);
    return *p->pos++;
}

static inline uint16_t get_u2(struct class_parser *p)
{
    need(p, 2);
    p->pos += 2;
    return read_u2(p->pos - 2);
}

static inline uint32_t get_u4(struct class_parser *p)
{
    need(p, 4);
    p->pos += 4;
    return read_u4(p->pos - 4);
}

static inline const uint8_t *skip_bytes(struct class_parser *p, size_t n)
{
    need(p, n);
    p->pos += n;
    return p->pos - n;
}

/* Tag of an entry, 0 for indices out of range. */
static inline unsigned pool_tag(const struct constant_pool *cp, unsigned index)
{
    return index < cp->count ? cp->tags[index] & CP_TAG_MASK : 0;
}

/* Text of a UTF8 entry, not 0-terminated. */
static inline const char *pool_text(const struct constant_pool *cp, unsigned index, size_t *length)
{
    *length = read_u2(cp->pos[index]);
    return (const char *)cp->pos[index] + 2;
}

bool pool_text_is(const struct constant_pool *cp, unsigned index, const char *text);

void parse_pool(struct class_parser *p);
void parse_fields(struct class_parser *p);
void parse_methods(struct class_parser *p);
void parse_class_attributes(struct class_parser *p);
/* Reads an attribute's name index (checked) and length; leaves pos at its info, which lies in the file. */
uint16_t attribute_header(struct class_parser *p, uint32_t *length, const char *what);
/* Synthetic and Deprecated (JVMS 4.7.8, 4.7.15), attributes without content; `of`: field, method, classfile. False: it is neither. */
bool parse_marker_attribute(struct class_parser *p, uint16_t name, uint32_t length, const char *of,
                            uint16_t *flags);
/* The same checks with their errors. */
void check_field_name(struct class_parser *p, const char *s, size_t n);
void check_method_name(struct class_parser *p, const char *s, size_t n);
void illegal_signature(struct class_parser *p, const char *what, const char *name, size_t n,
                       const char *desc, size_t d) __attribute__((noreturn));
void check_annotations_once(struct class_parser *p, uint16_t name, unsigned *saw,
                            const char *where);
/* Looks through annotations for those that the VM heeds; returns MP_* or, for classes, CLP_* bits. */
unsigned vm_method_annotations(const struct class_parser *p, const uint8_t *info, uint32_t length);
bool vm_annotation_present(const struct class_parser *p, const uint8_t *info, uint32_t length,
                           const char *desc);

/* ---- names.c ---- */

enum name_kind { NAME_CLASS, NAME_FIELD, NAME_METHOD };
/* JVMS 4.2 and 4.3. */
bool legal_utf8(const uint8_t *s, size_t n);
bool legal_unqualified(const char *s, size_t n, enum name_kind kind);
bool legal_class_name(const char *s, size_t n); /* as in CONSTANT_Class: also arrays */
bool legal_method_name(const char *s, size_t n);
bool legal_identifiers(const char *s, size_t n); /* of versions before 49; '/' between them */
bool legal_field_descriptor(const char *s, size_t n);
/* Number of argument cells without receiver, -1 if malformed; *params and *ret may be NULL. */
int parse_method_descriptor(const char *s, size_t n, unsigned *params, enum basic_type *ret);
/* Length of the field descriptor at s, 0 if malformed. */
size_t field_descriptor_length(const char *s, size_t n);

/* ---- layout.c ---- */

void layout_instance(struct class *c);
/* Offsets of statics from the mirror; needs the size of java.lang.Class. */
void layout_statics(struct class *c);
/* Appends rows of known.def's KINJECT to a boot class's fields; called by the parser. */
unsigned injected_count(const char *class_name, size_t length);
void injected_fill(struct class *c, struct field *at);

/* ---- vtable.c ---- */

/* vtable, itable, mirandas; throws IncompatibleClassChangeError for an overridden final method. */
bool build_vtable(struct thread *t, struct class *c);
/* Counts what c overrides (class_slot_root); once, when it becomes visible. */
void note_overrides(const struct class *c);
/* All interfaces of c, inherited ones first; fills c->itable and n_itable with methods NULL. */
void build_interface_set(struct class *c);
void build_itable(struct class *c);
/* Instance method of c or a superclass, not private: what overrides an interface's method. */
struct method *find_instance_method(struct class *c, struct symbol *name, struct symbol *desc);
/* Maximally-specific superinterface method (JVMS 5.4.3.3); *conflict when there is more than one default. */
struct method *maximally_specific(struct class *c, struct symbol *name, struct symbol *desc,
                                  bool *conflict);

/* ---- lookup.c ---- */

/* Builds the index of declared methods; returns the index of the first duplicate, -1 if there is none. */
int index_methods(struct class *c);

/* ---- loader.c ---- */

/* Short leaf sections: tables of classes, packages, modules. Never allocate Java objects or call Java under it. */
extern pthread_mutex_t loader_mutex;
/* Enters c for its defining loader; returns c, or the class that was there before (c is then garbage). */
struct class *loader_enter_defined(struct loader *l, struct class *c);
void loader_note_initiated(struct loader *l, struct symbol *name, struct class *c);
void class_log_load(const struct class *c, const char *source);
/* Runtime package of a class by its name. */
struct symbol *package_name_of(const char *class_name, size_t length);
/* A thread's class definitions in progress, for ClassCircularityError. */
struct in_progress {
    struct in_progress *outer;
    struct loader *loader;
    struct symbol *name;
};
extern __thread struct in_progress *definitions_in_progress;

/* ---- mirror.c ---- */

/* Makes the mirror; false with OutOfMemoryError. Does nothing before java.lang.Class is there. */
bool mirror_create(struct thread *t, struct class *c, gref protection_domain);
extern bool mirrors_ready;
/* Gives loaded classes of module m's packages their module; under loader_mutex. */
void mirrors_fix_module(struct loader *l, struct module *m);
/* Primitive classes and arrays of them, which are in no loader's list. */
void primitives_for_each(void (*f)(struct class *, void *), void *arg);

/* ---- module.c ---- */

extern struct module java_base_module; /* java.base, before and after its definition */
bool java_base_defined(void);
struct module *loader_unnamed_module(struct loader *l);
void modules_visit_roots(void (*visit)(gref *cell, void *arg), void *arg);

/* ---- resolve.c, string.c ---- */

void resolution_visit_roots(void (*visit)(gref *cell, void *arg), void *arg);
void strings_visit_roots(void (*visit)(gref *cell, void *arg), void *arg);

/* ---- access.c ---- */

/* "'app'", "'name' @hash", ... */
void loader_text(const struct loader *l, char *buf, size_t size);
/* "A is in unnamed module of loader 'app'", perhaps with ", parent loader 'platform'"; returns buf. */
char *class_in_module(struct class *c, bool with_parent, char *buf, size_t size);
/* "A and B are in unnamed module of loader 'app'", or both separately with "; ". */
char *classes_in_modules(struct class *a, struct class *b, char *buf, size_t size);
/* Why `from` can't access `c`, HotSpot's text; false if the plain text applies. */
bool class_access_message(struct class *from, struct class *c, char *buf, size_t size);

#endif
