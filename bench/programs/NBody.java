/** Five bodies under gravity, symplectic steps (size * 1000 of them): double fields of objects. */
final class NBody extends Bench {
    static final class Body {
        double x, y, z, vx, vy, vz, mass;

        Body(double x, double y, double z, double vx, double vy, double vz, double mass) {
            this.x = x;
            this.y = y;
            this.z = z;
            this.vx = vx;
            this.vy = vy;
            this.vz = vz;
            this.mass = mass;
        }
    }

    static Body[] bodies() {
        return new Body[] {
            new Body(0, 0, 0, 0, 0, 0, 39.5),
            new Body(4.84, -1.16, -0.10, 0.61, 2.81, -0.02, 0.0377),
            new Body(8.34, 4.12, -0.40, -1.01, 1.82, 0.008, 0.0113),
            new Body(12.89, -15.11, -0.22, 1.08, 0.87, -0.01, 0.0017),
            new Body(15.38, -25.92, 0.18, 0.98, 0.59, -0.035, 0.002),
        };
    }

    static void step(Body[] all, double dt) {
        for (int i = 0; i < all.length; i++) {
            Body a = all[i];
            for (int j = i + 1; j < all.length; j++) {
                Body b = all[j];
                double dx = a.x - b.x, dy = a.y - b.y, dz = a.z - b.z;
                double d2 = dx * dx + dy * dy + dz * dz;
                double force = dt / (d2 * Math.sqrt(d2));
                a.vx -= dx * b.mass * force;
                a.vy -= dy * b.mass * force;
                a.vz -= dz * b.mass * force;
                b.vx += dx * a.mass * force;
                b.vy += dy * a.mass * force;
                b.vz += dz * a.mass * force;
            }
        }
        for (Body b : all) {
            b.x += dt * b.vx;
            b.y += dt * b.vy;
            b.z += dt * b.vz;
        }
    }

    static double energy(Body[] all) {
        double e = 0;
        for (int i = 0; i < all.length; i++) {
            Body a = all[i];
            e += 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz);
            for (int j = i + 1; j < all.length; j++) {
                Body b = all[j];
                double dx = a.x - b.x, dy = a.y - b.y, dz = a.z - b.z;
                e -= a.mass * b.mass / Math.sqrt(dx * dx + dy * dy + dz * dz);
            }
        }
        return e;
    }

    @Override long run(int size) {
        Body[] all = bodies();
        long hash = mix(0, energy(all));
        for (int i = 0; i < size * 1000; i++) {
            step(all, 0.001);
        }
        return mix(hash, energy(all));
    }

    public static void main(String[] args) throws Exception {
        main(new NBody(), args, 100);
    }
}
