import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Generates JSON text of size records, parses it into maps and lists, prints it again, twice: characters, strings. */
final class Json extends Bench {
    static final class Parser {
        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        Object parse() {
            Object value = value();
            space();
            if (at != text.length()) {
                throw error("end of text");
            }
            return value;
        }

        private IllegalArgumentException error(String expected) {
            return new IllegalArgumentException("at " + at + ": " + expected + " expected");
        }

        private void space() {
            while (at < text.length() && text.charAt(at) <= ' ') {
                at++;
            }
        }

        private boolean accept(char c) {
            space();
            if (at < text.length() && text.charAt(at) == c) {
                at++;
                return true;
            }
            return false;
        }

        private void expect(char c) {
            if (!accept(c)) {
                throw error("'" + c + "'");
            }
        }

        private Object value() {
            space();
            char c = at < text.length() ? text.charAt(at) : 0;
            switch (c) {
                case '{':
                    return object();
                case '[':
                    return array();
                case '"':
                    return string();
                case 't':
                    return word("true", Boolean.TRUE);
                case 'f':
                    return word("false", Boolean.FALSE);
                case 'n':
                    return word("null", null);
                default:
                    return number();
            }
        }

        private Object word(String word, Object value) {
            if (!text.startsWith(word, at)) {
                throw error(word);
            }
            at += word.length();
            return value;
        }

        private Map<String, Object> object() {
            Map<String, Object> map = new LinkedHashMap<>();
            expect('{');
            if (!accept('}')) {
                do {
                    space();
                    String key = string();
                    expect(':');
                    map.put(key, value());
                } while (accept(','));
                expect('}');
            }
            return map;
        }

        private List<Object> array() {
            List<Object> list = new ArrayList<>();
            expect('[');
            if (!accept(']')) {
                do {
                    list.add(value());
                } while (accept(','));
                expect(']');
            }
            return list;
        }

        private String string() {
            StringBuilder out = new StringBuilder();
            expect('"');
            for (;;) {
                char c = text.charAt(at++);
                if (c == '"') {
                    return out.toString();
                }
                if (c != '\\') {
                    out.append(c);
                    continue;
                }
                c = text.charAt(at++);
                switch (c) {
                    case 'n':
                        out.append('\n');
                        break;
                    case 't':
                        out.append('\t');
                        break;
                    case 'u':
                        out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                        at += 4;
                        break;
                    default:
                        out.append(c);
                }
            }
        }

        private Object number() {
            int start = at;
            boolean real = false;
            while (at < text.length()) {
                char c = text.charAt(at);
                if (c == '.' || c == 'e' || c == 'E') {
                    real = true;
                } else if (c != '-' && c != '+' && (c < '0' || c > '9')) {
                    break;
                }
                at++;
            }
            if (at == start) {
                throw error("value");
            }
            String digits = text.substring(start, at);
            if (real) {
                return Double.valueOf(digits);
            }
            return Long.valueOf(digits);
        }
    }

    static void print(Object value, StringBuilder out) {
        if (value instanceof Map<?, ?> map) {
            out.append('{');
            String comma = "";
            for (Map.Entry<?, ?> e : map.entrySet()) {
                out.append(comma);
                print(e.getKey(), out);
                out.append(':');
                print(e.getValue(), out);
                comma = ",";
            }
            out.append('}');
        } else if (value instanceof List<?> list) {
            out.append('[');
            String comma = "";
            for (Object e : list) {
                out.append(comma);
                print(e, out);
                comma = ",";
            }
            out.append(']');
        } else if (value instanceof String s) {
            quote(s, out);
        } else {
            out.append(value);
        }
    }

    static void quote(String s, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c == '\n') {
                out.append("\\n");
            } else if (c < ' ' || c > '~') {
                String hex = Integer.toHexString(c);
                out.append("\\u").append("0000", hex.length(), 4).append(hex);
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    static String generate(int records) {
        Random random = new Random(8);
        StringBuilder out = new StringBuilder("[\n");
        for (int i = 0; i < records; i++) {
            out.append(i == 0 ? "" : ",\n");
            out.append("  { \"id\" : ").append(i).append(", \"name\": \"item \\\"").append(random.below(100000));
            out.append("\\\" \\u00e9\\n\", \"price\": ").append(random.below(100000) / 100.0);
            out.append(", \"sold\": ").append(random.below(2) == 0).append(", \"note\": null, \"tags\": [");
            for (int k = random.below(5); k >= 0; k--) {
                out.append("\"tag").append(random.below(50)).append("\", ").append(random.below(1000)).append(", ");
            }
            out.append("[] ], \"size\": {\"w\": ").append(random.below(500)).append(", \"h\": -1.5e").append(i % 9);
            out.append("} }");
        }
        return out.append("\n]").toString();
    }

    @Override long run(int size) {
        String text = generate(size);
        long hash = mix(0, text);
        for (int round = 0; round < 2; round++) {
            Object tree = new Parser(text).parse();
            StringBuilder out = new StringBuilder();
            print(tree, out);
            text = out.toString();
            hash = mix(hash, text);
        }
        return hash;
    }

    public static void main(String[] args) throws Exception {
        main(new Json(), args, 1000);
    }
}
