// Shutdown: hooks, a hook that throws, exit out of a hook, daemon threads, the exit code.
public class Exits {
    public static void main(String[] args) throws Exception {
        Runtime rt = Runtime.getRuntime();
        Thread gone = new Thread(() -> System.out.println("never"));
        rt.addShutdownHook(gone);
        System.out.println(rt.removeShutdownHook(gone) + " " + rt.removeShutdownHook(gone));
        Thread hook = new Thread(() -> {
            System.out.println("hook");
            try {
                rt.addShutdownHook(new Thread());
            } catch (IllegalStateException e) {
                System.out.println(e.getMessage());
            }
            throw new RuntimeException("hook fails");
        });
        rt.addShutdownHook(hook);
        try {
            rt.addShutdownHook(hook);
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
        Thread main = Thread.currentThread();
        try {
            rt.addShutdownHook(main);
        } catch (IllegalArgumentException e) {
            System.out.println("running");
        }
        Thread other = new Thread(() -> {
            try {
                Thread.sleep(100000);
            } catch (InterruptedException e) {
            }
        });
        other.start();
        new Thread(() -> System.exit(42)).start();
        other.join();
        System.out.println("not reached");
    }
}
