/* Five bodies under gravity, size * 1000 steps. */
#define NAME         "NBody"
#define DEFAULT_SIZE 100
#include "bench.h"

enum { BODIES = 5 };

typedef struct Body {
    double x, y, z, vx, vy, vz, mass;
} Body;

static const Body initial[BODIES] = {
    {0, 0, 0, 0, 0, 0, 39.5},
    {4.84, -1.16, -0.10, 0.61, 2.81, -0.02, 0.0377},
    {8.34, 4.12, -0.40, -1.01, 1.82, 0.008, 0.0113},
    {12.89, -15.11, -0.22, 1.08, 0.87, -0.01, 0.0017},
    {15.38, -25.92, 0.18, 0.98, 0.59, -0.035, 0.002},
};

static void step(Body *all, double dt)
{
    for (int i = 0; i < BODIES; i++) {
        Body *a = &all[i];
        for (int j = i + 1; j < BODIES; j++) {
            Body *b = &all[j];
            double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
            double d2 = dx * dx + dy * dy + dz * dz;
            double force = dt / (d2 * sqrt(d2));
            a->vx -= dx * b->mass * force;
            a->vy -= dy * b->mass * force;
            a->vz -= dz * b->mass * force;
            b->vx += dx * a->mass * force;
            b->vy += dy * a->mass * force;
            b->vz += dz * a->mass * force;
        }
    }
    for (int i = 0; i < BODIES; i++) {
        all[i].x += dt * all[i].vx;
        all[i].y += dt * all[i].vy;
        all[i].z += dt * all[i].vz;
    }
}

static double energy(const Body *all)
{
    double e = 0;
    for (int i = 0; i < BODIES; i++) {
        const Body *a = &all[i];
        e += 0.5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
        for (int j = i + 1; j < BODIES; j++) {
            const Body *b = &all[j];
            double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
            e -= a->mass * b->mass / sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return e;
}

static uint64_t run(int size)
{
    Body all[BODIES];
    memcpy(all, initial, sizeof all);
    uint64_t hash = mix_double(0, energy(all));
    for (int i = 0; i < size * 1000; i++) { step(all, 0.001); }
    return mix_double(hash, energy(all));
}
