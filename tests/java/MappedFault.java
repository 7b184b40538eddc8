import java.io.*; import java.nio.*; import java.nio.channels.FileChannel;
/** Reading and writing mapped pages behind the end of a file that was cut. */
public class MappedFault { public static void main(String[] a) throws Exception {
 File f = File.createTempFile("bus", null); f.deleteOnExit();
 try (FileChannel fc = new RandomAccessFile(f, "rw").getChannel()) {
  fc.position(100000).write(ByteBuffer.wrap(new byte[8]));
  MappedByteBuffer m = fc.map(FileChannel.MapMode.READ_WRITE, 0, fc.size());
  fc.truncate(10);
  m.order(ByteOrder.nativeOrder());
  try { m.get(50000); System.out.println("no"); } catch (InternalError e) { System.out.println(e); }
  try { m.putLong(50000, 7); System.out.println("no"); } catch (InternalError e) { System.out.println(e); }
  try { m.getInt(60000); System.out.println("no"); } catch (InternalError e) { System.out.println(e); }
  try { m.get(40000, new byte[100]); System.out.println("no"); } catch (InternalError e) { System.out.println(e); }
  try { m.load(); System.out.println("no"); } catch (InternalError e) { System.out.println(e); }
  m.put(3, (byte) 5); System.out.println(m.get(3));
 } } }
