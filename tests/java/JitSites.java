import java.lang.invoke.CallSite;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.MutableCallSite;
import java.lang.invoke.SwitchPoint;
import java.lang.invoke.VolatileCallSite;

/** Call sites whose target changes after the code that uses them was compiled. */
public class JitSites {
    static int one(int x) { return x + 1; }
    static int two(int x) { return x + 2; }

    static final MethodHandle ONE, TWO;
    static final MutableCallSite MUTABLE;
    static final VolatileCallSite VOLATILE;
    static final MethodHandle MUTABLE_INVOKER, VOLATILE_INVOKER;
    static final SwitchPoint POINT = new SwitchPoint();
    static final MethodHandle SWITCHED;
    static {
        try {
            MethodHandles.Lookup l = MethodHandles.lookup();
            MethodType t = MethodType.methodType(int.class, int.class);
            ONE = l.findStatic(JitSites.class, "one", t);
            TWO = l.findStatic(JitSites.class, "two", t);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
        MUTABLE = new MutableCallSite(ONE);
        VOLATILE = new VolatileCallSite(ONE);
        MUTABLE_INVOKER = MUTABLE.dynamicInvoker();
        VOLATILE_INVOKER = VOLATILE.dynamicInvoker();
        SWITCHED = POINT.guardWithTest(ONE, TWO);
    }

    static int target(int x) throws Throwable { return (int) MUTABLE.getTarget().invokeExact(x); }
    static int volatileTarget(int x) throws Throwable { return (int) VOLATILE.getTarget().invokeExact(x); }
    static int invoker(int x) throws Throwable { return (int) MUTABLE_INVOKER.invokeExact(x); }
    static int volatileInvoker(int x) throws Throwable { return (int) VOLATILE_INVOKER.invokeExact(x); }
    static int switched(int x) throws Throwable { return (int) SWITCHED.invokeExact(x); }

    static long sum() throws Throwable {
        long s = 0;
        for (int i = 0; i < 20000; i++) {
            s = s * 31 + target(i) + 3 * volatileTarget(i) + 5 * invoker(i) + 7 * volatileInvoker(i) + 11 * switched(i);
        }
        return s;
    }

    static void set(CallSite site, MethodHandle h) { site.setTarget(h); }

    public static void main(String[] args) throws Throwable {
        for (int round = 0; round < 4; round++) {
            System.out.println(sum() + " " + target(1) + volatileTarget(1) + invoker(1) + volatileInvoker(1) + switched(1));
            MethodHandle h = round % 2 == 0 ? TWO : ONE;
            set(MUTABLE, h);
            set(VOLATILE, h);
            if (round == 1) { SwitchPoint.invalidateAll(new SwitchPoint[] {POINT}); }
        }
    }
}
