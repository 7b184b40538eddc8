// options: -XX:-OmitStackTraceInFastThrow
/** Loops in compiled code: range checks that are hoisted or proven and fail late, strides, overflow, nests, exits in between. */
public class JitLoops {
    static int[] small = new int[20];

    static int up(int[] a, int from, int to) { int s = 0; for (int i = from; i < to; i++) { s += a[i]; a[i] = s; } return s; }
    static int upTo(int[] a, int from, int to) { int s = 0; for (int i = from; i <= to; i++) { s += a[i]; } return s; }
    static int down(int[] a, int from, int to) { int s = 0; for (int i = from; i >= to; i--) { s = s * 3 + a[i]; } return s; }
    static int stride(int[] a, int from, int to, int by) { int s = 0; for (int i = from; i < to; i += by) { s += a[i]; } return s; }
    static int stride3(int[] a, int to) { int s = 0; for (int i = 1; i < to; i += 3) { a[i]++; s += a[i - 1]; } return s; }
    static int offset(int[] a, int n) { int s = 0; for (int i = 0; i < n; i++) { s += a[i + 1] - a[i - 1 < 0 ? 0 : i - 1]; } return s; }
    static int reverse(int[] a, int n) { int s = 0; for (int i = 0; i < n; i++) { s = s * 7 + a[a.length - 1 - i]; } return s; }
    static int twice(int[] a, int n) { int s = 0; for (int i = 0; i < n; i++) { s += a[2 * i]; } return s; }
    static int longIndex(int[] a, long from, long to) { int s = 0; for (long i = from; i < to; i++) { s += a[(int) i]; } return s; }
    static int notEqual(int[] a, int from, int to, int by) { int s = 0; for (int i = from; i != to; i += by) { s += a[i]; } return s; }
    static int wraps(int from) { int n = 0; for (int i = from; i > 0; i += 3) { n++; } return n; }
    static int wrapsDown(int from) { int n = 0; for (int i = from; i < 0; i -= 7) { n++; } return n; }
    static int toMax(int from) { int n = 0; for (int i = from; i <= Integer.MAX_VALUE - 1; i++) { n++; } return n; }
    static int byteLoop() { int n = 0; for (byte b = 0; b >= 0; b += 5) { n += b; } return n; }
    static int charLoop(char to) { int n = 0; for (char c = 0; c < to; c += 3) { n += c; } return n; }
    static int alias(int[] a, int[] b, int n) { for (int i = 1; i < n; i++) { a[i] = b[i - 1] + 1; } return a[n - 1]; }
    static int grows(int[][] box, int n) { int s = 0; for (int i = 0; i < n; i++) { if (i == 7) { box[0] = new int[9]; } s += ++box[0][i]; } return s; }
    static int matrix(int[][] m, int n) { int s = 0; for (int i = 0; i < n; i++) { for (int k = 0; k < m[i].length; k++) { s = s * 5 + m[i][k]++; } } return s; }
    static int triangle(int[][] m, int n) { int s = 0; for (int i = 0; i < n; i++) { for (int k = i; k < n; k++) { s += m[k][i] + m[i][k]; } } return s; }

