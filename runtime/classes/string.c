/*
 * string.c - java.lang.String objects, modified UTF-8 (JVMS 4.4.7), the table of interned strings (JVMS 5.1).
 *
 * A String is {value: byte[], coder, hash}: coder 0 = one byte a char (Latin-1), 1 = UTF-16 in native order. The table of
 * interned strings keeps its strings alive.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/alloc.h"
#include "runtime/classes/classes-internal.h"

enum { LATIN1 = 0, UTF16 = 1 };

/* ---- reading ---- */

int32_t string_length(gref s)
{
    gref value = obj_get_ref(s, OFF(String_value));
    return value ? array_length(value) >> obj_get_byte(s, OFF(String_coder)) : 0;
}

uint16_t string_char_at(gref s, int32_t i)
{
    gref value = obj_get_ref(s, OFF(String_value));
    return obj_get_byte(s, OFF(String_coder)) == LATIN1 ? array_get_boolean(value, i)
                                                        : ((uint16_t *)array_data(value))[i];
}

/* ---- modified UTF-8 ---- */

/* Decodes one char; malformed bytes stand for themselves, so nothing is read behind the end. */
static uint16_t utf8_next(const uint8_t **p, const uint8_t *end)
{
    const uint8_t *s = *p;
    if ((s[0] & 0xe0) == 0xc0 && end - s >= 2 && (s[1] & 0xc0) == 0x80) {
        *p += 2;
        return (uint16_t)((s[0] & 0x1f) << 6 | (s[1] & 0x3f));
    }
    if ((s[0] & 0xf0) == 0xe0 && end - s >= 3 && (s[1] & 0xc0) == 0x80 && (s[2] & 0xc0) == 0x80) {
        *p += 3;
        return (uint16_t)((s[0] & 0xf) << 12 | (s[1] & 0x3f) << 6 | (s[2] & 0x3f));
    }
    *p += 1;
    return s[0];
}

static char *utf8_put(char *out, uint16_t c)
{
    if (c != 0 && c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xc0 | c >> 6);
        *out++ = (char)(0x80 | (c & 0x3f));
    } else {
        *out++ = (char)(0xe0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 0x3f));
        *out++ = (char)(0x80 | (c & 0x3f));
    }
    return out;
}

char *string_to_utf8(gref s, size_t *length)
{
    int32_t n = string_length(s);
    size_t bytes = 0;
    for (int32_t i = 0; i < n; i++) {
        uint16_t c = string_char_at(s, i);
        bytes += c != 0 && c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
    }
    char *text = malloc(bytes + 1), *out = text;
    if (!text) { return NULL; }
    for (int32_t i = 0; i < n; i++) { out = utf8_put(out, string_char_at(s, i)); }
    *out = 0;
    if (length) { *length = bytes; }
    return text;
}

static struct symbol *to_symbol(gref s, bool slashes, bool make)
{
    char small[256];
    int32_t n = string_length(s);
    if (n > 65535) { return NULL; }
    char *text = n <= 84 ? small : malloc((size_t)n * 3 + 1), *out = text;
    if (!text) { return NULL; }
    for (int32_t i = 0; i < n; i++) {
        uint16_t c = string_char_at(s, i);
        out = utf8_put(out, slashes && c == '.' ? '/' : c);
    }
    size_t bytes = (size_t)(out - text);
    struct symbol *sym = NULL;
    if (bytes <= 65535) { sym = make ? symbol_intern(text, bytes) : symbol_find(text, bytes); }
    if (text != small) { free(text); }
    return sym;
}

struct symbol *string_to_symbol(gref s, bool slashes) { return to_symbol(s, slashes, true); }

struct symbol *string_find_symbol(gref s, bool slashes) { return to_symbol(s, slashes, false); }

bool string_equals_c(gref s, const char *text)
{
    int32_t n = string_length(s), i = 0;
    const uint8_t *p = (const uint8_t *)text, *end = p + strlen(text);
    while (p < end && i < n) {
        if (utf8_next(&p, end) != string_char_at(s, i++)) { return false; }
    }
    return p == end && i == n;
}

/* ---- making ---- */

static gref new_string(struct thread *t, int32_t chars, int coder, void **data)
{
    struct class *bytes = class_array_of(t, class_primitive(T_BYTE));
    gref value = bytes ? class_new_array(t, bytes, chars << coder) : 0;
    gref s = value ? class_new_object(t, KC(String)) : 0;
    if (s) {
        obj_set_ref(s, OFF(String_value), value);
        obj_set_byte(s, OFF(String_coder), (int8_t)coder);
        *data = array_data(value);
    }
    return s;
}

gref string_from_utf16(struct thread *t, const uint16_t *chars, int32_t length)
{
    uint16_t all = 0;
    void *data;
    for (int32_t i = 0; i < length; i++) { all |= chars[i]; }
    if (all >= 0x100 && length > INT32_MAX / 2) {
        throw_oom(t, "Requested array size exceeds VM limit");
        return 0;
    }
    gref s = new_string(t, length, all < 0x100 ? LATIN1 : UTF16, &data);
    if (!s) { return 0; }
    if (all < 0x100) {
        for (int32_t i = 0; i < length; i++) { ((uint8_t *)data)[i] = (uint8_t)chars[i]; }
    } else {
        memcpy(data, chars, (size_t)length * 2);
    }
    return s;
}

static gref from_ascii(struct thread *t, const char *text, size_t length, bool dots)
{
    void *data;
    gref s = new_string(t, (int32_t)length, LATIN1, &data);
    if (!s) { return 0; }
    memcpy(data, text, length);
    for (char *c = data; dots && (c = memchr(c, '/', length - (size_t)(c - (char *)data))); c++) {
        *c = '.';
    }
    return s;
}

