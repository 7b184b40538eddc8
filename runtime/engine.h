/*
 * engine.h - what the ground floor needs from the engine (vm/), as one table of function pointers.
 *
 * runtime/ includes nothing of vm/. Where it must run Java code or look at Java frames, it calls through
 * `engine`, which vm/engine.c fills in at start. Nothing here may be called before that.
 */
#ifndef MOKA_RUNTIME_ENGINE_H
#define MOKA_RUNTIME_ENGINE_H

#include "runtime/classes/class.h"
#include "runtime/threads/thread.h"
#include "runtime/types.h"

/* One Java frame during a stack walk, inlined frames of compiled code included. */
struct stack_frame {
    struct method *method;
    int bci;            /* -1 in native methods */
    slot_t *locals;     /* NULL when not available (compiled frames) */
    gref receiver_lock; /* object of a synchronized method, 0 if none */
};

/* Iterator over a thread's Java frames, innermost first. Opaque words belong to the engine. */
struct stack_walk {
    struct thread *thread;
    struct stack_frame at; /* the current one */
    void *priv[6];
};

struct constant_pool;

struct engine {
    /* Calls a Java (or native) method: `args` as in a frame, receiver first, longs and doubles in two cells. No virtual
     * selection: `m` is what runs. The result (int-like types sign/zero-extended to int). Check t->exception. */
    slot_t (*call)(struct thread *t, struct method *m, const slot_t *args);
    /* The same after selecting the implementation for args[0]'s class. */
    slot_t (*call_virtual)(struct thread *t, struct method *m, const slot_t *args);

    /* Starts a walk of the thread's frames; false if there are none. The thread is the current one, or stopped, or in
     * native. */
    bool (*walk_first)(struct stack_walk *w, struct thread *t);
    bool (*walk_next)(struct stack_walk *w);

    /* What a frame of `m` has locked by monitorenter when it is at bci: the local variables that hold the objects, innermost first,
     * -1 where that cannot be told. The object of a synchronized method is not among them. Returns how many, at most max. */
    int (*held_locks)(const struct method *m, int bci, int16_t *locals, int max);

    /* Pushes the references of a thread's Java frames (all cells, conservatively). Collector; world stopped. */
    void (*visit_frames)(struct thread *t,
                         void (*range)(const void *from, const void *to, void *arg), void *arg);

    /* Resolves CONSTANT_MethodHandle / MethodType / Dynamic by upcalls into java.lang.invoke. */
    gref (*resolve_method_handle)(struct thread *t, struct constant_pool *cp, unsigned index);
    gref (*resolve_method_type)(struct thread *t, struct constant_pool *cp, unsigned index);
    slot_t (*resolve_dynamic)(struct thread *t, struct constant_pool *cp, unsigned index);
    /* A static argument of a bootstrap method: any loadable constant, boxed. */
    gref (*bootstrap_argument)(struct thread *t, struct constant_pool *cp, unsigned index);

    /* Verifies the bytecode of a class (version 50 and up) by its StackMapTables; false with an exception. */
    bool (*verify_class)(struct thread *t, struct class *c);

    /* Text for a NullPointerException thrown at the top frame (JEP 358), malloced, or NULL. */
    char *(*npe_message)(struct thread *t, gref exception);

    /* Reads and writes of the VM's options, for JVM_* and management: NULL if there is no such option. */
    const char *(*option_value)(const char *name);
    /* Ends the process after the shutdown work of the VM: never returns. */
    __attribute__((noreturn)) void (*exit)(int code);
    /* An OutOfMemoryError with that message is about to be made: options may ask for more than to throw it. */
    void (*out_of_memory)(const char *what);
    /* A class was defined or initialised (compiled code's assumptions). */
    void (*class_linked)(struct class *c);
};

extern struct engine engine;

#endif
