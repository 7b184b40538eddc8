// java.util.concurrent: executors, futures, locks, barriers, ForkJoin, atomics, queues.
// gc-stress: 5000
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import java.util.concurrent.locks.*;
import java.util.stream.*;
public class Concurrent {
    static class Fib extends RecursiveTask<Long> {
        final int n;
        Fib(int n) {
            this.n = n;
        }
        protected Long compute() {
            if (n < 8)
                return seq(n);
            Fib f = new Fib(n - 1);
            f.fork();
            return new Fib(n - 2).compute() + f.join();
        }
        static long seq(int n) {
            return n < 2 ? n : seq(n - 1) + seq(n - 2);
        }
    }

    public static void main(String[] args) throws Exception {
        ExecutorService ex = Executors.newFixedThreadPool(4);
        List<Callable<Integer>> calls =
            IntStream.range(0, 50).<Callable<Integer>>mapToObj(i -> () -> i * i).collect(Collectors.toList());
        int sum = 0;
        for (Future<Integer> f : ex.invokeAll(calls)) sum += f.get();
        System.out.println(sum + " " + ex.invokeAny(List.of(() -> "any")));
        try {
            ex.submit(() -> { throw new IllegalStateException("task"); }).get();
        } catch (ExecutionException e) {
            System.out.println(e.getMessage());
        }
        Future<?> slow = ex.submit(() -> {
            try {
                Thread.sleep(100000);
            } catch (InterruptedException e) {
            }
        });
        try {
            slow.get(20, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            System.out.println("timeout");
        }
        System.out.println(slow.cancel(true) + " " + slow.isCancelled());
        ex.shutdown();
        System.out.println(ex.awaitTermination(10, TimeUnit.SECONDS) + " " + ex.isTerminated());
        try {
            ex.submit(() -> 1);
        } catch (RejectedExecutionException e) {
            System.out.println("rejected");
        }

        System.out.println(
            ForkJoinPool.commonPool().invoke(new Fib(20)) + " " + new ForkJoinPool(3).invoke(new Fib(18)));
        CompletableFuture<Integer> a = CompletableFuture.supplyAsync(() -> 20),
                                   b = CompletableFuture.supplyAsync(() -> 22);
        System.out.println(a.thenCombine(b, Integer::sum).thenApply(x -> "r" + x).get());
        System.out.println(CompletableFuture
                               .supplyAsync(() -> {
                                   if (true)
                                       throw new RuntimeException("cf");
                                   return 1;
                               })
                               .handle((v, e) -> e.getMessage())
                               .get());
        System.out.println(CompletableFuture.allOf(a, b).thenApply(x -> "all").get()
            + CompletableFuture.completedFuture(3).thenCompose(x -> CompletableFuture.supplyAsync(() -> x * 2)).join());
        try {
            new CompletableFuture<Integer>().orTimeout(20, TimeUnit.MILLISECONDS).join();
        } catch (CompletionException e) {
            System.out.println(e.getCause().getClass());
        }

        ReentrantLock lock = new ReentrantLock();
        Condition cond = lock.newCondition();
        int[] box = new int[2];
        Thread[] ts = new Thread[4];
        for (int i = 0; i < 4; i++)
            (ts[i] = new Thread(() -> {
                for (int k = 0; k < 1000; k++) {
                    lock.lock();
                    try {
                        box[0]++;
                        cond.signalAll();
                    } finally {
                        lock.unlock();
                    }
                }
            })).start();
        lock.lock();
        try {
            while (box[0] < 4000) cond.await();
        } finally {
            lock.unlock();
        }
        for (Thread t : ts) t.join();
        System.out.println(box[0] + " " + lock.isLocked());
        try {
            lock.unlock();
        } catch (IllegalMonitorStateException e) {
            System.out.println(e);
        }
        ReentrantReadWriteLock rw = new ReentrantReadWriteLock();
        StampedLock st = new StampedLock();
        AtomicInteger ai = new AtomicInteger();
        LongAdder adder = new LongAdder();
        ConcurrentHashMap<Integer, Integer> map = new ConcurrentHashMap<>();
        CountDownLatch latch = new CountDownLatch(4);
        CyclicBarrier barrier = new CyclicBarrier(4, () -> ai.addAndGet(1000));
        Phaser phaser = new Phaser(4);
        Semaphore sem = new Semaphore(2);
        Exchanger<String> exch = new Exchanger<>();
        AtomicInteger inside = new AtomicInteger(), most = new AtomicInteger();
        for (int i = 0; i < 4; i++) {
            int id = i;
            new Thread(() -> {
                try {
                    barrier.await();
                    for (int k = 0; k < 500; k++) {
                        ai.incrementAndGet();
                        adder.increment();
                        map.merge(k % 10, 1, Integer::sum);
                        rw.writeLock().lock();
                        box[1]++;
                        rw.writeLock().unlock();
                        rw.readLock().lock();
                        rw.readLock().unlock();
                        long s = st.writeLock();
                        box[0]--;
                        st.unlockWrite(s);
                    }
                    phaser.arriveAndAwaitAdvance();
                    sem.acquire();
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    inside.decrementAndGet();
                    sem.release();
                    if (id < 2) {
                        String o = exch.exchange("x" + id);
                        if (!o.equals("x" + (1 - id)))
                            System.out.println("bad exchange");
                    }
                } catch (Exception e) {
                    System.out.println(e);
                }
                latch.countDown();
            }).start();
        }
        latch.await();
        System.out.println(ai + " " + adder + " " + map.values().stream().mapToInt(x -> x).sum() + " " + box[0] + " "
            + box[1] + " " + phaser.getPhase() + " " + (most.get() <= 2));
        BlockingQueue<Integer> q = new ArrayBlockingQueue<>(3);
        Thread prod = new Thread(() -> {
            try {
                for (int i = 0; i < 500; i++) q.put(i);
                q.put(-1);
            } catch (InterruptedException e) {
            }
        });
        prod.start();
        long total = 0;
        for (int v; (v = q.take()) >= 0;) total += v;
        System.out.println(total);
        ScheduledExecutorService ses = Executors.newScheduledThreadPool(1);
        CountDownLatch ticks = new CountDownLatch(3);
        ses.scheduleAtFixedRate(ticks::countDown, 1, 5, TimeUnit.MILLISECONDS);
        System.out.println(
            ticks.await(10, TimeUnit.SECONDS) + " " + ses.schedule(() -> "later", 5, TimeUnit.MILLISECONDS).get());
        ses.shutdownNow();
        SynchronousQueue<Integer> sq = new SynchronousQueue<>();
        new Thread(() -> {
            try {
                sq.put(9);
            } catch (InterruptedException e) {
            }
        }).start();
        System.out.println(sq.take());
        System.out.println(IntStream.range(0, 100000).parallel().mapToLong(x -> x).sum() + " "
            + Arrays.stream(new int[1000]).parallel().map(x -> x + 1).sum());
        Timer timer = new Timer(true);
        CountDownLatch tl = new CountDownLatch(1);
        timer.schedule(new TimerTask() {
            public void run() {
                tl.countDown();
            }
        }, 5);
        System.out.println(tl.await(10, TimeUnit.SECONDS));
        ConcurrentSkipListMap<String, Integer> sk = new ConcurrentSkipListMap<>(Map.of("b", 2, "a", 1));
        System.out.println(
            sk + " " + new CopyOnWriteArrayList<>(List.of(1, 2)) + new ConcurrentLinkedQueue<>(List.of(3)));
    }
}
