// The disk: an ATA drive in PIO mode at ports 0x1f0-0x1f7 (ATA-3, 28-bit LBA), line 14, backed by a host file.
//
//   +0 data, 16 bit      +2 sector count (0 = 256)   +3..+5 LBA bits 0-23   +6 LBA bits 24-27, 0xe0
//   +7 write: command 0x20 read, 0x30 write, 0xec identify, 0xe7 flush;  read: status BSY 80 DRDY 40 DRQ 08 ERR 01
//   +1 error register
//
// A command is carried out at once. Read: the drive raises the line for each sector that can be taken from the data port.
// Write: sector by sector after 256 words each.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/machine/machine-internal.h"

#define BLOCK_IRQ 14
#define SECTOR    512u
enum { STATUS_ERR = 0x01, STATUS_DRQ = 0x08, STATUS_DRDY = 0x40 };
enum { ERROR_ABORT = 0x04, ERROR_NOT_FOUND = 0x10 };

static struct {
    pthread_mutex_t lock;
    int fd;
    uint32_t sectors;
    uint8_t reg[8]; // registers as written
    uint8_t status, error;
    bool writing;
    uint32_t lba, left; // of the running command
    uint8_t buffer[SECTOR];
    unsigned at; // next byte of the buffer
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};

static void finish(uint8_t status, uint8_t error)
{
    disk.status = STATUS_DRDY | status;
    disk.error = error;
}

// Moves one sector between file and buffer; false after reporting an error to the guest.
static bool transfer(void)
{
    off_t offset = (off_t)disk.lba * SECTOR;
    ssize_t n = disk.lba >= disk.sectors ? 0
                : disk.writing           ? pwrite(disk.fd, disk.buffer, SECTOR, offset)
                                         : pread(disk.fd, disk.buffer, SECTOR, offset);
    if (n == (ssize_t)SECTOR) { return true; }
    finish(STATUS_ERR, disk.lba >= disk.sectors ? ERROR_NOT_FOUND : ERROR_ABORT);
    return false;
}

// The next sector of a read, or room for the next one of a write.
static void next_sector(void)
{
    disk.at = 0;
    if (!disk.left) {
        finish(0, 0);
    } else if (disk.writing || transfer()) {
        finish(STATUS_DRQ, 0);
    }
}

// Identify device: words 10-19 serial, 27-46 model (bytes swapped), 60-61 number of sectors.
static void identify(void)
{
    uint16_t word[SECTOR / 2] = {0};
    static const char model[40] = "moka disk                               ";
    word[0] = 0x40;
    word[49] = 0x200; // LBA
    for (unsigned i = 0; i < 20; i++) {
        word[27 + i] =
            (uint16_t)((unsigned char)model[2 * i] << 8 | (unsigned char)model[2 * i + 1]);
    }
    word[60] = (uint16_t)disk.sectors;
    word[61] = (uint16_t)(disk.sectors >> 16);
    memcpy(disk.buffer, word, SECTOR);
    disk.at = 0;
    disk.left = 1;
    disk.writing = false;
    finish(STATUS_DRQ, 0);
}

static void command(uint8_t c)
{
    disk.lba = disk.reg[3] | (uint32_t)disk.reg[4] << 8 | (uint32_t)disk.reg[5] << 16 |
               (uint32_t)(disk.reg[6] & 15) << 24;
    disk.left = disk.reg[2] ? disk.reg[2] : 256;
    disk.writing = c == 0x30;
    switch (c) {
    case 0x20:
    case 0x30: next_sector(); break;
    case 0xe7:
        fdatasync(disk.fd);
        finish(0, 0);
        break;
    case 0xec: identify(); break;
    default: finish(STATUS_ERR, ERROR_ABORT);
    }
}

// After a whole sector went through the data port. Returns whether the drive has news for the guest.
static bool sector_done(void)
{
    if (disk.at < SECTOR) { return false; }
    if (disk.writing && !transfer()) { return true; }
    disk.lba++;
    disk.left--;
    next_sector();
    return disk.writing || disk.left > 0;
}

static uint32_t block_in(struct io_device *d, unsigned offset, unsigned size)
{
    (void)d;
    uint32_t value = 0;
    bool raise = false;
    pthread_mutex_lock(&disk.lock);
    if (offset == 0) {
        for (unsigned i = 0;
             i < size && (disk.status & STATUS_DRQ) && !disk.writing && disk.at < SECTOR; i++) {
            value |= (uint32_t)disk.buffer[disk.at++] << 8 * i;
        }
        raise = (disk.status & STATUS_DRQ) && !disk.writing && sector_done();
    } else {
        value = offset == 1 ? disk.error : offset == 7 ? disk.status : disk.reg[offset];
    }
    pthread_mutex_unlock(&disk.lock);
    if (offset == 7 || raise) { pic_set_irq(BLOCK_IRQ, false); } // reading the status acknowledges
    if (raise) { pic_set_irq(BLOCK_IRQ, true); }
    return value;
}

static void block_out(struct io_device *d, unsigned offset, unsigned size, uint32_t value)
{
    (void)d;
    bool raise = false;
    pthread_mutex_lock(&disk.lock);
    if (offset == 7) {
        command((uint8_t)value);
        raise = !(disk.writing && (disk.status & STATUS_DRQ)); // a write first wants its data
    } else if (offset == 0) {
        if ((disk.status & STATUS_DRQ) && disk.writing) {
            for (unsigned i = 0; i < size && disk.at < SECTOR; i++) {
                disk.buffer[disk.at++] = (uint8_t)(value >> 8 * i);
            }
            raise = sector_done();
        }
    } else {
        disk.reg[offset] = (uint8_t)value;
    }
    pthread_mutex_unlock(&disk.lock);
    if (raise) {
        pic_set_irq(BLOCK_IRQ, false);
        pic_set_irq(BLOCK_IRQ, true);
    }
}

bool block_init(const char *path, char *err, size_t size)
{
    static struct io_device block = {
        .name = "ATA disk", .base = 0x1f0, .count = 8, .in = block_in, .out = block_out};
    if (!path) { return true; }
    struct stat st;
    disk.fd = open(path, O_RDWR | O_CLOEXEC);
    if (disk.fd < 0 || fstat(disk.fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        snprintf(err, size, "cannot use '%s' as a disk: %s", path,
                 errno ? strerror(errno) : "not a regular file");
        return false;
    }
    disk.sectors = (uint32_t)(st.st_size / SECTOR);
    disk.status = STATUS_DRDY;
    return io_register(&block);
}
