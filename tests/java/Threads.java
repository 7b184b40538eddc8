// Threads: wait/notify, interrupts, join, sleep, daemons, groups, handlers, locals, states, counts under contended
// locks.
import java.util.*;
public class Threads {
    static int count;
    static final Object lock = new Object();
    static synchronized void up() {
        count++;
    }

    static void t(String n, Runnable r) {
        try {
            r.run();
            System.out.println(n + " ok");
        } catch (Throwable e) {
            System.out.println(n + ": " + e);
        }
    }

    static Thread spin(int times, Runnable r) {
        Thread t = new Thread(() -> {
            for (int i = 0; i < times; i++) r.run();
        });
        t.start();
        return t;
    }

    static void await(Thread t, Thread.State s) throws Exception {
        for (int i = 0; i < 2000 && t.getState() != s; i++) Thread.sleep(2);
        System.out.println(t.getState());
    }

    public static void main(String[] args) throws Exception {
        List<Thread> ts = new ArrayList<>();
        int[] box = new int[1];
        for (int i = 0; i < 6; i++) {
            ts.add(spin(3000, Threads::up)); ts.add(spin(2000, () -> { synchronized (lock) { box[0]++;
        }
    }));
}
for (Thread t : ts) t.join();
System.out.println(count + " " + box[0]);

LinkedList<Integer> queue = new LinkedList<>();
long[] sum = new long[1];
Thread taker = new Thread(() -> {
    try {
        for (int i = 0; i < 1000; i++) synchronized (queue) {
                while (queue.isEmpty()) queue.wait();
                sum[0] += queue.removeFirst();
                queue.notifyAll();
            }
    } catch (InterruptedException e) {
        System.out.println(e);
    }
});
taker.start();
for (int i = 0; i < 1000; i++) synchronized (queue) {
        while (queue.size() > 3) queue.wait();
        queue.add(i);
        queue.notifyAll();
    }
taker.join();
System.out.println(sum[0]);

t("wait unowned", () -> {
    try {
        new Object().wait();
    } catch (InterruptedException e) {
    }
});
t("notify unowned", () -> new Object().notify());
t("notifyAll unowned", () -> lock.notifyAll());
t("wait negative", () -> {
    try {
        synchronized (lock) {
            lock.wait(-1);
        }
    } catch (InterruptedException e) {
    }
});
t("sleep negative", () -> {
    try {
        Thread.sleep(-1);
    } catch (InterruptedException e) {
    }
});
t("start twice", () -> {
    Thread x = new Thread();
    x.start();
    x.start();
});
t("priority", () -> new Thread().setPriority(11));
t("daemon self", () -> Thread.currentThread().setDaemon(true));
synchronized (lock) {
    long a = System.nanoTime();
    lock.wait(30);
    System.out.println(System.nanoTime() - a >= 29_000_000L);
}

Thread sleeper = new Thread(() -> {
    try {
        Thread.sleep(60000);
    } catch (InterruptedException e) {
        System.out.println(e.getMessage() + " " + Thread.currentThread().isInterrupted());
    }
});
System.out.println(sleeper.getState() + " " + sleeper.isAlive());
sleeper.start();
await(sleeper, Thread.State.TIMED_WAITING);
sleeper.interrupt();
sleeper.join();
System.out.println(sleeper.getState() + " " + sleeper.isAlive());
        Thread waiter = new Thread(() -> { synchronized (lock) { try { lock.wait();
        }
        catch (InterruptedException e) {
            System.out.println("wait " + e.getMessage() + Thread.holdsLock(lock));
        }
        }
        });
        waiter.start();
        await(waiter, Thread.State.WAITING);
        synchronized (lock) {
            waiter.interrupt();
            Thread.sleep(20);
            await(waiter, Thread.State.BLOCKED);
        }
        waiter.join();
        Thread.currentThread().interrupt();
        System.out.println(
            Thread.currentThread().isInterrupted() + " " + Thread.interrupted() + " " + Thread.interrupted());
        Thread.currentThread().interrupt();
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            System.out.println(e);
        }
        Thread.currentThread().interrupt();
        try {
            lock.hashCode();
            synchronized (lock) {
                lock.wait(1);
            }
        } catch (InterruptedException e) {
            System.out.println(e);
        }
        Thread.currentThread().interrupt();
        try {
            new Thread().join();
            Thread dead = new Thread(() -> {
                try {
                    Thread.sleep(50);
                } catch (InterruptedException e) {
                }
            });
            dead.start();
            dead.join();
        } catch (InterruptedException e) {
            System.out.println(e);
        }
        Thread.interrupted();
        Thread joiner = spin(1, () -> {});
        joiner.join(1000);
        System.out.println(joiner.isAlive());
        java.util.concurrent.locks.LockSupport.unpark(Thread.currentThread());
        java.util.concurrent.locks.LockSupport.park();
        long p0 = System.nanoTime();
        java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
        System.out.println("parked " + (System.nanoTime() - p0 < 5_000_000_000L));

