/*
 * Many objects with a finalizer: Object.<init>, which registers them, is compiled, alone and as part of constructors that make
 * objects with and without one.
 */
public class JitFinalize {
    static final int N = 20000;
    static int finalized;

    static class Plain {
        int x;
        Plain(int x) { this.x = x; }
    }

    static class Wants extends Plain {
        Wants(int x) { super(x); }
        @Override protected void finalize() {
            synchronized (JitFinalize.class) { finalized += x; }
        }
    }

    static final class Inherits extends Wants {
        Inherits(int x) { super(x); }
    }

    static int make(int n) {
        int sum = 0;
        for (int i = 0; i < n; i++) { sum += new Plain(2).x + new Wants(1).x + new Inherits(1).x; }
        return sum;
    }

    static synchronized int count() { return finalized; }

    public static void main(String[] args) throws Exception {
        System.out.println(make(N));
        int wanted = 2 * N - 10; /* a few may still be referred to */
        for (int i = 0; i < 500 && count() < wanted; i++) {
            System.gc();
            System.runFinalization();
            Thread.sleep(10);
        }
        System.out.println(count() >= wanted && count() <= 2 * N ? "finalized" : "finalized only " + count());
    }
}
