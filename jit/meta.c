/*
 * meta.c - what a worker's child found out, on its way to the parent.
 *
 * A file of flat arrays: head, then for each task a fixed part followed by its arrays and texts. Pointers to VM metadata stay as they are,
 * since parent and child have it at the same addresses. The head is written last, so a file that is cut off is not taken for whole.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jit/jit-internal.h"

#define MAGIC 0x6174656d616b6f6dull /* "mokameta" */

struct head {
    uint64_t magic, size; /* of the whole file */
    uint32_t n, pad;
    struct batch_times times;
};

struct fixed {
    uint32_t id, n_frames, n_cells, n_exits, n_blocks, n_values, failure_size, permanent;
    uint32_t code_size, entry, glue, n_sites, too_hard, final;
    uint64_t log_size, ns_build, ns_passes, ns_emit;
};

bool meta_write(const char *path, const struct jit_result *r, unsigned n,
                const struct batch_times *times)
{
    FILE *f = fopen(path, "we");
    struct head h = {.n = n, .times = *times};
    if (!f) { return false; }
    fwrite(&h, sizeof h, 1, f);
    for (unsigned i = 0; i < n; i++, r++) {
        struct fixed x = {
            .id = r->task->id,
            .n_frames = r->meta.n_frames,
            .n_cells = r->meta.n_cells,
            .n_exits = r->meta.n_exits,
            .n_blocks = r->n_blocks,
            .n_values = r->n_values,
            .failure_size = r->failure ? (uint32_t)strlen(r->failure) + 1 : 0,
            .permanent = r->permanent,
            .too_hard = r->too_hard,
            .code_size = r->meta.code_size,
            .entry = r->meta.entry,
            .glue = r->meta.glue,
            .n_sites = r->meta.n_sites,
            .final = r->meta.final,
            .log_size = r->meta.log ? r->meta.log_size : 0,
            .ns_build = r->ns_build,
            .ns_passes = r->ns_passes,
            .ns_emit = r->ns_emit,
        };
        fwrite(&x, sizeof x, 1, f);
        if (x.n_frames) { fwrite(r->meta.frames, sizeof *r->meta.frames, x.n_frames, f); }
        if (x.n_cells) { fwrite(r->meta.cells, sizeof *r->meta.cells, x.n_cells, f); }
        if (x.n_exits) { fwrite(r->meta.exits, sizeof *r->meta.exits, x.n_exits, f); }
        if (x.code_size) { fwrite(r->meta.code, 1, x.code_size, f); }
        if (x.n_sites) { fwrite(r->meta.sites, sizeof *r->meta.sites, x.n_sites, f); }
        if (x.failure_size) { fwrite(r->failure, 1, x.failure_size, f); }
        if (x.log_size) { fwrite(r->meta.log, 1, x.log_size, f); }
    }
    long size = ftell(f);
    h.magic = MAGIC;
    h.size = (uint64_t)size;
    bool ok = size > 0 && fflush(f) == 0 && fseek(f, 0, SEEK_SET) == 0 &&
              fwrite(&h, sizeof h, 1, f) == 1 && !ferror(f);
    return fclose(f) == 0 && ok;
}

/* n elements from the file in malloced memory; one more byte, so that none is not NULL. */
static bool get(FILE *f, void **out, size_t size, uint64_t n, uint64_t file_size)
{
    if (n > file_size / size) { return false; }
    *out = malloc(size * n + 1);
    return *out && fread(*out, size, n, f) == n;
}

static bool read_result(FILE *f, struct jit_result *r, uint64_t file_size)
{
    struct fixed x;
    if (fread(&x, sizeof x, 1, f) != 1 || x.id != r->task->id) { return false; }
    struct jit_meta *m = &r->meta;
    r->permanent = x.permanent;
    r->too_hard = x.too_hard;
    r->n_blocks = x.n_blocks;
    r->n_values = x.n_values;
    r->ns_build = x.ns_build;
    r->ns_passes = x.ns_passes;
    r->ns_emit = x.ns_emit;
    m->n_frames = m->cap_frames = x.n_frames;
    m->n_cells = m->cap_cells = x.n_cells;
    m->n_exits = m->cap_exits = x.n_exits;
    m->code_size = x.code_size;
    m->entry = x.entry;
    m->glue = x.glue;
    m->final = x.final;
    m->n_sites = m->cap_sites = x.n_sites;
    void *failure = NULL, *frames = NULL, *cells = NULL, *exits = NULL, *log = NULL, *code = NULL,
         *sites = NULL;
    bool ok = get(f, &frames, sizeof *m->frames, x.n_frames, file_size) &&
              get(f, &cells, sizeof *m->cells, x.n_cells, file_size) &&
              get(f, &exits, sizeof *m->exits, x.n_exits, file_size) &&
              (!x.code_size || get(f, &code, 1, x.code_size, file_size)) &&
              (!x.n_sites || get(f, &sites, sizeof *m->sites, x.n_sites, file_size)) &&
              (!x.failure_size || (get(f, &failure, 1, x.failure_size, file_size) &&
                                   !((char *)failure)[x.failure_size - 1])) &&
              (!x.log_size || get(f, &log, 1, x.log_size, file_size));
    m->frames = frames;
    m->cells = cells;
    m->exits = exits;
    m->log = log;
    m->code = code;
    m->sites = sites;
    m->log_size = x.log_size;
    r->failure = failure;
    return ok;
}

bool meta_read(const char *path, struct jit_result *r, unsigned n, struct batch_times *times)
{
    FILE *f = fopen(path, "re");
    struct head h;
    if (!f) { return false; }
    bool ok = fread(&h, sizeof h, 1, f) == 1 && h.magic == MAGIC && h.n == n &&
              fseek(f, 0, SEEK_END) == 0 && (uint64_t)ftell(f) == h.size &&
              fseek(f, sizeof h, SEEK_SET) == 0;
    for (unsigned i = 0; ok && i < n; i++) { ok = read_result(f, &r[i], h.size); }
    if (ok) { *times = h.times; }
    fclose(f);
    return ok;
}

void meta_free(struct jit_result *r)
{
    free(r->meta.frames);
    free(r->meta.cells);
    free(r->meta.exits);
    free(r->meta.log);
    free(r->meta.code);
    free(r->meta.sites);
    free((char *)r->failure);
    r->meta = (struct jit_meta){0};
    r->failure = NULL;
}
