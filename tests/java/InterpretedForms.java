// options: -Djava.lang.invoke.MethodHandle.COMPILE_THRESHOLD=-1
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.function.IntBinaryOperator;

/** Lambda forms that java.lang.invoke interprets by itself: it calls invokeBasic through a MemberName, with any number of arguments. */
final class InterpretedForms {
    static int add(int a, long b, double c, String d) {
        return a + (int) b + (int) c + d.length();
    }

    static boolean below(int i, int n) {
        return i < n;
    }

    static int next(int i, int n) {
        return i + 1;
    }

    public static void main(String[] args) throws Throwable {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        MethodHandle add = lookup.findStatic(InterpretedForms.class, "add",
            MethodType.methodType(int.class, int.class, long.class, double.class, String.class));
        System.out.println((int) add.invoke(1, 2, 3.5, "four"));
        MethodHandle bound = MethodHandles.insertArguments(add, 1, 20L);
        System.out.println((int) bound.invokeExact(1, 3.5, "four"));
        MethodType two = MethodType.methodType(int.class, int.class, int.class);
        MethodHandle loop = MethodHandles.whileLoop(MethodHandles.dropArguments(MethodHandles.constant(int.class, 0), 0, int.class),
            lookup.findStatic(InterpretedForms.class, "below", two.changeReturnType(boolean.class)),
            lookup.findStatic(InterpretedForms.class, "next", two));
        System.out.println((int) loop.invoke(100));
        MethodHandle guarded = MethodHandles.catchException(MethodHandles.throwException(int.class, Exception.class), Exception.class,
            MethodHandles.dropArguments(MethodHandles.constant(int.class, 7), 0, Exception.class));
        System.out.println((int) guarded.invoke(new Exception("thrown")));
        IntBinaryOperator lambda = (a, b) -> a * b;
        System.out.println(lambda.applyAsInt(6, 7) + " " + args.length + " joined " + add);
        System.out.println(add.asSpreader(Object[].class, 4).invoke(new Object[] {1, 2L, 3.0, ""}));
    }
}
