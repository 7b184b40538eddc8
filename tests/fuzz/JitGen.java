import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Makes one random Java program from a seed. Every loop has few iterations by construction, and `cost` estimates what a
 * function executes, so that a program ends; what can go wrong in it (indices, divisors, casts, null) mostly goes well.
 */
final class JitGen {
    private record Var(String name, String type, boolean assignable, boolean index) {}
    private record Fn(String name, String ret, List<String> types, int cost) {}

    private static final String[] NUMBERS = {"int", "int", "int", "long", "long", "float", "double", "byte", "short", "char", "boolean"};
    private static final String[] ARRAYS = {"int", "int", "long", "float", "double", "byte", "short", "char", "boolean"};
    private static final int MAX_COST = 2500, ROUNDS = 320;

    private final Random r;
    private final String cls;
    private final StringBuilder out = new StringBuilder();
    private final List<Fn> fns = new ArrayList<>();
    private List<Var> vars = new ArrayList<>();
    private final List<String> labels = new ArrayList<>();
    private int indent, names, mult = 1, cost, loops, tries;
    private boolean member, lambda; // in a method of Base and its subclasses; in a lambda

    private JitGen(String cls, long seed) {
        this.cls = cls;
        r = new Random(seed * 0x9e3779b97f4a7c15L + 1);
    }

    static String program(String cls, long seed) { return new JitGen(cls, seed).make(); }

    // ---- text ----

    private int n(int bound) { return r.nextInt(bound); }
    private boolean chance(int percent) { return r.nextInt(100) < percent; }
    private String pick(String... a) { return a[n(a.length)]; }
    private String name(String prefix) { return prefix + names++; }
    private void line(String s) { out.append("  ".repeat(indent)).append(s).append('\n'); }
    private void open(String s) { line(s + " {"); indent++; }
    private void close() { close(""); }
    private void close(String s) { indent--; line("}" + s); }

    private Var var(String type, boolean assign) {
        List<Var> found = new ArrayList<>();
        for (Var v : vars) {
            if (v.type.equals(type) && (!assign || v.assignable) && !(lambda && !v.index && v.assignable)) { found.add(v); }
        }
        return found.isEmpty() ? null : found.get(n(found.size()));
    }

    private String letter(String type) {
        return switch (type) {
            case "boolean" -> "z"; case "byte" -> "b"; case "short" -> "s"; case "char" -> "c"; case "int" -> "i";
            case "long" -> "l"; case "float" -> "f"; default -> "d";
        };
    }

    /** A field of a primitive type: static, of `this`, or of some object (which may be null, rarely). */
    private String field(String type) {
        String l = letter(type);
        if (member && chance(60)) { return "this." + l + "0"; }
        if (chance(60)) { return cls + ".s" + l + n(2); }
        return object() + "." + l + "0";
    }

    private String object() {
        Var v = chance(60) ? var("Base", false) : null;
        return v != null ? v.name : "objs[" + (chance(90) ? n(4) : e("int", 0) + " & 7") + "]";
    }

    private String array(String element) {
        Var v = chance(75) ? var(element + "[]", false) : null;
        return v != null ? v.name : "a" + letter(element) + n(2);
    }

    /** An index for `array`: in range more often than not. */
    private String index(String array) {
        cost += mult;
        List<Var> loop = new ArrayList<>();
        for (Var v : vars) { if (v.index) { loop.add(v); } }
        if (!loop.isEmpty() && chance(80)) {
            Var v = loop.get(n(loop.size()));
            String i = v.type.equals("int") ? v.name : "(int) " + v.name;
            switch (n(12)) {
                case 0: return i + " & 7";
                case 1: return "(" + i + " & 3) + " + n(4);
                case 2: return array + ".length - 1 - " + "(" + i + " & 3)";
                case 3: return chance(50) ? "(" + i + " >>> 1) % 7" : i + " + " + n(3);
                case 4: return chance(50) ? "(" + i + " - " + n(3) + ") & 7" : i + " - " + n(3);
                case 5: return chance(50) ? "(" + i + " * 2) & 7" : i + " * 2 & 15";
                default: return i;
            }
        }
        if (chance(1)) { return e("int", 1); }
        return chance(50) ? "(" + e("int", 1) + ") & 7" : "(" + e("int", 1) + " & 0x7fffffff) % " + array + ".length";
    }

    // ---- expressions ----

    private String literal(String type) {
        switch (type) {
            case "boolean": return chance(50) ? "true" : "false";
            case "byte": return "(byte) " + (n(256) - 128);
            case "short": return "(short) " + (n(65536) - 32768);
            case "char": return "(char) " + n(65536);
            case "int":
                return chance(60) ? "" + n(20) : pick("-1", "Integer.MIN_VALUE", "Integer.MAX_VALUE", "(-2)", "255", "65535", "31", "32",
                    "0x55555555", "(-128)", "32768", "" + n(100000), "(" + r.nextInt() + ")");
            case "long":
                return chance(60) ? n(20) + "L" : pick("-1L", "Long.MIN_VALUE", "Long.MAX_VALUE", "0xffffffffL", "0x80000000L", "(-0x80000001L)",
                    "63L", "64L", "(" + r.nextLong() + "L)");
            case "float":
                return pick("0f", "1f", "-0f", "0.5f", "Float.NaN", "1e10f", "-3e38f", "Float.MIN_VALUE", "3.7f", "16777216f",
                    "Float.POSITIVE_INFINITY", "2147483648f");
            default:
                return pick("0d", "1d", "-0d", "0.5", "Double.NaN", "1e10", "-1e300", "Double.MIN_VALUE", "3.7", "2147483647.5",
                    "Double.NEGATIVE_INFINITY", "9.3e18", "-2.5");
        }
    }

