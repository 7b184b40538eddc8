/*
 * ir_print.c - graphs as text and as graphviz input.
 *
 *     block b3 <- b1 b2  idom b1  loop 1 @b3  freq 12.50  bci 7
 *       v12 int = phi v3 v20
 *       v13 = guard v12 <u v7  range_check  state 4
 */
#include <stdlib.h>
#include "jit/ir.h"
#include "vm/compiled.h"

static const char *const type_text[] = {"", " int", " long", " float", " double", " ref"};

static const char *const reason_text[] = {
#define X(name, text) #name,
    EXIT_REASONS(X)
#undef X
};

static void print_lower(FILE *f, const char *s)
{
    for (; *s; s++) { fputc(*s >= 'A' && *s <= 'Z' ? *s + 32 : *s, f); }
}

static void print_name(FILE *f, const struct ir_value *v)
{
    if (!v) {
        fputs(" -", f);
    } else if (v->op == IR_CONST && v->type == IR_I) {
        fprintf(f, " %d", v->k.i);
    } else if (v->op == IR_CONST && v->type == IR_J) {
        fprintf(f, " %lldL", (long long)v->k.j);
    } else if (v->op == IR_CONST && v->type == IR_F) {
        fprintf(f, " %.9gf", (double)v->k.f);
    } else if (v->op == IR_CONST && v->type == IR_D) {
        fprintf(f, " %.17g", v->k.d);
    } else if (v->op == IR_CONST) {
        if (v->k.j) {
            fprintf(f, " @%x", (unsigned)v->k.j);
        } else {
            fputs(" null", f);
        }
    } else {
        fprintf(f, " %s%u", v->flags & VALUE_VIRTUAL ? "virtual" : "v", v->id);
    }
}

static bool op_has_class(const struct ir_value *v)
{
    return v->op == IR_SUBTYPE || v->op == IR_ISA || v->op == IR_NEW || v->op == IR_NEWARRAY ||
           v->op == IR_NEWMULTI;
}

static bool op_has_field(const struct ir_value *v)
{
    return v->op == IR_LOAD || v->op == IR_STORE || v->op == IR_LOADS || v->op == IR_STORES;
}

static bool op_has_cond(const struct ir_value *v)
{
    return v->op == IR_COND || v->op == IR_SELECT || v->op == IR_GUARD || v->op == IR_IF;
}

/* Operation, arguments and the fields that belong to it; no newline. */
static void print_value(FILE *f, const struct ir_value *v)
{
    if (v->type != IR_V) { fprintf(f, "v%u%s = ", v->id, type_text[v->type]); }
    print_lower(f, ir_info[v->op].name);
    if (v->op == IR_CONST) {
        print_name(f, v);
    } else if (v->op == IR_PARAM) {
        fprintf(f, " %u", v->index);
    } else if (v->op == IR_MATH) {
        fprintf(f, " %s", v->k.j >= 0 && v->k.j < IRM_COUNT ? ir_math_text[v->k.j] : "?");
    } else if (v->op == IR_NARROW) {
        fprintf(f, " %c", type_char((enum basic_type)v->k.j));
    } else if (v->op == IR_CMP3) {
        fprintf(f, " [%lld]", (long long)v->k.j);
    } else if (v->op == IR_RT) {
        fprintf(f, " helper %u", v->index);
    } else if (op_has_class(v) && v->k.cls && v->k.cls->name) {
        fprintf(f, " %s", v->k.cls->name->text);
    } else if ((v->op == IR_CALL || v->op == IR_CALLV || v->op == IR_CALLI) && v->k.method) {
        fprintf(f, " %s.%s%s", v->k.method->cls->name->text, v->k.method->name->text,
                v->k.method->desc->text);
    }
    if (v->mem) { fprintf(f, ".%c", type_char((enum basic_type)v->mem)); }
    for (uint32_t i = 0; i < v->n_args; i++) {
        print_name(f, v->args[i]);
        if (i == 0 && op_has_cond(v)) {
            fprintf(f, " %s", v->cond < IRC_COUNT ? ir_cond_text[v->cond] : "?");
        }
    }
    if (op_has_field(v)) {
        fprintf(f, " +%u", v->offset);
        if (v->k.field && v->k.field->name) { fprintf(f, " (%s)", v->k.field->name->text); }
    } else if (v->op == IR_IF && v->k.d >= 0) {
        fprintf(f, "  p=%.3f", v->k.d);
    } else if (v->op == IR_SWITCH && v->k.p) {
        const struct ir_switch *s = v->k.p;
        for (uint32_t i = 0; i < s->n; i++) { fprintf(f, "%s%d", i ? "," : " [", s->keys[i]); }
        fputs("]", f);
    }
    static const char *const flag_text[] = {"nonnull", "exact", "virtual",   "volatile",
                                            "final",   "cold",  "unordered", "caught"};
    for (unsigned i = 0; i < ARRAY_COUNT(flag_text); i++) {
        if (v->op != IR_CONST && (v->flags & 1u << i)) { fprintf(f, " %s", flag_text[i]); }
    }
    if (v->op == IR_GUARD || v->op == IR_EXIT) {
        fputs("  ", f);
        print_lower(f, v->reason < EXIT_REASON_COUNT ? reason_text[v->reason] : "?");
    }
    if (v->type == IR_R && v->cls && v->cls->name) { fprintf(f, "  :%s", v->cls->name->text); }
    if (v->state) { fprintf(f, "  state %u", v->state->id); }
}

