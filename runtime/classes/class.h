/*
 * class.h - classes, methods, fields and constant pools as the VM keeps them (JVMS ch. 4, 5).
 *
 * All of this is VM metadata: it lives in the metadata arena (meta.c), outside the
 * guest. What the rarely used attributes of a class file say (annotations, signatures,
 * parameters, ...) is not copied: metadata keeps pointers into the class file's bytes, which
 * stay where they are for as long as the class lives (for boot classes that is the mapped
 * `modules` file), and attr_find() looks an attribute up when somebody asks.
 *
 * Life of a class (JVMS 5.3-5.5):
 *
 *   CLASS_LOADED -> CLASS_LINKED -> CLASS_INITIALIZING -> CLASS_INITIALIZED
 *                                          \-----------> CLASS_ERROR (erroneous state)
 *
 * Layout of instance fields, vtable, itables and the display are made when the class is
 * defined, because all supertypes are there by then; linking verifies; initialisation runs <clinit>.
 *
 * Errors: functions that take a `struct thread *` report failure by a pending exception
 * (t->exception != 0) and return NULL/false/0.
 */
#ifndef MOKA_CLASSES_CLASS_H
#define MOKA_CLASSES_CLASS_H

#include "runtime/classes/symbol.h"
#include "runtime/heap/object.h"
#include "runtime/types.h"

/* Access and property flags, JVMS tables 4.1-B, 4.5-A, 4.6-A. */
enum {
    ACC_PUBLIC = 0x0001,
    ACC_PRIVATE = 0x0002,
    ACC_PROTECTED = 0x0004,
    ACC_STATIC = 0x0008,
    ACC_FINAL = 0x0010,
    ACC_SUPER = 0x0020,
    ACC_SYNCHRONIZED = 0x0020,
    ACC_VOLATILE = 0x0040,
    ACC_BRIDGE = 0x0040,
    ACC_TRANSIENT = 0x0080,
    ACC_VARARGS = 0x0080,
    ACC_NATIVE = 0x0100,
    ACC_INTERFACE = 0x0200,
    ACC_ABSTRACT = 0x0400,
    ACC_STRICT = 0x0800,
    ACC_SYNTHETIC = 0x1000,
    ACC_ANNOTATION = 0x2000,
    ACC_ENUM = 0x4000,
    ACC_MANDATED = 0x8000,
    ACC_MODULE = 0x8000,
};

/* Constant pool tags, JVMS table 4.4-A. */
enum {
    CP_UTF8 = 1,
    CP_INTEGER = 3,
    CP_FLOAT = 4,
    CP_LONG = 5,
    CP_DOUBLE = 6,
    CP_CLASS = 7,
    CP_STRING = 8,
    CP_FIELDREF = 9,
    CP_METHODREF = 10,
    CP_IMETHODREF = 11,
    CP_NAME_AND_TYPE = 12,
    CP_METHOD_HANDLE = 15,
    CP_METHOD_TYPE = 16,
    CP_DYNAMIC = 17,
    CP_INVOKE_DYNAMIC = 18,
    CP_MODULE = 19,
    CP_PACKAGE = 20,

    CP_TAG_MASK = 0x1f,
    CP_FAILED = 0x40,   /* resolution failed before; the same error is thrown again (5.4.3) */
    CP_RESOLVED = 0x80, /* val[] holds the resolved thing; set with release order after it */
};

