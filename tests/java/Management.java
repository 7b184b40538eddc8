// What java.lang.management tells of threads: which there are, those that end, what they wait for and hold, how often they did;
// and verbosity, which only -Xlog to standard output turns on.
// options: -Xlog:gc=info:stderr -Xlog:class+load=error
import java.lang.management.*;
import java.util.*;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.*;

public class Management {
    static final ThreadMXBean bean = ManagementFactory.getThreadMXBean();
    static final Object text = new String("text"), numbers = new int[1], builder = new StringBuilder(), list = new ArrayList<>();

    // ---- which threads there are ----

    static void ends() throws Exception {
        int found = 0, listed = 0, counted = 0;
        long before = bean.getTotalStartedThreadCount();
        Thread fresh = new Thread(() -> { });
        System.out.println("not started: " + bean.getThreadInfo(fresh.getId()));
        for (int i = 0; i < 300; i++) {
            Thread t = new Thread(() -> { });
            t.start();
            t.join();
            if (bean.getThreadInfo(t.getId()) != null) found++;
            for (long id : bean.getAllThreadIds()) if (id == t.getId()) listed++;
            if (bean.getThreadCount() != bean.getAllThreadIds().length) counted++;
        }
        System.out.println("joined, but there: " + found + " " + listed + " " + counted);
        System.out.println("started: " + (bean.getTotalStartedThreadCount() - before));
    }

    static void lists() {
        ThreadGroup top = Thread.currentThread().getThreadGroup();
        while (top.getParent() != null) top = top.getParent();
        Thread[] threads = new Thread[100];
        Set<Thread> members = new HashSet<>();
        for (int i = top.enumerate(threads); i-- > 0;) members.add(threads[i]);
        Set<Long> ids = new HashSet<>(), memberIds = new HashSet<>();
        for (long id : bean.getAllThreadIds()) ids.add(id);
        for (Thread t : members) memberIds.add(t.getId());
        System.out.println("lists agree: " + members.equals(Thread.getAllStackTraces().keySet()) + " " + ids.equals(memberIds)
                + " " + (bean.getThreadCount() == ids.size()));
        String system = "";
        for (Thread t : new TreeMap<>(byName(members)).values()) {
            if (t.getThreadGroup() == top && !t.getName().startsWith("Notification")) system += " " + t.getName();
        }
        System.out.println("system:" + system);
    }

    static Map<String, Thread> byName(Set<Thread> threads) {
        Map<String, Thread> map = new HashMap<>();
        for (Thread t : threads) map.put(t.getName(), t);
        return map;
    }

    // ---- locks ----

    static synchronized void ofClass(Management m) throws Exception { m.twoLocks(); }

    synchronized void twoLocks() throws Exception {
        synchronized (text) {
            synchronized (numbers) { again(); }
        }
    }

    void again() throws Exception {
        synchronized (list) { }
        synchronized (numbers) {
            try {
                synchronized (this) {
                    synchronized (builder) { builder.wait(); }
                }
            } finally {
                synchronized (list) { }
            }
        }
    }

    static void show(ThreadInfo i) {
        System.out.println(i.getThreadName() + " " + i.getThreadState() + " for "
                + (i.getLockInfo() == null ? null : i.getLockInfo().getClassName()) + " of " + i.getLockOwnerName());
        for (MonitorInfo m : i.getLockedMonitors()) {
            if (!m.getLockedStackFrame().equals(i.getStackTrace()[m.getLockedStackDepth()])) System.out.println("another frame");
            System.out.println("  " + m.getLockedStackFrame().getMethodName() + " holds " + m.getClassName());
        }
        for (LockInfo m : i.getLockedSynchronizers()) System.out.println("  owns " + m.getClassName());
    }

    static void show(Thread t, boolean monitors, boolean synchronizers) {
        show(bean.getThreadInfo(new long[] {t.getId()}, monitors, synchronizers)[0]);
    }

    static Thread start(String name, Thread.State state, Runnable body) throws Exception {
        Thread t = new Thread(body, name);
        t.setDaemon(true);
        t.start();
        while (t.getState() != state) Thread.sleep(1);
        return t;
    }

