import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Random programs under moka's compiler, compared with HotSpot.
 *
 *   JitFuzz run FROM COUNT      seeds FROM, FROM + 1, ...; those that differ are kept as KEEP/FuzzN.java
 *   JitFuzz one FILE [CONFIG]   one program, with where it differs
 *   JitFuzz shrink FILE CONFIG  drops statements as long as the program still differs; result in FILE.min
 *
 * Properties: fuzz.work (a directory), fuzz.keep, fuzz.moka, fuzz.java, fuzz.parallel (2), fuzz.batch (40), fuzz.configs (names out of CONFIGS
 * below, split by commas: each program runs in the first and, in turn, in one of the others).
 */
public final class JitFuzz {
    private static final String ONLY = "--jit-only=.fuzz"; // what the program is about; the rest only as it is inlined
    private static final Map<String, List<String>> CONFIGS = new LinkedHashMap<>();
    static {
        String on = "--jit=on", soon = "--jit-threshold=20", up = "--jit-upgrade=60", wait = "-Xbatch", gcc = "--jit-tiers=gcc";
        CONFIGS.put("int", List.of("-Xint"));
        CONFIGS.put("quick", List.of(on, soon, wait, "--jit-tiers=quick", "--jit-verify", ONLY));
        CONFIGS.put("gcc", List.of(on, soon, wait, gcc, "--jit-verify", ONLY));
        CONFIGS.put("batch", List.of(on, soon, wait, up, ONLY));
        CONFIGS.put("comp", List.of(on, "-Xcomp", "--jit-only=Fuzz"));
        CONFIGS.put("all", List.of(on, soon, wait, up, "--jit-only=Fuzz"));
        CONFIGS.put("off", List.of(on, soon, wait, up, "--passes=-all", ONLY));
        CONFIGS.put("tiered", List.of(on, "--jit-threshold=100", "--jit-upgrade=400"));
        CONFIGS.put("opt0", List.of(on, soon, wait, gcc, "--jit-opt=0", ONLY));
        CONFIGS.put("opt1", List.of(on, soon, wait, gcc, "--jit-opt=1", ONLY));
        CONFIGS.put("opt3", List.of(on, soon, wait, gcc, "--jit-opt=3", ONLY));
        CONFIGS.put("block", List.of(on, soon, wait, up, "--jit-unit=block", ONLY));
        CONFIGS.put("chain", List.of(on, soon, wait, up, "--jit-unit=chain", ONLY));
        CONFIGS.put("soft", List.of(on, soon, wait, up, "--mmu=soft", ONLY));
        CONFIGS.put("stress", List.of(on, soon, wait, up, "--gc-stress=200", ONLY));
    }
    private static final Path WORK = Path.of(System.getProperty("fuzz.work", "build/tests/fuzz-jit"));
    private static final Path KEEP = Path.of(System.getProperty("fuzz.keep", WORK + "/found"));
    private static final String MOKA = System.getProperty("fuzz.moka", "build/moka");
    private static final String JAVA = System.getProperty("fuzz.java", "java");
    private static final String[] USED = System.getProperty("fuzz.configs", "quick,gcc,int,tiered,comp,soft,all,gcc,stress,batch,opt1,chain,tiered,opt3,off,gcc,block,opt0").split(",");
    private static final int BATCH = Integer.getInteger("fuzz.batch", 40);
    private static final AtomicInteger passed = new AtomicInteger(), failed = new AtomicInteger(), unusable = new AtomicInteger();