static gref from_utf8(struct thread *t, const char *text, size_t length, bool dots)
{
    if (length <= INT32_MAX / 2 && text_is_ascii(text, length)) {
        return from_ascii(t, text, length, dots);
    }
    const uint8_t *p = (const uint8_t *)text, *end = p + length;
    uint16_t all = 0;
    size_t n = 0;
    void *data;
    for (; p < end; n++) { all |= utf8_next(&p, end); }
    if (n > INT32_MAX / 2) {
        throw_oom(t, "Requested array size exceeds VM limit");
        return 0;
    }
    gref s = new_string(t, (int32_t)n, all < 0x100 ? LATIN1 : UTF16, &data);
    p = (const uint8_t *)text;
    for (size_t i = 0; s && i < n; i++) {
        uint16_t c = utf8_next(&p, end);
        if (dots && c == '/') { c = '.'; }
        if (all < 0x100) {
            ((uint8_t *)data)[i] = (uint8_t)c;
        } else {
            ((uint16_t *)data)[i] = c;
        }
    }
    return s;
}

gref string_from_utf8(struct thread *t, const char *text, size_t length)
{
    return from_utf8(t, text, length, false);
}

gref string_from_c(struct thread *t, const char *text)
{
    return from_utf8(t, text, strlen(text), false);
}

gref string_from_symbol(struct thread *t, const struct symbol *s)
{
    return from_utf8(t, s->text, s->length, false);
}

gref string_from_symbol_dots(struct thread *t, const struct symbol *s)
{
    return from_utf8(t, s->text, s->length, true);
}

/* ---- interned strings ---- */

static pthread_mutex_t intern_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct {
    uint32_t mask, n;
    gref *strings;
    uint32_t *hashes;
} interned;

static uint32_t hash_string(gref s)
{
    uint32_t h = 0;
    int32_t n = string_length(s);
    for (int32_t i = 0; i < n; i++) { h = h * 31 + string_char_at(s, i); }
    return h;
}

static bool equal_strings(gref a, gref b)
{
    gref av = obj_get_ref(a, OFF(String_value)), bv = obj_get_ref(b, OFF(String_value));
    return obj_get_byte(a, OFF(String_coder)) == obj_get_byte(b, OFF(String_coder)) &&
           array_length(av) == array_length(bv) &&
           memcmp(array_data(av), array_data(bv), (size_t)array_length(av)) == 0;
}

static bool equals_utf8(gref s, const char *text, size_t length)
{
    const uint8_t *p = (const uint8_t *)text, *end = p + length;
    int32_t n = string_length(s);
    for (int32_t i = 0; i < n; i++) {
        if (p >= end || utf8_next(&p, end) != string_char_at(s, i)) { return false; }
    }
    return p == end;
}

static void grow_interned(void)
{
    uint32_t size = interned.strings ? (interned.mask + 1) * 2 : 2048;
    gref *strings = calloc(size, sizeof strings[0]);
    uint32_t *hashes = calloc(size, sizeof hashes[0]);
    if (!strings || !hashes) { abort(); }
    for (uint32_t i = 0; interned.strings && i <= interned.mask; i++) {
        if (interned.strings[i]) {
            uint32_t at = interned.hashes[i] & (size - 1);
            while (strings[at]) { at = (at + 1) & (size - 1); }
            strings[at] = interned.strings[i];
            hashes[at] = interned.hashes[i];
        }
    }
    free(interned.strings);
    free(interned.hashes);
    interned.strings = strings;
    interned.hashes = hashes;
    interned.mask = size - 1;
}

gref string_intern(struct thread *t, gref s)
{
    (void)t;
    uint32_t h = hash_string(s);
    pthread_mutex_lock(&intern_mutex);
    if (interned.n * 3 >= interned.mask * 2) { grow_interned(); }
    uint32_t at = h & interned.mask;
    for (; interned.strings[at]; at = (at + 1) & interned.mask) {
        if (interned.hashes[at] == h && equal_strings(interned.strings[at], s)) {
            s = interned.strings[at];
            pthread_mutex_unlock(&intern_mutex);
            return s;
        }
    }
    interned.strings[at] = s;
    interned.hashes[at] = h;
    interned.n++;
    pthread_mutex_unlock(&intern_mutex);
    return s;
}

gref string_intern_symbol(struct thread *t, struct symbol *sym)
{
    const uint8_t *p = (const uint8_t *)sym->text, *end = p + sym->length;
    uint32_t h = 0;
    gref found = 0;
    while (p < end) { h = h * 31 + utf8_next(&p, end); }
    pthread_mutex_lock(&intern_mutex);
    if (interned.strings) {
        for (uint32_t at = h & interned.mask; interned.strings[at] && !found;
             at = (at + 1) & interned.mask) {
            if (interned.hashes[at] == h &&
                equals_utf8(interned.strings[at], sym->text, sym->length)) {
                found = interned.strings[at];
            }
        }
    }
    pthread_mutex_unlock(&intern_mutex);
    if (!found) {
        found = string_from_symbol(t, sym);
        found = found ? string_intern(t, found) : 0;
    }
    return found;
}

void strings_visit_roots(void (*visit)(gref *cell, void *arg), void *arg)
{
    for (uint32_t i = 0; interned.strings && i <= interned.mask; i++) {
        if (interned.strings[i]) { visit(&interned.strings[i], arg); }
    }
}
