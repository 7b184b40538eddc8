import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Several threads in compiled loops, while others collect, lock, are interrupted, and load classes. */
public class JitThreads {
    static final class Node {
        Node next;
        int value;
        byte[] load;
        Node(Node next, int value) { this.next = next; this.value = value; load = new byte[value & 31]; }
    }

    static long lists(int seed, int rounds) {
        long h = 0;
        for (int r = 0; r < rounds; r++) {
            Node head = null;
            for (int i = 0; i < 100; i++) { head = new Node(head, seed + i * r); }
            for (Node n = head; n != null; n = n.next) { h = h * 31 + n.value + n.load.length; }
        }
        return h;
    }

    static long arrays(int seed, int rounds) {
        long h = seed;
        int[][] keep = new int[16][];
        for (int r = 0; r < rounds; r++) {
            int[] a = new int[100 + r % 50];
            for (int i = 0; i < a.length; i++) { a[i] = i ^ r; }
            keep[r & 15] = a;
            int[] old = keep[(r + 7) & 15];
            if (old != null) { for (int x : old) { h += x * 3L; } }
        }
        return h;
    }

    static String strings(int rounds) {
        String s = "";
        for (int r = 0; r < rounds; r++) {
            s = s.length() > 60 ? "" : s + r + ',';
        }
        return s;
    }

    static int counter;
    static final Object LOCK = new Object();
    static synchronized void count() { counter++; }
    static void countLocked(int rounds) {
        for (int r = 0; r < rounds; r++) {
            if ((r & 1) == 0) { count(); } else { synchronized (JitThreads.class) { counter++; } }
        }
    }

    static volatile boolean stop;
    static volatile int shared;
    static long spin(AtomicLong rounds) {
        long n = 0;
        while (!stop) { n += shared & 1; rounds.lazySet(n); }
        return n;
    }

    static int quiet;
    /** No call, no allocation: can only be stopped at its poll. */
    static int busy(int[] a, int rounds) {
        int s = 0;
        for (int r = 0; r < rounds; r++) { for (int i = 0; i < a.length; i++) { s += a[i] ^ r; } }
        return s;
    }

    interface Late { int f(int x); }
    static int viaLate(Late l, int rounds) {
        int s = 0;
        for (int i = 0; i < rounds; i++) { s += l.f(i); }
        return s;
    }
    static class One implements Late { public int f(int x) { return x; } }
    static class Two implements Late { public int f(int x) { return -x; } }
    static class Three implements Late { public int f(int x) { return x & 7; } }

    public static void main(String[] args) throws Exception {
        int n = 4;
        long[] results = new long[n];
        String[] texts = new String[n];
        CountDownLatch go = new CountDownLatch(1);
        Thread[] threads = new Thread[n];
        AtomicInteger atomic = new AtomicInteger();
        for (int k = 0; k < n; k++) {
            int id = k;
            threads[k] = new Thread(() -> {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    return;
                }
                long h = lists(id, 400) * 31 + arrays(id, 1500);
                texts[id] = strings(3000);
                countLocked(20000);
                for (int i = 0; i < 20000; i++) { atomic.getAndAdd(i & 3); }
                h = h * 31 + busy(new int[100], 3000);
                h = h * 31 + viaLate(new One(), 3000) + viaLate(id % 2 == 0 ? new Two() : new Three(), 3000);
                results[id] = h;
            });
            threads[k].start();
        }
        Thread collector = new Thread(() -> {
            for (int i = 0; i < 10 && !stop; i++) {
                System.gc();
                shared++;
                try {
                    Thread.sleep(5);
                } catch (InterruptedException e) {
                    return;
                }
            }
        });
        AtomicLong spins = new AtomicLong();
        long[] spun = {-1};
        Thread spinner = new Thread(() -> spun[0] = spin(spins));
        spinner.start();
        go.countDown();
        collector.start();
        for (Thread t : threads) { t.join(); }
        collector.join();
        stop = true;
        spinner.join();
        for (int k = 0; k < n; k++) { System.out.println(Long.toHexString(results[k]) + " " + texts[k]); }
        System.out.println(counter + " " + atomic + " " + (spun[0] == spins.get()));
        Thread sleeper = new Thread(() -> {
            int i = 0;
            do { i++; } while (!Thread.currentThread().isInterrupted());
            System.out.println("interrupted " + (i != 0));
        });
        sleeper.start();
        Thread.sleep(100);
        sleeper.interrupt();
        sleeper.join();
    }
}
