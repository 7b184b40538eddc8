import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Four workers on a bounded queue (synchronized, wait, notifyAll), atomics, a ReentrantLock, a ConcurrentHashMap and a
 * thread pool. Every result is a commutative sum, so that the checksum does not depend on the schedule.
 */
final class Threads extends Bench {
    static final int WORKERS = 4;

    static final class Channel {
        private final ArrayDeque<int[]> items = new ArrayDeque<>();

        synchronized void put(int[] item) throws InterruptedException {
            while (items.size() >= 64) {
                wait();
            }
            items.add(item);
            notifyAll();
        }

        synchronized int[] take() throws InterruptedException {
            while (items.isEmpty()) {
                wait();
            }
            int[] item = items.remove();
            notifyAll();
            return item;
        }
    }

    private final Object monitor = new Object();
    private final ReentrantLock lock = new ReentrantLock();
    private long guarded, locked;

    private static int collatz(int n) {
        int steps = 0;
        for (long x = n; x != 1; steps++) {
            x = (x & 1) == 0 ? x >> 1 : 3 * x + 1;
        }
        return steps;
    }

    @Override long run(int size) throws Exception {
        guarded = 0;
        locked = 0;
        Channel channel = new Channel();
        AtomicLong sum = new AtomicLong();
        AtomicInteger count = new AtomicInteger();
        ConcurrentHashMap<Integer, Integer> seen = new ConcurrentHashMap<>();
        Thread[] workers = new Thread[WORKERS];
        for (int w = 0; w < WORKERS; w++) {
            workers[w] = new Thread(() -> {
                try {
                    for (int[] item = channel.take(); item.length > 0; item = channel.take()) {
                        for (int n : item) {
                            int steps = collatz(n);
                            sum.addAndGet((long) n * steps);
                            count.incrementAndGet();
                            seen.merge(steps, 1, Integer::sum);
                            synchronized (monitor) {
                                guarded += steps;
                            }
                            lock.lock();
                            try {
                                locked ^= n;
                            } finally {
                                lock.unlock();
                            }
                        }
                    }
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            workers[w].start();
        }
        int next = 1;
        for (int i = 0; i < size; i++) {
            int[] item = new int[20];
            for (int k = 0; k < item.length; k++) {
                item[k] = next++;
            }
            channel.put(item);
        }
        for (int w = 0; w < WORKERS; w++) {
            channel.put(new int[0]);
        }
        for (Thread worker : workers) {
            worker.join();
        }
        long hash = mix(mix(mix(mix(0, sum.get()), count.get()), guarded), locked);
        long histogram = 0;
        for (var e : seen.entrySet()) {
            histogram += mix(e.getKey(), e.getValue());
        }
        ExecutorService pool = Executors.newFixedThreadPool(WORKERS);
        AtomicLong done = new AtomicLong();
        for (int i = 0; i < size; i++) {
            int n = i + 1;
            pool.execute(() -> done.addAndGet(mix(n, collatz(n))));
        }
        pool.shutdown();
        if (!pool.awaitTermination(10, TimeUnit.MINUTES)) {
            throw new IllegalStateException("pool did not end");
        }
        return mix(mix(hash, histogram), done.get());
    }

    public static void main(String[] args) throws Exception {
        main(new Threads(), args, 3000);
    }
}
