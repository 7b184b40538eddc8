/*
 * range.h - what is known about ints at a place of the graph.
 *
 * A prover of differences in the manner of ABCD (Bodik, Gupta, Sarkar: "Eliminating Array Bounds Checks on Demand"): is
 * a - b <= c, in whole numbers, at a place? It starts from the goal and follows definitions (x + 1), conditions of GUARDs
 * and IF edges that dominate the place, merges (all arguments), induction variables that do not wrap around (never below
 * their initial value) and plain ranges (array lengths, bytes, masks). Each question has a budget of steps.
 */
#ifndef MOKA_JIT_RANGE_H
#define MOKA_JIT_RANGE_H

#include "jit/ir.h"

/* A place: before the value with number `seq` of the block (struct range numbers them in ir_value.mark). */
struct range_at {
    const struct ir_block *block;
    uint32_t seq;
};

/* i = phi(init, next), next = i + step, in the header of a loop with one back edge. */
struct range_iv {
    struct ir_value *phi, *init, *next;
    int32_t step; /* 0: */
    struct ir_value
        *stride; /* of longs: an int outside of the loop, whose sign is to be looked at */
    struct ir_loop *loop;
    const struct ir_block *latch;
};

/* self `cond` other, from here on. */
struct range_fact {
    uint8_t cond;
    struct ir_value *other;
    const struct ir_block *block;
    uint32_t seq;
    struct range_fact *next;
};

struct range {
    struct ir_graph *g;
    struct range_fact **facts; /* by value id */
    uint8_t *wraps;            /* by id of PHIs: memory of range_no_wrap */
    uint32_t n_ids;
    int budget;
};

/* Needs ir_analyse(). The facts are those of now; checks that are dropped later because they always hold stay true. */
void range_init(struct range *r, struct ir_graph *g);
void range_free(struct range *r);
/* May checks go to the end of the preheader (NULL: there is none): has it a state to leave through, and did no such check fail there? */
bool range_may_guard_in_front(const struct ir_block *pre);
/* At the end of a preheader: leave through its state, for `reason`, unless x c y. */
void range_guard_in_front(struct range *r, struct ir_block *pre, enum ir_cond c, struct ir_value *x,
                          struct ir_value *y, uint8_t reason);

struct range_at range_before(const struct ir_value *v);
struct range_at range_end(const struct ir_block *b);

/* a - b <= c? NULL stands for 0. */
bool range_prove(struct range *r, struct ir_value *a, struct ir_value *b, int64_t c,
                 struct range_at at);
/* Whether an int condition holds (1), does not (0), or is not known (-1). */
int range_cond(struct range *r, enum ir_cond c, struct ir_value *a, struct ir_value *b,
               struct range_at at);
/* Is v an induction variable? */
bool range_is_iv(struct ir_value *v, struct range_iv *iv);
/* The same for a long that an int, extended, is added to. Where it stays below an int it cannot wrap around. */
bool range_is_long_iv(struct ir_graph *g, struct ir_value *v, struct range_iv *iv);
/* The int that a long value is the extension of: the argument of a conversion, or the constant; NULL if it is neither. */
struct ir_value *range_extended(struct ir_graph *g, struct ir_value *v);
/* Does it never wrap around? Then it stays on its side of `init`. */
bool range_no_wrap(struct range *r, const struct range_iv *iv);
/* Facts about v, newest first; range_holds tells where they hold. */
struct range_fact *range_facts(const struct range *r, const struct ir_value *v);
bool range_holds(const struct range_fact *f, struct range_at at);
/* Is v defined outside of l? */
bool range_invariant(const struct ir_loop *l, const struct ir_value *v);

#endif
