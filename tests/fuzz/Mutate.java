import java.io.*;
import java.nio.file.*;
import java.util.*;

/**
 * Mutations of class files.
 *
 *   Mutate make SEED_DIR OUT COUNT SEED    writes COUNT mutants of the classes of SEED_DIR into the file OUT
 *   Mutate run OUT FROM TO                 defines mutants FROM..TO-1, links them and calls their main
 *   Mutate save OUT N FILE                 writes mutant N as a class file
 *
 * "run" says "at N" before each mutant, so the reader of its output knows which one killed the VM. OUT is a list of
 * name, kind of mutation, and bytes.
 */
public class Mutate {
    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "make" -> make(Path.of(args[1]), Path.of(args[2]), Integer.parseInt(args[3]), Long.parseLong(args[4]));
            case "run" -> run(Path.of(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3]));
            case "save" -> read(Path.of(args[1]), (i, name, kind, bytes) -> {
                if (i == Integer.parseInt(args[2])) {
                    Files.write(Path.of(args[3]), bytes);
                    System.out.println(name + " " + kind);
                }
            });
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    // --- making ---

    static void make(Path seeds, Path out, int count, long seed) throws IOException {
        Random random = new Random(seed);
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> list = Files.newDirectoryStream(seeds, "*.class")) {
            list.forEach(files::add);
        }
        Collections.sort(files);
        try (DataOutputStream o = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(out)))) {
            o.writeInt(count);
            for (int i = 0; i < count; i++) {
                Path file = files.get(i % files.size());
                byte[] b = Files.readAllBytes(file);
                String kind = "";
                for (int n = random.nextInt(4) == 0 ? 2 :
                1;
                n > 0; n--) {
                    int k = random.nextInt(3) != 0 ? 4 + random.nextInt(2)
                                                   : random.nextInt(KINDS.length); // most stay readable
                    kind += (kind.isEmpty() ? "" : "+") + KINDS[k];
                    b = mutate(b, k, random);
                }
                o.writeUTF(file.getFileName().toString().replace(".class", ""));
                o.writeUTF(kind);
                o.writeInt(b.length);
                o.write(b);
        }
    }
}

static final String[] KINDS = {"flip", "byte", "truncate", "swap", "pool", "code", "zeros", "insert", "attribute"};

