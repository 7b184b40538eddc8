// StackWalker, stack traces through reflection, lambdas and natives; caller-sensitive calls; security of hidden frames.
import java.util.*;
import java.util.stream.*;
public class Stacks {
    static List<String> walk(StackWalker w) {
        return w.walk(s -> s.map(f -> f.getMethodName() + ":" + f.getLineNumber()).collect(Collectors.toList()));
    }
    static Class<?> caller() {
        return StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE).getCallerClass();
    }
    static class Other {
        static Class<?> call() {
            return caller();
        }
    }
    static List<String> viaReflection() throws Exception {
        return (List<String>) Stacks.class.getDeclaredMethod("walk", StackWalker.class)
            .invoke(null, StackWalker.getInstance());
    }
    static int rec(int n, StackWalker w) {
        return n == 0 ? (int) (long) w.walk(Stream::count) : rec(n - 1, w);
    }
    public static void main(String[] args) throws Exception {
        System.out.println(walk(StackWalker.getInstance()));
        System.out.println(viaReflection());
        Set<StackWalker.Option> all = EnumSet.allOf(StackWalker.Option.class);
        System.out.println(
            StackWalker.getInstance(all).walk(s -> s.findFirst()).get().getDeclaringClass() + " " + Other.call());
        System.out.println(""
            + StackWalker.getInstance(all).walk(s
                -> s.map(f
                        -> f.getMethodType() + f.getDescriptor() + f.isNativeMethod() + f.getFileName()
                            + (f.getByteCodeIndex() >= 0))
                       .findFirst()
                       .get()));
        System.out.println(rec(500, StackWalker.getInstance()));
        java.util.function.Supplier<List<String>> s = () -> walk(StackWalker.getInstance());
        System.out.println(s.get().size() + " " + s.get().get(1).startsWith("lambda$main$"));
        try {
            StackWalker.getInstance().getCallerClass();
        } catch (UnsupportedOperationException e) {
            System.out.println(e.getMessage());
        }
        try {
            StackWalker.getInstance().walk(x -> { throw new IllegalStateException("in walk"); });
        } catch (IllegalStateException e) {
            System.out.println(e.getMessage());
        }
        Stream<StackWalker.StackFrame> leaked = StackWalker.getInstance().walk(x -> x);
        try {
            leaked.count();
        } catch (IllegalStateException e) {
            System.out.println(e.getMessage());
        }
        try {
            Arrays.asList(3, 1).sort((x, y) -> { throw new RuntimeException("cmp"); });
        } catch (RuntimeException e) {
            for (StackTraceElement t : e.getStackTrace())
                System.out.println(t.getClassName().replaceAll("\\$\\$Lambda.*", "") + "." + t.getMethodName());
        }
        Thread t = new Thread(() -> { synchronized (Stacks.class) { try { Stacks.class.wait();
    }
    catch (InterruptedException e) {
    }
}
});
t.start();
while (t.getState() != Thread.State.WAITING) Thread.sleep(1);
System.out.println(Arrays.stream(t.getStackTrace())
                       .map(StackTraceElement::getMethodName)
                       .map(x -> x.replaceAll("\\d+$", ""))
                       .collect(Collectors.toList()));
t.interrupt();
t.join();
System.out.println(t.getStackTrace().length);
try {
    rec2(5000);
} catch (StackOverflowError e) {
} catch (IllegalStateException e) {
    System.out.println(e.getStackTrace().length);
}
Runnable multi = () -> {
    int x = 1;
    Object o = x > 0 ? null : "s";
    System.out.println(o.hashCode());
};
try {
    multi.run();
} catch (NullPointerException e) {
    System.out.println(e.getStackTrace()[0].getLineNumber() + e.getMessage());
}
System.out.println(new Throwable().getStackTrace()[0]);
}
static void rec2(int n) {
    if (n == 0)
        throw new IllegalStateException();
    rec2(n - 1);
}
}
