import java.util.Arrays;

/** Loops that count with a long and store with its int: strides of all kinds, limits at the ends of the types. */
final class JitLongLoops {
    static int fill(byte[] a, long first, int limit, int step) {
        int n = 0;
        for (long j = first; j <= limit; j += step) {
            a[(int) j]++;
            n++;
        }
        return n;
    }

    static int below(int[] a, long first, int limit) {
        int sum = 0;
        for (long j = first; j < limit; j += 3) {
            sum += a[(int) j + 1] - a[(int) j - 1];
        }
        return sum;
    }

    /** No array: how often does it run, and where does it end? */
    static long count(long first, int limit, int step, int most) {
        int n = 0;
        long j;
        for (j = first; j <= limit; j += step) {
            if (++n >= most) {
                break;
            }
        }
        return j * 31 + n;
    }

    static long free(long first, int limit, int step) {
        long sum = 0;
        for (long j = first; j <= limit; j += step) {
            sum = sum * 7 + j;
        }
        return sum;
    }

    static String attempt(byte[] a, long first, int limit, int step) {
        Arrays.fill(a, (byte) 0);
        String what;
        try {
            what = "" + fill(a, first, limit, step);
        } catch (ArrayIndexOutOfBoundsException e) {
            what = e.getMessage();
        }
        return what + " " + Arrays.hashCode(a);
    }

    public static void main(String[] args) {
        byte[] a = new byte[5000];
        int[] b = new int[5000];
        for (int i = 0; i < b.length; i++) {
            b[i] = i * i;
        }
        long hash = 0;
        for (int i = 1; i < 2000; i++) {
            hash = hash * 31 + fill(a, (long) i * i, 4999, i);
            hash = hash * 31 + below(b, i, 4999);
            hash = hash * 31 + free(i, 5000, i);
            hash = hash * 31 + count(i, 100_000, i, Integer.MAX_VALUE);
        }
        System.out.println(hash);
        int big = Integer.MAX_VALUE;
        System.out.println(attempt(a, 0, 4999, 1));
        System.out.println(attempt(a, 0, 5000, 1));
        System.out.println(attempt(a, -1, 10, 1));
        System.out.println(attempt(a, -3, 10, 2));
        System.out.println(attempt(a, 4990, big, 7));
        System.out.println(attempt(a, 17, big, big));
        System.out.println(attempt(a, 4999, 5000, -1));
        System.out.println(attempt(a, 100, 99, -5));
        System.out.println(attempt(a, 1L << 32, big, 5));
        System.out.println(attempt(a, (1L << 32) + 5, big, 5));
        System.out.println(attempt(a, -(1L << 32), -1, 1 << 30));
        System.out.println(attempt(a, Long.MAX_VALUE, big, big));
        System.out.println(attempt(a, Long.MIN_VALUE, -1, big));
        System.out.println(count(0, big, big, 100));
        System.out.println(count(big, big, 1, 100));
        System.out.println(count(5, 4, -1, 100_000));
        System.out.println(count(5, 10, 0, 100_000));
        System.out.println(count(Long.MAX_VALUE, big, 1, 100));
        System.out.println(count(Long.MIN_VALUE, Integer.MIN_VALUE, big, 100_000));
        System.out.println(free(big - 100_000, big, 1));
        System.out.println(free(Long.MAX_VALUE - 5, big, big));
        System.out.println(free(Long.MIN_VALUE, Integer.MIN_VALUE, Integer.MIN_VALUE));
    }
}
