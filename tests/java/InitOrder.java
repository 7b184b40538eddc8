// Static initialisation: order, laziness, constants, failures, recursion, two threads that wait for each other's class.
import java.util.concurrent.*;
public class InitOrder {
    static class A {
        static {
            System.out.println("A");
        }
        static int x = 1;
        static final int C = 5;
        static final Integer BOX = 6;
        static final String S = "s";
        static void m() {}
    }
    static class B extends A {
        static {
            System.out.println("B");
        }
        static int y = 2;
    }
    interface I {
        int V = p("I");
        default void d() {}
    }
    interface J {
        int V = p("J");
    }
    static class K implements I, J {
        static {
            System.out.println("K");
        }
        static int z;
    }
    static int p(String s) {
        System.out.println(s);
        return 1;
    }
    static class Bad {
        static int v = 1 / Integer.parseInt("0");
        static void m() {}
    }
    static class Bad2 {
        static {
            if (true)
                throw new Error("err");
        }
    }
    static class Bad3 extends Bad2 { static int q; }
    static class Bad4 {
        static Object o = new Bad4();
        Bad4() {
            throw new IllegalStateException("ctor");
        }
    }
    static class R1 { static int a = R2.b + 1; }
    static class R2 { static int b = R1.a + 10; }
    static class Arr {
        static {
            System.out.println("Arr");
        }
    }
    static class Self {
        static Self s = new Self();
        static int n = 5;
        int k;
        Self() {
            k = n;
        }
    }
    static class D1 {
        static int x;
        static {
            sleep();
            x = 3;
        }
    }
    static void sleep() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
        }
    }
    static class Slow {
        static volatile int runs;
        static {
            runs++;
            sleep();
        }
        static int get() {
            return runs;
        }
    }
    enum E {
        P,
        Q;
        static {
            System.out.println("E");
        }
        E() {
            System.out.println("E()");
        }
    }
    static void t(String n, Runnable r) {
        try {
            r.run();
            System.out.println(n + " ok");
        } catch (Throwable e) {
            System.out.println(
                n + ": " + e + " / " + e.getCause() + (e.getCause() == null ? "" : " / " + e.getCause().getCause()));
        }
    }
    public static void main(String[] a) throws Exception {
        System.out.println(A.C + B.S);
        System.out.println(B.x);
        System.out.println(B.y);
        System.out.println(A.BOX);
        System.out.println(K.z);
        System.out.println(K.class.getInterfaces().length);
        System.out.println(J.V);
        new Arr[3].clone();
        System.out.println(Arr.class.getName());
        Class.forName("InitOrder$Arr", false, InitOrder.class.getClassLoader());
        System.out.println("before");
        Class.forName("InitOrder$Arr");
        t("bad", () -> Bad.m());
        t("bad", () -> Bad.m());
        t("bad new", () -> new Bad());
        t("bad2", () -> new Bad2());
        t("bad3", () -> { int z = Bad3.q; });
        t("bad3", () -> new Bad3());
        t("bad4", () -> new Bad4());
        t("bad4", () -> { Object o = Bad4.o; });
        t("refl", () -> {
            try {
                Class.forName("InitOrder$Bad4");
            } catch (ClassNotFoundException e) {
                System.out.println(e);
            }
        });
        System.out.println(R1.a + " " + R2.b);
        System.out.println(Self.s.k + " " + Self.n);
        System.out.println(E.P.compareTo(E.Q));
        Thread[] ts = new Thread[6];
        for (int i = 0; i < 6; i++)
            (ts[i] = new Thread(() -> {
                if (Slow.get() != 1)
                    System.out.println("early");
                if (D1.x != 3)
                    System.out.println("early D1");
            })).start();
        for (Thread t : ts) t.join();
        System.out.println(Slow.get());
        Thread th = new Thread(() -> {
            try {
                Fail.m();
            } catch (Throwable e) {
                synchronized (InitOrder.class) {
                    errs++;
                }
            }
        });
        th.start();
        try {
            Fail.m();
        } catch (Throwable e) {
            synchronized (InitOrder.class) {
                errs++;
            }
        }
        th.join();
        System.out.println(errs);
        try {
            Object o = Inst.class.getDeclaredConstructor().newInstance();
        } catch (Throwable e) {
            System.out.println(e + " " + e.getCause());
        }
        try {
            Class.forName("InitOrder$Stat").getDeclaredMethod("m").invoke(null);
        } catch (Throwable e) {
            System.out.println(e + " " + e.getCause());
        }
        try {
            InitOrder.class.getDeclaredField("errs").get(null);
            Class.forName("InitOrder$Stat2", false, InitOrder.class.getClassLoader()).getDeclaredField("f").get(null);
        } catch (Throwable e) {
            System.out.println(e + " " + e.getCause());
        }
    }
    static int errs;
    static class Fail {
        static {
            sleep();
            if (true)
                throw new RuntimeException();
        }
        static void m() {}
    }
    static class Inst {
        static {
            if (true)
                throw new NullPointerException("inst");
        }
    }
    static class Stat {
        static {
            if (true)
                throw new ArithmeticException("stat");
        }
        static void m() {}
    }
    static class Stat2 { static int f = Integer.parseInt("q"); }
}
