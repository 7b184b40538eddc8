import java.util.function.IntSupplier;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;

/**
 * Code compiled while its class is being initialised: an object that the initialiser lets out is used by another thread, which has to
 * wait at the first static field, static method or new of the class (JVMS 5.5), or gets the error when the initialiser fails.
 */
public class JitInit {
    static volatile Object out; // what the initialisers let out
    static volatile int sink;
    static volatile String seen;

    /** Runs what the initialiser let out in another thread, when the initialiser has compiled code for it. */
    static Thread user(Supplier<Object> use) {
        Thread t = new Thread(() -> {
            while (out == null) { Thread.onSpinWait(); }
            try {
                seen = " " + use.get();
            } catch (Throwable e) {
                seen = " " + e.getClass().getName();
            }
        });
        t.start();
        return t;
    }

    static void warm(IntSupplier s) {
        for (int i = 0; i < 20000; i++) { sink += s.getAsInt(); }
    }

    /** Lets the other thread do what it must not finish yet. */
    static void letOut(Object o) {
        out = o;
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static class Field implements IntSupplier {
        static int value = 1;
        static {
            Field f = new Field();
            warm(f);
            letOut(f);
            value = 2;
        }
        public int getAsInt() { return value; }
    }

    static class Put implements IntUnaryOperator {
        static int value = 1;
        static {
            Put p = new Put();
            warm(() -> p.applyAsInt(3));
            letOut(p);
            value = 2;
        }
        public int applyAsInt(int v) { return value = v; }
    }

    static class Call implements IntSupplier {
        static int value = 1;
        static {
            Call c = new Call();
            warm(c);
            letOut(c);
            value = 2;
        }
        static int get() { return value; }
        public int getAsInt() { return get(); }
    }

    static class Made implements IntSupplier {
        static Made last;
        final int number;
        Made(int n) { number = n; }
        static {
            Made m = new Made(1);
            warm(m);
            letOut(m);
            last = new Made(2);
        }
        public int getAsInt() {
            Made m = new Made(3);
            return (last == null ? 0 : last.number) * 10 + m.number;
        }
    }

    /** Sub is initialised before its superclass is, so another thread gets into the constructor. */
    static class Super {
        static int value = 1;
        final int seen;
        Super() { seen = value; }
        static {
            warm(() -> new Sub().seen);
            letOut("Sub");
            value = 2;
        }
    }
    static class Sub extends Super {
        static void touch() {}
    }

    static class Fails implements IntSupplier {
        static int value = 1;
        static {
            Fails f = new Fails();
            warm(f);
            letOut(f);
            fail();
        }
        static void fail() { throw new IllegalStateException(); }
        public int getAsInt() { return value; }
    }

    /** The thread that initialises does not wait, in compiled code neither. */
    static class Own implements IntSupplier {
        static int value = 1;
        static final int SUM;
        static {
            Own o = new Own();
            int sum = 0;
            for (int i = 0; i < 50000; i++) {
                value = i & 7;
                sum += o.getAsInt() + twice();
            }
            SUM = sum;
        }
        static int twice() { return value * 2; }
        public int getAsInt() { return value + new Own().one(); }
        int one() { return 1; }
    }

    static void run(String name, Supplier<Object> use, Runnable initialise) throws InterruptedException {
        out = null;
        Thread t = user(use);
        try {
            initialise.run();
        } catch (ExceptionInInitializerError e) {
            System.out.println(name + " fails: " + e.getCause().getClass().getName());
        }
        t.join();
        System.out.println(name + seen);
    }

    public static void main(String[] args) throws Exception {
        run("field", () -> ((IntSupplier) out).getAsInt(), () -> sink = Field.value);
        run("put", () -> ((IntUnaryOperator) out).applyAsInt(5), () -> sink = Put.value);
        System.out.println(Put.value);
        run("call", () -> ((IntSupplier) out).getAsInt(), () -> sink = Call.value);
        run("made", () -> ((IntSupplier) out).getAsInt(), () -> sink = Made.last.number);
        run("sub", () -> new Sub().seen, () -> sink = Super.value);
        run("fails", () -> ((IntSupplier) out).getAsInt(), () -> sink = Fails.value);
        System.out.println(Own.SUM);
    }
}