    private String leaf(String type) {
        Var v = chance(75) ? var(type, false) : null;
        if (v != null) { return v.name; }
        if (chance(35)) { return literal(type); }
        return chance(30) ? array(type) + "[" + n(8) + "]" : field(type);
    }

    private String e(String type, int d) {
        cost += mult;
        if (d <= 0 || mult * 3 + cost > MAX_COST * 3) { return leaf(type); }
        if (chance(12)) { return leaf(type); }
        switch (type) {
            case "int": return intExpression(d);
            case "long": return longExpression(d);
            case "float": return floatExpression("float", d);
            case "double": return floatExpression("double", d);
            case "boolean": return booleanExpression(d);
            default:
                if (chance(30)) { return leaf(type); }
                return "(" + type + ") (" + e(pick("int", "int", "int", "long", "double", "float"), d - 1) + ")";
        }
    }

    private String common(String type, int d) {
        switch (n(6)) {
            case 0: return "(" + e("boolean", d - 1) + " ? " + e(type, d - 1) + " : " + e(type, d - 1) + ")";
            case 1: return load(type);
            case 2: return call(type, d);
            case 3: {
                Var v = var(type, true);
                if (v == null || lambda) { return field(type); }
                return chance(40) ? "(" + v.name + pick("++", "--") + ")" : "(" + v.name + " " + pick("+=", "-=", "*=") + " " + e(type, d - 1) + ")";
            }
            case 4: return field(type);
            default: return "(" + type + ") (" + e(pick("int", "long", "float", "double", "byte", "short", "char"), d - 1) + ")";
        }
    }

    private String load(String element) {
        String a = array(element);
        return a + "[" + index(a) + "]";
    }

    /** A call of something that returns `type`, or something else. */
    private String call(String type, int d) {
        if (!member && !lambda) {
            List<Fn> found = new ArrayList<>();
            for (Fn f : fns) { if (f.ret.equals(type) && f.cost * mult + cost < MAX_COST) { found.add(f); } }
            if (!found.isEmpty() && chance(85)) {
                Fn f = found.get(n(found.size()));
                cost += f.cost * mult;
                return f.name + "(" + args(f, d) + ")";
            }
        }
        cost += 10 * mult;
        if (type.equals("int") && !member) {
            switch (n(7)) {
                case 0: case 1: return object() + ".m0(" + e("int", d - 1) + ")";
                case 2: return object() + ".m2(" + e("int", d - 1) + ")";
                case 3: return "((I) " + object() + ").m3(" + e("int", d - 1) + ", " + e("long", 0) + ")";
                case 4: return lambda ? leaf(type) : "op" + n(2) + ".applyAsInt(" + e("int", d - 1) + ")";
                case 5: return lambda ? leaf(type) : "((java.util.function.IntUnaryOperator) (q -> q * " + n(9) + " + si0)).applyAsInt(" + e("int", d - 1) + ")";
                default: return "fuzzRec(" + n(6) + ", " + e("int", d - 1) + ")";
            }
        }
        if (type.equals("long") && !member) { return object() + ".m1(" + e("long", d - 1) + ", " + e("double", 0) + ")"; }
        return leaf(type);
    }

    private String args(Fn f, int d) {
        StringBuilder s = new StringBuilder();
        for (String t : f.types) {
            s.append(s.length() > 0 ? ", " : "");
            if (t.endsWith("[]")) { s.append(array(t.substring(0, t.length() - 2))); }
            else if (t.equals("Base")) { s.append(object()); }
            else if (t.equals("int") && chance(50)) { s.append(e("int", 0)).append(" & 15"); }
            else { s.append(e(t, d - 2)); }
        }
        return s.toString();
    }

    private String intExpression(int d) {
        String a = "int";
        switch (n(20)) {
            case 0: case 1: case 2: case 3: return "(" + e(a, d - 1) + " " + pick("+", "-", "*", "&", "|", "^") + " " + e(a, d - 1) + ")";
            case 4: return "(" + e(a, d - 1) + " " + pick("/", "%") + " (" + e(a, d - 1) + " | 1))";
            case 5: return chance(8) ? "(" + e(a, d - 1) + pick(" / ", " % ") + e(a, 0) + ")"
                : "(" + e(a, d - 1) + " " + pick("/", "%") + " " + pick("-1", "2", "3", "7", "8", "10", "-3", "-8", "1", "Integer.MIN_VALUE", "1000") + ")";
            case 6: case 7: return "(" + e(a, d - 1) + " " + pick("<<", ">>", ">>>") + " " + (chance(50) ? "" + n(70) : e(chance(70) ? a : "long", d - 1)) + ")";
            case 8: return "(" + pick("- ", "~") + e(a, d - 1) + ")";
            case 9: return "(" + pick("int", "byte", "short", "char") + ") " + e(pick("long", "float", "double", "int"), d - 1);
            case 10: return "Math." + pick("min", "max") + "(" + e(a, d - 1) + ", " + e(a, d - 1) + ")";
            case 11:
                return pick("Math.abs(", "Integer.bitCount(", "Integer.numberOfLeadingZeros(", "Integer.numberOfTrailingZeros(",
                    "Integer.reverseBytes(", "Integer.signum(", "Integer.reverse(") + e(a, d - 1) + ")";
            case 12:
                return switch (n(5)) {
                    case 0 -> "Integer.compare(" + e(a, d - 1) + ", " + e(a, d - 1) + ")";
                    case 1 -> "Long.compare(" + e("long", d - 1) + ", " + e("long", d - 1) + ")";
                    case 2 -> "Double.compare(" + e("double", d - 1) + ", " + e("double", d - 1) + ")";
                    case 3 -> "Integer.compareUnsigned(" + e(a, d - 1) + ", " + e(a, d - 1) + ")";
                    default -> "Integer.rotateLeft(" + e(a, d - 1) + ", " + e(a, d - 1) + ")";
                };
            case 13: return array(pick(ARRAYS)) + ".length";
            case 14: return pick("Long.bitCount(", "Long.numberOfTrailingZeros(", "Long.numberOfLeadingZeros(", "Long.hashCode(") + e("long", d - 1) + ")";
            case 15: return chance(50) ? "Float.floatToIntBits(" + e("float", d - 1) + ")" : "JitRun.h(" + e(pick("float", "double", "long"), d - 1) + ")";
            case 16: return chance(50) ? "Integer.valueOf(" + e(a, d - 1) + ").hashCode()" : "(" + e("boolean", d - 1) + " ? 1 : 0)";
            case 17: return "(" + object() + " instanceof " + pick("A", "B", "C", "E") + " ? " + e(a, d - 1) + " : " + e(a, d - 1) + ")";
            default: return common(a, d);
        }
    }

