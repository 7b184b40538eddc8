/** Loops that run a few times until one day they run for long, up, down, at the ends of int, while another thread wants a collection. */
final class JitTrips {
    static int sum(int[] a, int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i++) {
            sum += a[i & 63] ^ i;
        }
        return sum;
    }

    static int down(int from, int to) {
        int sum = 0;
        for (int i = from; i > to; i -= 3) {
            sum = sum * 31 + i;
        }
        return sum;
    }

    static int nested(int[] lengths, int[] a) {
        int sum = 0;
        for (int n : lengths) {
            for (int i = 0; i < n; i++) {
                sum += a[i & 63];
            }
        }
        return sum;
    }

    public static void main(String[] args) throws Exception {
        int[] a = new int[64], lengths = {3, 0, 5, 1, 2};
        for (int i = 0; i < a.length; i++) {
            a[i] = i * 7;
        }
        int hash = 0;
        for (int round = 0; round < 60_000; round++) {
            hash = hash * 31 + sum(a, round, round + 5) + down(round & 15, -7) + nested(lengths, a);
        }
        System.out.println(hash);
        Thread collector = new Thread(() -> {
            for (int i = 0; i < 20; i++) {
                System.gc();
            }
        });
        collector.start();
        System.out.println(sum(a, 0, 50_000_000));
        System.out.println(sum(a, Integer.MIN_VALUE, Integer.MIN_VALUE + 10));
        System.out.println(sum(a, Integer.MAX_VALUE - 10, Integer.MAX_VALUE));
        System.out.println(sum(a, Integer.MAX_VALUE, Integer.MIN_VALUE));
        System.out.println(sum(a, -2_000_000_000, -1_990_000_000));
        System.out.println(down(30_000_000, -30_000_000));
        System.out.println(down(Integer.MAX_VALUE, Integer.MAX_VALUE - 10));
        System.out.println(nested(new int[] {4, 3_000_000, 2, 1_000_000, 0}, a));
        for (int i = 0; i < 100; i++) {
            hash = hash * 31 + sum(a, 0, 10_000 + i) + nested(new int[] {10_000 + i, 3}, a);
        }
        System.out.println(hash);
        collector.join();
    }
}
