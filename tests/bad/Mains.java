class NoMain {}

class InstanceMain {
    public void main(String[] a) {}
}

class IntMain {
    public static int main(String[] a) {
        return 1;
    }
}

class PrivateMain {
    private static void main(String[] a) {}
}

class StringMain {
    public static void main(String a) {}
}

class ThrowsMain {
    public static void main(String[] a) throws Exception {
        throw new Exception("from main", new Error("cause"));
    }
}

class BadInit {
    static {
        Object o = null;
        o.hashCode();
    }
    public static void main(String[] a) {}
}

class ExitIn {
    static {
        System.exit(7);
    }
    public static void main(String[] a) {}
}

class Halt {
    public static void main(String[] a) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
        Runtime.getRuntime().halt(9);
    }
}

class Hooks {
    public static void main(String[] a) throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook ran")));
        System.out.println("ready");
        Thread.sleep(30000);
    }
}

class HookExits {
    public static void main(String[] a) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> { throw new IllegalStateException("bad hook"); }));
        System.exit(3);
    }
}

class Handler {
    public static void main(String[] a) throws Exception {
        Thread.setDefaultUncaughtExceptionHandler((t, e) -> {
            System.out.println("handler " + e);
            throw new RuntimeException("handler fails");
        });
        Thread t = new Thread(() -> { throw new Error("first"); });
        t.start();
        t.join();
        System.out.println("goes on");
        throw new Error("main");
    }
}

class Finals {
    protected void finalize() {
        n++;
        throw new RuntimeException("in finalizer");
    }
    static volatile int n;
    public static void main(String[] a) throws Exception {
        for (int i = 0; i < 100; i++) new Finals();
        for (int i = 0; i < 50 && n == 0; i++) {
            System.gc();
            Thread.sleep(20);
        }
        System.out.println(n > 0 ? "finalized" : "never");
    }
}

class Cleaning {
    public static void main(String[] a) throws Exception {
        java.lang.ref.Cleaner c = java.lang.ref.Cleaner.create();
        boolean[] ran = new boolean[1];
        for (int i = 0; i < 10; i++)
            c.register(new Object(), () -> {
                ran[0] = true;
                throw new RuntimeException("in cleaner");
            });
        for (int i = 0; i < 50 && !ran[0]; i++) {
            System.gc();
            Thread.sleep(20);
        }
        System.out.println(ran[0] ? "cleaned" : "never");
    }
}

class Deadlock {
    public static void main(String[] a) throws Exception {
        Object x = new Object(), y = new Object();
        Thread p = new Thread(() -> lock(x, y), "Left"), q = new Thread(() -> lock(y, x), "Right");
        p.setDaemon(true);
        q.setDaemon(true);
        p.start();
        q.start();
        Thread.sleep(500);
        System.out.println("ready");
        Thread.sleep(1500);
        System.out.println("went on " + p.getState());
    }
    static void lock(Object p, Object q) {
        synchronized (p) {
            try {
                Thread.sleep(200);
            } catch (InterruptedException e) {
            }
            synchronized (q) {}
        }
    }
}