    static void locks() throws Exception {
        Thread waiter = start("waiter", Thread.State.WAITING, () -> {
            try {
                ofClass(new Management());
            } catch (Exception e) {
                System.out.println(e);
            }
        });
        show(waiter, true, true);
        show(waiter, false, true);
        show(bean.getThreadInfo(new long[] {waiter.getId()}, true, true, 3)[0]);
        synchronized (list) {
            show(start("blocked", Thread.State.BLOCKED, () -> {
                synchronized (list) { }
            }), true, true);
            show(Thread.currentThread(), true, false);
        }
        ReentrantLock lock = new ReentrantLock();
        lock.lock();
        show(start("parked", Thread.State.WAITING, lock::lock), true, true);
        show(Thread.currentThread(), true, true);
        show(Thread.currentThread(), true, false);
        lock.unlock();
        show(Thread.currentThread(), true, true);
        synchronized (builder) { builder.notify(); }
        waiter.join();
    }

    // Compiled frames: what they hold is in no local variable.
    static int sum;

    static void hot(Object o, CountDownLatch in, CountDownLatch out) {
        synchronized (o) {
            sum++;
            if (in != null) {
                in.countDown();
                try {
                    out.await();
                } catch (InterruptedException e) {
                    System.out.println(e);
                }
            }
        }
    }

    static void compiled() throws Exception {
        CountDownLatch none = new CountDownLatch(0);
        for (int i = 0; i < 200_000; i++) hot(list, i % 100 == 0 ? none : null, none);
        CountDownLatch in = new CountDownLatch(1), out = new CountDownLatch(1);
        Thread t = start("compiled", Thread.State.WAITING, () -> hot(text, in, out));
        in.await();
        show(t, true, false);
        out.countDown();
        t.join();
    }

    static void cross(Lock first, Lock second, CountDownLatch both) {
        first.lock();
        both.countDown();
        try {
            both.await();
        } catch (InterruptedException e) {
            System.out.println(e);
        }
        second.lock();
    }

    static void deadlock() throws Exception {
        Lock a = new ReentrantLock(), b = new ReentrantLock();
        System.out.println("deadlocked: " + bean.findDeadlockedThreads());
        CountDownLatch both = new CountDownLatch(2);
        Thread one = new Thread(() -> cross(a, b, both)), two = new Thread(() -> cross(b, a, both));
        one.setDaemon(true);
        two.setDaemon(true);
        one.start();
        two.start();
        long[] ids;
        while ((ids = bean.findDeadlockedThreads()) == null) Thread.sleep(1);
        Arrays.sort(ids);
        System.out.println(Arrays.equals(ids, new long[] {one.getId(), two.getId()}) + " " + bean.findMonitorDeadlockedThreads());
    }

    // ---- how often, how long ----

    static void counts() throws Exception {
        bean.setThreadContentionMonitoringEnabled(true);
        CountDownLatch go = new CountDownLatch(1), done = new CountDownLatch(1), end = new CountDownLatch(1);
        Thread t = new Thread(() -> {
            try {
                go.await();
                synchronized (list) {
                    list.wait(20);
                    list.wait(20);
                }
                Thread.sleep(20);
                LockSupport.parkNanos(1000);
                done.countDown();
                end.await();
            } catch (InterruptedException e) {
                System.out.println(e);
            }
        });
        t.start();
        ThreadInfo before = bean.getThreadInfo(t.getId());
        synchronized (list) {
            go.countDown();
            while (t.getState() != Thread.State.BLOCKED) Thread.sleep(1);
            Thread.sleep(20);
        }
        done.await();
        ThreadInfo after = bean.getThreadInfo(t.getId());
        System.out.println("blocked: " + (after.getBlockedCount() > before.getBlockedCount()) + " "
                + (after.getBlockedTime() > before.getBlockedTime()));
        System.out.println("waited: " + (after.getWaitedCount() >= before.getWaitedCount() + 4) + " "
                + (after.getWaitedTime() > before.getWaitedTime() + 40));
        bean.setThreadContentionMonitoringEnabled(false);
        after = bean.getThreadInfo(t.getId());
        System.out.println("not measured: " + after.getBlockedTime() + " " + after.getWaitedTime());
        end.countDown();
        t.join();
    }

    static void verbosity() {
        ClassLoadingMXBean classes = ManagementFactory.getClassLoadingMXBean();
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        System.out.println("verbose: " + classes.isVerbose() + " " + memory.isVerbose());
        memory.setVerbose(false);
        classes.setVerbose(false);
        memory.setVerbose(true);
        boolean on = memory.isVerbose();
        memory.setVerbose(false);
        classes.setVerbose(true);
        on &= classes.isVerbose();
        classes.setVerbose(false);
        System.out.println("turned on: " + on + ", off: " + classes.isVerbose() + " " + memory.isVerbose());
    }

    public static void main(String[] args) throws Exception {
        lists();
        ends();
        locks();
        compiled();
        counts();
        verbosity();
        deadlock();
    }
}
