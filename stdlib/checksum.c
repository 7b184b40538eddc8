/*
 * checksum.c - java.util.zip.CRC32C with the processor's own instruction, eight bytes at a time.
 *
 * The class library has Java code with tables for it, a tenth as fast; HotSpot replaces that, too. Without SSE 4.2 the Java code runs. (CRC32
 * and Adler32 are zlib's, called by the class library itself.)
 */
#include <string.h>

#include "stdlib/stdlib-internal.h"

/* The state after n more bytes; neither it nor the result is inverted (SDM, CRC32: reflected polynomial 0x11edc6f41). */
__attribute__((target("sse4.2"))) static uint32_t crc32c(uint32_t crc, const uint8_t *p, size_t n)
{
    uint64_t state = crc;
    for (; n >= 8; n -= 8, p += 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        state = __builtin_ia32_crc32di(state, word);
    }
    crc = (uint32_t)state;
    for (; n; n--) { crc = __builtin_ia32_crc32qi(crc, *p++); }
    return crc;
}

static slot_t update(int32_t crc, const uint8_t *bytes, int32_t from, int32_t to)
{
    size_t n = to > from ? (size_t)((int64_t)to - from) : 0;
    return slot_int((int32_t)crc32c((uint32_t)crc, bytes + from, n));
}

/* crc, array, from, to: checked by the callers */
NATIVE(update_bytes) { return update(args[0].i, array_data(args[1].r), args[2].i, args[3].i); }

/* crc, address (two cells), from, to */
NATIVE(update_direct)
{
    return update(args[0].i, (const uint8_t *)(uintptr_t)args[1].raw, args[3].i, args[4].i);
}

static const struct vm_native_row rows[] = {
    {"java/util/zip/CRC32C", "updateBytes", "(I[BII)I", update_bytes},
    {"java/util/zip/CRC32C", "updateDirectByteBuffer", "(IJII)I", update_direct},
    {0},
};
static const struct vm_native_row none[] = {{0}};

const struct vm_native_row *checksum_intrinsics(void)
{
    return __builtin_cpu_supports("sse4.2") ? rows : none;
}