    private String longExpression(int d) {
        String a = "long";
        switch (n(14)) {
            case 0: case 1: case 2: return "(" + e(a, d - 1) + " " + pick("+", "-", "*", "&", "|", "^") + " " + e(pick(a, a, "int"), d - 1) + ")";
            case 3: return "(" + e(a, d - 1) + " " + pick("/", "%") + " (" + e(a, d - 1) + " | 1L))";
            case 4: return chance(6) ? "(" + e(a, d - 1) + pick(" / ", " % ") + e(a, 0) + ")"
                : "(" + e(a, d - 1) + " " + pick("/", "%") + " " + pick("-1L", "2L", "3L", "10L", "-8L", "Long.MIN_VALUE", "1000L") + ")";
            case 5: return "(" + e(a, d - 1) + " " + pick("<<", ">>", ">>>") + " " + (chance(50) ? "" + n(70) : e(chance(70) ? "int" : a, d - 1)) + ")";
            case 6: return "(" + pick("- ", "~") + e(a, d - 1) + ")";
            case 7: return "(long) " + e(pick("int", "float", "double"), d - 1);
            case 8: return "Math." + pick("min", "max") + "(" + e(a, d - 1) + ", " + e(a, d - 1) + ")";
            case 9: return pick("Math.abs(", "Long.reverseBytes(", "Long.reverse(", "Long.highestOneBit(") + e(a, d - 1) + ")";
            case 10: return chance(50) ? "Double.doubleToLongBits(" + e("double", d - 1) + ")" : "Math.multiplyHigh(" + e(a, d - 1) + ", " + e(a, d - 1) + ")";
            case 11: return chance(70) ? "(" + e("int", d - 1) + " & 0xffffffffL)" : "((long) Long.valueOf(" + e(a, d - 1) + "))";
            default: return common(a, d);
        }
    }

    private String floatExpression(String a, int d) {
        boolean f = a.equals("float");
        switch (n(10)) {
            case 0: case 1: case 2: case 3: return "(" + e(a, d - 1) + " " + pick("+", "-", "*", "/", "%") + " " + e(a, d - 1) + ")";
            case 4: return "(- " + e(a, d - 1) + ")";
            case 5: return "(" + a + ") " + e(pick("int", "long", f ? "double" : "float", "char"), d - 1);
            case 6: return "Math." + pick("min", "max") + "(" + e(a, d - 1) + ", " + e(a, d - 1) + ")";
            case 7: return "Math.abs(" + e(a, d - 1) + ")";
            case 8: return f ? "Float.intBitsToFloat(" + e("int", d - 1) + ")" : pick("Math.sqrt(", "Math.floor(", "Math.ceil(", "Math.rint(") + e(a, d - 1) + ")";
            default: return common(a, d);
        }
    }

    private String booleanExpression(int d) {
        String c = pick("<", "<=", ">", ">=", "==", "!=");
        switch (n(12)) {
            case 0: case 1: case 2: return "(" + e("int", d - 1) + " " + c + " " + e("int", d - 1) + ")";
            case 3: return "(" + e("long", d - 1) + " " + c + " " + e("long", d - 1) + ")";
            case 4: return "(" + e("double", d - 1) + " " + c + " " + e(pick("double", "float"), d - 1) + ")";
            case 5: return "(" + e("float", d - 1) + " " + c + " " + e("float", d - 1) + ")";
            case 6: return "(" + e("boolean", d - 1) + " " + pick("&&", "||", "^", "&", "|", "==") + " " + e("boolean", d - 1) + ")";
            case 7: return "!" + e("boolean", d - 1);
            case 8: return "(" + object() + pick(" == ", " != ") + pick(object(), "null") + ")";
            case 9: return "(" + object() + " instanceof " + pick("A", "B", "C", "E") + ")";
            case 10: return "(" + e(pick("byte", "char", "short"), d - 1) + " " + c + " " + e("int", d - 1) + ")";
            default: return chance(40) ? load("boolean") : leaf("boolean");
        }
    }

    // ---- statements ----

    private void block(int size, int depth) {
        List<Var> saved = new ArrayList<>(vars);
        for (int i = 0; i < size && cost < MAX_COST; i++) { statement(depth); }
        vars = saved;
    }

