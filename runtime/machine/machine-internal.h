/*
 * machine-internal.h - what the files of runtime/machine share with each other and with nobody else.
 *
 * Locks, in the order in which they may be taken: a device's, timer lock (timer.c), list_lock (vcpu.c), apic.lock and
 * the PIC's lock, table_lock (paging.c), shadow_lock (shadow.c), frame lock (ram.c). No window address is touched while shadow_lock is held, so that
 * the SIGSEGV handler can take it.
 */
#ifndef MOKA_MACHINE_INTERNAL_H
#define MOKA_MACHINE_INTERNAL_H

#include "runtime/machine/machine.h"

#define FRAME_SHIFT 12

/* ram.c */
bool ram_init(uint64_t low_ram, uint64_t kseg_size, char *err, size_t size);

/* paging.c */
void firmware_boot(void);
/* Page directory that serves an address for a CPU: the kernel segment is global. */
uint32_t directory_for(const struct vcpu *v, uint32_t gva);
/* The entry that maps gva, without side effects: PTE, or PDE with PTE_PS; 0 if there is none. `table` gets the gpa
 * of the page table (0 for a large page). */
uint32_t page_entry_peek(uint32_t dir, uint32_t gva, uint32_t *table);
bool address_in_kseg(uint32_t gva);

/* shadow.c */
bool shadow_init(char *err, size_t size);
/* Makes the window agree with the guest's tables for one access. false: they do not allow it; *error says why. */
bool shadow_fault(struct vcpu *v, uint32_t gva, uint32_t access, uint32_t *error);
/* Maps a committed range of the kernel segment now (flat mode). */
bool shadow_map_kseg(uint32_t gva, uint32_t size);
/* Drops what the window shows of one page (the 4 MiB around it for a large page) / of all guest programs' part. */
void shadow_invlpg(uint32_t gva);
void shadow_flush(void);
/* The monitor changed `size` bytes of a frame, which may hold a page table that the window derives from. */
void shadow_table_write(uint32_t gpa, uint32_t size);

/* fault.c */
bool fault_init(char *err, size_t size);

/* timer.c: (re)arms an item; fire runs on the timer thread with the timer lock held and must not arm timers. */
bool timer_arm(struct timer_item *item, uint64_t first_ns, uint64_t period_ns);
void timer_disarm(struct timer_item *item);

/* vcpu.c */
/* The virtual CPU that takes device interrupts: the oldest one. NULL before there is any. */
struct vcpu *vcpu_first(void);
struct vcpu *vcpu_by_id(uint32_t id);
void vcpu_list_lock(void);
void vcpu_list_unlock(void);
extern struct vcpu_counters retired_counters; /* of destroyed CPUs */
void counters_add(struct vcpu_counters *sum, const struct vcpu_counters *c);
void apic_init(struct vcpu *v);
void apic_destroy(struct vcpu *v);

/* pic.c */
bool pic_init(void);
/* Highest deliverable interrupt, now in service: its vector; -1 if none. */
int pic_acknowledge(void);
bool pic_is_pending(void);
/* End of interrupt for a vector of the PIC; false if it is not one of its. */
bool pic_dismiss(unsigned vector);

/* dev_*.c */
bool console_init(void);
bool block_init(const char *path, char *err, size_t size);
bool rtc_init(void);

static inline void count(uint64_t *counter, uint64_t n)
{
    __atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

#endif
