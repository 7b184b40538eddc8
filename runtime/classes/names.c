/*
 * names.c - what names and descriptors may look like (JVMS 4.2, 4.3, 4.4.7).
 */
#include <string.h>

#include "runtime/classes/classes-internal.h"

/* Modified UTF-8: no 0 byte, no byte 0xf0..0xff, continuation bytes where they belong. */
bool legal_utf8(const uint8_t *s, size_t n)
{
    size_t i = 0;
    /* Mostly ASCII: eight bytes a step while none is 0 or has its high bit set. */
    while (n - i >= 8) {
        uint64_t w;
        memcpy(&w, s + i, 8);
        if ((w | (w - 0x0101010101010101ull)) & 0x8080808080808080ull) { break; }
        i += 8;
    }
    while (i < n) {
        uint8_t b = s[i];
        if (b != 0 && b < 0x80) {
            i++;
        } else if ((b & 0xe0) == 0xc0) {
            if (n - i < 2 || (s[i + 1] & 0xc0) != 0x80) { return false; }
            unsigned ch = (b & 0x1fu) << 6 | (s[i + 1] & 0x3fu);
            if (ch != 0 && ch < 0x80) { return false; }
            i += 2;
        } else if ((b & 0xf0) == 0xe0) {
            if (n - i < 3 || (s[i + 1] & 0xc0) != 0x80 || (s[i + 2] & 0xc0) != 0x80) {
                return false;
            }
            unsigned ch = (b & 0xfu) << 12 | (s[i + 1] & 0x3fu) << 6 | (s[i + 2] & 0x3fu);
            if (ch < 0x800) { return false; }
            i += 3;
        } else {
            return false;
        }
    }
    return true;
}

bool legal_unqualified(const char *s, size_t n, enum name_kind kind)
{
    if (n == 0) { return false; }
    for (size_t i = 0; i < n; i++) {
        switch (s[i]) {
        case '.':
        case ';':
        case '[': return false;
        case '/':
            if (kind != NAME_CLASS || i == 0 || i == n - 1 || s[i + 1] == '/') { return false; }
            break;
        case '<':
        case '>':
            if (kind == NAME_METHOD) { return false; }
            break;
        default: break;
        }
    }
    return true;
}

/* Before Java 5 (version 49) names were Java identifiers. Beyond ASCII everything is taken for a letter. */
bool legal_identifiers(const char *s, size_t n)
{
    bool first = true;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c >= 0x80;
        if (c == '/') {
            first = true;
        } else if (!letter && (first || c < '0' || c > '9')) {
            return false;
        } else {
            first = false;
        }
    }
    return n != 0;
}

bool legal_class_name(const char *s, size_t n)
{
    if (n && s[0] == '[') { return legal_field_descriptor(s, n); }
    return legal_unqualified(s, n, NAME_CLASS);
}

bool legal_method_name(const char *s, size_t n)
{
    if (n && s[0] == '<') {
        return (n == 6 && memcmp(s, "<init>", 6) == 0) || (n == 8 && memcmp(s, "<clinit>", 8) == 0);
    }
    return legal_unqualified(s, n, NAME_METHOD);
}

size_t field_descriptor_length(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && s[i] == '[') {
        if (++i > 255) { return 0; }
    }
    if (i >= n) { return 0; }
    if (s[i] == 'L') {
        const char *semi = memchr(s + i, ';', n - i);
        if (!semi || !legal_unqualified(s + i + 1, (size_t)(semi - s) - i - 1, NAME_CLASS)) {
            return 0;
        }
        return (size_t)(semi - s) + 1;
    }
    enum basic_type t = type_of_char(s[i]);
    return t && t < T_OBJECT ? i + 1 : 0;
}

bool legal_field_descriptor(const char *s, size_t n)
{
    return n && field_descriptor_length(s, n) == n;
}

int parse_method_descriptor(const char *s, size_t n, unsigned *params, enum basic_type *ret)
{
    unsigned cells = 0, count = 0;
    size_t i = 1;
    if (n < 3 || s[0] != '(') { return -1; }
    while (i < n && s[i] != ')') {
        size_t len = field_descriptor_length(s + i, n - i);
        if (!len) { return -1; }
        cells += type_slots(type_of_char(s[i]));
        count++;
        i += len;
    }
    if (++i >= n) { return -1; }
    if (!(s[i] == 'V' ? n - i == 1 : field_descriptor_length(s + i, n - i) == n - i)) { return -1; }
    if (params) { *params = count; }
    if (ret) { *ret = type_of_char(s[i]); }
    return (int)cells;
}