    private void statement(int depth) {
        cost += mult;
        switch (n(depth > 0 ? 34 : 18)) {
            case 0: case 1: case 2: {
                String t = pick(NUMBERS), v = name(letter(t));
                line(t + " " + v + " = " + cast(t, e(t, 3)) + ";");
                vars.add(new Var(v, t, true, false));
                break;
            }
            case 3: case 4: case 5: case 6: assign(); break;
            case 7: case 8: case 9: {
                String t = pick(ARRAYS), a = array(t);
                String i = index(a);
                line(a + "[" + i + "] " + (t.equals("boolean") ? "= " : pick("= ", "= ", "+= ", "-= ", "^= ").replace("^= ", t.equals("float") || t.equals("double") ? "*= " : "^= "))
                     + cast(t, e(t, 3)) + ";");
                break;
            }
            case 10: {
                String t = pick(NUMBERS);
                line(field(t) + " = " + cast(t, e(t, 3)) + ";");
                break;
            }
            case 11: if (depth > 0) { nonEscaping(); } else { assign(); } break;
            case 12: jump(); break;
            case 13: references(); break;
            case 14: strings(); break;
            case 15: arrayMaking(); break;
            case 16: boxes(); break;
            case 17: {
                Var v = var(pick("int", "long", "short", "byte", "char"), true);
                if (v != null) { line(v.name + " " + pick("+=", "-=", "*=", "<<=", ">>=", ">>>=", "&=", "|=", "^=") + " " + e(pick("int", "int", "long"), 2) + ";"); }
                break;
            }
            case 18: case 19: case 20:
                open("if (" + e("boolean", 3) + ")");
                block(1 + n(3), depth - 1);
                if (chance(50)) { close(" else {"); indent++; block(1 + n(3), depth - 1); }
                close();
                break;
            case 21: case 22: case 23: case 24: case 25: case 26: case 27: case 28: loop(depth); break;
            case 29: case 30: tryCatch(depth); break;
            case 31: switching(depth); break;
            case 32:
                if (member) { assign(); break; }
                open("synchronized (" + pick("LOCK", "objs[" + n(3) + "]") + ")");
                block(1 + n(3), depth - 1);
                close();
                break;
            default: nonEscaping(); break;
        }
    }

    private String cast(String t, String e) { return t.equals("byte") || t.equals("short") || t.equals("char") ? "(" + t + ") (" + e + ")" : e; }

    private void assign() {
        String t = pick(NUMBERS);
        Var v = var(t, true);
        line((v != null ? v.name : field(t)) + " = " + cast(t, e(t, 3)) + ";");
    }

    private void jump() {
        if (loops > 0 && chance(70)) {
            String l = chance(40) && !labels.isEmpty() ? " " + labels.get(n(labels.size())) : "";
            line("if (" + e("boolean", 2) + ") { " + pick("break", "continue", "continue") + l + "; }");
        } else if (chance(40)) {
            line("if (" + e("int", 2) + " == " + n(40) + ") { throw new " + pick("IllegalStateException(\"t\" + ", "X(") + e("int", 1) + "); }");
        } else {
            assign();
        }
    }

    private void references() {
        switch (n(7)) {
            case 0: {
                String v = name("o");
                line("Base " + v + " = " + object() + ";");
                vars.add(new Var(v, "Base", true, false));
                break;
            }
            case 1: {
                Var v = var("Base", true);
                if (v != null) { line(v.name + " = " + object() + ";"); }
                break;
            }
            case 2: line("any = " + pick(object(), array("int"), "\"s\" + " + e("int", 1), "Integer.valueOf(" + e("int", 1) + ")") + ";"); break;
            case 3: line("si0 += any instanceof " + pick("A", "Base", "int[]", "String", "Number", "I", "Comparable") + " ? 3 : 5;"); break;
            case 4: line("si1 += ((" + pick("A", "B", "Base", "Base", "Base", "I", "I", "C") + ") (Object) " + object() + ").hashCode() & 0;"); break;
            case 5: line("objs[" + n(4) + "]." + "next = " + object() + ";"); break;
            default:
                if (chance(20)) { line("((Object[]) " + pick("objs", "as") + ")[" + n(4) + "] = " + pick("objs[" + n(4) + "]", "new A()", "new B()") + ";"); }
                else { line("si0 ^= " + object() + " == " + object() + " ? 11 : 13;"); }
                break;
        }
    }

    private void strings() {
        cost += 30 * mult;
        if (mult > 40) { assign(); return; }
        switch (n(3)) {
            case 0: line("str = \"a\" + " + e("int", 2) + " + '/' + " + e(pick("long", "int", "char", "boolean"), 1) + ";"); break;
            case 1: {
                String v = name("sb");
                line("StringBuilder " + v + " = new StringBuilder();");
                line(v + ".append(" + e("int", 2) + ").append('x').append(" + e(pick("long", "boolean", "char"), 1) + ").append(str.length() > 20 ? \"\" : str);");
                line("si1 += " + v + ".toString().hashCode() + " + v + ".length();");
                break;
            }
            default: line("si0 += str.charAt((" + e("int", 1) + " & 0x7fffffff) % str.length()) + str.indexOf('" + n(10) + "') + (str.equals(\"a1\") ? 1 : 2);"); break;
        }
    }

