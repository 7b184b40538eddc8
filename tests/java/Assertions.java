// -ea and -da by class; assertion status of loaders.
// options: -ea -da:Assertions$Off -esa
public class Assertions {
    static class On {
        static String t() {
            try {
                assert 1 > 2 : "msg " + 5;
                return "off";
            } catch (AssertionError e) {
                return e.getMessage();
            }
        }
    }
    static class Off {
        static String t() {
            try {
                assert false;
                return "off";
            } catch (AssertionError e) {
                return "on";
            }
        }
    }
    public static void main(String[] args) {
        System.out.println(On.t() + " " + Off.t() + " " + On.class.desiredAssertionStatus()
            + Off.class.desiredAssertionStatus() + String.class.desiredAssertionStatus());
        ClassLoader.getSystemClassLoader().setDefaultAssertionStatus(false);
        try {
            assert args.length > 5;
        } catch (AssertionError e) {
            System.out.println(e + " " + e.getCause());
        }
        try {
            assert false : new RuntimeException("cause");
        } catch (AssertionError e) {
            System.out.println(e.getCause());
        }
        assert args == null;
    }
}
