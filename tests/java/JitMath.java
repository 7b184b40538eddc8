// options: -XX:-OmitStackTraceInFastThrow
/** Arithmetic in compiled code: every operation on corner cases, in methods that are called often and in loops. */
public class JitMath {
    static final int[] I = {0, 1, -1, 2, -2, 7, 31, 32, 33, 63, 64, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, -32769, 65535, 65536,
        0x55555555, 1000000007, Integer.MAX_VALUE, Integer.MIN_VALUE, Integer.MAX_VALUE - 1, Integer.MIN_VALUE + 1};
    static final long[] L = {0, 1, -1, 2, 63, 64, 0x7fffffffL, 0x80000000L, -0x80000000L, -0x80000001L, 0xffffffffL, 0x100000000L,
        0x5555555555555555L, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE - 1, Long.MIN_VALUE + 1, (1L << 53) + 1};
    static final float[] F = {0f, -0f, 1f, -1f, 0.5f, 1.5f, -2.5f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE,
        Float.MAX_VALUE, -Float.MAX_VALUE, 2147483647f, -2147483648f, 2147483904f, 9.2233715e18f, 9.223372e18f, -9.3e18f, 16777217f, 1e-40f};
    static final double[] D = {0, -0.0, 1, -1, 0.5, 1.5, 2.5, -2.5, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.MIN_VALUE,
        Double.MAX_VALUE, 2147483647, 2147483647.5, 2147483648.0, -2147483648.0, -2147483648.5, -2147483649.0, 9.223372036854774e18,
        9.223372036854775807e18, -9.223372036854775808e18, -1e19, 1e19, 1e-310, 4503599627370497.5, 1e300};

    interface Sum { long of(int i, int k); }