    private void arrayMaking() {
        String t = pick(ARRAYS), v = name("a");
        cost += 20 * mult;
        switch (n(6)) {
            case 0: case 1:
                line(t + "[] " + v + " = new " + t + "[" + (chance(90) ? pick("40", "32", "8") + " + (" + e("int", 1) + " & 7)" : "(" + e("int", 1) + " & 127) - 5") + "];");
                vars.add(new Var(v, t + "[]", true, false));
                break;
            case 2:
                line(t + "[] " + v + " = " + array(t) + ".clone();");
                vars.add(new Var(v, t + "[]", true, false));
                break;
            case 3: line("System.arraycopy(" + array(t) + ", " + n(4) + ", " + array(t) + ", " + n(4) + ", " + (chance(85) ? "" + n(5) : e("int", 1)) + ");"); break;
            case 4: {
                line(t + "[][] " + v + " = new " + t + "[" + (2 + n(3)) + "][" + (1 + n(8)) + "];");
                if (!t.equals("boolean")) { line(v + "[" + n(2) + "][" + e("int", 1) + " & 1] += " + cast(t, e(t, 1)) + ";"); }
                line("si0 += JitRun.h(" + v + "[" + n(2) + "]);");
                break;
            }
            default: line("java.util.Arrays.fill(" + array(t) + ", " + cast(t, e(t, 1)) + ");"); break;
        }
    }

    private void boxes() {
        String v = name("x");
        switch (n(4)) {
            case 0:
                line("Integer " + v + " = (int) (" + e("int", 2) + ");");
                line("si0 += " + v + " * 3; if (" + v + ".equals(si1)) { any = " + v + "; }");
                break;
            case 1:
                line("Long " + v + " = " + e("long", 2) + ";");
                line("sl0 += " + v + "; " + v + "++; sl1 ^= " + v + ";");
                break;
            case 2:
                line("Object " + v + " = " + e("boolean", 2) + " ? (Object) Integer.valueOf(" + e("int", 1) + ") : (Object) Double.valueOf(" + e("double", 1) + ");");
                line("si0 += " + v + " instanceof Integer ? (Integer) " + v + " : " + v + " instanceof Double ? JitRun.h((double) (Double) " + v + ") : 1;");
                break;
            default: line("si1 += ((Integer) (int) (" + e("int", 1) + ")) == ((Integer) 5) ? 1 : 2;"); break;
        }
    }

    /** An object whose life ends here, unless something happens. */
    private void nonEscaping() {
        String v = name("p");
        cost += 5 * mult;
        line("Base " + v + " = new " + pick("Base", "A", "B", "C") + "();");
        line(v + "." + "i0 = " + e("int", 2) + "; " + v + ".l0 = " + e("long", 2) + "; " + v + ".d0 = " + e("double", 1) + "; " + v + ".b0 = " + cast("byte", e("byte", 1)) + ";");
        if (chance(40)) { line("if (" + e("boolean", 2) + ") { any = " + v + "; }"); }
        if (chance(30)) { line("if (" + e("int", 1) + " == 7) { throw new X(" + v + ".i0); }"); }
        if (chance(40)) { line("si0 += " + load("int") + " + " + v + ".i0;"); }
        if (chance(30)) { line("synchronized (" + v + ") { " + v + ".i0 += " + load("int") + "; }"); }
        if (chance(30)) { line(v + ".next = " + pick(v, object(), "new Base()") + "; " + v + ".next.i0 ^= " + n(100) + ";"); }
        if (chance(50) && !member) { line("si1 ^= " + v + ".m" + pick("0", "2") + "(" + e("int", 1) + ");"); }
        line("sl1 += " + v + ".i0 + " + v + ".l0 + (long) " + v + ".d0 + " + v + ".b0;");
        if (chance(50)) { vars.add(new Var(v, "Base", false, false)); }
    }

    private void switching(int depth) {
        boolean dense = chance(50);
        int k = 2 + n(5);
        open("switch (" + (dense ? e("int", 2) + " & 7" : "(int) (" + e("int", 2) + ")") + ")");
        int key = dense ? n(3) : n(5) - 2;
        for (int i = 0; i < k; i++) {
            line("case " + key + ":");
            key += dense ? 1 : 1 + n(chance(20) ? 1000000 : 6);
            indent++;
            open("");
            block(1 + n(2), depth - 1);
            close();
            if (chance(75)) { line("break;"); }
            indent--;
        }
        if (chance(60)) {
            line("default:");
            indent++;
            open("");
            block(1, depth - 1);
            close();
            indent--;
        }
        close();
    }

    private void tryCatch(int depth) {
        tries++;
        open("try");
        block(1 + n(4), depth - 1);
        boolean caught = chance(85);
        if (caught) {
            String x = name("x");
            close(" catch (" + pick("ArithmeticException", "ArrayIndexOutOfBoundsException", "RuntimeException", "RuntimeException", "NullPointerException",
                "X", "Throwable", "ClassCastException | ArithmeticException") + " " + x + ") {");
            indent++;
            line("si0 += " + (chance(60) ? "JitRun.code(" + x + ")" : "" + n(100)) + ";");
            block(1, depth - 1);
        }
        if (!caught || chance(25)) {
            close(" finally {");
            indent++;
            block(1 + n(2), depth - 1);
        }
        close();
    }