/*
 * The run-time constant pool. val[i] by tag:
 *   UTF8            .p  struct symbol *, NULL until first asked for: use cp_utf8()
 *   INTEGER/FLOAT   .i / .f        LONG/DOUBLE  .j / .d (entry i+1 is unusable, tag 0)
 *   CLASS           .u  name index;        resolved: .p struct class *
 *   STRING          .u  utf8 index;        resolved: .r the interned String
 *   *REF            .u  class index << 16 | name-and-type index;  resolved: .p struct field * / struct method *
 *   NAME_AND_TYPE   .u  name index << 16 | descriptor index
 *   METHOD_HANDLE   .u  kind << 16 | reference index;   resolved: .r MethodHandle
 *   METHOD_TYPE     .u  descriptor index;               resolved: .r MethodType
 *   DYNAMIC, INVOKE_DYNAMIC  .u  bootstrap index << 16 | name-and-type index
 *                            DYNAMIC resolved: index into resolved_dynamic of the value's cell (.p slot_t *)
 * A symbolic entry's operands stay readable after resolution through cp_raw().
 */
struct constant_pool {
    struct class *cls;
    uint16_t count;
    uint8_t *tags;
    slot_t *val;
    const uint8_t **pos; /* pos[i]: the entry's bytes after its tag, in the class file */
};

/* An attribute table in the class file: a pointer to its u2 count; NULL when there is none. */
struct attrs {
    const uint8_t *table;
};

struct field {
    struct class *cls;
    struct symbol *name;
    struct symbol *desc;
    uint16_t flags;
    uint8_t type;     /* enum basic_type */
    uint8_t injected; /* the VM's own; invisible to reflection */
    bool
        stable; /* @Stable: once it is not 0, it (and each element of an array in it) never changes */
    uint16_t slot;        /* index in cls->fields */
    uint16_t const_index; /* ConstantValue attribute, 0 = none */
    uint32_t offset;      /* from the object, or from the mirror when static */
    const uint8_t *attrs; /* u2 attributes_count in the class file */
};

struct exception_entry {
    uint16_t start_pc, end_pc, handler_pc;
    uint16_t catch_type; /* constant pool index, 0 = any */
};

/* Methods that the engine treats specially; see vm/invoke.h. */
enum method_intrinsic {
    MI_NONE = 0,
    MI_INVOKE_GENERIC, /* MethodHandle.invoke, invokeExact; VarHandle.get, set, ... */
    MI_INVOKE_BASIC,
    MI_LINK_TO_VIRTUAL,
    MI_LINK_TO_STATIC,
    MI_LINK_TO_SPECIAL,
    MI_LINK_TO_INTERFACE,
    MI_LINK_TO_NATIVE,
};

enum {
    VTABLE_NONE = -1, /* static, private or <init>: bound directly */
};

/* Method properties found while parsing (method.props). */
enum {
    MP_CALLER_SENSITIVE = 1 << 0, /* @jdk.internal.reflect.CallerSensitive */
    MP_FORCE_INLINE = 1 << 1,     /* @jdk.internal.vm.annotation.ForceInline */
    MP_DONT_INLINE = 1 << 2,
    MP_HIDDEN = 1 << 3,    /* @LambdaForm.Hidden, @Hidden: not in stack traces */
    MP_INTRINSIC = 1 << 4, /* @IntrinsicCandidate */
    MP_SCOPED = 1 << 5,    /* @jdk.internal.misc.ScopedMemoryAccess$Scoped */
    MP_CLINIT = 1 << 6,
    MP_INIT = 1 << 7,     /* <init> */
    MP_OVERPASS = 1 << 8, /* made by the VM: a conflict or abstract slot that throws */
    MP_RESERVED_STACK = 1 << 9,
    MP_HAS_MONITOR_OPS = 1 << 10,
};

struct method {
    struct class *cls;
    struct symbol *name;
    struct symbol *desc;
    uint16_t flags;
    uint16_t props;    /* MP_* */
    uint16_t slot;     /* index in cls->methods */
    uint8_t intrinsic; /* enum method_intrinsic */
    uint8_t ret_type;  /* enum basic_type */
    uint8_t n_params;  /* declared parameters, without the receiver */
    uint8_t pad;
    uint16_t arg_slots; /* cells of the arguments, with the receiver */
    uint16_t max_stack;
    uint16_t max_locals;
    uint16_t n_handlers;
    int32_t vtable_index; /* in classes: slot in cls->vtable, or VTABLE_NONE.
                             In interfaces: slot in the itable of the interface */
    uint32_t code_length;
    const uint8_t *code; /* bytecodes in the class file; NULL if native or abstract */
    struct exception_entry *handlers;
    const uint8_t *attrs;      /* u2 attributes_count of the method_info */
    const uint8_t *code_attrs; /* u2 attributes_count of its Code */

