// Monitors under contention: threads that take turns by wait and notifyAll, some with a timeout; waiters that are interrupted, and
// notified ones, which are blocked until the notifier gives the monitor up; many short owners; owners that outlast all spinning.
public class Monitors {
    static final Object lock = new Object();
    static int turn, interrupted;
    static long sum;

    static Thread[] start(int n, java.util.function.IntConsumer body) {
        Thread[] threads = new Thread[n];
        for (int i = 0; i < n; i++) {
            int id = i;
            threads[i] = new Thread(() -> body.accept(id));
            threads[i].start();
        }
        return threads;
    }

    static void join(Thread[] threads) throws InterruptedException {
        for (Thread t : threads) t.join();
    }

    static void takeTurns(int n, int rounds) throws InterruptedException {
        turn = 0;
        join(start(n, id -> {
            for (int k = 0; k < rounds; k++) {
                synchronized (lock) {
                    try {
                        while (turn % n != id) {
                            if (k % 8 == 3) lock.wait(1);
                            else lock.wait();
                        }
                    } catch (InterruptedException e) {
                        System.out.println(e);
                    }
                    turn++;
                    lock.notifyAll();
                }
            }
        }));
        if (turn != n * rounds) System.out.println("turn " + turn);
    }

    static void interruptAndNotify() throws InterruptedException {
        interrupted = 0;
        Thread[] waiters = start(6, id -> {
            synchronized (lock) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    interrupted++;
                }
            }
        });
        for (Thread w : waiters) {
            while (w.getState() != Thread.State.WAITING) Thread.onSpinWait();
        }
        for (int i = 0; i < 3; i++) waiters[i].interrupt();
        for (int i = 0; i < 3; i++) waiters[i].join();
        synchronized (lock) {
            for (int i = 3; i < 6; i++) lock.notify();
            for (int i = 3; i < 6; i++) {
                if (waiters[i].getState() != Thread.State.BLOCKED) System.out.println(waiters[i].getState());
            }
        }
        join(waiters);
        if (interrupted != 3) System.out.println("interrupted " + interrupted);
    }

    static void ownLong() throws InterruptedException {
        int[] count = new int[1];
        join(start(5, id -> {
            for (int k = 0; k < 60; k++) {
                synchronized (lock) {
                    long end = System.nanoTime() + 60_000;
                    while (System.nanoTime() < end) Thread.onSpinWait();
                    count[0]++;
                }
            }
        }));
        if (count[0] != 300) System.out.println("count " + count[0]);
    }

    public static void main(String[] args) throws InterruptedException {
        for (int round = 0; round < 8; round++) {
            takeTurns(2 + round, 60);
            interruptAndNotify();
            ownLong();
            join(start(4, id -> {
                for (int i = 0; i < 5000; i++) {
                    synchronized (lock) {
                        sum += i;
                    }
                }
            }));
        }
        System.out.println(sum);
    }
}