static byte[] mutate(byte[] original, int kind, Random r) {
    byte[] b = original.clone();
    if (b.length < 16)
        return b;
    int at = 8 + r.nextInt(b.length - 8);
    switch (kind) {
            case 0 -> b[at] ^= (byte) (1 << r.nextInt(8));
            case 1 -> b[at] = interesting(r);
            case 2 -> b = Arrays.copyOf(b, at);
            case 3 -> {
                int n = 1 + r.nextInt(Math.min(16, b.length / 4)), p = 8 + r.nextInt(b.length - 8 - n), q = 8 + r.nextInt(b.length - 8 - n);
                byte[] x = Arrays.copyOfRange(b, p, p + n);
                System.arraycopy(b, q, b, p, n);
                System.arraycopy(x, 0, b, q, n);
            }
            case 4 -> pool(b, r);
            case 5 -> inAttribute(b, r, "Code", 16);
            case 6 -> Arrays.fill(b, at, Math.min(b.length, at + 1 + r.nextInt(8)), (byte) 0);
            case 7 -> {
                byte[] c = new byte[b.length + 1];
                System.arraycopy(b, 0, c, 0, at);
                c[at] = interesting(r);
                System.arraycopy(b, at, c, at + 1, b.length - at);
                b = c;
            }
            default -> inAttribute(b, r, null, 0);
        }
        return b;
    }

    static byte interesting(Random r) {
        return (byte) switch (r.nextInt(6)) { case 0 -> 0; case 1 -> 255; case 2 -> 127; case 3 -> 128; case 4 -> 1; default -> r.nextInt(); };
    }

    static int u2(byte[] b, int at) { return at + 1 < b.length ? (b[at] & 255) << 8 | b[at + 1] & 255 :
                0;
    }

    /** The offsets of the pool's entries by index, and the offset behind the pool at [0]; null: not readable. */
    static int[] entries(byte[] b) {
        int n = u2(b, 8), at = 10;
        int[] e = new int[Math.max(n, 1)];
        for (int i = 1; i < n; i++) {
            if (at >= b.length)
                return null;
            e[i] = at;
            switch (b[at]) {
                case 1 -> at += 3 + u2(b, at + 1);
                case 3, 4, 9, 10, 11, 12, 17, 18 -> at += 5;
                case 5, 6 -> { at += 9; i++; }
                case 7, 8, 16, 19, 20 -> at += 3;
                case 15 -> at += 4;
                default -> { return null; }
            }
        }
        e[0] = at;
        return e;
    }

    /** Changes one constant: its tag, an index in it, or a byte of a string (descriptors among them). */
    static void pool(byte[] b, Random r) {
        int[] e = entries(b);
        if (e == null || e.length < 2) { b[10 + r.nextInt(b.length - 10)] ^= 1; return; }
        int at = e[1 + r.nextInt(e.length - 1)];
        if (at == 0) return;
        int how = r.nextInt(4);
        if (how == 0) {
            int[] tags = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 255};
            b[at] = (byte) tags[r.nextInt(tags.length)];
        } else if (b[at] == 1) {
            int n = u2(b, at + 1);
            String chars = "()[;/<>.LIJVDFZBCS\0";
            if (n > 0 && at + 3 + n <= b.length) b[at + 3 + r.nextInt(n)] = how == 1 ? interesting(r) :
                    (byte) chars.charAt(r.nextInt(chars.length()));
            }
            else if (at + 4 < b.length) {
                int index = how == 1 ? r.nextInt(65536) : r.nextInt(e.length + 1);
                int p = at + (b[at] == 15 && how == 2 ? 1 : b[at] == 15 ? 2 : r.nextInt(2) == 0 ? 1 : 3);
                if (b[at] == 15 && how == 2)
                    b[p] = (byte) r.nextInt(11);
                else if (p + 1 < b.length) {
                    b[p] = (byte) (index >> 8);
                    b[p + 1] = (byte) index;
                }
            }
        }

        /** Changes up to three bytes within an attribute of that name (any behind the pool if null). */
        static void inAttribute(byte[] b, Random r, String name, int header) {
            int[] e = entries(b);
            int from = e == null ? 10 : e[0], to = b.length;
            if (e != null && name != null) {
                List<int[]> found = new ArrayList<>();
                for (int i = 1; i < e.length; i++) {
                    if (e[i] == 0 || b[e[i]] != 1 || u2(b, e[i] + 1) != name.length()
                        || !new String(b, e[i] + 3, name.length()).equals(name))
                        continue;
                    for (int at = from; at + 6 + header < b.length; at++) {
                        long n = (long) u2(b, at + 2) << 16 | u2(b, at + 4);
                        if (u2(b, at) == i && n > 8 && at + 6 + n <= b.length)
                            found.add(new int[] {at + 14,
                                (int) Math.min(at + 6 + n, at + 14 + (name.equals("Code") ? u2(b, at + 12) : n))});
                    }
                }
                if (!found.isEmpty()) {
                    int[] f = found.get(r.nextInt(found.size()));
                    from = f[0];
                    to = f[1];
                }
            }
            if (from >= to)
                return;
            for (int n = 1 + r.nextInt(3); n > 0; n--) {
                int at = from + r.nextInt(to - from);
                b[at] = r.nextBoolean() ? interesting(r) : (byte) r.nextInt(202);
            }
        }

        // --- running ---

        static final boolean VERBOSE = Boolean.getBoolean("verbose"); // one line a mutant on stderr
        static final PrintStream ERR = System.err;

        interface Each {
            void mutant(int i, String name, String kind, byte[] bytes) throws Exception;
        }

        static void read(Path list, Each each) throws Exception {
            try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(list)))) {
                int n = in.readInt();
                for (int i = 0; i < n; i++) {
                    String name = in.readUTF(), kind = in.readUTF();
                    byte[] b = new byte[in.readInt()];
                    in.readFully(b);
                    each.mutant(i, name, kind, b);
                }
            }
        }

        static final class Loader extends ClassLoader {
            final String name;
            final byte[] bytes;

            Loader(String name, byte[] bytes) {
                super(Mutate.class.getClassLoader());
                this.name = name;
                this.bytes = bytes;
            }

            Class<?> define() {
                return defineClass(null, bytes, 0, bytes.length);
            }

            @Override
            protected Class<?> loadClass(String n, boolean resolve) throws ClassNotFoundException {
                Class<?> c = findLoadedClass(n);
                if (c == null && n.startsWith("S")) { // the seeds around it, so that packages and nests agree
                    try (InputStream in = getResourceAsStream(n + ".class")) {
                        byte[] b = in == null ? null : n.equals(name) ? bytes : in.readAllBytes();
                        if (b != null)
                            c = defineClass(n, b, 0, b.length);
                    } catch (IOException e) {
                        throw new ClassNotFoundException(n, e);
                    }
                }
                return c != null ? c : super.loadClass(n, resolve);
            }
        }

        static void run(Path list, int from, int to) throws Exception {
            PrintStream out = System.out;
            int[] defined = new int[3];
            System.setOut(new PrintStream(OutputStream.nullOutputStream()));
            System.setErr(System.out);
            System.setIn(InputStream.nullInputStream());
            read(list, (i, name, kind, bytes) -> {
                if (i < from || i >= to)
                    return;
                out.println("at " + i);
                out.flush();
                Thread t = new Thread(null, () -> one(name, bytes, defined), "mutant " + i, 1 << 19);
                t.setDaemon(true);
                t.setUncaughtExceptionHandler((x, e) -> {});
                t.start();
                t.join(2000);
                if (!t.isAlive())
                    return;
                t.interrupt();
                t.join(200);
                if (t.isAlive())
                    out.println("slow " + i);
            });
            out.println(
                "defined " + defined[0] + " linked " + defined[1] + " ran " + defined[2] + " of " + (to - from));
            out.flush();
            Runtime.getRuntime().halt(0);
        }

        static void one(String name, byte[] bytes, int[] count) {
            try {
                Class<?> c = new Loader(name, bytes).define();
                count[0]++;
                if (VERBOSE)
                    ERR.println(name + " defined");
                try {
                    c.getDeclaredMethods();
                    c.getDeclaredFields();
                    c.getDeclaredConstructors();
                    c.getAnnotations();
                    c.getGenericSuperclass();
                    c.getDeclaredClasses();
                    c.getNestHost();
                    c.getRecordComponents();
                    c.getPermittedSubclasses();
                } catch (Throwable e) {
                }
                Class.forName(c.getName(), true, c.getClassLoader());
                count[1]++;
                java.lang.reflect.Method m = c.getDeclaredMethod("main", String[].class);
                m.setAccessible(true);
                m.invoke(null, (Object) new String[0]);
                count[2]++;
            } catch (Throwable e) {
                if (VERBOSE)
                    ERR.println(name + " "
                        + (e instanceof java.lang.reflect.InvocationTargetException i ? "main " + i.getCause() : e));
                try {
                    e.toString();
                } catch (Throwable f) {
                }
            }
        }
    }
