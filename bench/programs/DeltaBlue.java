import java.util.ArrayList;
import java.util.List;

/**
 * An incremental one-way constraint solver with strengths (the DeltaBlue algorithm of Freeman-Benson and Maloney):
 * chains of equalities and of scalings are built, edited and taken apart. Abstract classes, lists, much aliasing.
 */
final class DeltaBlue extends Bench {
    // Strengths: smaller is stronger.
    static final int REQUIRED = 0, PREFERRED = 2, STRONG_DEFAULT = 3, NORMAL = 4, WEAK_DEFAULT = 5, WEAKEST = 6;

    static final class Variable {
        int value;
        final List<Constraint> constraints = new ArrayList<>();
        Constraint determinedBy;
        int mark, walkStrength = WEAKEST;
        boolean stay = true;

        Variable(int value) {
            this.value = value;
        }
    }

    abstract static class Constraint {
        final int strength;

        Constraint(int strength) {
            this.strength = strength;
        }

        abstract boolean satisfied();

        abstract void attach();

        abstract void detach();

        /** Chooses a direction in which this constraint can be enforced now, or none. */
        abstract void chooseMethod(int mark);

        abstract void clear();

        abstract Variable output();

        abstract boolean inputsKnown(int mark);

        abstract void markInputs(int mark);

        abstract void recalculate();

        abstract void execute();

        boolean isInput() {
            return false;
        }

        void add(Planner planner) {
            attach();
            planner.addIncrementally(this);
        }

        void remove(Planner planner) {
            if (satisfied()) {
                planner.removeIncrementally(this);
            } else {
                detach();
            }
        }

        /** Enforces this constraint; returns the one that it drove out. */
        Constraint satisfy(int mark, Planner planner) {
            chooseMethod(mark);
            if (!satisfied()) {
                if (strength == REQUIRED) {
                    throw new IllegalStateException("a required constraint cannot be satisfied");
                }
                return null;
            }
            markInputs(mark);
            Variable out = output();
            Constraint loser = out.determinedBy;
            if (loser != null) {
                loser.clear();
            }
            out.determinedBy = this;
            if (!planner.propagate(this, mark)) {
                throw new IllegalStateException("cycle");
            }
            out.mark = mark;
            return loser;
        }
    }

    /** Stay and edit: one output, no input. */
    static final class Unary extends Constraint {
        private final Variable out;
        private final boolean edit;
        private boolean on;

        Unary(Variable out, int strength, boolean edit, Planner planner) {
            super(strength);
            this.out = out;
            this.edit = edit;
            add(planner);
        }

        @Override boolean satisfied() {
            return on;
        }

        @Override void attach() {
            out.constraints.add(this);
            on = false;
        }

        @Override void detach() {
            out.constraints.remove(this);
            on = false;
        }

        @Override void chooseMethod(int mark) {
            on = out.mark != mark && strength < out.walkStrength;
        }

        @Override void clear() {
            on = false;
        }

        @Override Variable output() {
            return out;
        }

        @Override boolean inputsKnown(int mark) {
            return true;
        }

        @Override void markInputs(int mark) {
        }

        @Override void recalculate() {
            out.walkStrength = strength;
            out.stay = !edit;
        }

        @Override void execute() {
        }

        @Override boolean isInput() {
            return edit;
        }
    }

    /** Two variables, either may be the output. */
    abstract static class Binary extends Constraint {
        static final int NONE = 0, FORWARD = 1, BACKWARD = -1;
        final Variable v1, v2;
        int direction;

        Binary(Variable v1, Variable v2, int strength) {
            super(strength);
            this.v1 = v1;
            this.v2 = v2;
        }

        Variable input() {
            return direction == FORWARD ? v1 : v2;
        }

        @Override Variable output() {
            return direction == FORWARD ? v2 : v1;
        }

        @Override boolean satisfied() {
            return direction != NONE;
        }

        @Override void attach() {
            v1.constraints.add(this);
            v2.constraints.add(this);
            direction = NONE;
        }