    static void all(String what, int n, Sum s) {
        long h = 0;
        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < n; i++) {
                for (int k = 0; k < n; k++) {
                    long x;
                    try {
                        x = s.of(i, k);
                    } catch (ArithmeticException e) {
                        x = e.getMessage().length() + 1000L * e.getStackTrace()[0].getLineNumber();
                    }
                    h = h * 31 + x;
                }
            }
        }
        System.out.println(what + " " + Long.toHexString(h));
    }

    static long b(float f) { return Float.floatToIntBits(f); }
    static long b(double d) { return Double.doubleToLongBits(d); }

    static int idiv(int a, int b) { return a / b; }
    static int irem(int a, int b) { return a % b; }
    static long ldiv(long a, long b) { return a / b; }
    static long lrem(long a, long b) { return a % b; }
    static int constDivisors(int a) { return a / 7 + a % 7 + a / -1 + a % -1 + a / 8 + a % 8 + a / -8 + a / 1000 + a % 10 + a / Integer.MIN_VALUE; }
    static long constDivisors(long a) { return a / 7 + a % 7 + a / -1 + a % -1 + a / 8 + a % 8 + a / -8 + a / 1000 + a % 10 + a / Long.MIN_VALUE; }
    static int shifts(int a, int b) { return (a << b) + (a >> b) * 3 + (a >>> b) * 7 + (a << 33) + (a >> -1) + (a >>> 32); }
    static long shifts(long a, int b) { return (a << b) + (a >> b) * 3 + (a >>> b) * 7 + (a << 65) + (a >> -1) + (a >>> 64); }
    static int shiftByLong(int a, long b) { return (a << b) + (a >> b) + (a >>> b); }
    static int narrow(int a) { return (byte) a + (short) a * 3 + (char) a * 7 + (byte) (short) a + (char) (byte) a + (short) (char) a; }
    static int ofDouble(double d) { return (int) d; }
    static long ofDoubleL(double d) { return (long) d; }
    static int ofAbs(double d) { return (int) Math.abs(d); }
    static long ofAbsL(double d) { return (long) Math.abs(d); }
    static int ofFloat(float f) { return (int) f; }
    static long ofFloatL(float f) { return (long) f; }
    static int toSmall(double d) { return (byte) d + 3 * (short) d + 7 * (char) d; }
    static long positive(double d) { return d > 0 ? (long) d : (int) d; }
    static int compares(double a, double b) { return (a < b ? 1 : 0) + (a <= b ? 2 : 0) + (a > b ? 4 : 0) + (a >= b ? 8 : 0) + (a == b ? 16 : 0) + (a != b ? 32 : 0); }
    static int notCompares(float a, float b) { return (!(a < b) ? 1 : 0) + (!(a <= b) ? 2 : 0) + (!(a > b) ? 4 : 0) + (!(a >= b) ? 8 : 0) + (!(a == b) ? 16 : 0); }

    static long loopOfConversions() {
        long h = 0;
        for (int round = 0; round < 200; round++) {
            for (double d : D) { h = h * 31 + (int) d + (long) d + (int) (float) d + (char) (int) d + (long) Math.abs(d) + (int) (d * d); }
            for (long l : L) { h = h * 31 + (int) l + b((float) l) + b((double) l) + (short) l; }
        }
        return h;
    }

    public static void main(String[] args) {
        all("idiv", I.length, (i, k) -> idiv(I[i], I[k]));
        all("irem", I.length, (i, k) -> irem(I[i], I[k]));
        all("ldiv", L.length, (i, k) -> ldiv(L[i], L[k]));
        all("lrem", L.length, (i, k) -> lrem(L[i], L[k]));
        all("iconst", I.length, (i, k) -> constDivisors(I[i]));
        all("lconst", L.length, (i, k) -> constDivisors(L[i]));
        all("ishift", I.length, (i, k) -> shifts(I[i], I[k]));
        all("lshift", L.length, (i, k) -> shifts(L[i], I[k]));
        all("mixedshift", L.length, (i, k) -> shiftByLong(I[i], L[k]));
        all("narrow", I.length, (i, k) -> narrow(I[i] + k));
        all("d2i", D.length, (i, k) -> ofDouble(D[i] + D[k]));
        all("d2l", D.length, (i, k) -> ofDoubleL(D[i] + D[k]));
        all("abs2i", D.length, (i, k) -> ofAbs(D[i] + D[k]));
        all("abs2l", D.length, (i, k) -> ofAbsL(D[i] + D[k]));
        all("f2i", F.length, (i, k) -> ofFloat(F[i] * F[k]));
        all("f2l", F.length, (i, k) -> ofFloatL(F[i] * F[k]));
        all("d2small", D.length, (i, k) -> toSmall(D[i] - D[k]));
        all("positive", D.length, (i, k) -> positive(D[i] - D[k]));
        all("compare", D.length, (i, k) -> compares(D[i], D[k]));
        all("notcompare", F.length, (i, k) -> notCompares(F[i], F[k]));
        all("fop", F.length, (i, k) -> b(F[i] + F[k]) ^ b(F[i] - F[k]) * 3 ^ b(F[i] * F[k]) * 7 ^ b(F[i] / F[k]) * 11 ^ b(F[i] % F[k]) * 13 ^ b(-F[i]));
        all("dop", D.length, (i, k) -> b(D[i] + D[k]) ^ b(D[i] - D[k]) * 3 ^ b(D[i] * D[k]) * 7 ^ b(D[i] / D[k]) * 11 ^ b(D[i] % D[k]) * 13 ^ b(-D[i]));
        all("dzero", D.length, (i, k) -> b(D[i] + 0.0) ^ b(0.0 - D[i]) * 3 ^ b(D[i] * 1.0) * 7 ^ b(D[i] - 0.0) * 11 ^ b(-(-D[i])) * 13);
        all("minmax", D.length, (i, k) -> b(Math.min(D[i], D[k])) ^ b(Math.max(D[i], D[k])) * 3 ^ b(Math.abs(D[i])) * 7);
        all("fminmax", F.length, (i, k) -> b(Math.min(F[i], F[k])) ^ b(Math.max(F[i], F[k])) * 3 ^ b(Math.abs(F[i])) * 7);
        all("iminmax", I.length, (i, k) -> Math.min(I[i], I[k]) * 3L + Math.max(I[i], I[k]) * 7L + Math.abs(I[i]));
        all("lminmax", L.length, (i, k) -> Math.min(L[i], L[k]) * 3 + Math.max(L[i], L[k]) * 7 + Math.abs(L[i]));
        all("round", D.length, (i, k) -> b(Math.floor(D[i])) ^ b(Math.ceil(D[i])) * 3 ^ b(Math.rint(D[i])) * 7 ^ b(Math.sqrt(D[i])) * 11 ^ Math.round(D[i]) ^ Math.round((float) D[k]));
        all("fma", D.length, (i, k) -> b(Math.fma(D[i], D[k], D[i])) ^ b(Math.fma((float) D[i], (float) D[k], 1f)));
        all("bits", I.length, (i, k) -> Integer.bitCount(I[i]) + 3 * Integer.numberOfLeadingZeros(I[i]) + 7 * Integer.numberOfTrailingZeros(I[k])
            + 11L * Integer.reverseBytes(I[i]) + 13L * Integer.reverse(I[k]) + Integer.highestOneBit(I[i]) + Integer.rotateLeft(I[i], I[k]));
        all("lbits", L.length, (i, k) -> Long.bitCount(L[i]) + 3 * Long.numberOfLeadingZeros(L[i]) + 7 * Long.numberOfTrailingZeros(L[k])
            + 11L * Long.reverseBytes(L[i]) + 13L * Long.reverse(L[k]) + Math.multiplyHigh(L[i], L[k]) + Long.rotateRight(L[i], (int) L[k]));
        all("unsigned", I.length, (i, k) -> Integer.compareUnsigned(I[i], I[k]) + Integer.divideUnsigned(I[i], I[k] | 1) + Long.compare(I[i], I[k]) * 5
            + Long.divideUnsigned(L[i % L.length], L[k % L.length] | 1) + Integer.toUnsignedLong(I[i]));
        all("exact", I.length, (i, k) -> Math.addExact(I[i], I[k]) + Math.multiplyExact(I[k], 3));
        all("floor", I.length, (i, k) -> Math.floorDiv(I[i], I[k]) + 3 * Math.floorMod(I[i], I[k]));
        System.out.println(Long.toHexString(loopOfConversions()));
    }
}
