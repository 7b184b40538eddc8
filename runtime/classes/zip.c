/*
 * zip.c - reads entries of jar files for the boot class path (APPNOTE.TXT sections 4.3, 4.5.3).
 *
 * The file is mapped; the central directory is read once into a hash table of entry positions. Zip64 sizes, offsets
 * and counts are understood. Everything is checked against the file's bounds.
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

#define SIG_END       0x06054b50u
#define SIG_END64     0x06064b50u
#define SIG_LOCATOR64 0x07064b50u
#define SIG_CENTRAL   0x02014b50u
#define SIG_LOCAL     0x04034b50u
#define CENTRAL_SIZE  46u
#define LOCAL_SIZE    30u
#define END_SIZE      22u

struct zip {
    const uint8_t *map;
    size_t size;
    uint64_t base; /* bytes in front of the archive (self-extracting files) */
    uint32_t mask;
    uint64_t *entries; /* position of the central header, 0 = free; open addressing */
};

static uint32_t le2(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8; }

static uint32_t le4(const uint8_t *p) { return le2(p) | le2(p + 2) << 16; }

static uint64_t le8(const uint8_t *p) { return le4(p) | (uint64_t)le4(p + 4) << 32; }

static uint32_t hash_name(const uint8_t *s, size_t n)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n; i++) { h = (h ^ s[i]) * 16777619u; }
    return h ^ h >> 15;
}

/* Finds the end record; sets where the central directory is and its number of entries. */
static const char *find_directory(struct zip *z, uint64_t *start, uint64_t *bytes, uint64_t *count)
{
    if (z->size < END_SIZE) { return "zip END header not found"; }
    size_t lowest = z->size > 65557 ? z->size - 65557 : 0;
    size_t at = z->size - END_SIZE;
    while (le4(z->map + at) != SIG_END || at + END_SIZE + le2(z->map + at + 20) > z->size) {
        if (at-- == lowest) { return "zip END header not found"; }
    }
    const uint8_t *e = z->map + at;
    uint64_t end_of_directory = at;
    *count = le2(e + 10);
    *bytes = le4(e + 12);
    *start = le4(e + 16);
    if (at >= 20 && le4(e - 20) == SIG_LOCATOR64) {
        uint64_t at64 = le8(e - 20 + 8);
        if (at64 <= z->size && z->size - at64 >= 56 && le4(z->map + at64) == SIG_END64) {
            const uint8_t *e64 = z->map + at64;
            *count = le8(e64 + 32);
            *bytes = le8(e64 + 40);
            *start = le8(e64 + 48);
            end_of_directory = at64;
        }
    }
    if (*bytes > end_of_directory || *start > end_of_directory - *bytes) {
        return "invalid END header (bad central directory size or offset)";
    }
    z->base = end_of_directory - *bytes - *start;
    *start += z->base;
    if (*count > *bytes / CENTRAL_SIZE) { return "invalid END header (bad entry count)"; }
    return NULL;
}

static const char *read_directory(struct zip *z)
{
    uint64_t at, bytes, count;
    const char *wrong = find_directory(z, &at, &bytes, &count);
    if (wrong) { return wrong; }
    uint32_t size = 16;
    while (size < count * 2) { size *= 2; }
    z->mask = size - 1;
    z->entries = calloc(size, sizeof z->entries[0]);
    if (!z->entries) { return "out of memory"; }
    uint64_t end = at + bytes;
    for (uint64_t i = 0; i < count; i++) {
        if (end - at < CENTRAL_SIZE || le4(z->map + at) != SIG_CENTRAL) {
            return "invalid CEN header (bad signature)";
        }
        const uint8_t *h = z->map + at;
        uint64_t total = CENTRAL_SIZE + le2(h + 28) + le2(h + 30) + le2(h + 32);
        if (total > end - at) { return "invalid CEN header (bad header size)"; }
        uint32_t slot = hash_name(h + CENTRAL_SIZE, le2(h + 28)) & z->mask;
        while (z->entries[slot]) { slot = (slot + 1) & z->mask; }
        z->entries[slot] = at + 1; /* + 1: position 0 is legal */
        at += total;
    }
    return NULL;
}

