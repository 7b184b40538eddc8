// Files, channels, buffers, zip and jar, sockets on loopback, processes, properties, resources.
import java.io.*;
import java.net.*;
import java.nio.*;
import java.nio.channels.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import java.util.zip.*;
public class FilesIo {
    public static void main(String[] args) throws Exception {
        Path dir = Files.createTempDirectory(Path.of("."), "t"), f = dir.resolve("a.txt");
        Files.writeString(f, "line 1\nline \u20ac 2\n");
        System.out.println(
            Files.readAllLines(f) + " " + Files.size(f) + Files.exists(f) + Files.isDirectory(dir) + f.getFileName());
        try {
            Files.readString(dir.resolve("none"));
        } catch (NoSuchFileException e) {
            System.out.println("none");
        }
        try {
            new FileInputStream("no/such");
        } catch (FileNotFoundException e) {
            System.out.println(e.getMessage());
        }
        try {
            Files.createDirectory(dir);
        } catch (FileAlreadyExistsException e) {
            System.out.println("exists");
        }
        try {
            Files.delete(dir);
        } catch (DirectoryNotEmptyException e) {
            System.out.println("not empty");
        }
        try (RandomAccessFile r = new RandomAccessFile(f.toFile(), "rw"); FileChannel c = r.getChannel()) {
            r.seek(5);
            r.writeByte('X');
            r.writeLong(0x4142434445464748L);
            r.seek(0);
            System.out.println(r.readLine() + r.length() + r.getFilePointer());
            MappedByteBuffer m = c.map(FileChannel.MapMode.READ_WRITE, 0, 10);
            m.put(0, (byte) 'M');
            m.force();
            ByteBuffer b = ByteBuffer.allocateDirect(4);
            c.read(b, 0);
            b.flip();
            System.out.println(StandardCharsets.US_ASCII.decode(b));
            c.truncate(6);
            System.out.println(c.size());
            try (FileLock l = c.lock()) {
                System.out.println(l.isValid());
            }
        }
        Files.copy(f, dir.resolve("b.txt"));
        Files.move(dir.resolve("b.txt"), dir.resolve("c.txt"));
        Files.createSymbolicLink(dir.resolve("l"), Path.of("c.txt"));
        try (var s = Files.walk(dir)) {
            s.map(p -> dir.relativize(p).toString()).sorted().forEach(System.out::println);
        }
        System.out.println(Arrays.toString(Arrays.stream(dir.toFile().list()).sorted().toArray()) + f.toFile().canRead()
            + f.toFile().lastModified() / 1000000000000L + Files.getPosixFilePermissions(f).size());
        try (PrintWriter w = new PrintWriter(new BufferedWriter(new FileWriter(f.toFile())))) {
            w.printf("%d %s%n", 5, "x");
        }
        try (Scanner s = new Scanner(f.toFile())) {
            System.out.println(s.nextInt() + s.next());
        }
        try (ZipOutputStream z = new ZipOutputStream(new FileOutputStream(dir.resolve("z.zip").toFile()))) {
            for (int i = 0; i < 3; i++) {
                z.putNextEntry(new ZipEntry("e" + i));
                z.write("data".repeat(100 * i + 1).getBytes());
                z.closeEntry();
            }
        }
        try (ZipFile z = new ZipFile(dir.resolve("z.zip").toFile())) {
            for (var e = z.entries(); e.hasMoreElements();) {
                ZipEntry x = e.nextElement();
                System.out.println(
                    x + " " + x.getSize() + " " + x.getCrc() + " " + z.getInputStream(x).readAllBytes().length);
            }
        }
        try (FileSystem fs = FileSystems.newFileSystem(dir.resolve("z.zip"))) {
            System.out.println(Files.readString(fs.getPath("e0")));
        }
        try {
            new ZipFile(f.toFile());
        } catch (ZipException e) {
            System.out.println(e.getMessage());
        }
        CRC32 crc = new CRC32();
        crc.update("abc".getBytes());
        Adler32 ad = new Adler32();
        ad.update("abc".getBytes());
        System.out.println(crc.getValue() + " " + ad.getValue());
        ByteArrayOutputStream bo = new ByteArrayOutputStream();
        try (GZIPOutputStream g = new GZIPOutputStream(bo)) {
            g.write(new byte[10000]);
        }
        System.out.println(new GZIPInputStream(new ByteArrayInputStream(bo.toByteArray())).readAllBytes().length);
        Deflater de = new Deflater(9, true);
        de.setInput("aaaaaaaaaa".getBytes());
        de.finish();
        byte[] db = new byte[50];
        int dn = de.deflate(db);
        Inflater in = new Inflater(true);
        in.setInput(db, 0, dn);
        System.out.println(in.inflate(new byte[50]) + " " + in.finished());
        try {
            new InflaterInputStream(new ByteArrayInputStream(new byte[] {1, 2, 3, 4})).read();
        } catch (ZipException e) {
            System.out.println(e.getMessage());
        }
        try (ServerSocket ss = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread t = new Thread(() -> {
                try (Socket s = ss.accept();
                     BufferedReader r = new BufferedReader(new InputStreamReader(s.getInputStream()))) {
                    s.getOutputStream().write(("echo " + r.readLine() + "\n").getBytes());
                } catch (IOException e) {
                    System.out.println(e);
                }
            });
            t.start();
            try (Socket s = new Socket(InetAddress.getLoopbackAddress(), ss.getLocalPort())) {
                s.setTcpNoDelay(true);
                s.getOutputStream().write("hi\n".getBytes());
                System.out.println(new BufferedReader(new InputStreamReader(s.getInputStream())).readLine());
            }
            t.join();
            ss.setSoTimeout(20);
            try {
                ss.accept();
            } catch (SocketTimeoutException e) {
                System.out.println(e.getMessage());
            }
        }
        ServerSocketChannel sc =
            ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Selector sel = Selector.open();
        sc.configureBlocking(false);
        sc.register(sel, SelectionKey.OP_ACCEPT);
        SocketChannel cl = SocketChannel.open(sc.getLocalAddress());
        System.out.println(sel.select(5000));
        SocketChannel ac = sc.accept();
        cl.write(ByteBuffer.wrap("nio".getBytes()));
        ByteBuffer rb = ByteBuffer.allocate(10);
        while (rb.position() < 3) ac.read(rb);
        System.out.println(new String(rb.array(), 0, 3));
        ac.close();
        cl.close();
        sc.close();
        sel.close();
        try {
            new Socket(InetAddress.getLoopbackAddress(), 1);
        } catch (ConnectException e) {
            System.out.println(e.getMessage());
        }
        try (DatagramSocket d1 = new DatagramSocket(0, InetAddress.getLoopbackAddress());
             DatagramSocket d2 = new DatagramSocket()) {
            d2.send(new DatagramPacket("udp".getBytes(), 3, InetAddress.getLoopbackAddress(), d1.getLocalPort()));
            DatagramPacket dp = new DatagramPacket(new byte[10], 10);
            d1.receive(dp);
            System.out.println(dp.getLength());
        }
        Pipe p = Pipe.open();
        p.sink().write(ByteBuffer.wrap(new byte[] {1, 2}));
        System.out.println(p.source().read(ByteBuffer.allocate(5)));
        PipedInputStream pi = new PipedInputStream();
        PipedOutputStream po = new PipedOutputStream(pi);
        po.write(9);
        System.out.println(pi.read());
        Process pr = new ProcessBuilder("sh", "-c", "read x; echo got $x; echo err >&2; exit 3").start();
        pr.getOutputStream().write("in\n".getBytes());
        pr.getOutputStream().close();
        System.out.println(new String(pr.getInputStream().readAllBytes()).trim()
            + new String(pr.getErrorStream().readAllBytes()).trim() + pr.waitFor() + pr.isAlive());
        try {
            new ProcessBuilder("/no/such/program").start();
        } catch (IOException e) {
            System.out.println(e.getMessage());
        }
        Process sl = new ProcessBuilder("sleep", "100").start();
        sl.destroy();
        System.out.println(sl.waitFor() + " " + ProcessHandle.current().isAlive());
        ProcessBuilder pe = new ProcessBuilder("sh", "-c", "echo $V; pwd | sed 's|.*/t[0-9]*|T|'")
                                .directory(dir.toFile())
                                .redirectErrorStream(true);
        pe.environment().put("V", "env");
        System.out.println(new String(pe.start().getInputStream().readAllBytes()).replace("\n", "|"));
        for (int k = 0; k < 2; k++) {
            ByteBuffer b = k == 0 ? ByteBuffer.allocate(32) : ByteBuffer.allocateDirect(32);
            b.putInt(1).putLong(2).putDouble(3.5).putShort((short) 4).put((byte) 5).putChar('c').putFloat(1.5f);
            b.flip();
            System.out.println(b + " " + b.getInt() + b.getLong() + b.getDouble() + b.getShort() + b.get() + b.getChar()
                + b.getFloat() + b.order() + b.hasArray());
            try {
                b.get();
            } catch (BufferUnderflowException e) {
                System.out.println(e);
            }
            b.clear().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(new int[] {1, 2});
            System.out.println(b.get(0) + b.getInt(4) + " " + b.slice(2, 3) + b.duplicate().position(3).compact());
            try {
                b.asReadOnlyBuffer().put((byte) 1);
            } catch (ReadOnlyBufferException e) {
                System.out.println(e);
            }
            try {
                b.getInt(30);
            } catch (IndexOutOfBoundsException e) {
                System.out.println("ioobe");
            }
        }
        Properties props = new Properties();
        props.load(new StringReader("a=1\n# c\nb : two\\\n  more\n\\u0063=\\u20ac"));
        System.out.println(new TreeMap<>(props));
        System.setProperty("my.p", "v");
        System.out.println(System.getProperty("my.p") + Integer.getInteger("no", 5) + Boolean.getBoolean("my.p")
            + System.getProperty("java.specification.version") + System.lineSeparator().length()
            + System.getProperty("file.separator") + System.getenv("no.such"));
        System.out.println(new URI("http://u@h:80/p?q#f").getQuery() + new URL("jar:file:/a.jar!/b").getPath()
            + URLEncoder.encode("a b&\u20ac", "UTF-8") + URLDecoder.decode("a%20b", "UTF-8")
            + InetAddress.getByName("127.0.0.1").isLoopbackAddress() + InetAddress.getByName("::1").getHostAddress());
        System.out.println(FilesIo.class.getResource("/FilesIo.class") != null ? "res" : "nores");
        System.out.println(FilesIo.class.getResourceAsStream("nope") + " "
            + (Object.class.getResourceAsStream("Object.class").readAllBytes().length > 500)
            + ClassLoader.getSystemResource("java/lang/Object.class").getProtocol());
        ByteArrayOutputStream so = new ByteArrayOutputStream();
        try (ObjectOutputStream oo = new ObjectOutputStream(so)) {
            Ser s = new Ser();
            s.self = s;
            oo.writeObject(s);
            oo.writeObject(new Object[] {1, "s", List.of(1), Thread.State.NEW, new int[][] {{1}}, new Rec(3),
                new HashMap<>(Map.of("k", 2.5)), EnumSet.of(Thread.State.NEW)});
            oo.writeInt(7);
        }
        try (ObjectInputStream oi = new ObjectInputStream(new ByteArrayInputStream(so.toByteArray()))) {
            Ser s = (Ser) oi.readObject();
            System.out.println(s.a + " " + s.t + " " + (s.self == s) + s.base + s.custom);
            Object[] o = (Object[]) oi.readObject();
            o[4] = ((int[][]) o[4])[0][0];
            System.out.println(Arrays.toString(o) + oi.readInt());
        }
        try {
            new ObjectOutputStream(so).writeObject(new Object());
        } catch (NotSerializableException e) {
            System.out.println(e);
        }
        try (var s = Files.walk(dir)) {
            s.sorted(Comparator.reverseOrder()).forEach(x -> x.toFile().delete());
        }
        System.out.println(Files.exists(dir));
        System.out.println(System.in.read());
    }
    static class Base {
        int base = 5;
        Base() {
            System.out.println("base ctor");
        }
    }
    record Rec(int x) implements Serializable {
        Rec {
            System.out.println("rec ctor");
        }
    }
    static class Ser extends Base implements Serializable {
        private static final long serialVersionUID = 1;
        int a = 3;
        transient int t = 4;
        Ser self;
        transient String custom = "c";
        private void writeObject(ObjectOutputStream o) throws IOException {
            o.defaultWriteObject();
            o.writeUTF("written");
        }
        private void readObject(ObjectInputStream i) throws IOException, ClassNotFoundException {
            i.defaultReadObject();
            custom = i.readUTF();
        }
        private Object readResolve() {
            return this;
        }
    }
}
