import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;

/** Interned signatures of record components; class resolution below generated accessors. */
public class ReflectDetails implements Serializable {
    private static final long serialVersionUID = 1;

    record Pair<T>(T left, java.util.List<String> right, int n) {}

    public static void main(String[] args) throws Exception {
        for (RecordComponent c : Pair.class.getRecordComponents()) {
            String s = c.getGenericSignature();
            System.out.println(c.getName() + " " + s + " " + (s == null || s == s.intern()));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) { out.writeObject(new ReflectDetails()); }
        Method read = ObjectInputStream.class.getDeclaredMethod("readObject");
        int ok = 0;
        for (int i = 0; i < 40; i++) {
            Object o = read.invoke(new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())));
            if (o instanceof ReflectDetails) { ok++; }
        }
        System.out.println(ok);
    }
}
