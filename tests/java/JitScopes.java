// options: --add-modules jdk.incubator.foreign
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;

/**
 * Memory of a shared scope (foreign memory access, here by reflection) is given back while compiled loops in other threads read it: each of
 * them gets an exception, and none reads what is gone.
 */
final class JitScopes {
    static final int SIZE = 1 << 20; // large enough that free() unmaps it
    static final Method NEW_SCOPE, CLOSE, ALLOCATE, AS_BUFFER;

    static {
        try {
            Class<?> scope = Class.forName("jdk.incubator.foreign.ResourceScope");
            Class<?> segment = Class.forName("jdk.incubator.foreign.MemorySegment");
            NEW_SCOPE = scope.getMethod("newSharedScope");
            CLOSE = scope.getMethod("close");
            ALLOCATE = segment.getMethod("allocateNative", long.class, scope);
            AS_BUFFER = segment.getMethod("asByteBuffer");
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    static long sum(ByteBuffer b) {
        long sum = 0;
        for (int i = 0; i < SIZE; i += 8) {
            sum += b.getLong(i);
        }
        return sum;
    }

    static final class Reader extends Thread {
        final ByteBuffer buffer;
        volatile long rounds;
        volatile String end;

        Reader(ByteBuffer buffer) {
            this.buffer = buffer;
        }

        @Override public void run() {
            long wrong = 0;
            try {
                for (;;) {
                    wrong |= sum(buffer) ^ 3L * (SIZE / 8);
                    rounds++;
                }
            } catch (IllegalStateException e) {
                end = e.getMessage() + (wrong == 0 ? "" : ", wrong sum");
            }
        }
    }

    static void close(Object scope) throws ReflectiveOperationException {
        for (;;) {
            try {
                CLOSE.invoke(scope);
                return;
            } catch (InvocationTargetException e) {
                if (!(e.getCause() instanceof IllegalStateException)) { // a reader was just inside an access
                    throw e;
                }
            }
        }
    }

    public static void main(String[] args) throws Exception {
        for (int round = 0; round < 12; round++) {
            Object scope = NEW_SCOPE.invoke(null), segment = ALLOCATE.invoke(null, (long) SIZE, scope);
            ByteBuffer b = (ByteBuffer) AS_BUFFER.invoke(segment);
            for (int i = 0; i < SIZE; i += 8) {
                b.putLong(i, 3);
            }
            Reader[] readers = {new Reader(b), new Reader(b)};
            for (Reader r : readers) {
                r.start();
            }
            while (readers[0].rounds < 3 || readers[1].rounds < 3) {
                Thread.sleep(1);
            }
            close(scope);
            for (Reader r : readers) {
                r.join();
                System.out.println(round + ": " + r.end);
            }
        }
    }
}
