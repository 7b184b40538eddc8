/** Locks in compiled code: pairs that are merged, locks held across iterations, exits and exceptions inside, contention. */
public class JitLocks {
    private int value = 1;
    private int[] data = new int[16];
    static volatile int stop;

    synchronized int next() {
        value = value * 31 + 7;
        return value;
    }

    synchronized void put(int i, int x) {
        data[i] = x;
    }

    static int pairs(JitLocks o, int n) {
        int s = 0;
        for (int i = 0; i < n; i++) {
            s += o.next() - 3 * o.next() + o.next();
        }
        return s;
    }

    static int blocks(JitLocks o, int n) {
        int s = 0;
        for (int i = 0; i < n; i++) {
            synchronized (o) {
                s += o.value;
                o.value ^= i;
            }
            synchronized (o) {
                s += o.value;
            }
        }
        return s;
    }

    static int down(JitLocks o, int n) {
        int s = 0;
        do {
            synchronized (o) {
                s = s * 3 + ++o.value;
            }
            n -= 2;
        } while (n > 0);
        return s;
    }

    static int sometimes(JitLocks o, int n) {
        int s = 0;
        for (int i = 0; i < n; i++) {
            if ((i & 3) == 1) {
                synchronized (o) {
                    s += ++o.value;
                }
            }
        }
        return s;
    }

    static int puts(JitLocks o, int n) {
        int done = 0;
        try {
            for (int i = 0; i < n; i++) {
                o.put(i & 31, i);
                done++;
            }
        } catch (ArrayIndexOutOfBoundsException e) {
            done = -done;
        }
        return done * 2 + (Thread.holdsLock(o) ? 1 : 0);
    }

    static int nested(JitLocks a, JitLocks b, int n) {
        int s = 0;
        synchronized (a) {
            for (int i = 0; i < n; i++) {
                s += b.next();
            }
        }
        return s + (Thread.holdsLock(a) || Thread.holdsLock(b) ? 1 : 0);
    }

    /** Zero iterations must not wait for a lock that somebody else has. */
    static int none(JitLocks o, int n) {
        int s = 0;
        for (int i = 0; i < n; i++) {
            s += o.next();
        }
        return s;
    }

    static void contention() throws Exception {
        JitLocks o = new JitLocks();
        Thread[] all = new Thread[3];
        for (int t = 0; t < all.length; t++) {
            all[t] = new Thread(() -> {
                for (int k = 0; k < 40; k++) {
                    for (int i = 0; i < 5000; i++) {
                        synchronized (o) {
                            o.value++;
                        }
                    }
                }
            });
            all[t].start();
        }
        for (Thread t : all) {
            t.join();
        }
        System.out.println("contention " + o.value);
    }

    /** The loop ends because another thread gets the lock in between. */
    static void handOver() throws Exception {
        JitLocks o = new JitLocks();
        Thread t = new Thread(() -> {
            synchronized (o) {
                o.value = -1;
            }
        });
        for (int i = 0; i < Integer.MAX_VALUE; i++) {
            if (i == 100_000) {
                t.start();
            }
            int v;
            synchronized (o) {
                v = o.value;
            }
            if (v == -1) {
                break;
            }
            if ((i & 0xffff) == 0) {
                Thread.yield();
            }
        }
        t.join();
        System.out.println("handed over");
    }

    static void emptyLoop() throws Exception {
        JitLocks o = new JitLocks();
        Thread holder = new Thread(() -> {
            synchronized (o) {
                stop = 1;
                while (stop == 1) {
                    Thread.onSpinWait();
                }
            }
        });
        holder.start();
        while (stop != 1) {
            Thread.onSpinWait();
        }
        System.out.println("none " + none(o, 0));
        stop = 2;
        holder.join();
    }

    public static void main(String[] args) throws Exception {
        long sum = 0;
        for (int i = 0; i < 300; i++) {
            JitLocks o = new JitLocks(), p = new JitLocks();
            sum = sum * 7 + pairs(o, i * 3) + blocks(o, 200) + down(o, i) + sometimes(p, i) + puts(p, i % 20);
            sum = sum * 5 + nested(o, p, i) + none(p, i) + p.data[3] + o.value;
        }
        System.out.println("sum " + sum);
        JitLocks o = new JitLocks();
        System.out.println("puts " + puts(o, 1000) + " " + o.data[5]);
        System.out.println("large " + pairs(o, 100_000) + " " + blocks(o, 300_000) + " " + down(o, 100_001));
        try {
            none(null, 3);
        } catch (NullPointerException e) {
            System.out.println("null");
        }
        System.out.println("null, empty " + none(null, 0));
        emptyLoop();
        contention();
        handOver();
    }
}
