import java.util.ArrayList;
import java.util.List;

/** Loops that seldom enter the loop inside: both go in strips, and what is known at the end of a strip is right. */
final class JitSeldom {
    private int made;

    static int sieve(int limit) {
        boolean[] composite = new boolean[limit + 1];
        int primes = 0;
        for (int i = 2; i <= limit; i++) {
            if (!composite[i]) {
                primes++;
                for (long j = (long) i * i; j <= limit; j += i) {
                    composite[(int) j] = true;
                }
            }
        }
        return primes;
    }

    /** The inner loop leaves the outer one, counting down. */
    static int leave(int[] a, int mark, int stop) {
        int sum = 0;
        outer:
        for (int i = a.length - 1; i >= 0; i--) {
            sum = sum * 3 + i;
            if (a[i] == mark) {
                for (int j = 0; j < a.length; j += 2) {
                    sum += a[j];
                    if (a[j] == stop) {
                        break outer;
                    }
                }
            }
        }
        return sum;
    }

    /** Throws out of the inner loop, at an index that the outer one has not seen. */
    static String fall(int[] a, int mark, int far) {
        int i = 0, j = 0;
        try {
            for (i = 0; i < a.length; i++) {
                if (a[i] == mark) {
                    for (j = i; j < far; j++) {
                        a[j]++;
                    }
                }
            }
            return "through " + i + " " + j;
        } catch (ArrayIndexOutOfBoundsException e) {
            return e.getMessage() + " at " + i + " " + j;
        }
    }

    /** A value that lives across iterations only in fields, and ends at the limits of ints. */
    static long ends(int first, int last, int mark) {
        long[] box = {1, 0};
        for (int i = first; i < last; i++) {
            box[0] = box[0] * 31 + i;
            if ((i & 1023) == mark) {
                for (int j = 0; j < 40; j++) {
                    box[1] ^= box[0] >> j;
                }
            }
        }
        return box[0] + box[1];
    }

    /** Others can stop the loop: collections, and a thread that waits for its end. */
    int stopped(int n) throws InterruptedException {
        List<byte[]> list = new ArrayList<>();
        Thread other = new Thread(() -> {
            for (int i = 0; i < 5; i++) {
                list.add(new byte[1000]);
                System.gc();
            }
        });
        other.start();
        int sum = 0;
        for (int round = 0; round < 20 || other.isAlive(); round++) {
            sum = 0;
            for (int i = 0; i < n; i++) {
                if ((i & 255) == 7) {
                    for (int j = 0; j < 100; j++) {
                        made += j & 1;
                    }
                }
                sum += i ^ made;
                made &= 0xff;
            }
        }
        other.join();
        return list.size();
    }

    public static void main(String[] args) throws InterruptedException {
        long hash = 0;
        for (int i = 0; i < 300; i++) {
            hash = hash * 31 + sieve(5000 + i);
        }
        System.out.println(hash + " " + sieve(1) + " " + sieve(200_000));

        int[] a = new int[3000];
        for (int i = 0; i < a.length; i++) {
            a[i] = i * 7 % 1000;
        }
        for (int i = 0; i < 300; i++) {
            hash = hash * 31 + leave(a, i, i % 9 == 0 ? 2 * i : -1);
        }
        System.out.println(hash);
        System.out.println(leave(new int[0], 1, 2) + " " + leave(a, -1, -1));

        for (int i = 0; i < 200; i++) {
            hash = hash * 31 + fall(a.clone(), 13, 3000).hashCode();
        }
        System.out.println(hash);
        System.out.println(fall(a.clone(), 13, 3001));
        System.out.println(fall(a.clone(), -5, Integer.MAX_VALUE));

        for (int i = 0; i < 30; i++) {
            hash = hash * 31 + ends(i, 20_000, 7);
        }
        System.out.println(hash);
        System.out.println(ends(Integer.MAX_VALUE - 5000, Integer.MAX_VALUE, 1023));
        System.out.println(ends(Integer.MIN_VALUE, Integer.MIN_VALUE + 5000, 0));
        System.out.println(ends(5, 4, 0));
        System.out.println(new JitSeldom().stopped(100_000));
    }
}
