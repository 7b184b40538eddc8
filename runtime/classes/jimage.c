/*
 * jimage.c - reader of the JDK's `modules` file (facts from jdk.internal.jimage).
 *
 *   header      7 x u4: magic, version, flags, resource count, table length, locations size, strings size
 *   redirect    table length x s4: perfect hash, < 0: -1 - index, > 0: seed of a second hash, 0: absent
 *   offsets     table length x u4: into locations
 *   locations   attribute streams: byte kind << 3 | length - 1, big-endian value, ...; kind 0 ends
 *   strings     modified UTF-8, 0-terminated
 *   contents    at the index's end + OFFSET attribute; COMPRESSED attribute 0 = stored as is
 *
 * Integers in the tables have the byte order of the machine that made the file. Everything that is read from the file
 * is checked against its bounds: a damaged file gives "not found", not a crash.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "runtime/classes/class.h"
#include "runtime/classes/loader.h"

#define IMAGE_MAGIC     0xCAFEDADAu
#define IMAGE_VERSION   0x00010000u
#define HASH_MULTIPLIER 0x01000193u

enum {
    LOC_END,
    LOC_MODULE,
    LOC_PARENT,
    LOC_BASE,
    LOC_EXTENSION,
    LOC_OFFSET,
    LOC_COMPRESSED,
    LOC_UNCOMPRESSED,
    LOC_COUNT
};

struct jimage {
    const uint8_t *map;
    size_t size;
    uint32_t table_length;
    uint32_t locations_size, strings_size;
    const int32_t *redirect;
    const uint32_t *offsets;
    const uint8_t *locations;
    const char *strings;
    const uint8_t *contents;
    size_t contents_size;
};

struct jimage *jimage_open(const char *file, char *error, size_t error_size)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        snprintf(error, error_size, "cannot open %s: %s", file, strerror(errno));
        return NULL;
    }
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 28) {
        snprintf(error, error_size, "%s is not a run-time image", file);
        close(fd);
        return NULL;
    }
    size_t size = (size_t)st.st_size;
    const uint8_t *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (map == MAP_FAILED) {
        snprintf(error, error_size, "cannot map %s: %s", file, strerror(errno));
        return NULL;
    }
    const uint32_t *h = (const uint32_t *)map;
    const char *wrong = NULL;
    uint64_t index_size = 0;
    if (h[0] != IMAGE_MAGIC) {
        wrong = "is not a run-time image of this machine's byte order";
    } else if (h[1] != IMAGE_VERSION) {
        wrong = "is a run-time image of a version that moka does not know";
    } else {
        index_size = 28 + 8ull * h[4] + h[5] + h[6];
        if (index_size > size || h[4] == 0 || h[6] == 0) {
            wrong = "is damaged (its index is longer than the file)";
        }
    }
    if (!wrong && map[index_size - 1] != 0) { wrong = "is damaged (its string table has no end)"; }
    struct jimage *img = wrong ? NULL : calloc(1, sizeof *img);
    if (!img) {
        snprintf(error, error_size, "%s %s", file, wrong ? wrong : "cannot be read: out of memory");
        munmap((void *)(uintptr_t)map, size);
        return NULL;
    }
    madvise((void *)(uintptr_t)map, size, MADV_RANDOM);
    img->map = map;
    img->size = size;
    img->table_length = h[4];
    img->locations_size = h[5];
    img->strings_size = h[6];
    img->redirect = (const int32_t *)(map + 28);
    img->offsets = (const uint32_t *)(map + 28 + 4ull * img->table_length);
    img->locations = map + 28 + 8ull * img->table_length;
    img->strings = (const char *)img->locations + img->locations_size;
    img->contents = map + index_size;
    img->contents_size = size - index_size;
    return img;
}

void jimage_close(struct jimage *img)
{
    munmap((void *)(uintptr_t)img->map, img->size);
    free(img);
}

static uint32_t hash_add(uint32_t h, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) { h = (h * HASH_MULTIPLIER) ^ (uint8_t)s[i]; }
    return h;
}

/* A string of the string table, "" when the offset is bad (the table ends with 0). */
static const char *image_string(const struct jimage *img, uint64_t offset)
{
    return offset < img->strings_size ? img->strings + offset : "";
}

/* Reads the attributes of table entry `index`. */
static bool read_location(const struct jimage *img, uint32_t index, uint64_t attr[LOC_COUNT])
{
    memset(attr, 0, LOC_COUNT * sizeof attr[0]);
    uint32_t at = img->offsets[index];
    while (at < img->locations_size) {
        unsigned kind = img->locations[at] >> 3;
        unsigned n = (img->locations[at] & 7) + 1u;
        if (kind == LOC_END) { return true; }
        at++;
        if (kind >= LOC_COUNT || at + n > img->locations_size) { return false; }
        uint64_t v = 0;
        while (n--) { v = v << 8 | img->locations[at++]; }
        attr[kind] = v;
    }
    return false;
}

