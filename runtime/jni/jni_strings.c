/* jni_strings.c - JNI: strings. Text crosses the border as a malloced copy, but for GetStringCritical of UTF-16 ones. */
#include <stdlib.h>
#include <string.h>

#include "runtime/jni/jni-internal.h"
#include "runtime/jni/jni_table.h"

static jstring JNICALL NewString(JNIEnv *env, const jchar *chars, jsize n)
{
    ENTER(env);
    return local(t, string_from_utf16(t, chars, n));
}

static jsize JNICALL GetStringLength(JNIEnv *env, jstring s)
{
    ENTER(env);
    return string_length(deref(s));
}

static void copy_chars(gref s, jsize start, jsize n, jchar *out)
{
    for (jsize i = 0; i < n; i++) { out[i] = string_char_at(s, start + i); }
}

static const jchar *JNICALL GetStringChars(JNIEnv *env, jstring str, jboolean *is_copy)
{
    ENTER(env);
    gref s = deref(str);
    jsize n = string_length(s);
    jchar *out = malloc(((size_t)n + 1) * sizeof(*out));
    if (!out) {
        throw_oom(t, "GetStringChars");
        return NULL;
    }
    copy_chars(s, 0, n, out);
    out[n] = 0;
    if (is_copy) { *is_copy = JNI_TRUE; }
    return out;
}

static void JNICALL ReleaseStringChars(JNIEnv *env UNUSED, jstring str UNUSED, const jchar *chars)
{
    free((void *)(uintptr_t)chars);
}

static bool is_utf16(gref s) { return obj_get_byte(s, OFF(String_coder)) != 0; }

static const jchar *JNICALL GetStringCritical(JNIEnv *env, jstring str, jboolean *is_copy)
{
    {
        ENTER(env);
        gref s = deref(str);
        if (is_utf16(s)) {
            if (is_copy) { *is_copy = JNI_FALSE; }
            return array_data(obj_get_ref(s, OFF(String_value)));
        }
    }
    return GetStringChars(env, str, is_copy);
}

static void JNICALL ReleaseStringCritical(JNIEnv *env, jstring str, const jchar *chars)
{
    {
        ENTER(env);
        gref s = deref(str);
        if (s && chars == array_data(obj_get_ref(s, OFF(String_value)))) { return; }
    }
    ReleaseStringChars(env, str, chars);
}

static jstring JNICALL NewStringUTF(JNIEnv *env, const char *utf)
{
    ENTER(env);
    return utf ? local(t, string_from_utf8(t, utf, strlen(utf))) : NULL;
}

/* Bytes that one UTF-16 unit takes in modified UTF-8. */
static unsigned utf8_bytes(uint16_t c) { return c && c < 0x80 ? 1 : c < 0x800 ? 2 : 3; }

static jsize JNICALL GetStringUTFLength(JNIEnv *env, jstring str)
{
    ENTER(env);
    gref s = deref(str);
    jsize n = string_length(s);
    int64_t bytes = 0;
    for (jsize i = 0; i < n; i++) { bytes += utf8_bytes(string_char_at(s, i)); }
    return bytes > INT32_MAX ? INT32_MAX : (jsize)bytes;
}

static const char *JNICALL GetStringUTFChars(JNIEnv *env, jstring str, jboolean *is_copy)
{
    ENTER(env);
    char *s = string_to_utf8(deref(str), NULL);
    if (!s) { throw_oom(t, "GetStringUTFChars"); }
    if (s && is_copy) { *is_copy = JNI_TRUE; }
    return s;
}

static void JNICALL ReleaseStringUTFChars(JNIEnv *env UNUSED, jstring str UNUSED, const char *chars)
{
    free((void *)(uintptr_t)chars);
}

static bool check_region(struct thread *t, gref s, jsize start, jsize n)
{
    int32_t length = string_length(s);
    if (start < 0 || n < 0 || start > length - n) {
        throw_new(t, "java/lang/StringIndexOutOfBoundsException", NULL);
        return false;
    }
    return true;
}

static void JNICALL GetStringRegion(JNIEnv *env, jstring str, jsize start, jsize n, jchar *out)
{
    ENTER(env);
    gref s = deref(str);
    if (check_region(t, s, start, n)) { copy_chars(s, start, n, out); }
}

static void JNICALL GetStringUTFRegion(JNIEnv *env, jstring str, jsize start, jsize n, char *out)
{
    ENTER(env);
    gref s = deref(str);
    if (!check_region(t, s, start, n)) { return; }
    for (jsize i = start; i < start + n; i++) {
        uint16_t c = string_char_at(s, i);
        switch (utf8_bytes(c)) {
        case 1: *out++ = (char)c; break;
        case 2:
            *out++ = (char)(0xc0 | c >> 6);
            *out++ = (char)(0x80 | (c & 0x3f));
            break;
        default:
            *out++ = (char)(0xe0 | c >> 12);
            *out++ = (char)(0x80 | (c >> 6 & 0x3f));
            *out++ = (char)(0x80 | (c & 0x3f));
            break;
        }
    }
    *out = 0;
}

void jni_fill_strings(struct JNINativeInterface_ *f)
{
    f->NewString = NewString;
    f->GetStringLength = GetStringLength;
    f->GetStringChars = GetStringChars;
    f->ReleaseStringChars = ReleaseStringChars;
    f->NewStringUTF = NewStringUTF;
    f->GetStringUTFLength = GetStringUTFLength;
    f->GetStringUTFChars = GetStringUTFChars;
    f->ReleaseStringUTFChars = ReleaseStringUTFChars;
    f->GetStringRegion = GetStringRegion;
    f->GetStringUTFRegion = GetStringUTFRegion;
    f->GetStringCritical = GetStringCritical;
    f->ReleaseStringCritical = ReleaseStringCritical;
}
