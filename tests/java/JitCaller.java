import java.lang.invoke.MethodHandles;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.function.Supplier;

/** Who asks, where the methods that ask for their caller are inlined: private members, lookups, through reflection and lambdas. */
final class JitCaller {
    private static int mine(int x) {
        return x + 1;
    }

    static Class<?> lookupClass() {
        return MethodHandles.lookup().lookupClass();
    }

    static int invoke(Method m, int x) throws Throwable {
        try {
            return (Integer) m.invoke(null, x);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    static String attempt(Method m, int x) {
        try {
            return "" + invoke(m, x);
        } catch (Throwable e) {
            return e.toString();
        }
    }

    public static void main(String[] args) throws Throwable {
        Method mine = JitCaller.class.getDeclaredMethod("mine", int.class);
        Method theirs = JitCallerOther.class.getDeclaredMethod("theirs", int.class);
        Method lookup = JitCaller.class.getDeclaredMethod("lookupClass");
        Supplier<Class<?>> lambda = () -> MethodHandles.lookup().lookupClass();
        Supplier<MethodHandles.Lookup> reference = MethodHandles::lookup;
        int sum = 0, wrong = 0, refused = 0;
        for (int i = 0; i < 20000; i++) {
            sum += invoke(mine, i) + JitCallerOther.invoke(theirs, i);
            if (lookupClass() != JitCaller.class || JitCallerOther.lookupClass() != JitCallerOther.class
                    || lambda.get() != JitCaller.class || reference.get().lookupClass() != JitCaller.class
                    || lookup.invoke(null) != JitCaller.class) {
                wrong++;
            }
            if (i % 50 == 0) {
                refused += attempt(theirs, i).length() + JitCallerOther.attempt(mine, i).length();
            }
        }
        System.out.println(sum + " " + wrong + " " + refused);
        System.out.println(attempt(theirs, 1) + "\n" + JitCallerOther.attempt(mine, 1));
        System.out.println(attempt(mine, 1) + "\n" + JitCallerOther.attempt(theirs, 1));
    }
}

final class JitCallerOther {
    private static int theirs(int x) {
        return x * 2;
    }

    static Class<?> lookupClass() {
        return MethodHandles.lookup().lookupClass();
    }

    static int invoke(Method m, int x) throws Throwable {
        return (Integer) m.invoke(null, x);
    }

    static String attempt(Method m, int x) {
        try {
            return "" + invoke(m, x);
        } catch (Throwable e) {
            return e.toString();
        }
    }
}