/* Moves *p over `part`; false if the text there is different. */
static bool eat(const char **p, const char *end, const char *part)
{
    size_t n = strlen(part);
    if ((size_t)(end - *p) < n || memcmp(*p, part, n) != 0) { return false; }
    *p += n;
    return true;
}

/* Entry for "/module/name"; name is parent/base.extension. */
static bool find_location(const struct jimage *img, const char *module, const char *name,
                          size_t name_length, uint64_t attr[LOC_COUNT])
{
    size_t module_length = strlen(module);
    uint32_t seed = HASH_MULTIPLIER;
    for (int round = 0; round < 2; round++) {
        uint32_t h = hash_add(seed, "/", 1);
        h = hash_add(h, module, module_length);
        h = hash_add(h, "/", 1);
        h = hash_add(h, name, name_length) & 0x7fffffff;
        uint32_t index = h % img->table_length;
        if (round == 0) {
            int32_t value = img->redirect[index];
            if (value == 0) { return false; }
            if (value > 0) {
                seed = (uint32_t)value;
                continue;
            }
            index = (uint32_t)(-1 - value);
            if (index >= img->table_length) { return false; }
        }
        if (!read_location(img, index, attr)) { return false; }
        break;
    }
    const char *p = name, *end = name + name_length;
    const char *parent = image_string(img, attr[LOC_PARENT]);
    const char *extension = image_string(img, attr[LOC_EXTENSION]);
    return strcmp(image_string(img, attr[LOC_MODULE]), module) == 0 &&
           (!*parent || (eat(&p, end, parent) && eat(&p, end, "/"))) &&
           eat(&p, end, image_string(img, attr[LOC_BASE])) &&
           (!*extension || (eat(&p, end, ".") && eat(&p, end, extension))) && p == end;
}

/* ---- compressed resources: jlink --compress ---- */

/* Variable-length index of the compact-cp plugin; moves *p. */
static bool read_index(const uint8_t **p, const uint8_t *end, uint32_t *value)
{
    if (*p >= end) { return false; }
    uint8_t first = **p;
    unsigned n = first & 0x80 ? first >> 5 & 3 : 4;
    uint32_t v = first & 0x80 ? first & 0x1f : first;
    if (n == 0 || (size_t)(end - *p) < n) { return false; }
    for (unsigned i = 1; i < n; i++) { v = v << 8 | (*p)[i]; }
    *p += n;
    *value = v;
    return true;
}

struct out {
    uint8_t *data;
    size_t length, capacity;
    bool failed;
};

static void out_put(struct out *o, const void *bytes, size_t n)
{
    if (o->failed || o->capacity - o->length < n) {
        o->failed = true;
        return;
    }
    memcpy(o->data + o->length, bytes, n);
    o->length += n;
}

/* A descriptor whose class names were taken out: "(LL)V" and a flow of package and class string indices. */
static bool put_descriptor(const struct jimage *img, struct out *o, const uint8_t **p,
                           const uint8_t *end)
{
    uint32_t shape, flow_length, s;
    if (!read_index(p, end, &shape) || !read_index(p, end, &flow_length) ||
        (size_t)(end - *p) < flow_length) {
        return false;
    }
    const uint8_t *flow = *p, *flow_end = *p + flow_length;
    *p = flow_end;
    size_t at = o->length;
    out_put(o, "\1\0", 3);
    for (const char *c = image_string(img, shape); *c; c++) {
        out_put(o, c, 1);
        if (*c != 'L') { continue; }
        if (!read_index(&flow, flow_end, &s)) { return false; }
        const char *package = image_string(img, s);
        out_put(o, package, strlen(package));
        if (*package) { out_put(o, "/", 1); }
        if (!read_index(&flow, flow_end, &s)) { return false; }
        const char *name = image_string(img, s);
        out_put(o, name, strlen(name));
    }
    if (o->failed || o->length - at - 3 > 65535) { return false; }
    size_t n = o->length - at - 3;
    o->data[at + 1] = (uint8_t)(n >> 8);
    o->data[at + 2] = (uint8_t)n;
    return true;
}

