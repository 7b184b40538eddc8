import java.lang.ref.WeakReference;

// Unoptimised code keeps what it read last in its frame; code of single blocks is left and entered all the time:
// skip: opt0,block,chain
/** A loop that reads a weak referent all the time, and is left for each collection, keeps no copy of it that the collector sees. */
final class JitStale {
    static WeakReference<Object> weak;
    static volatile boolean ended;

    public static void main(String[] args) throws Exception {
        for (int i = 0; i < 3; i++) {
            weak = new WeakReference<>(new int[] {i});
            ended = false;
            Thread reader = new Thread(() -> {
                while (weak.get() != null) {
                }
                ended = true;
            });
            reader.start();
            Thread.sleep(100);
            while (!ended) {
                System.gc();
                Thread.sleep(5);
            }
            reader.join();
            System.out.println("cleared");
        }
    }
}
