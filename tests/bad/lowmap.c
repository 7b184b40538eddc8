/* lowmap.c  Preloaded before the VM: takes 16 MB of low addresses that the VM would like to have itself. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

__attribute__((constructor)) static void take(void)
{
    const char *at = getenv("LOWMAP");
    void *want = (void *)strtoul(at ? at : "0x40000000", NULL, 0);

    if (mmap(want, 16 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) !=
        want)
        perror("lowmap");
}
