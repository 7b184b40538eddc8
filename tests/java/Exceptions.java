// try/catch/finally in every order, suppressed, causes, try-with-resources, exact stack traces with lines.
import java.io.*;
public class Exceptions {
    static StringBuilder log = new StringBuilder();
    static int fin(int k) {
        try {
            if (k == 0)
                return 1;
            if (k == 1)
                throw new RuntimeException("x");
            return 2;
        } catch (RuntimeException e) {
            log.append('c');
            if (k == 1)
                return 3;
        } finally {
            log.append('f');
            if (k == 5)
                return 99;
        }
        return 4;
    }
    @SuppressWarnings("finally")
    static int over() {
        try {
            throw new Error("lost");
        } finally {
            return 5;
        }
    }
    static int nested() {
        int r = 0;
        for (int i = 0; i < 5; i++) {
            try {
                try {
                    if (i == 1)
                        continue;
                    if (i == 3)
                        break;
                    r += 1;
                } finally {
                    r += 10;
                    if (i == 2)
                        throw new IllegalStateException("two");
                }
            } catch (IllegalStateException e) {
                r += 100;
            } finally {
                r += 1000;
            }
        }
        return r;
    }
    static class Res implements AutoCloseable {
        String n;
        boolean bad;
        Res(String n, boolean bad) {
            this.n = n;
            this.bad = bad;
            System.out.println("open " + n);
        }
        public void close() throws IOException {
            System.out.println("close " + n);
            if (bad)
                throw new IOException("close " + n);
        }
    }
    static void show(Throwable t) {
        StringWriter w = new StringWriter();
        t.printStackTrace(new PrintWriter(w));
        System.out.print(w);
    }
    static void a(int n) {
        if (n == 0)
            throw new IllegalArgumentException("bottom");
        b(n - 1);
    }
    static void b(int n) {
        try {
            a(n);
        } catch (IllegalArgumentException e) {
            throw new RuntimeException("wrapped " + n, e);
        }
    }
    static class Init {
        static int v = 1;
        int f = boom();
        int boom() {
            throw new UnsupportedOperationException("field init");
        }
    }
    static <T extends Throwable> void sneaky(Throwable t) throws T {
        @SuppressWarnings("unchecked") T x = (T) t;
        throw x;
    }
    static class NoTrace extends RuntimeException {
        NoTrace() {
            super("notrace", null, false, false);
        }
    }
    static class Override2 extends RuntimeException {
        public String getMessage() {
            return "over";
        }
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
    public static void main(String[] args) throws Throwable {
        System.out.println(
            fin(0) + " " + fin(1) + " " + fin(2) + " " + fin(5) + " " + log + " " + over() + " " + nested());
        try (Res x = new Res("x", true); Res y = new Res("y", false); Res z = new Res("z", true)) {
            System.out.println("body");
            throw new Exception("body");
        } catch (Exception e) {
            show(e);
        }
        try (Res x = new Res("x", true); Res n = null) {
            System.out.println("fine");
        } catch (Exception e) {
            show(e);
        }
        try {
            a(3);
        } catch (RuntimeException e) {
            show(e);
        }
        try {
            new Init();
        } catch (UnsupportedOperationException e) {
            show(e);
        }
        try {
            sneaky(new IOException("sneaked"));
        } catch (Throwable e) {
            show(e);
        }
        try {
            throw new NoTrace();
        } catch (NoTrace e) {
            e.addSuppressed(new Error());
            show(e);
        }
        try {
            throw new Override2();
        } catch (Override2 e) {
            show(e);
        }
        try {
            Object o = null;
            o.toString();
        } catch (NullPointerException e) {
            System.out.println(e.getStackTrace()[0]);
        }
        try {
            throw null;
        } catch (NullPointerException e) {
            System.out.println(e.getMessage());
        }
        try {
            int[] x = {1};
            x[1] = 5;
        } catch (ArrayIndexOutOfBoundsException e) {
            System.out.println(e.getStackTrace()[0]);
        }
        Runnable r = () -> {
            throw new RuntimeException("in lambda");
        };
        try {
            r.run();
        } catch (RuntimeException e) {
            System.out.println(e.getStackTrace().length + " " + e.getStackTrace()[0] + " " + e.getStackTrace()[1]);
        }
        new Object() {
            void m() {
                try {
                    throw new Exception("anon");
                } catch (Exception e) {
                    System.out.println(e.getStackTrace()[0]);
                }
            }
        }.m();
        try {
            Exceptions.class.getDeclaredMethod("a", int.class).invoke(null, 0);
        } catch (java.lang.reflect.InvocationTargetException e) {
            System.out.println(e.getMessage() + " " + e.getCause() + " " + e.getCause().getStackTrace()[0]);
        }
        try {
            new java.util.TreeSet<Object>((x, y) -> { throw new RuntimeException("cmp"); }).add(1);
        } catch (RuntimeException e) {
            show(e);
        }
        Throwable c1 = new Exception("one"), c2 = new Exception("two", c1);
        c1.initCause(c2);
        show(c2);
        try {
            c1.initCause(c1);
        } catch (IllegalStateException e) {
            System.out.println(e.getMessage());
        }
        try {
            c1.addSuppressed(c1);
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
        StackTraceElement[] st = {new StackTraceElement("C", "m", "F.java", 3),
            new StackTraceElement("C", "n", null, -2), new StackTraceElement("ld", "mod", "1", "C", "o", null, -1)};
        Exception f = new Exception("forged");
        f.setStackTrace(st);
        show(f);
        StackTraceElement e0 = new Throwable().getStackTrace()[0];
        System.out.println(e0.getMethodName() + e0.getFileName() + e0.getClassName() + e0.getModuleName()
            + e0.getClassLoaderName() + e0.isNativeMethod());
        try {
            Integer.parseInt("z");
        } catch (NumberFormatException e) {
            StackTraceElement s = e.getStackTrace()[0];
            System.out.println(s.getModuleName() + " " + s.getClassName() + " " + s.getMethodName());
        }
        Throwable serial = new RuntimeException("ser", new Error("inner"));
        ByteArrayOutputStream bo = new ByteArrayOutputStream();
        new ObjectOutputStream(bo).writeObject(serial);
        show((Throwable) new ObjectInputStream(new ByteArrayInputStream(bo.toByteArray())).readObject());
        int n = 0;
        for (int i = 0; i < 2000; i++) try {
                a(i % 7);
            } catch (RuntimeException e) {
                n += e.getStackTrace().length;
            }
        System.out.println(n);
        synchronized (log) {
            try {
                synchronized (r) {
                    throw new Error("sync");
                }
            } catch (Error e) {
                System.out.println(Thread.holdsLock(log) + " " + Thread.holdsLock(r));
            }
        }
        throw new IOException("the end");
    }
}