static void print_state(FILE *f, const struct ir_state *s)
{
    for (; s; s = s->caller) {
        fprintf(f, "      state %u bci %d", s->id, s->bci);
        if (s->lock) {
            fputs(" lock", f);
            print_name(f, s->lock);
        }
        for (uint32_t i = 0; i < (uint32_t)s->n_locals + s->n_stack; i++) {
            if (i == s->n_locals) { fputs(" |", f); }
            print_name(f, s->values[i]);
        }
        fputs(s->caller ? " in\n" : "\n", f);
    }
}

static void print_block_head(FILE *f, const struct ir_block *b)
{
    fprintf(f, "b%u", b->id);
    for (uint32_t i = 0; i < b->n_preds; i++) {
        fprintf(f, "%s b%u", i ? "" : " <-", b->preds[i]->id);
    }
    if (b->idom) { fprintf(f, "  idom b%u", b->idom->id); }
    if (b->loop) { fprintf(f, "  loop b%u depth %u", b->loop->header->id, b->loop->depth); }
    fprintf(f, "  freq %.3g  bci %d", b->freq, b->bci);
}

void ir_print(FILE *f, struct ir_graph *g, const char *title)
{
    const struct method *m = g->method;
    fprintf(f, "=== %s", title ? title : "");
    if (m && m->cls && m->name) {
        fprintf(f, " %s.%s%s", m->cls->name->text, m->name->text, m->desc->text);
    }
    if (g->osr_bci >= 0) { fprintf(f, " osr %d", g->osr_bci); }
    fputs("\n", f);
    const struct ir_state *last = NULL; /* checks of one bytecode share a state: print it once */
    for (const struct ir_block *b = g->blocks; b; b = b->next) {
        fputs("  block ", f);
        print_block_head(f, b);
        fputs("\n", f);
        for (const struct ir_value *v = b->first; v; v = v->next) {
            if (v->op == IR_CONST) { continue; } /* seen where they are used */
            fputs("    ", f);
            print_value(f, v);
            if (v == b->last && b->n_succs) {
                fputs("  ->", f);
                for (uint32_t i = 0; i < b->n_succs; i++) { fprintf(f, " b%u", b->succs[i]->id); }
            }
            fputs("\n", f);
            if (v->state && v->state != last) { print_state(f, last = v->state); }
        }
        if (b->exit_state) {
            fputs("    on leaving:\n", f);
            print_state(f, b->exit_state);
        }
    }
}

/* Labels are left-justified text: quotes and angle brackets need no escape inside "..." but quotes and backslashes do. */
static void print_label(FILE *f, const struct ir_value *v)
{
    char *text = NULL;
    size_t size = 0;
    FILE *m = open_memstream(&text, &size);
    if (!m) { return; }
    print_value(m, v);
    fclose(m);
    for (const char *p = text; *p; p++) {
        if (*p == '"' || *p == '\\') { fputc('\\', f); }
        fputc(*p, f);
    }
    fputs("\\l", f);
    free(text);
}

void ir_print_graphviz(FILE *f, struct ir_graph *g, const char *title)
{
    fprintf(f, "digraph ir {\n  label=\"%s\"; node [shape=box fontname=monospace fontsize=9];\n",
            title ? title : "");
    for (const struct ir_block *b = g->blocks; b; b = b->next) {
        fprintf(f, "  b%u [label=\"", b->id);
        print_block_head(f, b);
        fputs("\\l", f);
        for (const struct ir_value *v = b->first; v; v = v->next) {
            if (v->op != IR_CONST) { print_label(f, v); }
        }
        fputs("\"];\n", f);
        for (uint32_t i = 0; i < b->n_succs; i++) {
            /* A back edge must not pull its header down in the drawing. */
            bool back = b->succs[i]->order <= b->order;
            fprintf(f, "  b%u -> b%u [label=\"%u\"%s];\n", b->id, b->succs[i]->id, i,
                    back ? " style=dashed constraint=false" : "");
        }
    }
    fputs("}\n", f);
}
