/*
 * engine.h - the engine's side of `struct engine` (runtime/engine.h), and its start.
 */
#ifndef MOKA_VM_ENGINE_H
#define MOKA_VM_ENGINE_H

#include "runtime/engine.h"

/* Fills the table `engine`; before anything in runtime/ may call up. */
void engine_init(void);

slot_t engine_call(struct thread *t, struct method *m, const slot_t *args);
slot_t engine_call_virtual(struct thread *t, struct method *m, const slot_t *args);
bool engine_walk_first(struct stack_walk *w, struct thread *t);
bool engine_walk_next(struct stack_walk *w);
int engine_held_locks(const struct method *m, int bci, int16_t *locals, int max);
void engine_visit_frames(struct thread *t,
                         void (*range)(const void *from, const void *to, void *arg), void *arg);

#endif
