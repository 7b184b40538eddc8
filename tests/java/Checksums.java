import java.nio.ByteBuffer;
import java.util.zip.Adler32;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/** Checksums of arrays, parts of them and direct buffers, at all alignments, in one go and in pieces. */
final class Checksums {
    static long of(Checksum sum, byte[] bytes, int from, int length) {
        sum.reset();
        sum.update(bytes, from, length);
        return sum.getValue();
    }

    static long inPieces(Checksum sum, ByteBuffer buffer, int piece) {
        sum.reset();
        for (int at = 0; at < buffer.capacity(); at += piece) {
            buffer.limit(Math.min(at + piece, buffer.capacity())).position(at);
            sum.update(buffer);
        }
        return sum.getValue();
    }

    public static void main(String[] args) {
        byte[] bytes = new byte[5000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 ^ i >> 3);
        }
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length);
        direct.put(bytes);
        for (Checksum sum : new Checksum[] {new CRC32C(), new CRC32(), new Adler32()}) {
            System.out.println(sum.getClass().getSimpleName() + " " + Long.toHexString(of(sum, "123456789".getBytes(), 0, 9))
                + " " + of(sum, bytes, 0, 0));
            long hash = 0;
            for (int from = 0; from < 20; from++) {
                for (int length = 0; length < 40; length++) {
                    hash = hash * 31 + of(sum, bytes, from, length);
                }
                hash = hash * 31 + of(sum, bytes, from, bytes.length - 2 * from);
            }
            System.out.println(hash);
            for (int piece : new int[] {1, 3, 64, 4999, 5000}) {
                long whole = of(sum, bytes, 0, bytes.length);
                System.out.println((inPieces(sum, direct.duplicate(), piece) == whole) + " "
                    + (inPieces(sum, ByteBuffer.wrap(bytes).asReadOnlyBuffer(), piece) == whole));
            }
            sum.reset();
            sum.update(0x1ff);
            System.out.println(sum.getValue());
            try {
                sum.update(bytes, 4990, 11);
            } catch (ArrayIndexOutOfBoundsException e) {
                System.out.println("out of bounds");
            }
        }
    }
}