    /* --- the engine's part --- */
    void *code_cache;    /* struct code *: decoded form (vm/code.h) */
    void *native;        /* bound native: a vm_native (stdlib) or a JNI function */
    uint8_t native_kind; /* enum native_kind */
    uint8_t jit_state;
    uint32_t counter; /* invocations */
    uint32_t
        overrides; /* of the method that introduced a vtable slot: classes that put another one into the slot */
    void *entry; /* what compiled code calls (vm/compiled.h) */
    void *profile;
    const char *signature; /* argument types for calls from compiled code, made at the first one */
};

/* Initial value of every method's `entry`; the engine sets it before the first class is parsed. */
extern void *method_first_entry;

enum native_kind {
    NATIVE_UNBOUND = 0,
    NATIVE_VM,  /* slot_t f(struct thread *, slot_t *args) */
    NATIVE_JNI, /* C function with the JNI calling convention */
};

enum class_kind {
    CLASS_INSTANCE = 0,
    CLASS_ARRAY = 1,
    CLASS_PRIMITIVE = 2,
};

enum class_state {
    CLASS_ALLOCATED = 0, /* being defined */
    CLASS_LOADED,
    CLASS_LINKED,
    CLASS_INITIALIZING,
    CLASS_INITIALIZED,
    CLASS_ERROR,
};

/* Which java.lang.ref kind the class's instances are (class.ref_kind). */
enum ref_kind {
    REFKIND_NONE = 0,
    REFKIND_STRONG, /* java.lang.ref.Reference itself, FinalReference's siblings without special strength */
    REFKIND_SOFT,
    REFKIND_WEAK,
    REFKIND_FINAL,
    REFKIND_PHANTOM,
};

/* Class properties (class.props). */
enum {
    CLP_HAS_FINALIZER = 1 << 0, /* overrides Object.finalize with a non-empty body */
    CLP_IS_MIRROR = 1 << 1,     /* java.lang.Class itself: instances carry statics */
    CLP_HIDDEN = 1 << 2,
    CLP_RECORD = 1 << 3,
    CLP_SEALED = 1 << 4,
    CLP_CLONEABLE = 1 << 5,    /* implements Cloneable */
    CLP_HAS_DEFAULTS = 1 << 6, /* an interface with non-abstract, non-static methods */
    CLP_NO_REFS = 1 << 7,      /* instances hold no references: allocate with HEAP_KIND_NOREFS */
    CLP_LOADER = 1 << 8,       /* subclass of ClassLoader */
    CLP_TRUSTED = 1 << 9,      /* defined by the boot loader: not verified */
    CLP_STRONG_HIDDEN = 1 << 10,
    CLP_CONTENDED = 1 << 11,
    CLP_THREAD = 1 << 12,
    CLP_NEEDS_VERIFY = 1 << 13,
    CLP_BOOT_PATCH = 1 << 14,
};

/* A run of reference fields: `count` 4-byte references from `offset` on. */
struct ref_run {
    uint32_t offset;
    uint32_t count;
};

/* Methods with which a class implements one interface: methods[i] serves the interface's
 * method with vtable_index i. */
struct itable_entry {
    struct class *iface;
    struct method **methods;
};

#define CLASS_DISPLAY 8