/* Gives a class file back the strings that --compress=1 shares in the image's string table. */
static bool expand_strings(const struct jimage *img, const uint8_t *p, const uint8_t *end,
                           struct out *o)
{
    static const uint8_t sizes[21] = {
        [3] = 4,  [4] = 4,  [5] = 8,  [6] = 8,  [7] = 2,  [8] = 2,  [9] = 4,  [10] = 4,
        [11] = 4, [12] = 4, [15] = 3, [16] = 2, [17] = 4, [18] = 4, [19] = 2, [20] = 2};
    if (end - p < 10) { return false; }
    unsigned count = read_u2(p + 8);
    out_put(o, p, 10);
    p += 10;
    for (unsigned i = 1; i < count; i++) {
        if (p >= end) { return false; }
        uint8_t tag = *p++;
        uint32_t s;
        if (tag == 23) {
            if (!read_index(&p, end, &s)) { return false; }
            const char *text = image_string(img, s);
            size_t n = strlen(text);
            uint8_t head[3] = {1, (uint8_t)(n >> 8), (uint8_t)n};
            out_put(o, head, 3);
            out_put(o, text, n);
        } else if (tag == 25) {
            if (!put_descriptor(img, o, &p, end)) { return false; }
        } else {
            size_t n;
            if (tag == 1) {
                n = end - p >= 2 ? 2u + read_u2(p) : 0;
            } else {
                n = tag < sizeof sizes ? sizes[tag] : 0;
            }
            if (n == 0 || (size_t)(end - p) < n) { return false; }
            out_put(o, &tag, 1);
            out_put(o, p, n);
            p += n;
            i += tag == 5 || tag == 6;
        }
    }
    out_put(o, p, (size_t)(end - p));
    return !o->failed;
}

/* Undoes the stack of compressions (each has a 29-byte header). NULL if it can't. */
static uint8_t *decompress(const struct jimage *img, const uint8_t *data, size_t length,
                           size_t *out_length)
{
    uint8_t *owned = NULL;
    while (length >= 29) {
        uint32_t magic, name_offset;
        uint64_t packed, plain;
        memcpy(&magic, data, 4);
        if (magic != 0xCAFEFAFAu) { break; }
        memcpy(&packed, data + 4, 8);
        memcpy(&plain, data + 12, 8);
        memcpy(&name_offset, data + 20, 4);
        const char *how = image_string(img, name_offset);
        struct out o = {.capacity = (size_t)plain};
        bool ok = plain < 1u << 30 && packed <= length - 29 && (o.data = malloc(plain + 1)) != NULL;
        if (ok && strcmp(how, "zip") == 0) {
            uLongf n = (uLongf)plain;
            ok = uncompress(o.data, &n, data + 29, (uLong)packed) == Z_OK && n == plain;
            o.length = n;
        } else if (ok && strcmp(how, "compact-cp") == 0) {
            ok = expand_strings(img, data + 29, data + 29 + packed, &o);
        } else {
            ok = false;
        }
        free(owned);
        if (!ok) {
            free(o.data);
            fprintf(stderr,
                    "moka: a resource of the run-time image is compressed with \"%s\" or damaged\n",
                    how);
            return NULL;
        }
        owned = o.data;
        data = o.data;
        length = o.length;
    }
    *out_length = length;
    return owned;
}

const uint8_t *jimage_find(struct jimage *img, const char *module, const char *name, size_t *length,
                           bool *must_free)
{
    uint64_t attr[LOC_COUNT];
    *must_free = false;
    if (!find_location(img, module, name, strlen(name), attr)) { return NULL; }
    uint64_t stored = attr[LOC_COMPRESSED] ? attr[LOC_COMPRESSED] : attr[LOC_UNCOMPRESSED];
    if (attr[LOC_OFFSET] > img->contents_size || stored > img->contents_size - attr[LOC_OFFSET]) {
        return NULL;
    }
    const uint8_t *data = img->contents + attr[LOC_OFFSET];
    if (attr[LOC_COMPRESSED]) {
        *must_free = true;
        return decompress(img, data, stored, length);
    }
    *length = (size_t)stored;
    return data;
}

/* "/packages/java.lang" holds pairs of u4: is empty there, module name. */
const char *jimage_package_module(struct jimage *img, const char *package, size_t length)
{
    char dotted[512];
    uint64_t attr[LOC_COUNT];
    if (length >= sizeof dotted) { return NULL; }
    for (size_t i = 0; i < length; i++) { dotted[i] = package[i] == '/' ? '.' : package[i]; }
    if (!find_location(img, "packages", dotted, length, attr)) { return NULL; }
    uint64_t size = attr[LOC_UNCOMPRESSED];
    if (attr[LOC_COMPRESSED] || attr[LOC_OFFSET] > img->contents_size ||
        size > img->contents_size - attr[LOC_OFFSET]) {
        return NULL;
    }
    const uint8_t *p = img->contents + attr[LOC_OFFSET];
    for (uint64_t i = 0; i + 8 <= size; i += 8) {
        uint32_t pair[2];
        memcpy(pair, p + i, 8);
        if (!pair[0]) { return image_string(img, pair[1]); }
    }
    return NULL;
}
