import java.lang.ref.WeakReference;

// Unoptimised code has the reference that it read last in its stack frame, where the collector takes it for one in use, so
// the loop has no end there:
// skip: opt0
/** Reference.get() in compiled code: what the collector has cleared is seen to be null. */
public class JitReferent {
    static byte[] kept;

    /** Only the collector ends it, between two allocations that are no calls. */
    static boolean waitFor(WeakReference<Object> r) {
        while (r.get() != null) { kept = new byte[1000]; }
        return r.get() == null;
    }

    public static void main(String[] args) {
        int cleared = 0;
        for (int i = 0; i < 20; i++) { cleared += waitFor(new WeakReference<>(new Object())) ? 1 : 0; }
        System.out.println("cleared: " + cleared);
    }
}
