// What each tier inlines, from the log of a VM that this one starts: code for the loop of a method of its own is replaced by GCC's
// sooner than an inlined loop, so tier 1 leaves such methods alone.
// skip: stress,kill
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;

public class JitTierLoops {
    static int small(int i) {
        return i * 31 ^ i >> 3;
    }

    static int loop(int n) {
        int sum = 0;
        for (int i = 0; i < n; i++) {
            sum += small(i) & 7;
        }
        return sum;
    }

    /** A loop by its shape only: it is left at once. */
    static int probe(int n) {
        for (;;) {
            if ((n & 1) == 0 || n > 0) {
                return n + 1;
            }
            n >>= 1;
        }
    }

    static int caller(int i) {
        return small(i) + loop(100) + probe(i);
    }

    static List<String> log(String tier) throws IOException, InterruptedException {
        String vm = ProcessHandle.current().info().command().orElseThrow();
        Process p = new ProcessBuilder(vm, "-Xbatch", "--jit-tiers=" + tier, "--jit-only=JitTierLoops", "-XX:+PrintCompilation",
            "-XX:+PrintInlining", "-cp", System.getProperty("java.class.path"), "JitTierLoops", "child").redirectErrorStream(true).start();
        List<String> lines = new ArrayList<>();
        boolean inCaller = false;
        try (BufferedReader r = new BufferedReader(new InputStreamReader(p.getInputStream()))) {
            for (String line; (line = r.readLine()) != null;) {
                boolean inlining = line.trim().startsWith("@");
                inCaller = inlining ? inCaller : line.contains("JitTierLoops::caller ");
                if (inlining && inCaller && line.indexOf('@') == 30) {
                    lines.add(line.trim().replaceAll("\\s+", " "));
                }
            }
        }
        lines.add("exit " + p.waitFor());
        return lines;
    }

    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            int sum = 0;
            for (int i = 0; i < 20000; i++) {
                sum += caller(i);
            }
            System.out.println(sum);
            return;
        }
        for (String tier : new String[] {"quick", "gcc"}) {
            for (String line : log(tier)) {
                System.out.println(tier + ": " + line);
            }
        }
    }
}
