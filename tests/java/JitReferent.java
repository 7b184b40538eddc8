import java.lang.ref.WeakReference;

/**
 * Reference.get() in compiled code: the field changes behind the program's back, so a loop must read it again. Another thread
 * does here what the collector does elsewhere: whether that finds the object unused depends on what lies in old stack slots.
 */
public class JitReferent {
    static byte[] kept;

    /** Nothing in the loop but an allocation, which is no call. */
    static boolean waitFor(WeakReference<Object> r) {
        while (r.get() != null) { kept = new byte[1000]; }
        return r.get() == null;
    }

    public static void main(String[] args) throws Exception {
        int cleared = 0;
        for (int i = 0; i < 20; i++) {
            Object held = new Object();
            WeakReference<Object> r = new WeakReference<>(held);
            Thread other = new Thread(() -> {
                try {
                    Thread.sleep(20);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                r.clear();
            });
            other.start();
            cleared += waitFor(r) ? 1 : 0;
            other.join();
            if (held == null) { throw new IllegalStateException(); }
        }
        System.out.println("cleared: " + cleared);
    }
}
