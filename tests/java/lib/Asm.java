package lib;

import java.io.*;
import java.util.*;

/** A tiny class file assembler: constant pool entries by value, methods by raw code bytes. */
public class Asm {
    private final ByteArrayOutputStream pool = new ByteArrayOutputStream();
    private final Map<String, Integer> seen = new HashMap<>();
    private int count = 1, members, fields;
    private final ByteArrayOutputStream fieldBytes = new ByteArrayOutputStream(),
                                        methodBytes = new ByteArrayOutputStream();
    private final List<byte[]> bootstraps = new ArrayList<>(), attributes = new ArrayList<>();
    private final int access;
    public final int self;
    private final int superIndex;
    private final int[] interfaces;
    public int version = 61;

    public Asm(int access, String name, String superName, String... interfaces) {
        this.access = access;
        self = type(name);
        superIndex = superName == null ? 0 : type(superName);
        this.interfaces = Arrays.stream(interfaces).mapToInt(this::type).toArray();
    }

    private interface Part {
        void write(DataOutputStream out) throws IOException;
    }

    private static byte[] bytes(Part part) {
        try {
            ByteArrayOutputStream b = new ByteArrayOutputStream();
            part.write(new DataOutputStream(b));
            return b.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int add(String key, int slots, Part part) {
        Integer old = seen.get(key);
        if (old != null)
            return old;
        pool.writeBytes(bytes(part));
        int index = count;
        count += slots;
        seen.put(key, index);
        return index;
    }

    public int utf8(String s) {
        return add("u" + s, 1, o -> {
            o.writeByte(1);
            o.writeUTF(s);
        });
    }
    private int one(int tag, int a) {
        return add(tag + ":" + a, 1, o -> {
            o.writeByte(tag);
            o.writeShort(a);
        });
    }
    private int two(int tag, int a, int b) {
        return add(tag + ":" + a + ":" + b, 1, o -> {
            o.writeByte(tag);
            o.writeShort(a);
            o.writeShort(b);
        });
    }
    public int integer(int v) {
        return add("i" + v, 1, o -> {
            o.writeByte(3);
            o.writeInt(v);
        });
    }
    public int longValue(long v) {
        return add("l" + v, 2, o -> {
            o.writeByte(5);
            o.writeLong(v);
        });
    }
    public int type(String name) {
        return one(7, utf8(name));
    }
    public int string(String s) {
        return one(8, utf8(s));
    }
    public int methodType(String d) {
        return one(16, utf8(d));
    }
    public int nameAndType(String n, String d) {
        return two(12, utf8(n), utf8(d));
    }
    public int field(String c, String n, String d) {
        return two(9, type(c), nameAndType(n, d));
    }
    public int method(String c, String n, String d) {
        return two(10, type(c), nameAndType(n, d));
    }
    public int interfaceMethod(String c, String n, String d) {
        return two(11, type(c), nameAndType(n, d));
    }
    public int handle(int kind, int ref) {
        return add("h" + kind + ":" + ref, 1, o -> {
            o.writeByte(15);
            o.writeByte(kind);
            o.writeShort(ref);
        });
    }
    public int indy(int bootstrap, String n, String d) {
        return two(18, bootstrap, nameAndType(n, d));
    }
    public int condy(int bootstrap, String n, String d) {
        return two(17, bootstrap, nameAndType(n, d));
    }

    /** A row of BootstrapMethods; returns its index. */
    public int bootstrap(int handle, int... args) {
        bootstraps.add(bytes(o -> {
            o.writeShort(handle);
            o.writeShort(args.length);
            for (int a : args) o.writeShort(a);
        }));
        return bootstraps.size() - 1;
    }

    public Asm field(int flags, String n, String d) {
        int ni = utf8(n), di = utf8(d);
        fieldBytes.writeBytes(bytes(o -> {
            o.writeShort(flags);
            o.writeShort(ni);
            o.writeShort(di);
            o.writeShort(0);
        }));
        fields++;
        return this;
    }

    /**
     * A method with code: operands are bytes, -1 - index stands for a two-byte constant pool index; null code: no Code
     * attribute.
     */
    public Asm method(int flags, String n, String d, int stack, int locals, int... code) {
        int ni = utf8(n), di = utf8(d), ci = utf8("Code");
        methodBytes.writeBytes(bytes(o -> {
            o.writeShort(flags);
            o.writeShort(ni);
            o.writeShort(di);
            if (code == null) {
                o.writeShort(0);
                return;
            }
            byte[] c = bytes(p -> {
                for (int b : code)
                    if (b < 0)
                        p.writeShort(-1 - b);
                    else
                        p.writeByte(b);
            });
            o.writeShort(1);
            o.writeShort(ci);
            o.writeInt(12 + c.length);
            o.writeShort(stack);
            o.writeShort(locals);
            o.writeInt(c.length);
            o.write(c);
            o.writeShort(0);
            o.writeShort(0);
        }));
        members++;
        return this;
    }

    /** The constructor that only calls the superclass's. */
    public Asm constructor(String superName) {
        return method(1, "<init>", "()V", 1, 1, 0x2a, 0xb7, ref(method(superName, "<init>", "()V")), 0xb1);
    }

    public Asm attribute(String name, byte[] data) {
        int n = utf8(name);
        attributes.add(bytes(o -> {
            o.writeShort(n);
            o.writeInt(data.length);
            o.write(data);
        }));
        return this;
    }

    public static int ref(int index) {
        return -1 - index;
    }

    public byte[] build() {
        if (!bootstraps.isEmpty())
            attribute("BootstrapMethods", bytes(o -> {
                o.writeShort(bootstraps.size());
                for (byte[] b : bootstraps) o.write(b);
            }));
        return bytes(o -> {
            o.writeInt(0xcafebabe);
            o.writeShort(0);
            o.writeShort(version);
            o.writeShort(count);
            o.write(pool.toByteArray());
            o.writeShort(access);
            o.writeShort(self);
            o.writeShort(superIndex);
            o.writeShort(interfaces.length);
            for (int i : interfaces) o.writeShort(i);
            o.writeShort(fields);
            o.write(fieldBytes.toByteArray());
            o.writeShort(members);
            o.write(methodBytes.toByteArray());
            o.writeShort(attributes.size());
            for (byte[] a : attributes) o.write(a);
        });
    }

    /** A loader of given classes, in front of its parent for those names. */
    public static class Loader extends ClassLoader {
        public final Map<String, byte[]> classes = new HashMap<>();
        public Loader(ClassLoader parent) {
            super(parent);
        }
        public Loader() {
            this(Asm.class.getClassLoader());
        }
        public Loader put(String name, byte[] b) {
            classes.put(name, b);
            return this;
        }
        public Class<?> define(String name, byte[] b) {
            return defineClass(name, b, 0, b.length);
        }
        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> c = findLoadedClass(name);
                if (c == null && classes.containsKey(name))
                    c = define(name, classes.get(name));
                return c != null ? c : super.loadClass(name, resolve);
            }
        }
    }
}
