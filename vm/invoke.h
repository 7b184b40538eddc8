/*
 * invoke.h - java.lang.invoke as the engine sees it (JVMS 5.4.3.5, 5.4.3.6, 6.5.invokedynamic).
 *
 * The class library does the linking; the VM calls up to MethodHandleNatives and keeps what comes back: an adapter
 * method (static, taking the call's arguments and the appendix) and the appendix object. MemberNames carry
 * a struct method * in their ResolvedMethodName.vmtarget, LambdaForms in vmentry.
 */
#ifndef MOKA_VM_INVOKE_H
#define MOKA_VM_INVOKE_H

#include "vm/code.h"
#include "vm/interp.h"

/* Links an invocation of a signature-polymorphic method of `defc` (MethodHandle or VarHandle). NULL with an exception. */
struct call_site *link_method_site(struct thread *t, struct class *caller, struct class *defc,
                                   struct symbol *name, struct symbol *desc);
/* Links the invokedynamic at `bci` of `m`. The first link of a call site wins; later ones (races, rethrown errors) see it. */
struct call_site *link_dynamic_site(struct thread *t, struct method *m, int bci, unsigned index);

/* engine.resolve_* */
gref invoke_resolve_method_handle(struct thread *t, struct constant_pool *cp, unsigned index);
gref invoke_resolve_method_type(struct thread *t, struct constant_pool *cp, unsigned index);
gref invoke_bootstrap_argument(struct thread *t, struct constant_pool *cp, unsigned index);
slot_t invoke_resolve_dynamic(struct thread *t, struct constant_pool *cp, unsigned index);

/* java.lang.invoke.MethodType of a descriptor, classes loaded as `accessing` would. */
gref method_type_of(struct thread *t, struct class *accessing, struct symbol *desc);
/* Boxed value for a frame cell and back (quicken.c). */
slot_t unbox_dynamic(struct constant_pool *cp, unsigned index, gref boxed);
gref box_value(struct thread *t, enum basic_type type, slot_t v);

/* struct method * of a MemberName, NULL if it is unresolved. */
struct method *member_target(gref member_name);

#endif
