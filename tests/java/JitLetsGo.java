import java.lang.ref.WeakReference;

/** A loop that looks at a referent again and again does not keep it alive: what it got last is dead at the end of each round. */
public class JitLetsGo {
    private static volatile boolean looping;

    private static final class Reader extends Thread {
        private final WeakReference<int[]> ref;
        private long rounds;

        Reader(WeakReference<int[]> ref) {
            this.ref = ref;
        }

        @Override public void run() {
            while (ref.get() != null) {
                if (++rounds == 200_000) { // compiled by now, wherever anything is
                    looping = true;
                }
            }
        }
    }

    private static Reader start() {
        Reader reader = new Reader(new WeakReference<>(new int[1000]));
        reader.setDaemon(true);
        reader.start();
        return reader;
    }

    public static void main(String[] args) throws Exception {
        Reader reader = start();
        while (!looping && reader.isAlive()) { // a collection may have come before
            Thread.sleep(1);
        }
        for (int i = 0; i < 50 && reader.isAlive(); i++) {
            System.gc();
            reader.join(100);
        }
        System.out.println(reader.isAlive() ? "kept" : "gone");
    }
}
