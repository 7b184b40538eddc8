package lib;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;

/** What the compiler says of a program that runs in a VM of its own. */
public final class CompileLog {
    /**
     * What the compilations whose line matches `compilation` (a regular expression) did with the calls of their root, and how the VM ended.
     * The program is `program`, with the argument "child", under -Xbatch.
     */
    public static List<String> inlining(String program, String compilation, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow(), "-Xbatch", "--jit-only=" + program,
            "-XX:+PrintCompilation", "-XX:+PrintInlining"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program, "child"));
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = new ArrayList<>();
        boolean wanted = false;
        try (BufferedReader r = new BufferedReader(new InputStreamReader(p.getInputStream()))) {
            for (String line; (line = r.readLine()) != null;) {
                boolean inlining = line.trim().startsWith("@");
                wanted = inlining ? wanted : line.matches(compilation);
                if (inlining && wanted && line.indexOf('@') == 30) { lines.add(line.trim().replaceAll("\\s+", " ")); }
            }
        }
        lines.add("exit " + p.waitFor());
        return lines;
    }
}
