import java.util.Arrays;
import java.util.function.IntSupplier;

/** Elements that are stored between two reads of another one, and when it is the same one after all: sums that wrap around. */
final class JitIndices {
    /** Is a[2 * i] read again after a store to a[2 * (i + h)]? */
    static int twice(int[] a, int i, int h) {
        int before = a[2 * i];
        a[2 * (i + h)] = before + 7;
        a[2 * (i + h) + 1] = 3;
        return before * 100 + a[2 * i];
    }

    static int twicePositive(int[] a, int i, int h) {
        if (h <= 0) {
            return -1;
        }
        int before = a[2 * i];
        a[2 * (i + h)] = before + 7;
        return before * 100 + a[2 * i];
    }

    /** h = 2^30: 4 * h is 0. */
    static int fourTimes(int[] a, int i, int h) {
        if (h <= 0) {
            return -1;
        }
        int before = a[4 * i];
        a[4 * (i + h)] = before + 7;
        return before * 100 + a[4 * i];
    }

    /** The store's index moves on, the reads' doesn't; they meet once. */
    static int meet(int[] a, int at) {
        int sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum = sum * 31 + a[at];
            a[i] = sum;
            sum += a[at];
        }
        return sum;
    }

    /** Butterflies, as an FFT makes them, with every distance. */
    static long butterflies(int[] d, int from) {
        int n = d.length / 2;
        for (int half = from; half < n; half *= 2) {
            for (int a = 0; a < half; a++) {
                for (int b = a; b + half < n; b += 2 * half) {
                    int p = 2 * b, q = 2 * (b + half);
                    int re = d[q] * 3 - d[q + 1], im = d[q] + d[q + 1] * 5;
                    d[q] = d[p] - re;
                    d[q + 1] = d[p + 1] - im;
                    d[p] += re;
                    d[p + 1] += im;
                }
            }
        }
        long hash = 0;
        for (int x : d) {
            hash = hash * 31 + x;
        }
        return hash;
    }

    /** The distance may be 0 in the first round of the loop only. */
    static int growing(int[] a) {
        int sum = 0;
        for (int h = 0, k = 0; k < 4; k++, h += k) {
            int x = a[5];
            a[5 + h] = x + 1;
            sum = sum * 10 + a[5];
        }
        return sum;
    }

    private static String result(IntSupplier s) {
        try {
            return "" + s.getAsInt();
        } catch (ArrayIndexOutOfBoundsException e) {
            return "no such element";
        }
    }

    public static void main(String[] args) {
        int[] distances = {0, 1, 2, 3, Integer.MIN_VALUE, Integer.MIN_VALUE + 1, 1 << 30, 3 << 30, -1};
        for (int round = 0; round < 3; round++) {
            long hash = 0;
            for (int k = 0; k < 20000; k++) {
                int[] a = {5, 1, 6, 2, 7, 3, 8, 4, 9, 11, 12, 13};
                hash = hash * 31 + twice(a, 1 + k % 2, k % 3);
                hash = hash * 31 + twicePositive(a, k % 3, 1 + k % 2);
                hash = hash * 31 + fourTimes(a, 0, 1 + k % 2);
                hash = hash * 31 + meet(a, k % a.length);
                hash = hash * 31 + butterflies(a, 1 + k % 3);
                hash = hash * 31 + growing(a);
            }
            System.out.println(hash);
            for (int h : distances) {
                int[] a = new int[20];
                Arrays.setAll(a, i -> 3 * i + 1);
                System.out.println(h + ": " + result(() -> twice(a, 1, h)) + " " + result(() -> twicePositive(a, 1, h))
                        + " " + result(() -> fourTimes(a, 1, h)));
            }
        }
    }
}
