package lib;

import java.io.*;
import java.net.URI;
import java.util.*;
import javax.tools.*;

/** Compiles sources in memory: class name to bytes. */
public class Compile {
    public static Map<String, byte[]> sources(String... sources) {
        Map<String, ByteArrayOutputStream> out = new TreeMap<>();
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        List<JavaFileObject> in = new ArrayList<>();
        for (String s : sources) {
            java.util.regex.Matcher m =
                java.util.regex.Pattern.compile("(?:class|interface|enum|record) (\\w+)").matcher(s);
            m.find();
            in.add(new SimpleJavaFileObject(URI.create("mem:///" + m.group(1) + ".java"), JavaFileObject.Kind.SOURCE) {
                @Override
                public CharSequence getCharContent(boolean b) {
                    return s;
                }
            });
        }
        JavaFileManager files =
            new ForwardingJavaFileManager<JavaFileManager>(javac.getStandardFileManager(null, null, null)) {
                @Override
                public JavaFileObject getJavaFileForOutput(
                    Location l, String name, JavaFileObject.Kind k, FileObject sibling) {
                    return new SimpleJavaFileObject(URI.create("mem:///" + name.replace('.', '/') + ".class"), k) {
                        @Override
                        public OutputStream openOutputStream() {
                            ByteArrayOutputStream b = new ByteArrayOutputStream();
                            out.put(name, b);
                            return b;
                        }
                    };
                }
            };
        StringWriter log = new StringWriter();
        if (!javac.getTask(log, files, null, List.of("-proc:none", "-nowarn", "-XDuseUnsharedTable=true"), null, in)
                 .call())
            throw new IllegalStateException(log.toString().lines().findFirst().orElse(""));
        Map<String, byte[]> result = new TreeMap<>();
        out.forEach((k, v) -> result.put(k, v.toByteArray()));
        return result;
    }
}