        Thread.setDefaultUncaughtExceptionHandler((t, e) -> System.out.println("default " + t.getName() + " " + e));
        Thread u = new Thread(() -> { throw new IllegalStateException("u"); }, "U");
        u.start();
        u.join();
        Thread v = new Thread(() -> { throw new Error("v"); }, "V");
        v.setUncaughtExceptionHandler((t, e) -> System.out.println("own " + t.getName() + " " + e));
        v.start();
        v.join();
        ThreadGroup g = new ThreadGroup("G") {
            @Override
            public void uncaughtException(Thread t, Throwable e) {
                System.out.println("group " + e.getMessage());
            }
        };
        g.setMaxPriority(3);
        Thread w = new Thread(g, () -> { throw new RuntimeException("w"); }, "W");
        w.setPriority(9);
        System.out.println(w.getPriority() + " " + w + " " + g + " " + g.getParent().getName());
        w.start();
        w.join();
        System.out.println(w.getThreadGroup() + " " + g.activeCount() + " " + Thread.currentThread() + " "
            + Thread.currentThread().getThreadGroup().getParent().getName());

        ThreadLocal<Integer> tl = ThreadLocal.withInitial(() -> 7);
        InheritableThreadLocal<String> itl = new InheritableThreadLocal<>() {
            @Override
            protected String childValue(String s) {
                return s + " child";
            }
        };
        itl.set("parent");
        tl.set(8);
        Thread lt = new Thread(() -> System.out.println(tl.get() + " " + itl.get()));
        lt.start();
        lt.join();
        System.out.println(tl.get());
        tl.remove();
        System.out.println(tl.get());

        Object[] many = new Object[200];
        for (int i = 0; i < many.length; i++) many[i] = new Object();
        int[] hits = new int[200];
        ts.clear();
        for (int k = 0; k < 4; k++) {
            int seed = k;
            ts.add(new Thread(() -> {
                Random r = new Random(seed);
                for (int i = 0; i < 5000; i++) {
                    int a = r.nextInt(200);
                    synchronized (many[a]) {
                        hits[a]++;
                        if ((i & 15) == 0)
                            many[a].hashCode();
                        synchronized (many[a]) {
                            hits[a]++;
                        }
                    }
                }
            }));
        }
        for (Thread t : ts) t.start();
        for (Thread t : ts) t.join();
        System.out.println(Arrays.stream(hits).sum());
        System.out.println(Thread.getAllStackTraces().containsKey(Thread.currentThread()) + " "
            + new Thread(() -> {}, "named").getName() + " "
            + Thread.currentThread().getStackTrace()[1].getMethodName());
        Thread daemon = new Thread(() -> {
            try {
                Thread.sleep(100000);
            } catch (InterruptedException e) {
            }
        });
        daemon.setDaemon(true);
        daemon.start();
        new Thread(() -> {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
            }
            System.out.println("last");
        }).start();
        throw new IllegalStateException("main ends");
        }
        }
