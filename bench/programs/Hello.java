/** Start-up and nothing else. Takes the arguments of the others and ignores them. */
final class Hello {
    public static void main(String[] args) {
        System.out.println("Hello, World");
    }
}