struct class
{
    /* --- what fast paths read --- */
    uint32_t instance_size; /* bytes with header, multiple of 8; of mirrors: without statics */
    uint16_t access_flags;  /* as in the class file (ACC_SUPER included) */
    uint16_t props;         /* CLP_* */
    uint8_t kind;           /* enum class_kind */
    uint8_t state;          /* enum class_state; read with acquire order */
    uint8_t ref_kind;       /* enum ref_kind */
    uint8_t prim_type;      /* enum basic_type of a primitive class; T_OBJECT or T_ARRAY else */
    uint8_t elem_type;      /* arrays: type of the elements (T_OBJECT/T_ARRAY for references) */
    uint8_t elem_shift;     /* arrays: log2 of the element size */
    uint8_t dims;           /* arrays: number of dimensions */
    uint8_t flags8;
    uint16_t depth; /* number of superclasses */
    uint16_t n_ref_runs;
    struct class *display[CLASS_DISPLAY]; /* display[i]: ancestor of depth i, itself included */
    struct class *
        last_super; /* an interface or deep ancestor that compiled code asked for last and found; or NULL */
    struct class *super;
    struct ref_run *ref_runs; /* references of an instance, superclasses included */
    struct method **vtable;
    uint32_t vtable_length;
    uint32_t n_itable;
    struct itable_entry
        *itable;          /* one for every interface that the class has, inherited ones too */
    gref mirror;          /* java.lang.Class */
    uint32_t static_size; /* bytes of statics behind the mirror's own fields */
    struct class *secondary_cache; /* last interface found by class_is_subclass */

    /* --- identity --- */
    struct symbol *
        name; /* internal form: java/lang/String, [I, int; hidden: Foo+0x1 as in Class.getName with / */
    struct loader *loader; /* defining loader; boot: &boot_loader */
    struct module *module;
    struct package *package;   /* runtime package; NULL for primitives */
    struct class *component;   /* arrays: component class */
    struct class *element;     /* arrays: innermost element class */
    struct class *array_class; /* the class of arrays of this, when made */

    /* --- from the class file --- */
    uint16_t n_interfaces;
    uint16_t n_fields;
    uint16_t n_methods;
    uint16_t major, minor;
    uint16_t n_static_ref_runs;
    uint16_t n_bootstrap;
    struct class **interfaces; /* direct superinterfaces */
    struct field *fields;
    struct method *methods;
    struct constant_pool cp;
    const uint8_t *
        *bootstrap; /* BootstrapMethods: entry i starts (u2 handle index, u2 n, u2 args[]) */
    struct ref_run *static_ref_runs; /* offsets are from the mirror */
    struct symbol *source_file;
    struct symbol *generic_signature;
    const uint8_t *attrs; /* u2 attributes_count of the ClassFile */
    const uint8_t *bytes; /* the whole class file */
    uint32_t bytes_length;

    /* --- nests, hidden classes (JVMS 5.4.4) --- */
    struct class *nest_host; /* resolved lazily; hidden nestmates: set at definition */
    gref class_data;         /* java.lang.invoke: Lookup.defineHiddenClassWithClassData */

    /* --- hierarchy for CHA --- */
    struct class *first_subclass;
    struct class *next_sibling;
    uint32_t n_implementors; /* interfaces: loaded concrete implementors */

    /* --- initialisation (JVMS 5.5) --- */
    struct thread *init_thread;
    gref init_error; /* the exception that <clinit> ended with */
    struct class *next_in_loader;
    uint32_t serial; /* order of definition */
    void *jit;       /* dependencies of compiled code */

    /* --- runtime/classes only --- */
    uint16_t *method_hash; /* open addressing: index + 1 in methods, 0 = free */
    uint32_t method_hash_mask;
    uint32_t fields_end; /* first byte behind the instance fields, not rounded */
    uint32_t n_mirandas;
    uint32_t *mirandas;  /* vtable slots that no class method owns: defaults, abstract, conflicts */
    uint16_t this_index; /* constant pool entry of the class itself */
    uint16_t n_injected; /* the last n of fields[] were added by the VM */
    uint8_t statics_laid_out;
    struct symbol *nest_host_error; /* why nest host validation failed, for messages */
};