    static int jumps(int[] a, int n, int stop) {
        int s = 0;
        outer:
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < n; k++) {
                if (k > i) { continue outer; }
                if (a[k] == stop) { break outer; }
                if ((k & 3) == 2) { continue; }
                s += a[k] + i;
            }
            s ^= 5;
        }
        return s;
    }

    static long doWhile(int n) {
        long h = n;
        int i = 0;
        do {
            h = h * 31 + i;
            int k = i;
            while (k > 0) { h ^= k; k >>= 1; }
        } while (++i < n);
        return h;
    }

    static void bytes(byte[] b, short[] s, char[] c, boolean[] z, float[] f, double[] d, long[] l, int n) {
        for (int i = 0; i < n; i++) {
            b[i] += 100;
            s[i] = (short) (b[i] * 300);
            c[i] += s[i];
            z[i] ^= (b[i] & 1) == 0;
            f[i] = f[i] * 0.5f + b[i];
            d[i] += f[i] / 3;
            l[i] += (long) d[i] << 3;
        }
    }

    interface Case { long run(int round); }

    /** Runs a case often; now and then with arguments that make it fail. */
    static void test(String name, Case c) {
        long h = 0;
        int bad = 0;
        String last = "";
        for (int round = 0; round < 1500; round++) {
            try {
                h = h * 31 + c.run(round);
            } catch (RuntimeException e) {
                bad++;
                last = e.getClass().getSimpleName() + " " + e.getMessage();
                h = h * 31 + last.hashCode() + e.getStackTrace()[0].getLineNumber();
            }
            if (round % 100 == 0) { for (int i = 0; i < small.length; i++) { small[i] = i * i; } }
        }
        System.out.println(name + " " + Long.toHexString(h) + " " + bad + " " + last);
    }

    public static void main(String[] args) {
        int[] a = small;
        test("up", r -> up(a, r % 5, r > 700 && r % 50 == 0 ? 21 : 10 + r % 11));
        test("up from below", r -> up(a, r > 600 && r % 70 == 0 ? -1 : 0, 20));
        test("upTo", r -> upTo(a, r % 5, r > 700 && r % 50 == 0 ? 20 : 19));
        test("upTo max", r -> upTo(a, 0, r > 700 && r % 50 == 0 ? Integer.MAX_VALUE : 19));
        test("down", r -> down(a, r > 900 && r % 30 == 0 ? 20 : 19, r > 700 && r % 50 == 0 ? -1 : 0));
        test("stride", r -> stride(a, r % 3, r > 700 && r % 50 == 0 ? 40 : 20, 1 + r % 9));
        test("stride big", r -> stride(a, r % 3, 20, r > 700 && r % 50 == 0 ? Integer.MAX_VALUE : 3));
        test("stride3", r -> stride3(a, r > 700 && r % 50 == 0 ? 23 : 20));
        test("offset", r -> offset(a, r > 700 && r % 50 == 0 ? 20 : 19));
        test("reverse", r -> reverse(a, r > 700 && r % 50 == 0 ? 21 : 20));
        test("twice", r -> twice(a, r > 700 && r % 50 == 0 ? 11 : 10));
        test("long", r -> longIndex(a, r % 7, r > 700 && r % 50 == 0 ? 21 : 20));
        test("long far", r -> r > 700 && r % 50 == 0 ? longIndex(a, 0x100000000L, 0x100000005L) : longIndex(a, 3, 9));
        test("not equal", r -> notEqual(a, 0, r > 700 && r % 50 == 0 ? 21 : 18, 3));
        test("null", r -> up(r > 700 && r % 50 == 0 ? null : a, 0, r % 20));
        test("null, empty loop", r -> up(r > 700 && r % 50 == 0 ? null : a, 5, r % 100 == 0 ? 5 : 7));
        test("wraps", r -> wraps(Integer.MAX_VALUE - r) + wrapsDown(Integer.MIN_VALUE + r) + toMax(Integer.MAX_VALUE - r % 40));
        test("small types", r -> byteLoop() + charLoop((char) (r * 7)));
        test("alias", r -> alias(a, r % 3 == 0 ? new int[20] : a, r > 700 && r % 50 == 0 ? 21 : 20));
        test("array changes", r -> grows(new int[][] {a}, r > 700 && r % 50 == 0 ? 12 : 8));
        int[][] m = {new int[6], new int[6], new int[6], new int[6], new int[6], new int[2]};
        test("matrix", r -> matrix(m, r > 700 && r % 50 == 0 ? 7 : 6));
        test("triangle", r -> triangle(m, r > 700 && r % 50 == 0 ? 6 : 2 + r % 4));
        test("jumps", r -> jumps(a, r > 700 && r % 50 == 0 ? 21 : 10, r % 400) + doWhile(r % 30));
        byte[] b = new byte[20];
        test("types", r -> {
            short[] s = new short[20];
            char[] c = new char[19];
            boolean[] z = new boolean[20];
            float[] f = new float[20];
            double[] d = new double[20];
            long[] l = new long[20];
            long h = 0;
            try {
                bytes(b, s, c, z, f, d, l, r > 700 && r % 50 == 0 ? 20 : 19);
            } finally {
                for (int i = 0; i < 19; i++) { h = h * 31 + b[i] + s[i] + c[i] + (z[i] ? 1 : 0) + (long) f[i] + (long) d[i] + l[i]; }
            }
            return h;
        });
        nest();
    }

    /** One call only: everything by OSR. */
    static void nest() {
        long h = 0;
        int[] a = new int[64];
        for (int i = 0; i < 300; i++) {
            long inner = i;
            for (int k = 0; k < 64; k++) {
                a[k] += (int) inner ^ k;
                for (long j = k; j < 64; j += 9) { inner += a[(int) j] * 3L; }
                if (inner % 1001 == 0) { break; }
            }
            for (int k = 63; k >= 0; k -= 2) { h = h * 31 + a[k]; }
            h ^= inner;
        }
        System.out.println("nest " + Long.toHexString(h));
    }
}
