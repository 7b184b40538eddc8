// Rotations by constants of ints and longs whose upper bits are known: GCC 12 took the rotated bits for known as well, so that
// bitCount(x) rotated by 31 was never negative. Beside each a rotation bit by bit.
public class JitRotate {
    static int slow(int x, int n) {
        for (int i = 0; i < (n & 31); i++) {
            x = x < 0 ? x * 2 + 1 : x * 2;
        }
        return x;
    }

    static long slow(long x, int n) {
        for (int i = 0; i < (n & 63); i++) {
            x = x < 0 ? x * 2 + 1 : x * 2;
        }
        return x;
    }

    static int bits31(long p) { return sign(Integer.rotateLeft(Long.bitCount(p), 31)); }
    static int bits27(long p) { return sign(Integer.rotateLeft(Long.bitCount(p), 27)); }
    static int zeros30(long p) { return sign(Integer.rotateRight(Long.numberOfLeadingZeros(p), 2)); }
    static int trailing(int p) { return sign(Integer.rotateLeft(Integer.numberOfTrailingZeros(p), 29)); }
    static int masked26(int p) { return sign(Integer.rotateLeft(p & 127, 26)); }
    static int masked31(int p) { int x = p & 127; return sign(x << 31 | x >>> 1); }
    static int masked30(int p) { int x = p & 3; return sign((x << 30) ^ (x >>> 2)); }
    static int masked28(int p) { int x = p & 0xff0; return sign((x << 28) + (x >>> 4)); }
    static int aByte(byte[] a, int i) { return sign(Integer.rotateRight(a[i] & 0xff, 1)); }
    static int aChar(char[] a, int i) { return sign(Integer.rotateRight(a[i], 9)); }
    static int shifted(int p) { return sign(Integer.rotateLeft(p >>> 20, 22)); }
    static int even(int p) { return sign(Integer.rotateRight(p << 3, 5)); }
    static long longBits(long p) { return sign(Long.rotateLeft(Long.bitCount(p), 63)); }
    static long longMasked(long p) { return sign(Long.rotateRight(p & 0xffff, 7)); }

    /** Small enough to be inlined: something else where the number is negative. */
    static int sign(int x) { return x < 0 ? 7 - x : x; }
    static long sign(long x) { return x < 0 ? 7 - x : x; }

    static int wrong;

    static void check(String what, long p, long got, long want) {
        if (got != want && ++wrong <= 5) { System.out.println(what + " of " + p + ": " + got + " instead of " + want); }
    }

    public static void main(String[] args) {
        byte[] bytes = new byte[256];
        char[] chars = new char[256];
        for (int i = 0; i < 256; i++) {
            bytes[i] = (byte) i;
            chars[i] = (char) (i * 257);
        }
        long p = 1, sum = 0;
        for (int i = 0; i < 6000; i++) {
            int q = (int) p, k = i & 255;
            check("bits31", p, bits31(p), sign(slow(Long.bitCount(p), 31)));
            check("bits27", p, bits27(p), sign(slow(Long.bitCount(p), 27)));
            check("zeros30", p, zeros30(p), sign(slow(Long.numberOfLeadingZeros(p), 30)));
            check("trailing", q, trailing(q), sign(slow(Integer.numberOfTrailingZeros(q), 29)));
            check("masked26", q, masked26(q), sign(slow(q & 127, 26)));
            check("masked31", q, masked31(q), sign(slow(q & 127, 31)));
            check("masked30", q, masked30(q), sign(slow(q & 3, 30)));
            check("masked28", q, masked28(q), sign(slow(q & 0xff0, 28)));
            check("aByte", k, aByte(bytes, k), sign(slow(k, 31)));
            check("aChar", k, aChar(chars, k), sign(slow((int) chars[k], 23)));
            check("shifted", q, shifted(q), sign(slow(q >>> 20, 22)));
            check("even", q, even(q), sign(slow(q << 3, 27)));
            check("longBits", p, longBits(p), sign(slow((long) Long.bitCount(p), 63)));
            check("longMasked", p, longMasked(p), sign(slow(p & 0xffff, 57)));
            sum = sum * 31 + bits31(p) + masked28(q) + longMasked(p);
            p = p * 0x5DEECE66DL + 11 >> (i & 31);
            if (p == 0 || p == -1) { p = i * 0x9E3779B97F4A7C15L; }
        }
        System.out.println(wrong + " wrong, " + sum);
    }
}