/* ---- predicates and small questions ---- */

static inline bool class_is_interface(const struct class *c)
{
    return (c->access_flags & ACC_INTERFACE) != 0;
}

static inline bool class_is_array(const struct class *c) { return c->kind == CLASS_ARRAY; }

static inline bool class_is_initialized(const struct class *c)
{
    return __atomic_load_n(&c->state, __ATOMIC_ACQUIRE) == CLASS_INITIALIZED;
}

bool class_is_subclass_slow(struct class *sub, struct class *super);

/* Is a value of class `sub` assignable to `super` (JVMS checkcast rules; arrays covariant)? */
static inline bool class_is_subclass(struct class *sub, struct class *super)
{
    if (sub == super) { return true; }
    if (super->kind == CLASS_INSTANCE && !(super->access_flags & ACC_INTERFACE) &&
        super->depth < CLASS_DISPLAY) {
        return sub->display[super->depth] == super;
    }
    return class_is_subclass_slow(sub, super);
}

static inline bool obj_instanceof(gref o, struct class *c)
{
    return o && class_is_subclass(class_of(o), c);
}

static inline bool method_is_static(const struct method *m) { return (m->flags & ACC_STATIC) != 0; }

/* Object.<init>: its return registers `this`, if that wants a finalizer. */
static inline bool method_is_object_init(const struct method *m)
{
    return (m->props & MP_INIT) && !m->cls->super;
}

/* Bound at link time: no vtable or itable lookup (JVMS 5.4.5: private; static; <init>; final). */
static inline bool method_is_direct(const struct method *m)
{
    return (m->flags & (ACC_STATIC | ACC_PRIVATE)) || m->vtable_index == VTABLE_NONE;
}

/* ---- metadata arena (meta.c) ---- */

/* Reserves the arena. Returns false with a message on stderr if the addresses are taken. */
bool meta_init(void);
/* Zeroed VM metadata, 8-byte aligned, never freed. Thread-safe. Ends the VM with a message when
 * the arena is exhausted only if even OutOfMemoryError: Metaspace cannot be thrown. */
void *meta_alloc(size_t bytes);
/* Bytes handed out so far. */
size_t meta_used(void);
/* Is there room for so many bytes more? */
bool meta_available(size_t bytes);

/* ---- definition, loading (define.c, loader.c) ---- */

/* How a class is to be defined, beyond its bytes. */
struct define_options {
    struct symbol
        *expected_name; /* NoClassDefFoundError if the class file says another; NULL = any */
    gref protection_domain;
    bool hidden;             /* Lookup.defineHiddenClass */
    bool strong;             /* hidden, but lives as long as its loader */
    struct class *nest_host; /* hidden nestmate's host, NULL = itself */
    gref class_data;
    const char *source; /* for -verbose:class, e.g. "jrt:/java.base" or "file:..." */
    bool copy_bytes;    /* bytes are borrowed: copy them */
};

/* Derives a class from class file bytes (JVMS 5.3.5): parses, loads supertypes, lays out, makes the
 * mirror, enters it in the loader's table. Throws ClassFormatError, UnsupportedClassVersionError,
 * NoClassDefFoundError, ClassCircularityError, IncompatibleClassChangeError, VerifyError,
 * LinkageError (duplicate definition), IllegalAccessError. */
struct class *class_define(struct thread *t, struct loader *l, const uint8_t *bytes, size_t length,
                           const struct define_options *opt);

/* Finds or loads a class or array class by internal name with `l` as initiating loader. Throws
 * NoClassDefFoundError (caused by ClassNotFoundException) as resolution does. */
