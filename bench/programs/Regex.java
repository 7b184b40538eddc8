import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** java.util.regex over generated log lines: groups, alternation, back references, look-ahead, replaceAll. */
final class Regex extends Bench {
    private static final Pattern LINE = Pattern.compile(
            "^(\\d{4})-(\\d\\d)-(\\d\\d) (?<level>INFO|WARN|ERROR) \\[([a-z]+)\\] (.*?)(?: took (\\d+)ms)?$");
    private static final Pattern DOUBLED = Pattern.compile("\\b(\\w+) \\1\\b");
    private static final Pattern MAIL = Pattern.compile("[\\w.]+@(?:[a-z]+\\.)+(?:com|org|net)", Pattern.CASE_INSENSITIVE);
    private static final Pattern DIGITS = Pattern.compile("(?<=\\d)(?=(?:\\d{3})+\\b)");

    static String line(Random random) {
        String[] levels = {"INFO", "WARN", "ERROR", "DEBUG"};
        StringBuilder b = new StringBuilder();
        b.append(2000 + random.below(30)).append("-0").append(1 + random.below(9)).append('-');
        b.append(10 + random.below(18)).append(' ').append(levels[random.below(4)]).append(" [");
        b.append(StringBuild.word(random)).append("] ");
        for (int i = 0; i < 6; i++) {
            String word = StringBuild.word(random);
            b.append(word).append(' ');
            if (random.below(5) == 0) {
                b.append(word).append(' ');
            }
            if (random.below(6) == 0) {
                b.append(word).append('@').append(word).append(".example.").append(i % 2 == 0 ? "ORG" : "de").append(' ');
            }
        }
        b.append(random.next(30));
        return random.below(2) == 0 ? b.append(" took ").append(random.below(5000)).append("ms").toString() : b.toString();
    }

    @Override long run(int size) {
        Random random = new Random(12);
        long hash = 0;
        for (int i = 0; i < size; i++) {
            String line = line(random);
            Matcher m = LINE.matcher(line);
            if (m.matches()) {
                hash = mix(mix(hash, m.group("level")), m.group(6));
                hash = mix(hash, m.group(7) == null ? -1 : Integer.parseInt(m.group(7)));
            }
            for (m = MAIL.matcher(line); m.find();) {
                hash = mix(mix(hash, m.start()), m.group());
            }
            hash = mix(hash, DOUBLED.matcher(line).replaceAll("<$1>"));
            hash = mix(hash, DIGITS.matcher(line).replaceAll(","));
            hash = mix(hash, line.split("[ \\[\\]]+").length);
        }
        return hash;
    }

    public static void main(String[] args) throws Exception {
        main(new Regex(), args, 600);
    }
}
