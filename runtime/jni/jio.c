/* jio.c - jio_*: the printf family that the JDK's libraries take from the VM. */
#include <stdarg.h>
#include <stdio.h>

#include "runtime/jni/jvm.h"

/* -1 if the text did not fit, always 0-terminated. */
JNIEXPORT int jio_vsnprintf(char *str, size_t count, const char *fmt, va_list args)
{
    if ((ssize_t)count <= 0) { return -1; }
    int n = vsnprintf(str, count, fmt, args);
    if (n < 0 || (size_t)n >= count) {
        str[count - 1] = 0;
        return -1;
    }
    return n;
}

JNIEXPORT int jio_snprintf(char *str, size_t count, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = jio_vsnprintf(str, count, fmt, args);
    va_end(args);
    return n;
}

JNIEXPORT int jio_vfprintf(FILE *f, const char *fmt, va_list args)
{
    return vfprintf(f, fmt, args);
}

JNIEXPORT int jio_fprintf(FILE *f, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vfprintf(f, fmt, args);
    va_end(args);
    return n;
}

JNIEXPORT int jio_printf(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vprintf(fmt, args);
    va_end(args);
    return n;
}