    private void loop(int depth) {
        int most = Math.min(40, MAX_COST / 4 / mult);
        if (most < 2) { assign(); return; }
        if (chance(15)) { emptyLoop(most); return; }
        int trips = 1 + n(most), step = 1 + n(chance(70) ? 1 : 9);
        String i = name("k"), label = "";
        int kind = n(19);
        if (chance(25) && kind != 10 && kind != 16 && kind != 17) { label = name("L"); line(label + ":"); }
        String index = "int";
        boolean isIndex = true;
        String a = array(pick(ARRAYS));
        switch (kind) {
            case 0: case 1: case 2: open("for (int " + i + " = 0; " + i + " < " + trips + "; " + i + "++)"); break;
            case 3: case 4: case 5: open("for (int " + i + " = " + n(3) + "; " + i + " < " + a + ".length; " + i + plus(step)); trips = 12; break;
            case 6: open("for (int " + i + " = " + a + ".length - " + (chance(95) ? 1 : 0) + "; " + i + " >= " + n(2) + "; " + i + " -= " + step + ")"); trips = 12; break;
            case 7: open("for (int " + i + " = " + e("int", 0) + " & 7; " + i + pick(" < ", " <= ") + "(" + e("int", 1) + " & 15); " + i + plus(step)); trips = 12; break;
            case 8: // over the edge
                isIndex = false;
                if (chance(50)) { open("for (int " + i + " = Integer.MAX_VALUE - " + trips * step + "; " + i + " > " + n(100) + "; " + i + plus(step)); }
                else { open("for (int " + i + " = Integer.MIN_VALUE + " + trips * step + "; " + i + " < " + n(100) + "; " + i + " -= " + step + ")"); }
                break;
            case 9: {
                index = "long";
                long base = chance(60) ? n(4) : new long[] {0x7ffffff0L, -0x80000010L, 0xfffffff0L, Long.MAX_VALUE - trips * (long) step - step, Long.MIN_VALUE + 5}[n(5)];
                isIndex = base >= 0 && base < 5;
                open("for (long " + i + " = " + (base == Long.MIN_VALUE ? "Long.MIN_VALUE" : base + "L") + "; " + i + " < " + (base + trips * (long) step) + "L; " + i + plus(step));
                break;
            }
            case 10:
                line("int " + i + " = 0;");
                if (chance(50)) {
                    open("while (" + i + "++ < " + trips + ")");
                } else {
                    open("while (" + i + " < " + trips + (chance(30) ? " && " + e("boolean", 1) : "") + ")");
                    line(i + "++;");
                }
                break;
            case 11:
                isIndex = true;
                open("for (int " + i + " = " + trips + "; --" + i + " >= 0;)");
                break;
            case 12:
                open("for (int " + i + " = " + n(5) * step + "; " + i + " != " + (trips + 5) * step + "; " + i + plus(step));
                trips += 5;
                break;
            case 13:
                index = pick("byte", "char", "short");
                if (index.equals("byte")) { open("for (byte " + i + " = 0; " + i + " >= 0; " + i + " += " + (11 + n(30)) + ")"); trips = 12; }
                else { open("for (" + index + " " + i + " = 0; " + i + " < " + trips + "; " + i + plus(step)); }
                break;
            case 14: {
                String t = pick(ARRAYS);
                index = t;
                isIndex = false;
                open("for (" + t + " " + i + " : " + array(t) + ")");
                trips = 12;
                break;
            }
            case 15: {
                String j = name("j");
                open("for (int " + i + " = 0, " + j + " = " + trips + "; " + i + " < " + j + "; " + i + "++, " + j + "--)");
                vars.add(new Var(j, "int", false, true));
                break;
            }
            case 16: case 17: { // a long below an int, by an int
                index = "long";
                String limit = name("m"), by = name("m");
                boolean few = chance(60);
                line("int " + limit + " = " + (few ? pick("" + n(20), e("int", 1) + " & 15") : pick("40", "Integer.MAX_VALUE - " + n(3))) + ", " + by + " = " + (few ? "1 + (" : "(") + e("int", 1) + " & 3);");
                isIndex = few || chance(60);
                String first = isIndex ? e("int", 0) + " & 7" : e("long", 1), count = i + "n";
                if (few) { open("for (long " + i + " = " + first + "; " + i + pick(" <= ", " < ") + limit + "; " + i + " += " + by + ")"); }
                else { open("for (long " + i + " = " + first + ", " + count + " = 0; " + i + pick(" <= ", " < ") + limit + " && " + count + " < 40; " + i + " += " + by + ", " + count + "++)"); }
                trips = 12;
                break;
            }
            default:
                open("for (int " + i + " = " + n(3) + "; ; " + i + plus(step));
                line("if (" + i + pick(" >= ", " > ") + trips * step + ") { break; }");
                break;
        }
        List<Var> saved = new ArrayList<>(vars);
        vars.add(new Var(i, index, false, isIndex));
        int m = mult;
        mult *= Math.max(1, trips);
        loops++;
        if (!label.isEmpty()) { labels.add(label); }
        if (chance(60)) { accumulate(i, index, isIndex); }
        block(1 + n(3), depth - 1);
        if (!label.isEmpty()) { labels.remove(labels.size() - 1); }
        loops--;
        mult = m;
        vars = saved;
        vars.removeIf(v -> v.name.startsWith("j"));
        close();
    }

    private String plus(int step) { return step == 1 ? "++)" : " += " + step + ")"; }

