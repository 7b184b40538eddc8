/** Runs generated programs (JitGen) one after the other, and is what they share: arguments, checksums, stack traces. */
public final class JitRun {
    private static final int[] INTS = {0, 1, -1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 63, 64, 99, 127, 128, -128, 255, 256, -129, 32767, 32768,
        -32768, -32769, 65535, 65536, 0x55555555, -2, Integer.MAX_VALUE, Integer.MIN_VALUE, Integer.MAX_VALUE - 1, Integer.MIN_VALUE + 1};
    private static final long[] LONGS = {0, 1, -1, 2, 63, 64, 0x7fffffffL, 0x80000000L, -0x80000000L, -0x80000001L, 0xffffffffL,
        0x100000000L, 0x5555555555555555L, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE - 1, Long.MIN_VALUE + 1, 1L << 53};
    private static final double[] DOUBLES = {0.0, -0.0, 1, -1, 0.5, 1.5, 2.5, -2.5, 1e-310, 1e300, -1e300, 2147483647.0, 2147483648.0, -2147483649.0,
        9.223372036854775807e18, -1e19, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.MIN_VALUE, Double.MAX_VALUE,
        Float.MAX_VALUE, Float.MIN_VALUE, 16777217.0, 3.4e38, 1e-45};

    private static int mix(int it, int salt) {
        int x = it * 0x9e3779b9 + salt * 0x85ebca6b;
        x ^= x >>> 15;
        x *= 0x2c1b3c6d;
        return x ^ x >>> 13;
    }

    /** Argument of round `it`: mostly small, now and then a corner case. */
    static int i(int it, int salt) {
        int x = mix(it, salt);
        return (x & 7) != 0 ? x >>> 8 & 15 : (x & 8) != 0 ? INTS[(x >>> 8) % INTS.length] : x;
    }

    static long l(int it, int salt) {
        int x = mix(it, salt);
        return (x & 3) != 0 ? x >>> 8 & 31 : (x & 8) != 0 ? LONGS[(x >>> 8) % LONGS.length] : (long) x * x * x;
    }

    static double d(int it, int salt) {
        int x = mix(it, salt);
        return (x & 3) != 0 ? (x >>> 8 & 255) * 0.25 : (x & 8) != 0 ? DOUBLES[(x >>> 8) % DOUBLES.length] : x * 1.7e-3;
    }

    static float f(int it, int salt) { return (float) d(it, salt); }

    static int h(long x) { return (int) (x ^ x >>> 32); }
    static int h(int x) { return x; }
    static int h(boolean x) { return x ? 1231 : 1237; }
    static int h(float x) { return Float.floatToIntBits(x); }
    static int h(double x) { return h(Double.doubleToLongBits(x)); }
    static int h(String x) { return x == null ? 7 : x.hashCode(); }
    static int h(int[] a) { return java.util.Arrays.hashCode(a); }
    static int h(long[] a) { return java.util.Arrays.hashCode(a); }
    static int h(float[] a) { return java.util.Arrays.hashCode(a); }
    static int h(double[] a) { return java.util.Arrays.hashCode(a); }
    static int h(byte[] a) { return java.util.Arrays.hashCode(a); }
    static int h(short[] a) { return java.util.Arrays.hashCode(a); }
    static int h(char[] a) { return java.util.Arrays.hashCode(a); }
    static int h(boolean[] a) { return java.util.Arrays.hashCode(a); }

    /** Class, message and the part of the trace that lies in the program. */
    static int code(Throwable t) {
        if (t instanceof StackOverflowError) { return 99; }
        int h = t.getClass().getName().hashCode() * 31 + h(t.getMessage());
        for (StackTraceElement e : t.getStackTrace()) {
            if (verbose) { System.out.println("    " + e); }
            h = h * 31 + e.getClassName().hashCode() + 7 * e.getMethodName().hashCode() + 17 * e.getLineNumber();
            if (e.getMethodName().equals("run")) { break; }
        }
        if (verbose) { System.out.println("  " + t + " " + h); }
        return h;
    }

    static final boolean verbose = Boolean.getBoolean("fuzz.verbose");

    public static void main(String[] args) throws Exception {
        for (String name : args) {
            System.out.println("== " + name);
            try {
                Class.forName(name).getMethod("run").invoke(null);
            } catch (java.lang.reflect.InvocationTargetException e) {
                System.out.println("failed: " + e.getCause().getClass() + " " + code(e.getCause()));
            }
        }
        System.out.println("== end");
    }
}
