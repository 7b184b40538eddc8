import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Direct buffers in compiled code, of memory and of a mapped file, which is cut off and grows again: each access of it fails by itself
 * (on HotSpot the error comes some instructions later, so --record does not help here).
 */
final class JitFault {
    static final int PAGE = 4096;

    static long readAll(ByteBuffer b) {
        long sum = 0;
        for (int i = 0; i + 8 <= b.capacity(); i += 8) {
            sum = sum * 31 + b.get(i) + b.getChar(i) + b.getInt(i + 4) + b.getLong(i) + (long) b.getDouble(i);
        }
        return sum;
    }

    static void fill(ByteBuffer b, int seed) {
        b.clear();
        while (b.remaining() >= 8) {
            b.putShort((short) seed).put((byte) (seed >> 3)).put((byte) seed).putInt(seed * 7919);
            seed = seed * 69069 + 1;
        }
        b.flip();
    }

    static int getInt(ByteBuffer b, int at) {
        try {
            return b.getInt(at);
        } catch (InternalError e) {
            return -77;
        }
    }

    /** What was read before the failing access, and that nothing behind it has happened. */
    static String sumUpTo(ByteBuffer b, int from) {
        long sum = 0;
        int i = from;
        try {
            for (; i < b.capacity(); i += 4) {
                sum += b.getInt(i);
            }
            return "all " + sum;
        } catch (InternalError e) {
            return "failed at " + i + " with " + sum;
        }
    }

    static String putUpTo(ByteBuffer b, int from, byte value) {
        int i = from;
        try {
            for (; i < b.capacity(); i++) {
                b.put(i, value);
            }
            return "all";
        } catch (InternalError e) {
            return "failed at " + i;
        }
    }

    static String message(ByteBuffer b, int at) {
        try {
            return "" + b.getLong(at);
        } catch (InternalError e) {
            return e.getMessage();
        }
    }

    static void cut(File file) throws IOException {
        try (RandomAccessFile f = new RandomAccessFile(file, "rw")) {
            f.setLength(4 * PAGE);
            MappedByteBuffer b = f.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, 4 * PAGE);
            fill(b, 5);
            int warm = 0;
            for (int k = 0; k < 30000; k++) {
                warm += getInt(b, 3 * PAGE + k % 1000);
            }
            String sums = "";
            for (int k = 0; k < 40; k++) {
                sums = sumUpTo(b, 0) + " " + putUpTo(b, 3 * PAGE, (byte) 3);
            }
            System.out.println(warm + " " + sums + " " + readAll(b));
            f.setLength(2 * PAGE);
            for (int k = 0; k < 3; k++) {
                System.out.println(getInt(b, 3 * PAGE) + " " + getInt(b, PAGE) + " " + sumUpTo(b, PAGE) + ", "
                        + putUpTo(b, PAGE, (byte) 9));
            }
            System.out.println(message(b, 3 * PAGE) + "\n" + message(b, 8));
            f.setLength(4 * PAGE);
            System.out.println(getInt(b, 3 * PAGE) + " " + getInt(b, PAGE) + " " + sumUpTo(b, 0) + " " + putUpTo(b, 0, (byte) 1));
        }
    }

    public static void main(String[] args) throws IOException {
        ByteBuffer direct = ByteBuffer.allocateDirect(5000);
        ByteBuffer little = ByteBuffer.allocateDirect(5000).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer heap = ByteBuffer.allocate(5000);
        for (int k = 0; k < 300; k++) {
            for (ByteBuffer b : new ByteBuffer[] {direct, little, heap}) {
                fill(b, k);
                long hash = readAll(b);
                if (k % 100 == 0) {
                    System.out.println(hash);
                }
            }
        }
        File file = File.createTempFile("moka", ".mapped");
        try {
            cut(file);
        } finally {
            file.delete();
        }
    }
}