struct zip *zip_open(const char *file, char *error, size_t error_size)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        snprintf(error, error_size, "cannot open %s: %s", file, strerror(errno));
        if (fd >= 0) { close(fd); }
        return NULL;
    }
    struct zip *z = calloc(1, sizeof *z);
    void *map = S_ISREG(st.st_mode) && st.st_size > 0
                    ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0)
                    : MAP_FAILED;
    close(fd);
    if (!z || map == MAP_FAILED) {
        snprintf(error, error_size, "cannot read %s: %s", file,
                 S_ISDIR(st.st_mode) ? "it is a directory"
                                     : "zip file is empty or cannot be mapped");
        free(z);
        return NULL;
    }
    z->map = map;
    z->size = (size_t)st.st_size;
    const char *wrong = read_directory(z);
    if (wrong) {
        snprintf(error, error_size, "error in opening zip file %s: %s", file, wrong);
        zip_close(z);
        return NULL;
    }
    return z;
}

void zip_close(struct zip *z)
{
    munmap((void *)(uintptr_t)z->map, z->size);
    free(z->entries);
    free(z);
}

/* Sizes and offset of an entry, from its zip64 extra field where the header says 0xffffffff. */
static bool entry_place(const uint8_t *h, uint64_t *packed, uint64_t *plain, uint64_t *offset)
{
    *packed = le4(h + 20);
    *plain = le4(h + 24);
    *offset = le4(h + 42);
    if (*packed != 0xffffffffu && *plain != 0xffffffffu && *offset != 0xffffffffu) { return true; }
    const uint8_t *p = h + CENTRAL_SIZE + le2(h + 28), *end = p + le2(h + 30);
    while (end - p >= 4) {
        uint32_t id = le2(p), n = le2(p + 2);
        p += 4;
        if (n > (size_t)(end - p)) { return false; }
        if (id == 1) {
            uint64_t *const want[3] = {plain, packed, offset};
            const uint8_t *q = p;
            for (int i = 0; i < 3; i++) {
                if (*want[i] == 0xffffffffu) {
                    if (p + n - q < 8) { return false; }
                    *want[i] = le8(q);
                    q += 8;
                }
            }
            return true;
        }
        p += n;
    }
    return false;
}

static bool inflate_entry(const uint8_t *from, size_t packed, uint8_t *to, size_t plain)
{
    z_stream s = {0};
    if (packed > UINT32_MAX || plain > UINT32_MAX || inflateInit2(&s, -MAX_WBITS) != Z_OK) {
        return false;
    }
    s.next_in = (Bytef *)(uintptr_t)from;
    s.avail_in = (uInt)packed;
    s.next_out = to;
    s.avail_out = (uInt)plain;
    int r = inflate(&s, Z_FINISH);
    bool ok = r == Z_STREAM_END && s.avail_out == 0;
    inflateEnd(&s);
    return ok;
}

uint8_t *zip_read(struct zip *z, const char *entry, size_t *length, const char **error)
{
    size_t n = strlen(entry);
    uint32_t slot = hash_name((const uint8_t *)entry, n) & z->mask;
    const uint8_t *h = NULL;
    *error = NULL;
    for (;; slot = (slot + 1) & z->mask) {
        if (!z->entries[slot]) { return NULL; }
        h = z->map + z->entries[slot] - 1;
        if (le2(h + 28) == n && memcmp(h + CENTRAL_SIZE, entry, n) == 0) { break; }
    }
    uint64_t packed, plain, offset;
    if (!entry_place(h, &packed, &plain, &offset)) {
        *error = "invalid CEN header (bad zip64 extra field)";
        return NULL;
    }
    if (le2(h + 8) & 1) {
        *error = "encrypted ZIP entry not supported";
        return NULL;
    }
    if (offset > z->size - z->base || z->size - z->base - offset < LOCAL_SIZE ||
        le4(z->map + z->base + offset) != SIG_LOCAL) {
        *error = "invalid LOC header (bad signature)";
        return NULL;
    }
    offset += z->base;
    const uint8_t *local = z->map + offset;
    uint64_t data = offset + LOCAL_SIZE + le2(local + 26) + le2(local + 28);
    unsigned method = le2(h + 10);
    if (data > z->size || packed > z->size - data || plain > 1u << 30 ||
        (method == 0 && packed != plain)) {
        *error = "invalid LOC header (bad sizes)";
        return NULL;
    }
    uint8_t *out = malloc(plain + 1);
    if (!out) {
        *error = "out of memory";
        return NULL;
    }
    bool ok = true;
    if (method == 0) {
        memcpy(out, z->map + data, plain);
    } else if (method == 8) {
        ok = inflate_entry(z->map + data, packed, out, plain);
    } else {
        *error = "invalid compression method";
        free(out);
        return NULL;
    }
    if (!ok || crc32(crc32(0, NULL, 0), out, (uInt)plain) != le4(h + 16)) {
        *error = ok ? "invalid entry CRC" : "invalid compressed data";
        free(out);
        return NULL;
    }
    *length = (size_t)plain;
    return out;
}