    /** A loop that only counts, up or down, in odd steps, from one end of the type or to the other, and what it leaves behind. */
    private void emptyLoop(int most) {
        boolean wide = chance(40), up = chance(60), equal = chance(25), rounds = chance(30);
        String type = wide ? "long" : "int", box = wide ? "Long" : "Integer", suffix = wide ? "L" : "";
        String i = name("k"), from = name("m"), to = name("m"), count = name("m"), sum = name("m"), last = name("m"), outer = name("k");
        int trips = n(Math.min(30, most));
        long step = chance(40) ? 1 : (1L << n(chance(50) ? 4 : wide ? 57 : 25)) + n(5);
        long way = trips * step - (equal || trips == 0 || chance(50) ? 0 : n((int) Math.min(step, 1000)));
        long room = (trips + 1) * step + n(5);
        String begin = switch (n(4)) {
            case 0 -> e("int", 1) + " & 15";
            case 1 -> (up ? box + ".MIN_VALUE + " : box + ".MAX_VALUE - ") + n(20);
            case 2 -> (up ? box + ".MAX_VALUE - " : box + ".MIN_VALUE + ") + room + suffix;
            default -> (up ? "-" : "") + n(40);
        };
        if (equal && chance(50)) { begin = (up ? box + ".MAX_VALUE - " : box + ".MIN_VALUE + ") + room / 2 + suffix; } // over the edge
        line(type + " " + from + " = " + begin + ", " + to + " = " + from + (up ? " + " : " - ") + way + suffix + ", " + i + " = " + from + ", " + last + " = " + n(9) + ";");
        line("int " + count + " = " + n(9) + "; long " + sum + " = " + leaf("int") + ";");
        if (rounds) { open("for (int " + outer + " = 0; " + outer + " < " + n(6) + "; " + outer + "++)"); line(i + " = " + from + ";"); }
        String test = i + (equal ? " != " : up ? pick(" < ", " <= ") : pick(" > ", " >= ")) + to, next = i + (up ? " += " : " -= ") + step + suffix;
        boolean bottom = trips > 0 && chance(25);
        open(bottom ? "do" : "for (; " + test + "; " + next + ")");
        if (chance(70)) { line(count + " += " + literal("int") + ";"); }
        if (chance(50)) { line(sum + " -= " + leaf(pick("int", "long")) + ";"); }
        if (chance(30)) { line(last + " = " + pick(i, i + " * 3 + 1", from) + ";"); }
        if (bottom) { line(next + ";"); }
        close(bottom ? " while (" + test + ");" : "");
        if (rounds) { close(); }
        cost += mult * trips * (rounds ? 5 : 1);
        if (chance(80)) { line(cls + ".sl" + n(2) + " += " + i + " * 31L + " + last + ";"); }
        if (chance(60)) { line(cls + ".si" + n(2) + " ^= " + count + ";"); }
        if (chance(60)) { line(cls + ".sl" + n(2) + " ^= " + sum + ";"); }
    }

    /** What loops are for: walking over arrays. */
    private void accumulate(String i, String type, boolean isIndex) {
        Var s = var(pick("int", "long", "double", "float", "int"), true);
        String t = s != null ? s.type : "int", a = array(t);
        if (s == null || !isIndex || !(type.equals("int") || type.equals("long"))) { return; }
        String at = type.equals("int") ? i : "(int) " + i;
        switch (n(6)) {
            case 0: case 1: line(s.name + " += " + a + "[" + at + "];"); break;
            case 5: // both ways are cheap
                if (!t.equals("int") && !t.equals("long")) { break; }
                line(s.name + " = (" + s.name + " & " + (1 + n(4)) + ") " + pick("== 0", "!= 0", "< 2") + " ? " + s.name + pick(" >> 1", " * 3 + 1", " ^ 5", " << 2") + " : " + s.name + pick(" * 5", " - " + a + "[0]", " + 1", " >>> 3", "") + ";");
                break;
            case 2: line(array(t) + "[" + at + "] = " + cast(t, a + "[" + at + "] * " + (t.equals("int") ? "3" : "2") + " + " + s.name) + ";"); break;
            case 3: line("if (" + a + "[" + at + "] > " + s.name + ") { " + s.name + " = " + a + "[" + at + "]; }"); break;
            default: line(array(t) + "[" + at + "] += " + s.name + ";"); break;
        }
    }

    // ---- the program ----

    private static final String[] FIELDS = {"int", "long", "float", "double", "byte", "short", "char", "boolean"};

    private String make() {
        line("import java.util.function.IntUnaryOperator;");
        open("public class " + cls);
        for (String t : FIELDS) { line("static " + t + " s" + letter(t) + "0, s" + letter(t) + "1;"); }
        for (String t : FIELDS) {
            line("static " + t + "[] a" + letter(t) + "0 = new " + t + "[" + pick("48", "64", "41", "48", "31", "16") + "], a" + letter(t) + "1 = new " + t + "[" + pick("48", "40", "64", "17") + "];");
        }
        open("static");
        open("for (int i = 0; i < 16; i++)");
        for (String t : FIELDS) {
            if (!t.equals("boolean")) { line("a" + letter(t) + "0[i] = (" + t + ") JitRun." + (t.equals("long") || t.equals("double") || t.equals("float") ? letter(t) : "i") + "(i, " + n(9) + "); a" + letter(t) + "1[i] = (" + t + ") (i * 3);"); }
        }
        close();
        close();
        line("static final Object LOCK = new Object();");
        line("static Base[] objs = {new Base(), new Base(), new Base(), new Base(), null, null, null, null};");
        line("static A[] as = new A[4];");
        line("static Object any;");
        line("static String str = \"s\";");
        line("static IntUnaryOperator op0 = x -> x + 1, op1 = x -> x ^ si0;");
        line("interface I { int m3(int x, long y); default int m4(int x) { return m3(x, x) + 1; } }");
        line("static class X extends RuntimeException { X(int i) { super(\"X\" + i); } }");
        classes();
        recursive();
        int count = 1 + n(3);
        for (int i = 0; i < count; i++) { function("fuzz" + i); }
        run();
        close();
        return out.toString();
    }

