/** Thread.suspend and resume: who is suspended makes no step, does not hinder collections, and can be stopped. */
@SuppressWarnings({"deprecation", "removal"})
final class Suspended {
    static volatile long count;
    static volatile boolean end;

    static void countOn() {
        while (!end) {
            count++;
        }
    }

    static void waitForMore(long than) {
        while (count <= than) {
            Thread.yield();
        }
    }

    public static void main(String[] args) throws InterruptedException {
        Thread counter = new Thread(Suspended::countOn);
        counter.suspend();  // not started: nothing happens
        counter.start();
        waitForMore(0);
        for (int i = 0; i < 20; i++) {
            counter.suspend();
            long before = count;
            int[][] garbage = new int[1000][];
            for (int k = 0; k < garbage.length; k++) {
                garbage[k] = new int[100];
            }
            System.gc();
            if (count != before) {
                System.out.println("counted on");
            }
            counter.suspend();  // once more is not twice
            counter.resume();
            waitForMore(before);
        }
        end = true;
        counter.join();
        counter.suspend();
        counter.resume();
        System.out.println(counter.getState());

        Thread self = new Thread(() -> {
            Thread.currentThread().suspend();
            System.out.println("resumed");
        });
        self.start();
        while (self.isAlive()) {
            self.resume();
            Thread.yield();
        }

        end = false;
        Thread stopped = new Thread(() -> {
            try {
                countOn();
            } catch (ThreadDeath e) {
                System.out.println("stopped");
            }
        });
        stopped.start();
        waitForMore(count);
        stopped.suspend();
        stopped.stop();
        stopped.join();

        ThreadGroup group = new ThreadGroup("group");
        Thread member = new Thread(group, Suspended::countOn);
        member.start();
        waitForMore(count);
        group.suspend();
        long before = count;
        Thread.sleep(20);
        System.out.println(count == before);
        group.resume();
        end = true;
        member.join();
        System.out.println("done");
    }
}
