/*
 * inspect.c - views of what the engine did: bytecode, decoded blocks with their counters, statistics.
 */
#include "vm/inspect.h"

#include <stdio.h>
#include <string.h>

#include "runtime/classes/loader.h"
#include "runtime/heap/heap.h"
#include "runtime/machine/machine.h"
#include "vm/code.h"
#include "vm/options.h"

static void print_pool_entry(const struct constant_pool *cp, unsigned index)
{
    struct symbol *name, *desc;
    switch (cp->tags[index] & CP_TAG_MASK) {
    case CP_FIELDREF:
    case CP_METHODREF:
    case CP_IMETHODREF:
        cp_member(cp, index, &name, &desc);
        printf(" %s.%s%s%s", cp_class_name(cp, cp_raw(cp, index) >> 16)->text, name->text,
               desc->text[0] == '(' ? "" : ":", desc->text);
        break;
    case CP_INVOKE_DYNAMIC:
    case CP_DYNAMIC:
        cp_member(cp, index, &name, &desc);
        printf(" #%u:%s%s", cp_raw(cp, index) >> 16, name->text, desc->text);
        break;
    case CP_CLASS: printf(" %s", cp_class_name(cp, index)->text); break;
    case CP_STRING: printf(" \"%.60s\"", cp_utf8(cp, cp_raw(cp, index))->text); break;
    case CP_INTEGER: printf(" %d", cp->val[index].i); break;
    case CP_LONG: printf(" %lldL", (long long)cp->val[index].j); break;
    case CP_FLOAT: printf(" %gf", (double)cp->val[index].f); break;
    case CP_DOUBLE: printf(" %g", cp->val[index].d); break;
    default: break;
    }
}

static void print_instruction(struct method *m, uint32_t bci)
{
    const uint8_t *p = m->code + bci;
    const struct opcode_info *info = &opcode_info[*p];
    printf("  %5u  %-16s", bci, info->name);
    switch (info->operands) {
    case OPD_S1: printf(" %d", (int8_t)p[1]); break;
    case OPD_S2: printf(" %d", (int16_t)read_u2(p + 1)); break;
    case OPD_U1:
    case OPD_LOCAL: printf(" %u", p[1]); break;
    case OPD_IINC: printf(" %u %+d", p[1], (int8_t)p[2]); break;
    case OPD_CP1: print_pool_entry(&m->cls->cp, p[1]); break;
    case OPD_CP2:
    case OPD_IFACE:
    case OPD_INDY:
    case OPD_MULTI: print_pool_entry(&m->cls->cp, read_u2(p + 1)); break;
    case OPD_BR2: printf(" -> %d", (int)bci + (int16_t)read_u2(p + 1)); break;
    case OPD_BR4: printf(" -> %d", (int)bci + (int32_t)read_u4(p + 1)); break;
    default: break;
    }
}

void print_bytecode(struct method *m)
{
    char name[1024];
    printf("%s  (stack %u, locals %u)\n", method_external_name(m, name, sizeof name), m->max_stack,
           m->max_locals);
    for (uint32_t bci = 0; bci < m->code_length;
         bci += bytecode_length_checked(m->code, bci, m->code_length)) {
        print_instruction(m, bci);
        putchar('\n');
    }
}

void print_blocks(struct code *c)
{
    char name[1024];
    struct method *m = c->method;
    printf("%s  calls %u\n", method_external_name(m, name, sizeof name), m->counter);
    for (uint32_t i = 0; i < c->n_insns; i++) {
        const struct insn *in = &c->insns[i];
        if (in->handler == insn_handlers[OP_block]) {
            printf(" block @%u  entered %u%s\n", in->leader, in->count,
                   c->insns[i + 1].handler == insn_handlers[OP_decode] ? "  (never decoded)" : "");
            continue;
        }
        if (!in->handler || in->handler == insn_handlers[OP_decode]) { continue; }
        enum opcode op = insn_opcode(in);
        print_instruction(m, c->bci[i]);
        printf("  [%s", opcode_info[op].name);
        if (op == OP_invoke_virtual || op == OP_invoke_interface) {
            const struct call_site *s = in->p;
            for (int k = 0; k < 2 && s->seen[k].class_id; k++) {
                printf(" %s*%u", class_from_id(s->seen[k].class_id)->name->text, s->seen[k].count);
            }
            if (s->others) { printf(" others*%u", s->others); }
        } else if (opcode_info[m->code[c->bci[i]]].flags & OPF_BRANCH &&
                   opcode_info[m->code[c->bci[i]]].operands == OPD_BR2) {
            printf(" taken %u", in->taken);
        }
        puts("]");
    }
}

static void print_class(struct class *c, void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < c->n_methods; i++) {
        struct method *m = &c->methods[i];
        char name[1024];
        if (!m->code_cache ||
            (options.print_filter &&
             !strstr(method_external_name(m, name, sizeof name), options.print_filter))) {
            continue;
        }
        if (options.print_bytecode) { print_bytecode(m); }
        if (options.print_blocks) { print_blocks(m->code_cache); }
    }
}

struct engine_counts {
    uint64_t classes, methods, decoded, calls, blocks, entries;
};

static void count_class(struct class *c, void *arg)
{
    struct engine_counts *n = arg;
    n->classes++;
    for (unsigned i = 0; i < c->n_methods; i++) {
        struct method *m = &c->methods[i];
        const struct code *code = m->code_cache;
        n->methods++;
        n->calls += m->counter;
        if (code) {
            n->decoded++;
            for (uint32_t k = 0; k < code->n_insns; k++) {
                if (code->insns[k].handler == insn_handlers[OP_block] && code->insns[k].count) {
                    n->blocks++;
                    n->entries += code->insns[k].count;
                }
            }
        }
    }
}

static void print_stats(void)
{
    struct engine_counts n = {0};
    classes_for_each(count_class, &n);
    fprintf(stderr, "--- engine ---\n");
    fprintf(stderr, "classes loaded       %12llu\n", (unsigned long long)n.classes);
    fprintf(stderr, "methods              %12llu\n", (unsigned long long)n.methods);
    fprintf(stderr, "methods decoded      %12llu\n", (unsigned long long)n.decoded);
    fprintf(stderr, "calls                %12llu\n", (unsigned long long)n.calls);
    fprintf(stderr, "blocks executed      %12llu\n", (unsigned long long)n.blocks);
    fprintf(stderr, "block entries        %12llu\n", (unsigned long long)n.entries);
    fprintf(stderr, "metadata bytes       %12zu\n", meta_used());
    heap_print_stats(stderr);
    machine_print_stats(stderr);
}

void inspect_at_exit(void)
{
    if (options.print_bytecode || options.print_blocks) { classes_for_each(print_class, NULL); }
    if (options.stats) { print_stats(); }
}
