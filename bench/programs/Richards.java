/**
 * An operating system's kernel in miniature: an idle task, a worker, two handlers and two devices pass packets to each
 * other under a priority scheduler. Polymorphic calls, linked lists, field updates. Size = thousand idle turns.
 */
final class Richards extends Bench {
    static final int IDLE = 0, WORKER = 1, HANDLER_A = 2, HANDLER_B = 3, DEVICE_A = 4, DEVICE_B = 5, TASKS = 6;
    static final int DEVICE_PACKET = 0, WORK_PACKET = 1;
    static final int DATA = 4;

    static final class Packet {
        Packet link;
        int task;
        final int kind;
        int value;
        final int[] data = new int[DATA];

        Packet(Packet link, int task, int kind) {
            this.link = link;
            this.task = task;
            this.kind = kind;
        }

        /** Puts this packet at the end of a queue; returns the queue's new head. */
        Packet appendTo(Packet queue) {
            link = null;
            if (queue == null) {
                return this;
            }
            Packet last = queue;
            while (last.link != null) {
                last = last.link;
            }
            last.link = this;
            return queue;
        }
    }

    /** A task's life: what it does with a packet (or none) and whether it waits, is held, has packets. */
    abstract static class Task {
        final Kernel kernel;
        final int id, priority;
        final Task next;
        Packet queue;
        boolean held, waiting;

        Task(Kernel kernel, int id, int priority, Packet queue, boolean waiting) {
            this.kernel = kernel;
            this.id = id;
            this.priority = priority;
            this.queue = queue;
            this.waiting = waiting;
            next = kernel.all;
            kernel.all = this;
            kernel.table[id] = this;
        }

        /** Runs once; returns the task to be looked at next. */
        abstract Task step(Packet packet);

        boolean blocked() {
            return held || waiting && queue == null;
        }

        Task turn() {
            Packet packet = null;
            if (waiting) {
                packet = queue;
                queue = packet.link;
                waiting = false;
            }
            return step(packet);
        }

        Task await() {
            waiting = true;
            return this;
        }

        Task hold() {
            kernel.holds++;
            held = true;
            return next;
        }

        Task release(int other) {
            Task task = kernel.table[other];
            task.held = false;
            return task.priority > priority ? task : this;
        }

        Task send(Packet packet) {
            Task task = kernel.table[packet.task];
            kernel.sends++;
            packet.task = id;
            boolean first = task.queue == null;
            task.queue = packet.appendTo(task.queue);
            return first && task.priority > priority ? task : this;
        }
    }

    static final class Idle extends Task {
        private int control = 1, turns;

        Idle(Kernel kernel, int turns) {
            super(kernel, IDLE, 0, null, false);
            this.turns = turns;
        }

        @Override Task step(Packet packet) {
            if (--turns == 0) {
                return hold();
            }
            boolean odd = (control & 1) != 0;
            control >>= 1;
            if (odd) {
                control ^= 0xD008;
            }
            return release(odd ? DEVICE_B : DEVICE_A);
        }
    }

    static final class Worker extends Task {
        private int handler = HANDLER_A, letter;

        Worker(Kernel kernel, Packet queue) {
            super(kernel, WORKER, 1000, queue, true);
        }

        @Override Task step(Packet packet) {
            if (packet == null) {
                return await();
            }
            handler = handler == HANDLER_A ? HANDLER_B : HANDLER_A;
            packet.task = handler;
            packet.value = 0;
            for (int i = 0; i < DATA; i++) {
                letter = letter == 26 ? 1 : letter + 1;
                packet.data[i] = 'A' + letter - 1;
            }
            return send(packet);
        }
    }

    static final class Handler extends Task {
        private Packet work, devices;

        Handler(Kernel kernel, int id, int priority, Packet queue) {
            super(kernel, id, priority, queue, true);
        }

        @Override Task step(Packet packet) {
            if (packet != null) {
                if (packet.kind == WORK_PACKET) {
                    work = packet.appendTo(work);
                } else {
                    devices = packet.appendTo(devices);
                }
            }
            if (work != null) {
                Packet first = work;
                if (first.value >= DATA) {
                    work = first.link;
                    return send(first);
                }
                if (devices != null) {
                    Packet device = devices;
                    devices = device.link;
                    device.value = first.data[first.value++];
                    return send(device);
                }
            }
            return await();
        }
    }

    static final class Device extends Task {
        private Packet pending;

        Device(Kernel kernel, int id, int priority) {
            super(kernel, id, priority, null, true);
        }

        @Override Task step(Packet packet) {
            if (packet != null) {
                pending = packet;
                kernel.sum = mix(kernel.sum, packet.value);
                return hold();
            }
            if (pending == null) {
                return await();
            }
            Packet done = pending;
            pending = null;
            return send(done);
        }
    }

    static final class Kernel {
        Task all;
        final Task[] table = new Task[TASKS];
        int sends, holds;
        long sum;

        static Packet packets(int count, int task, int kind) {
            Packet list = null;
            for (int i = 0; i < count; i++) {
                list = new Packet(list, task, kind);
            }
            return list;
        }

        void boot(int turns) {
            new Idle(this, turns);
            new Worker(this, packets(2, WORKER, WORK_PACKET));
            new Handler(this, HANDLER_A, 2000, packets(3, DEVICE_A, DEVICE_PACKET));
            new Handler(this, HANDLER_B, 3000, packets(3, DEVICE_B, DEVICE_PACKET));
            new Device(this, DEVICE_A, 4000);
            new Device(this, DEVICE_B, 5000);
        }

        void schedule() {
            for (Task task = all; task != null;) {
                task = task.blocked() ? task.next : task.turn();
            }
        }
    }

    @Override long run(int size) {
        Kernel kernel = new Kernel();
        kernel.boot(size * 1000);
        kernel.schedule();
        return mix(mix(kernel.sum, kernel.sends), kernel.holds);
    }

    public static void main(String[] args) throws Exception {
        main(new Richards(), args, 200);
    }
}