    private void classes() {
        String[][] all = {{"Base", "Base implements I"}, {"A", "A extends Base"}, {"B", "B extends Base"}, {"C", "C extends A"}, {"E", "E extends A"}};
        for (String[] c : all) {
            open("static class " + c[1]);
            if (c[0].equals("Base")) {
                for (String t : FIELDS) { line(t + " " + letter(t) + "0;"); }
                line("Base next;");
            }
            if (c[0].equals("E") && chance(50)) { line("static { si0 += 3; }"); }
            member = true;
            method("m0", "int", chance(15), "int");
            if (c[0].equals("Base") || chance(60)) { method("m1", "long", false, "long", "double"); }
            if (c[0].equals("Base") || chance(40)) { method("m2", "int", chance(30), "int"); }
            if (c[0].equals("Base") || chance(60)) { method("m3", "int", false, "int", "long"); }
            member = false;
            close();
        }
    }

    private void method(String name, String ret, boolean sync, String... types) {
        StringBuilder p = new StringBuilder();
        vars = new ArrayList<>();
        cost = 0;
        for (String t : types) {
            String v = name(letter(t));
            p.append(p.length() > 0 ? ", " : "").append(t).append(' ').append(v);
            vars.add(new Var(v, t, true, false));
        }
        open("public " + (sync ? "synchronized " : "") + ret + " " + name + "(" + p + ")");
        if (chance(30)) {
            int saved = mult;
            mult = 40;
            statement(0);
            mult = saved;
        }
        line("return " + cast(ret, e(ret, 2)) + ";");
        close();
    }

    private void recursive() {
        vars = new ArrayList<>(List.of(new Var("x", "int", true, false)));
        open("static int fuzzRec(int depth, int x)");
        line("if (depth <= 0) { return " + e("int", 2) + "; }");
        line("return fuzzRec(depth - 1, " + e("int", 2) + ") + " + e("int", 1) + ";");
        close();
    }

    private void function(String name) {
        vars = new ArrayList<>();
        cost = 0;
        mult = 1;
        String ret = pick("int", "int", "long", "double", "float", "byte", "short", "char", "boolean");
        StringBuilder p = new StringBuilder();
        List<String> types = new ArrayList<>();
        int k = 1 + n(5);
        for (int i = 0; i < k; i++) {
            String t = chance(35) ? pick(ARRAYS) + "[]" : chance(12) ? "Base" : pick(NUMBERS), v = name("p");
            types.add(t);
            p.append(p.length() > 0 ? ", " : "").append(t).append(' ').append(v);
            vars.add(new Var(v, t, true, false));
        }
        open("static " + (chance(10) ? "synchronized " : "") + ret + " " + name + "(" + p + ")");
        String v = name("r");
        line(ret + " " + v + " = " + cast(ret, e(ret, 2)) + ";");
        vars.add(new Var(v, ret, true, false));
        int size = 2 + n(4), depth = 1 + n(3);
        for (int i = 0; i < size && cost < MAX_COST; i++) { statement(depth); }
        if (loops == 0 && cost < MAX_COST / 2) { loop(2); }
        line("return " + (chance(50) ? v : cast(ret, e(ret, 2))) + ";");
        close();
        fns.add(new Fn(name, ret, types, Math.max(cost, 10)));
    }

    private void run() {
        open("public static void run()");
        line("long h = 0;");
        line("int bad = 0;");
        open("for (int it = 0; it < " + ROUNDS + "; it++)");
        line("if (it == " + ROUNDS / 2 + ") { objs[1] = new A(); objs[2] = new B(); op1 = x -> x - 1; }");
        line("if (it == " + ROUNDS * 3 / 4 + ") { objs[3] = new C(); objs[0] = new E(); op0 = x -> x * 3; }");
        for (int i = fns.size() - 1; i >= 0; i--) {
            if (i < fns.size() - 1 && chance(50)) { continue; }
            Fn f = fns.get(i);
            StringBuilder s = new StringBuilder();
            int salt = 0;
            for (String t : f.types) {
                s.append(s.length() > 0 ? ", " : "");
                salt++;
                switch (t) {
                    case "int" -> s.append("JitRun.i(it, " + salt + ")");
                    case "long" -> s.append("JitRun.l(it, " + salt + ")");
                    case "float" -> s.append("JitRun.f(it, " + salt + ")");
                    case "double" -> s.append("JitRun.d(it, " + salt + ")");
                    case "boolean" -> s.append("(it & " + (1 << n(5)) + ") != 0");
                    case "Base" -> s.append("objs[it " + pick("& 3", "% 5") + "]");
                    case "byte", "short", "char" -> s.append("(" + t + ") JitRun.i(it, " + salt + ")");
                    default -> {
                        String l = letter(t.substring(0, t.length() - 2));
                        s.append(chance(10) ? "it % 50 == 49 ? null : a" + l + "0" : "(it & " + (1 << n(6)) + ") != 0 ? a" + l + "0 : a" + l + "1");
                    }
                }
            }
            line("try { h = h * 31 + JitRun.h(" + f.name + "(" + s + ")); } catch (Throwable t) { bad++; h = h * 31 + JitRun.code(t); }");
        }
        line("if ((it & 31) == 0) { System.out.println(it + \" \" + h + \" \" + bad); }");
        line("if (JitRun.verbose) { System.out.println(it + \" \" + h); }");
        line("if (str.length() > 100) { str = \"s\"; }");
        close();
        line("System.out.println(h + \" \" + str);");
        StringBuilder s = new StringBuilder("\"\"");
        for (String t : FIELDS) {
            s.append(" + ' ' + JitRun.h(s" + letter(t) + "0) + ' ' + JitRun.h(s" + letter(t) + "1) + ' ' + JitRun.h(a" + letter(t) + "0) + ' ' + JitRun.h(a" + letter(t) + "1)");
        }
        line("System.out.println(" + s + ");");
        close();
    }
}
