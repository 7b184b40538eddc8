import java.util.Arrays;

/** Loops that GCC makes vectors of, from any first to any last element, of arrays of all types; also over itself, shifted. */
final class JitVectors {
    static void bytes(byte[] to, byte[] from, int first, int last) {
        for (int i = first; i < last; i++) {
            to[i] = (byte) (from[i] * 3 + to[i]);
        }
    }

    static void chars(char[] to, char[] from, int first, int last) {
        for (int i = first; i < last; i++) {
            to[i] += from[i - 1];
        }
    }

    static void ints(int[] to, int[] from, int first, int last) {
        for (int i = first; i <= last; i++) {
            to[i + 1] = from[i] * 5 - to[i + 1];
        }
    }

    static void longs(long[] to, long factor, int first, int last) {
        for (int i = first; i < last; i++) {
            to[i] = to[i + 2] * factor;
        }
    }

    static void floats(float[] to, float[] from, int first, int last) {
        for (int i = first; i < last; i++) {
            to[i] -= from[i] * 0.5f;
        }
    }

    static void doubles(double[] to, double[] from, double f, int first, int last) {
        for (int i = first; i < last; i++) {
            to[i] -= from[i] * f;
        }
    }

    /** Each element depends on the one before it. */
    static void chain(double[] to, int first, int last) {
        for (int i = first; i < last; i++) {
            to[i] = to[i - 1] * 0.75 + 1;
        }
    }

    public static void main(String[] args) {
        long hash = 0;
        for (int length : new int[] {0, 3, 17, 64, 700, 9000}) {
            byte[] b = new byte[length + 4], b2 = new byte[length + 4];
            char[] c = new char[length + 4], c2 = new char[length + 4];
            int[] n = new int[length + 4], n2 = new int[length + 4];
            long[] l = new long[length + 4];
            float[] f = new float[length + 4], f2 = new float[length + 4];
            double[] d = new double[length + 4], d2 = new double[length + 4];
            for (int i = 0; i < length + 4; i++) {
                b[i] = (byte) (i * 7);
                b2[i] = (byte) (i ^ 5);
                c[i] = (char) (i * 11);
                c2[i] = (char) (i * i);
                n[i] = i * 13;
                n2[i] = ~i;
                l[i] = i * 1_000_003L;
                f[i] = i / 3f;
                f2[i] = i / 7f;
                d[i] = i / 11.0;
                d2[i] = i / 13.0;
            }
            for (int first = 1; first < 70; first++) {
                for (int cut = 0; cut < 9; cut++) {
                    int last = length - cut;
                    bytes(b, b2, first, last);
                    chars(c, c2, first, last);
                    ints(n, n2, first, last);
                    longs(l, first, first, last);
                    floats(f, f2, first, last);
                    doubles(d, d2, 0.001 * first, first, last);
                    chain(d, first, Math.min(last, first + 20));
                }
            }
            hash = hash * 31 + Arrays.hashCode(b) + Arrays.hashCode(c) * 3L + Arrays.hashCode(n) * 5L;
            hash = hash * 31 + Arrays.hashCode(l) + Arrays.hashCode(f) * 7L + Arrays.hashCode(d) * 11L;
            System.out.println(length + " " + hash);
        }
    }
}
