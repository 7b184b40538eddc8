// Guest RAM: a sparse memfd, mapped once as a whole (the physical view), and the allocator of its frames.
//
//   0          1 MiB                      kseg_gpa (4 MiB aligned)          ram_size
//   | firmware | frames for page tables   | kernel segment, linear: gpa =   |
//   |          | and guest programs       | gva - KSEG_START + kseg_gpa     |
//
// The frame allocator rules the middle part with one bit a frame. Freed frames are punched out of the memfd, so
// that a frame from the allocator always reads as zero and costs host memory only once it is used.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "runtime/machine/machine-internal.h"

#define FIRST_FRAME 256u /* 1 MiB */

static pthread_mutex_t frame_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t *frame_used; // bit set: allocated
static uint32_t frame_limit; // first frame of the kernel segment
static uint32_t frame_rover = FIRST_FRAME;
static uint32_t frames_free;

static bool frame_is_used(uint32_t f) { return frame_used[f / 64] >> (f % 64) & 1; }

static void frame_mark(uint32_t first, uint32_t n, bool used)
{
    for (uint32_t f = first; f < first + n; f++) {
        if (used) {
            frame_used[f / 64] |= 1ull << (f % 64);
        } else {
            frame_used[f / 64] &= ~(1ull << (f % 64));
        }
    }
}

// All of RAM, at a multiple of 2 MiB, as the host's large pages want it.
static void *map_view(int fd, uint64_t ram_size)
{
    size_t room = ram_size + PAGE_SIZE_2M;
    char *at = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) { return at; }
    char *view = (char *)ALIGN_UP((uintptr_t)at, PAGE_SIZE_2M);
    if (view > at) { munmap(at, (size_t)(view - at)); }
    munmap(view + ram_size, (size_t)(at + room - (view + ram_size)));
    return mmap(view, ram_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE | MAP_FIXED, fd,
                0);
}

bool ram_init(uint64_t low_ram, uint64_t kseg_size, char *err, size_t size)
{
    uint64_t kseg_gpa = ALIGN_UP(low_ram, PAGE_SIZE_4M);
    uint64_t ram_size = kseg_gpa + kseg_size;
    if (low_ram < FIRST_FRAME * 4096ull * 2) {
        snprintf(err, size, "guest RAM too small: at least 2m is needed");
        return false;
    }
    if (ram_size > 1ull << 32) {
        snprintf(err, size,
                 "guest RAM too large: %llu MiB for programs and %llu MiB of heap exceed 4 GiB",
                 (unsigned long long)low_ram >> 20, (unsigned long long)kseg_size >> 20);
        return false;
    }
    int fd = memfd_create("moka-ram", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, (off_t)ram_size) != 0) {
        snprintf(err, size, "cannot make guest RAM of %llu MiB: %s",
                 (unsigned long long)ram_size >> 20, strerror(errno));
        if (fd >= 0) { close(fd); }
        return false;
    }
    void *view = map_view(fd, ram_size);
    frame_limit = (uint32_t)(kseg_gpa >> FRAME_SHIFT);
    frame_used = calloc((frame_limit + 63) / 64, sizeof *frame_used);
    if (view == MAP_FAILED || !frame_used) {
        snprintf(err, size, "cannot map guest RAM of %llu MiB: %s",
                 (unsigned long long)ram_size >> 20, strerror(errno));
        close(fd);
        return false;
    }
    frames_free = frame_limit - FIRST_FRAME;
    machine.ram = view;
    machine.ram_fd = fd;
    machine.ram_size = ram_size;
    machine.kseg_gpa = (uint32_t)kseg_gpa;
    machine.kseg_end = KSEG_START + kseg_size;
    return true;
}

// First run of `n` free frames at a multiple of `align` in [from, to); 0 if none.
static uint32_t frame_search(uint32_t from, uint32_t to, uint32_t n, uint32_t align)
{
    for (uint32_t f = ALIGN_UP(from, align); f + n <= to; f = ALIGN_UP(f + 1, align)) {
        uint32_t i = 0;
        while (i < n && !frame_is_used(f + i)) { i++; }
        if (i == n) { return f; }
        f += i; // the used one; the loop steps behind it
    }
    return 0;
}

uint32_t frame_alloc(uint32_t n, uint32_t align)
{
    if (n == 0 || n > frame_limit || align == 0) { return 0; }
    pthread_mutex_lock(&frame_lock);
    uint32_t f = frame_search(frame_rover, frame_limit, n, align);
    if (!f) { f = frame_search(FIRST_FRAME, frame_limit, n, align); }
    if (f) {
        frame_mark(f, n, true);
        frames_free -= n;
        frame_rover = f + n;
    }
    pthread_mutex_unlock(&frame_lock);
    return f << FRAME_SHIFT;
}

void frame_free(uint32_t gpa, uint32_t n)
{
    uint32_t f = gpa >> FRAME_SHIFT;
    if (f < FIRST_FRAME || n > frame_limit || f > frame_limit - n) { return; }
    for (uint32_t i = f; i < f + n; i++) { shadow_table_write(i << FRAME_SHIFT, PAGE_SIZE_4K); }
    pthread_mutex_lock(&frame_lock);
    for (uint32_t i = f; i < f + n; i++) { // only what is really allocated
        if (!frame_is_used(i)) { continue; }
        fallocate(machine.ram_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                  (off_t)i << FRAME_SHIFT, PAGE_SIZE_4K);
        frame_mark(i, 1, false);
        frames_free++;
    }
    if (f < frame_rover) { frame_rover = f; }
    pthread_mutex_unlock(&frame_lock);
}

uint32_t frame_available(void)
{
    pthread_mutex_lock(&frame_lock);
    uint32_t n = frames_free;
    pthread_mutex_unlock(&frame_lock);
    return n;
}

bool phys_read(uint32_t gpa, unsigned size, uint32_t *value)
{
    if ((uint64_t)gpa + size > machine.ram_size) { return false; }
    *value = 0;
    memcpy(value, phys(gpa), size);
    return true;
}

bool phys_write(uint32_t gpa, unsigned size, uint32_t value)
{
    if ((uint64_t)gpa + size > machine.ram_size) { return false; }
    memcpy(phys(gpa), &value, size);
    shadow_table_write(gpa, size);
    if ((gpa & 0xfff) + size > PAGE_SIZE_4K) { shadow_table_write(gpa + size - 1, size); }
    return true;
}