    // ---- compiling ----

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String cls, String text) {
            super(URI.create("string:///" + cls + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override public CharSequence getCharContent(boolean ignore) { return text; }
    }

    /** Compiles the programs; those that javac refuses are taken out of the map. */
    private static void compile(Map<String, String> programs, Path classes) throws IOException {
        Files.createDirectories(classes);
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        while (!programs.isEmpty()) {
            DiagnosticCollector<JavaFileObject> messages = new DiagnosticCollector<>();
            List<Source> sources = new ArrayList<>();
            programs.forEach((cls, text) -> sources.add(new Source(cls, text)));
            try (StandardJavaFileManager files = javac.getStandardFileManager(messages, null, null)) {
                List<String> options = List.of("-nowarn", "-Xlint:none", "-proc:none", "-g", "-XDstringConcat=inline", "-d", classes.toString(), "-cp",
                    System.getProperty("java.class.path"));
                if (javac.getTask(new StringWriter(), files, messages, options, null, sources).call()) { return; }
            }
            int before = programs.size();
            for (Diagnostic<? extends JavaFileObject> d : messages.getDiagnostics()) {
                if (d.getKind() == Diagnostic.Kind.ERROR && d.getSource() != null) {
                    String cls = d.getSource().toUri().getPath().replaceAll(".*/|\\.java$", "");
                    if (programs.remove(cls) != null && !shrinking) { System.out.println("not compiled: " + cls + ": " + d.getMessage(null)); }
                }
            }
            if (programs.size() == before) { throw new IOException("javac: " + messages.getDiagnostics()); }
        }
    }

    private static boolean shrinking;

    // ---- running ----

    /** Runs programs; what each printed, and how the VM ended if it did not get through. */
    private static Map<String, String> runAll(List<String> vm, Path classes, List<String> names, String tag) throws Exception {
        Map<String, String> result = new HashMap<>();
        List<String> left = new ArrayList<>(names);
        while (!left.isEmpty()) {
            List<String> command = new ArrayList<>(vm);
            command.addAll(List.of("-Xmx256m", "-cp", classes + File.pathSeparator + System.getProperty("java.class.path"), "JitRun"));
            command.addAll(left);
            Path out = WORK.resolve(tag + ".out"), err = WORK.resolve(tag + ".err");
            ProcessBuilder b = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            Process p = b.start();
            boolean ended = p.waitFor(Math.max(60, 10 * left.size()), TimeUnit.SECONDS);
            if (!ended) { p.destroyForcibly().waitFor(); }
            String text = new String(Files.readAllBytes(out)), complaints = new String(Files.readAllBytes(err));
            String[] parts = ("\n" + text).split("\n== ");
            String last = null;
            for (int i = 1; i < parts.length; i++) {
                int end = parts[i].indexOf('\n');
                last = end < 0 ? parts[i] : parts[i].substring(0, end);
                result.put(last, end < 0 ? "" : parts[i].substring(end + 1).stripTrailing());
            }
            if (ended && p.exitValue() == 0 && "end".equals(last)) {
                if (!complaints.isBlank()) { result.put("stderr", complaints); }
                return result;
            }
            if (last == null || !left.contains(last)) { throw new IOException(command + " does not run: " + complaints); }
            result.merge(last, "\nended: " + (ended ? "exit " + p.exitValue() : "too slow") + "\n" + complaints, String::concat);
            left = left.subList(left.indexOf(last) + 1, left.size());
        }
        return result;
    }

    private static List<String> moka(String config) {
        List<String> command = new ArrayList<>(List.of(MOKA));
        List<String> options = CONFIGS.get(config);
        command.addAll(options != null ? options : Arrays.asList(config.split(" ")));
        return command;
    }

    private static List<String> hotspot() { return List.of(JAVA, "-XX:-OmitStackTraceInFastThrow", "-XX:TieredStopAtLevel=1", "-Xshare:auto"); }

    private static String difference(String expected, String actual) {
        String[] a = expected.split("\n"), b = String.valueOf(actual).split("\n");
        int i = 0;
        while (i < a.length && i < b.length && a[i].equals(b[i])) { i++; }
        return "line " + (i + 1) + ": " + (i < a.length ? a[i] : "(end)") + " <> " + (i < b.length ? b[i] : "(end)");
    }

    private static List<String> turn(long from) {
        if (USED.length < 3) { return List.of(USED); }
        return List.of(USED[0], USED[1 + (int) (from / BATCH % (USED.length - 1))]);
    }

    private static void batch(long from, int count) {
        Path classes = WORK.resolve("batch-" + from);
        try {
            Map<String, String> programs = new LinkedHashMap<>();
            for (long seed = from; seed < from + count; seed++) { programs.put("Fuzz" + seed, JitGen.program("Fuzz" + seed, seed)); }
            compile(programs, classes);
            unusable.addAndGet(count - programs.size());
            List<String> names = new ArrayList<>(programs.keySet());
            Map<String, String> expected = runAll(hotspot(), classes, names, "java-" + from);
            List<String> bad = new ArrayList<>();
            for (String config : turn(from)) {
                Map<String, String> actual = runAll(moka(config), classes, names, config + "-" + from);
                if (actual.containsKey("stderr")) {
                    System.out.println("FAIL batch of seed " + from + " under " + config + ": stderr: " + actual.get("stderr").lines().findFirst().get());
                    failed.incrementAndGet();
                }
                for (String name : names) {
                    if (expected.get(name) == null || expected.get(name).contains("\nended: ")) { continue; }
                    if (!expected.get(name).equals(actual.get(name))) {
                        if (!bad.contains(name)) { bad.add(name); }
                        System.out.println("FAIL " + name + " " + config + " " + difference(expected.get(name), actual.get(name)));
                        Files.createDirectories(KEEP);
                        Files.writeString(KEEP.resolve(name + ".java"), programs.get(name));
                    }
                }
            }
            failed.addAndGet(bad.size());
            passed.addAndGet(names.size() - bad.size());
        } catch (Exception e) {
            failed.incrementAndGet();
            System.out.println("FAIL batch of seed " + from + ": " + e);
        } finally {
            delete(classes.toFile());
            File[] logs = WORK.toFile().listFiles((d, n) -> n.matches(".*-" + from + "\\.(out|err)"));
            for (File f : logs == null ? new File[0] : logs) { f.delete(); }
        }
    }

    private static void delete(File f) {
        File[] inside = f.listFiles();
        if (inside != null) { for (File i : inside) { delete(i); } }
        f.delete();
    }

    // ---- one program ----

    private static String expected, actual; // of the last comparison

    private static boolean differs(String cls, String text, String config) throws Exception {
        Path classes = WORK.resolve("one");
        delete(classes.toFile());
        Map<String, String> programs = new LinkedHashMap<>(Map.of(cls, text));
        compile(programs, classes);
        if (programs.isEmpty()) { return false; }
        expected = runAll(shrinking ? List.of(MOKA, "-Xint") : hotspot(), classes, List.of(cls), "one").get(cls);
        if (expected.contains("\nended: ")) { return false; }
        Map<String, String> all = runAll(moka(config), classes, List.of(cls), "one");
        actual = all.get(cls);
        return !expected.equals(actual) || all.containsKey("stderr");
    }

    /** Delta debugging on lines whose braces balance. */
    private static void shrink(Path file, String config) throws Exception {
        String cls = file.getFileName().toString().replace(".java", "").replace(".min", "");
        shrinking = true;
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        if (!differs(cls, String.join("\n", lines), config)) {
            System.out.println("no difference");
            return;
        }
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int size = Math.max(1, lines.size() / 4); size >= 1; size = size == 1 ? 0 : size / 2) {
                for (int at = lines.size() - size; at >= 1; at -= size) {
                    changed |= attempt(lines, at, at + size, cls, config, file);
                }
            }
            for (int at = lines.size() - 2; at >= 1; at--) { // whole blocks, or their brackets alone
                int end = at < lines.size() && lines.get(at).endsWith("{") ? closing(lines, at) : -1;
                if (end <= at) { continue; }
                if (attempt(lines, at, end + 1, cls, config, file)) { changed = true; continue; }
                List<String> inner = new ArrayList<>(lines.subList(at + 1, end));
                List<String> tried = new ArrayList<>(lines.subList(0, at));
                tried.addAll(inner);
                tried.addAll(lines.subList(end + 1, lines.size()));
                if (differs(cls, String.join("\n", tried), config)) {
                    lines.clear();
                    lines.addAll(tried);
                    changed = true;
                }
            }
        }
        Files.write(Path.of(file + ".min"), lines);
        System.out.println(lines.size() + " lines left");
    }

    private static int closing(List<String> lines, int at) {
        int depth = 0;
        for (int i = at; i < lines.size(); i++) {
            String l = lines.get(i);
            for (int k = 0; k < l.length(); k++) { depth += l.charAt(k) == '{' ? 1 : l.charAt(k) == '}' ? -1 : 0; }
            if (depth <= 0) { return i; }
        }
        return -1;
    }

    private static boolean attempt(List<String> lines, int from, int to, String cls, String config, Path file) throws Exception {
        if (from < 1 || to > lines.size() - 1 || from >= to) { return false; }
        int depth = 0;
        for (String l : lines.subList(from, to)) {
            for (int k = 0; k < l.length(); k++) {
                depth += l.charAt(k) == '{' ? 1 : l.charAt(k) == '}' ? -1 : 0;
                if (depth < 0) { return false; }
            }
        }
        if (depth != 0) { return false; }
        List<String> tried = new ArrayList<>(lines.subList(0, from));
        tried.addAll(lines.subList(to, lines.size()));
        if (!differs(cls, String.join("\n", tried), config)) { return false; }
        lines.clear();
        lines.addAll(tried);
        Files.write(Path.of(file + ".min"), lines);
        return true;
    }

    public static void main(String[] args) throws Exception {
        Files.createDirectories(WORK);
        switch (args[0]) {
            case "run": {
                long from = Long.parseLong(args[1]);
                int count = Integer.parseInt(args[2]);
                long start = System.nanoTime();
                ExecutorService pool = Executors.newFixedThreadPool(Integer.getInteger("fuzz.parallel", 2));
                for (int i = 0; i < count; i += BATCH) {
                    long first = from + i;
                    int n = Math.min(BATCH, count - i);
                    pool.execute(() -> batch(first, n));
                }
                pool.shutdown();
                while (!pool.awaitTermination(60, TimeUnit.SECONDS)) {
                    System.err.printf("fuzz-jit: %d of %d, %d differ, %d s%n", passed.get() + failed.get() + unusable.get(), count, failed.get(),
                        (System.nanoTime() - start) / 1000000000);
                }
                if (unusable.get() > 0) { System.out.println(unusable + " programs were refused by javac"); }
                System.out.println(passed + " passed, " + failed + " failed");
                System.exit(failed.get() > 0 ? 1 : 0);
                break;
            }
            case "one": {
                Path file = Path.of(args[1]);
                String cls = file.getFileName().toString().replaceAll("\\.java.*", "");
                for (String config : args.length > 2 ? new String[] {args[2]} : USED) {
                    boolean d = differs(cls, Files.readString(file), config);
                    System.out.println(config + ": " + (d ? difference(String.valueOf(expected), actual) + "\n" + actual : "same"));
                }
                break;
            }
            case "shrink": shrink(Path.of(args[1]), args[2]); break;
            default: System.out.println(JitGen.program("Fuzz" + args[1], Long.parseLong(args[1]))); break; // print SEED
        }
    }
}
