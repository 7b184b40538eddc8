// Run from its source file.
// main: @S@
// args: one two
// gc-stress: 100000
public class SourceMode {
    record P(int a) {}
    public static void main(String[] args) {
        System.out.println(
            String.join(",", args) + new P(args.length) + SourceMode.class.getClassLoader().getClass().getSimpleName());
        System.exit(new Object() { int v = 5; }.v);
    }
}