        @Override void detach() {
            v1.constraints.remove(this);
            v2.constraints.remove(this);
            direction = NONE;
        }

        @Override void chooseMethod(int mark) {
            if (v1.mark == mark) {
                direction = v2.mark != mark && strength < v2.walkStrength ? FORWARD : NONE;
            } else if (v2.mark == mark) {
                direction = strength < v1.walkStrength ? BACKWARD : NONE;
            } else if (v1.walkStrength > v2.walkStrength) {
                direction = strength < v1.walkStrength ? BACKWARD : NONE;
            } else {
                direction = strength < v2.walkStrength ? FORWARD : BACKWARD;
                if (direction == BACKWARD && strength >= v1.walkStrength) {
                    direction = NONE;
                }
            }
        }

        @Override void clear() {
            direction = NONE;
        }

        @Override boolean inputsKnown(int mark) {
            Variable in = input();
            return in.mark == mark || in.stay || in.determinedBy == null;
        }

        @Override void markInputs(int mark) {
            input().mark = mark;
        }

        @Override void recalculate() {
            Variable in = input(), out = output();
            out.walkStrength = Math.max(strength, in.walkStrength);
            out.stay = in.stay;
            if (out.stay) {
                execute();
            }
        }
    }

    static final class Equal extends Binary {
        Equal(Variable a, Variable b, int strength, Planner planner) {
            super(a, b, strength);
            add(planner);
        }

        @Override void execute() {
            output().value = input().value;
        }
    }

    /** v2 = v1 * scale + offset, both of them constant inputs. */
    static final class Scale extends Binary {
        private final Variable scale, offset;

        Scale(Variable from, Variable scale, Variable offset, Variable to, int strength, Planner planner) {
            super(from, to, strength);
            this.scale = scale;
            this.offset = offset;
            add(planner);
        }

        @Override void attach() {
            super.attach();
            scale.constraints.add(this);
            offset.constraints.add(this);
        }

        @Override void detach() {
            super.detach();
            scale.constraints.remove(this);
            offset.constraints.remove(this);
        }

        @Override void markInputs(int mark) {
            super.markInputs(mark);
            scale.mark = mark;
            offset.mark = mark;
        }

        @Override void execute() {
            if (direction == FORWARD) {
                v2.value = v1.value * scale.value + offset.value;
            } else {
                v1.value = (v2.value - offset.value) / scale.value;
            }
        }

        @Override void recalculate() {
            Variable in = input(), out = output();
            out.walkStrength = Math.max(strength, in.walkStrength);
            out.stay = in.stay && scale.stay && offset.stay;
            if (out.stay) {
                execute();
            }
        }
    }

    static final class Planner {
        private int mark;

        void addIncrementally(Constraint c) {
            int m = ++mark;
            for (Constraint loser = c.satisfy(m, this); loser != null;) {
                loser = loser.satisfy(m, this);
            }
        }

        void removeIncrementally(Constraint c) {
            Variable out = c.output();
            c.clear();
            c.detach();
            List<Constraint> unsatisfied = removePropagateFrom(out);
            for (int strength = REQUIRED; strength < WEAKEST; strength++) {
                for (int i = 0; i < unsatisfied.size(); i++) {
                    Constraint u = unsatisfied.get(i);
                    if (u.strength == strength) {
                        addIncrementally(u);
                    }
                }
            }
        }

        /** Constraints in the order in which they have to be executed after the given inputs change. */
        List<Constraint> plan(List<Constraint> sources) {
            int m = ++mark;
            List<Constraint> plan = new ArrayList<>(), todo = sources;
            while (!todo.isEmpty()) {
                Constraint c = todo.remove(todo.size() - 1);
                Variable out = c.output();
                if (out.mark != m && c.inputsKnown(m)) {
                    plan.add(c);
                    out.mark = m;
                    consumers(out, todo);
                }
            }
            return plan;
        }