struct class *class_load(struct thread *t, struct loader *l, struct symbol *name);
/* The same, but ClassNotFoundException, as Class.forName does. */
struct class *class_load_cnfe(struct thread *t, struct loader *l, struct symbol *name);
/* Already known to `l` as initiating loader? No loading, no exception, NULL if not. */
struct class *class_find_loaded(struct loader *l, struct symbol *name);
/* Looks in the boot class path only; NULL without exception if there is none. */
struct class *class_load_boot(struct thread *t, struct symbol *name);
/* The same, initialised. NULL: there is none, or its initialisation failed (exception). */
struct class *class_ready_boot(struct thread *t, const char *name);
/* Boot class by name, fatal if missing: for the VM's own start. */
struct class *class_boot_required(struct thread *t, const char *name);

/* The class of arrays with component class `c`. */
struct class *class_array_of(struct thread *t, struct class *c);
/* int.class and friends; T_VOID too. */
struct class *class_primitive(enum basic_type t);
/* The class that a field descriptor or the L..; / [ part of a method descriptor names. */
struct class *class_from_descriptor(struct thread *t, struct loader *l, const char *desc,
                                    size_t len);

/* JVMS 5.4: verification, preparation. Idempotent. */
bool class_link(struct thread *t, struct class *c);
/* JVMS 5.5: the whole protocol, runs <clinit> through engine.call. */
bool class_initialize_slow(struct thread *t, struct class *c);
static inline bool class_initialize(struct thread *t, struct class *c)
{
    return LIKELY(class_is_initialized(c)) || class_initialize_slow(t, c);
}

/* JVMS 4.10, a part of class_link. False: VerifyError or another one. */
bool class_verify(struct thread *t, struct class *c);

/* struct class of a java.lang.Class object (never NULL for a real mirror). */
struct class *class_from_mirror(gref mirror);

/* ---- members (lookup.c) ---- */

/* Declared in `c` itself; NULL if not. */
struct method *class_declared_method(struct class *c, struct symbol *name, struct symbol *desc);
/* In `c` and its superclasses (no interfaces). */
struct method *class_find_method(struct class *c, struct symbol *name, struct symbol *desc);
/* In `c`, its superclasses, then maximally-specific superinterface methods (JVMS 5.4.3.3 / .4 order). */
struct method *class_lookup_method(struct class *c, struct symbol *name, struct symbol *desc);
struct field *class_declared_field(struct class *c, struct symbol *name, struct symbol *desc);
/* JVMS 5.4.3.2 order. */
struct field *class_lookup_field(struct class *c, struct symbol *name, struct symbol *desc);
/* The same with C strings; NULL if there is none (or the string was never a symbol). */
struct method *class_method_named(struct class *c, const char *name, const char *desc);
struct field *class_field_named(struct class *c, const char *name, const char *desc);

/* Selection (JVMS 5.4.6): the implementation that a receiver of class `c` has for resolved method `m`
 * (class or interface method). NULL when abstract or absent -> AbstractMethodError by the caller;
 * an overpass method (MP_OVERPASS) stands for a default-method conflict (IncompatibleClassChangeError). */
struct method *class_select_method(struct class *c, struct method *m);
/* Slot of `m` in the vtable of `c`, also when m is an interface's default or miranda; VTABLE_NONE if none. */
int32_t class_vtable_slot(struct class *c, struct method *m);
/* The method with which the topmost class introduced a vtable slot of c. Its `overrides` counts up each time that a class is
 * loaded which puts another method there: whoever relies on the methods in a slot looks whether the count is still the same. */
struct method *class_slot_root(const struct class *c, uint32_t slot);
/* Throws what an overpass method (MP_OVERPASS) stands for: IncompatibleClassChangeError "Conflicting default methods: ..." */
void method_throw_overpass(struct thread *t, const struct method *m);
/* Selection by itable search; NULL if `c` does not implement m->cls (IncompatibleClassChangeError). */
struct method *class_itable_lookup(struct class *c, struct method *m, bool *implements);

/* ---- resolution (resolve.c), JVMS 5.4.3; results and errors are recorded in the pool ---- */

