import java.io.InputStream;
import java.util.concurrent.CountDownLatch;

/** Two threads resolve the same entry of a constant pool: the first outcome is the outcome of both. */
public class ResolveRace {
    static final CountDownLatch inside = new CountDownLatch(1), settled = new CountDownLatch(1);
    static volatile Thread slow;
    static volatile boolean slowFails;

    public static class Target {
        static int value = 42;
    }

    public static class User {
        public static int use() { return Target.value; }
    }

    static class Loader extends ClassLoader {
        static { registerAsParallelCapable(); }

        Loader() { super(ResolveRace.class.getClassLoader()); }

        byte[] bytes(String name) throws Exception {
            try (InputStream in = ResolveRace.class.getResourceAsStream(name + ".class")) { return in.readAllBytes(); }
        }

        @Override public Class<?> loadClass(String name) throws ClassNotFoundException {
            try {
                if (name.equals("ResolveRace$User")) {
                    byte[] b = bytes(name);
                    return defineClass(name, b, 0, b.length);
                }
                if (name.equals("ResolveRace$Target")) {
                    boolean isSlow = Thread.currentThread() == slow;
                    if (isSlow) {
                        inside.countDown();
                        settled.await();
                    }
                    if (isSlow == slowFails) { throw new NoClassDefFoundError("not for " + (isSlow ? "slow" : "fast")); }
                    byte[] b = bytes(name);
                    return defineClass(name, b, 0, b.length);
                }
            } catch (Exception e) {
                throw new ClassNotFoundException(name, e);
            }
            return super.loadClass(name);
        }
    }

    static String outcome(Class<?> user) {
        try {
            return "value " + user.getMethod("use").invoke(null);
        } catch (java.lang.reflect.InvocationTargetException e) {
            return e.getCause().toString();
        } catch (Exception e) {
            return e.toString();
        }
    }

    public static void main(String[] args) throws Exception {
        slowFails = args.length == 0;
        Class<?> user = Class.forName("ResolveRace$User", true, new Loader());
        String[] got = new String[1];
        slow = new Thread(() -> got[0] = outcome(user));
        slow.start();
        inside.await();
        System.out.println("fast: " + outcome(user));
        settled.countDown();
        slow.join();
        System.out.println("slow: " + got[0]);
        System.out.println("again: " + outcome(user));
    }
}