        List<Constraint> planFrom(Constraint edit) {
            List<Constraint> sources = new ArrayList<>();
            if (edit.isInput() && edit.satisfied()) {
                sources.add(edit);
            }
            return plan(sources);
        }

        boolean propagate(Constraint c, int m) {
            List<Constraint> todo = new ArrayList<>();
            todo.add(c);
            while (!todo.isEmpty()) {
                Constraint d = todo.remove(todo.size() - 1);
                if (d.output().mark == m) {
                    removeIncrementally(c);
                    return false;
                }
                d.recalculate();
                consumers(d.output(), todo);
            }
            return true;
        }

        private List<Constraint> removePropagateFrom(Variable out) {
            out.determinedBy = null;
            out.walkStrength = WEAKEST;
            out.stay = true;
            List<Constraint> unsatisfied = new ArrayList<>();
            List<Variable> todo = new ArrayList<>();
            todo.add(out);
            while (!todo.isEmpty()) {
                Variable v = todo.remove(todo.size() - 1);
                for (int i = 0; i < v.constraints.size(); i++) {
                    Constraint c = v.constraints.get(i);
                    if (!c.satisfied()) {
                        unsatisfied.add(c);
                    } else if (c != v.determinedBy && c.output() != v) {
                        c.recalculate();
                        todo.add(c.output());
                    }
                }
            }
            return unsatisfied;
        }

        private static void consumers(Variable v, List<Constraint> into) {
            for (int i = 0; i < v.constraints.size(); i++) {
                Constraint c = v.constraints.get(i);
                if (c != v.determinedBy && c.satisfied() && c.output() != v) {
                    into.add(c);
                }
            }
        }

        void change(Variable v, int value) {
            Unary edit = new Unary(v, PREFERRED, true, this);
            List<Constraint> plan = planFrom(edit);
            for (int i = 0; i < 10; i++) {
                v.value = value;
                for (int k = 0; k < plan.size(); k++) {
                    plan.get(k).execute();
                }
            }
            edit.remove(this);
        }
    }

    static void check(int value, int expected) {
        if (value != expected) {
            throw new IllegalStateException(value + " instead of " + expected);
        }
    }

    static long chain(int n) {
        Planner planner = new Planner();
        Variable first = new Variable(0), last = first;
        for (int i = 0; i < n; i++) {
            Variable v = new Variable(0);
            new Equal(last, v, REQUIRED, planner);
            last = v;
        }
        new Unary(last, STRONG_DEFAULT, false, planner);
        Unary edit = new Unary(first, PREFERRED, true, planner);
        List<Constraint> plan = planner.planFrom(edit);
        long hash = mix(0, plan.size());
        for (int i = 0; i < 100; i++) {
            first.value = i;
            for (int k = 0; k < plan.size(); k++) {
                plan.get(k).execute();
            }
            check(last.value, i);
            hash = mix(hash, last.value);
        }
        edit.remove(planner);
        return hash;
    }

    static long projection(int n) {
        Planner planner = new Planner();
        Variable scale = new Variable(10), offset = new Variable(1000), from = null, to = null;
        List<Variable> all = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            from = new Variable(i);
            to = new Variable(i);
            all.add(to);
            new Unary(from, NORMAL, false, planner);
            new Scale(from, scale, offset, to, REQUIRED, planner);
        }
        long hash = 0;
        planner.change(from, 17);
        check(to.value, 1170);
        planner.change(to, 1050);
        check(from.value, 5);
        for (int round = 0; round < 2; round++) {
            planner.change(round == 0 ? scale : offset, round == 0 ? 5 : 2000);
            for (int i = 0; i < n - 1; i++) {
                check(all.get(i).value, i * 5 + (round == 0 ? 1000 : 2000));
                hash = mix(hash, all.get(i).value);
            }
        }
        return hash;
    }

    @Override long run(int size) {
        return mix(chain(size), projection(size));
    }

    public static void main(String[] args) throws Exception {
        main(new DeltaBlue(), args, 5000);
    }
}