struct class *cp_resolve_class(struct thread *t, struct constant_pool *cp, unsigned index);
/* `want_static`: IncompatibleClassChangeError if it does not fit; -1 = don't check. `put_in`: the method that
 * contains a putfield/putstatic, for final-field access checks; NULL for reads. */
struct field *cp_resolve_field(struct thread *t, struct constant_pool *cp, unsigned index,
                               int want_static, struct method *put_in);
/* For invokestatic / invokespecial / invokevirtual on Methodref, invokeinterface on InterfaceMethodref (both
 * kinds for static and special). `want_static`: 0 or 1 checked, -1 not. Signature-polymorphic methods of
 * MethodHandle and VarHandle resolve to the declared native method; the engine treats them. */
struct method *cp_resolve_method(struct thread *t, struct constant_pool *cp, unsigned index,
                                 int want_static, bool interface_insn);
gref cp_resolve_string(struct thread *t, struct constant_pool *cp, unsigned index);

/* Resolution from symbolic parts without a pool, for MethodHandleNatives.resolve and JNI. `caller` NULL = no
 * access check. */
struct field *resolve_field(struct thread *t, struct class *c, struct symbol *name,
                            struct symbol *desc, struct class *caller);
struct method *resolve_method(struct thread *t, struct class *c, struct symbol *name,
                              struct symbol *desc, struct class *caller, bool interface_ref);
/* Static or not, as the reference wants it? Else IncompatibleClassChangeError. `interface`: of an interface call. */
bool method_check_static(struct thread *t, const struct method *m, bool want_static,
                         bool interface);

/* Accessors for symbolic entries, usable before and after resolution. */
struct symbol *cp_utf8(const struct constant_pool *cp, unsigned index);
struct symbol *cp_class_name(const struct constant_pool *cp, unsigned index);
/* class index << 16 | name-and-type index, or bootstrap index << 16 | name-and-type index, ... */
uint32_t cp_raw(const struct constant_pool *cp, unsigned index);
void cp_name_and_type(const struct constant_pool *cp, unsigned index, struct symbol **name,
                      struct symbol **desc);
/* Name and descriptor of a Field/Method/InterfaceMethodref, Dynamic or InvokeDynamic entry. */
void cp_member(const struct constant_pool *cp, unsigned index, struct symbol **name,
               struct symbol **desc);

/* ---- access control (access.c), JVMS 5.4.4 ---- */

/* May `from` name class `c`? */
bool class_accessible(struct class *from, struct class *c);
/* May `from` use a member of `decl` with `flags`, found through class `ref`? */
bool member_accessible(struct thread *t, struct class *from, struct class *ref, struct class *decl,
                       uint16_t flags);
struct class *class_nest_host(struct thread *t, struct class *c);
bool class_same_package(const struct class *a, const struct class *b);

/* ---- attributes (attr.c) ---- */

/* Looks for an attribute by name in an attribute table; returns its info bytes and length, NULL if absent. */
const uint8_t *attr_find(struct class *c, const uint8_t *attrs, const char *name, uint32_t *length);
/* Source line of a bytecode index by LineNumberTable, -1 if unknown. */
int method_line(const struct method *m, int bci);
/* First handler of `m` that covers `bci` and catches `ex` (may load classes): handler pc, -1 if none.
 * With a pending exception set if resolving a catch type failed. */
int method_find_handler(struct thread *t, struct method *m, int bci, gref ex);

static inline uint16_t read_u2(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }

static inline uint32_t read_u4(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* External name (dots) of a class into a buffer; returns buf. */
char *class_external_name(const struct class *c, char *buf, size_t size);
/* "void Foo.bar(int, String)" as HotSpot writes methods in messages; returns buf. */
char *method_external_name(const struct method *m, char *buf, size_t size);
/* The same, from parts; `c` NULL: without the class. */
char *method_text(const struct class *c, const struct symbol *name, const struct symbol *desc,
                  char *buf, size_t size);

#endif
