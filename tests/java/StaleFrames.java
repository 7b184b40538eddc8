import java.lang.ref.WeakReference;

/** What a native method's frame lies on is not looked at: an object that only a dead frame of C named is collected. */
final class StaleFrames {
    static WeakReference<Object> ref;

    static void make() {
        ref = new WeakReference<>(new Object());
    }

    public static void main(String[] args) {
        int kept = 0;
        for (int i = 0; i < 300; i++) {
            make();
            System.gc();
            if (ref.get() != null) {
                kept++;
            }
            if (i % 50 == 0) {
                System.out.println(i);
            }
        }
        System.out.println(kept);
    }
}
