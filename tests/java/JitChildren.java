// Compile workers are processes, but not the program's: ProcessHandle shows only what the program started.
public class JitChildren {
    static long work(int n) {
        long s = 0;
        for (int i = 0; i < n; i++) {
            s = s * 31 + (i ^ (s >>> 7));
        }
        return s;
    }

    static long more(int n) {
        long s = 0;
        for (int i = 1; i < n; i++) {
            s += n / i + n % i;
        }
        return s;
    }

    public static void main(String[] args) throws Exception {
        long most = 0, sum = 0;
        for (int i = 0; i < 60; i++) {
            sum += work(20_000 + i) + more(5_000);
            most = Math.max(most, ProcessHandle.current().children().count());
        }
        System.out.println(most + " children, " + sum);
        Process p = new ProcessBuilder("sleep", "100").start();
        System.out.println(ProcessHandle.current().children().count() + " child");
        p.destroy();
        p.waitFor();
        System.out.println(ProcessHandle.current().children().count() + " children");
    }
}
