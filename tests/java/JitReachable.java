import java.lang.ref.Cleaner;
import java.lang.ref.Reference;

// gc-stress: 5000
/** Reference.reachabilityFence() in compiled code: the object lives as long as that, though nothing else reads it any more. */
public class JitReachable {
    static final Cleaner CLEANER = Cleaner.create();
    static final int MANY = 60000;
    static final boolean[] freed = new boolean[MANY];
    static volatile int collections;

    /** Something outside of the heap, named by a number. */
    static class Resource {
        final int number;
        Resource(int number) {
            this.number = number;
            CLEANER.register(this, new Free(number));
        }
        int use(boolean collect) {
            try {
                return work(number, collect);
            } finally {
                Reference.reachabilityFence(this);
            }
        }
    }

    static class Free implements Runnable {
        final int number;
        Free(int number) { this.number = number; }
        @Override public void run() { freed[number] = true; }
    }

    static int work(int number, boolean collect) {
        if (collect) {
            System.gc();
            pause();
            System.gc();
            pause();
            collections++;
        }
        return freed[number] ? 1 : 0;
    }

    static void pause() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static int useNew(int number, boolean collect) { return new Resource(number).use(collect); }

    /** An object of a loop. */
    static int loop(int from, int n, int at) {
        int bad = 0;
        for (int i = 0; i < n; i++) {
            Resource r = new Resource(from + i);
            bad += work(r.number, i == at);
            Reference.reachabilityFence(r);
        }
        return bad;
    }

    interface Worker {
        int work(int number, boolean collect);
    }
    /** So many that the call is not inlined: nothing behind it can leave the compiled code and name the object. */
    static final Worker[] WORKERS = {
        new Worker() { public int work(int number, boolean collect) { return JitReachable.work(number, collect); } },
        new Worker() { public int work(int number, boolean collect) { return JitReachable.work(number, collect); } },
        new Worker() { public int work(int number, boolean collect) { return JitReachable.work(number, collect); } },
        new Worker() { public int work(int number, boolean collect) { return JitReachable.work(number, collect); } },
    };

    /** What is computed before the call and used behind it takes the registers. */
    static int pressed(int number, boolean collect, int[] x) {
        Resource r = new Resource(number);
        int n = r.number;
        int a = x[0] * 3, b = x[1] * 5, c = x[2] * 7, d = x[3] * 9, e = x[4] * 11, f = x[5] * 13;
        int bad = WORKERS[number & 3].work(n, collect);
        Reference.reachabilityFence(r);
        return bad * 10 + ((a ^ b ^ c ^ d ^ e ^ f) == (b * 31 + c * 37 + a * 41 + d * 43 + e * 47 + f) ? 1 : 0);
    }

    static int[] fresh(int x) {
        int[] a = new int[10];
        java.util.Arrays.fill(a, x);
        return a;
    }

    /** Behind the call the address of an element is all that a frame holds of the array. */
    static int element(int x, int i, boolean collect) {
        int[] a = fresh(x);
        int first = a[i - 5];
        WORKERS[x & 3].work(0, collect);
        if (collect) { again = new int[2000][]; }
        for (int k = 0; k < 2000 && collect; k++) { again[k] = fresh(-1); }
        return first - a[i - 5];
    }
    static int[][] again;

    /** One that need not exist. */
    static int virtual(int x) {
        int[] a = {x, x + 1};
        int sum = a[0] + a[1];
        Reference.reachabilityFence(a);
        Reference.reachabilityFence(null);
        return sum;
    }

    public static void main(String[] args) {
        int used = 0, bad = 0;
        for (int i = 0; i < 20000; i++) { bad += useNew(used++, i % 2000 == 1999); }
        System.out.println("in use when freed: " + bad);
        bad = 0;
        for (int i = 0; i < 20; i++) { bad += loop(used, 1000, i % 2 == 1 ? 900 : -1); used += 1000; }
        System.out.println("in use when freed: " + bad + ", " + collections + " times looked");
        bad = 0;
        int[] x = new int[6];
        for (int i = 0; i < 20000; i++) {
            x[i % 6] = i;
            bad += pressed(used++, i % 2000 == 1999, x);
        }
        System.out.println("in use when freed: " + bad);
        bad = 0;
        for (int i = 0; i < 20000; i++) { bad += element(i, 5 + i % 10, i % 2000 == 1999) == 0 ? 0 : 1; }
        System.out.println("overwritten: " + bad);
        int sum = 0;
        for (int i = 0; i < 20000; i++) { sum += virtual(i); }
        System.out.println(sum);
    }
}
