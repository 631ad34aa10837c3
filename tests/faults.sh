#!/usr/bin/env bash
# The part of the fault matrix that needs a machine which lets itself be broken: a file system of 400 KiB, disks that
# fail below the program, a wrong clock, a device that is taken away, mounts of other machines. Runs what it can, says
# what it leaves out and why, and ends with 1 when a promise was broken. Mounts need root; everything is taken back.
#
#   tests/faults.sh              what this machine allows
#   tests/faults.sh --all        and before it, the long part of the tests: about an hour
#   STANCH_FAULTS_NETWORK=DIR    a directory on an NFS, SMB or sshfs mount to be refused
#   STANCH_FAULTS_TESTS=FILE     the tests as they were built, to build nothing
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
mounts=()
mapped=""
loop=""
ran=()
skipped=()
broken=()

tests=(cargo test --locked --quiet --test it --)
[ -z "${STANCH_FAULTS_TESTS:-}" ] || tests=("$STANCH_FAULTS_TESTS")

clean_up() {
    local mount
    for mount in "${mounts[@]:-}"; do
        [ -z "$mount" ] || umount "$mount" 2>/dev/null || true
    done
    [ -z "$mapped" ] || dmsetup remove "$mapped" 2>/dev/null || true
    [ -z "$loop" ] || losetup -d "$loop" 2>/dev/null || true
    rm -rf -- "$work"
}
trap clean_up EXIT

skip() {
    skipped+=("$1: $2")
    printf '\n== %s: left out: %s\n' "$1" "$2"
}

# Runs tests of the matrix by name; what follows the name is put into their environment.
try() {
    local name=$1 filter=$2 alone
    shift 2
    # Whatever has no environment is all of the matrix but what needs one.
    alone=(--skip matrix::script)
    [ $# = 0 ] || alone=()
    printf '\n== %s\n' "$name"
    if env "$@" "${tests[@]}" --ignored --nocapture --test-threads 1 ${alone[@]+"${alone[@]}"} "$filter" >"$work/log" 2>&1; then
        grep -ao 'matrix: .*' "$work/log" || true
        if ! grep -aq 'matrix: .* violations' "$work/log"; then
            broken+=("$name: no test ran")
        else
            ran+=("$name")
        fi
    else
        cat "$work/log"
        broken+=("$name")
    fi
}

is_root() { [ "$(id -u)" = 0 ]; }
has() { command -v "$1" >/dev/null 2>&1; }

small_file_system() {
    is_root || { skip "a file system of 400 KiB" "it takes root to mount one"; return; }
    mkdir "$work/small"
    if ! mount -t tmpfs -o size=400k,mode=700 tmpfs "$work/small" 2>"$work/why"; then
        skip "a file system of 400 KiB" "$(tail -n 1 "$work/why")"
        return
    fi
    mounts+=("$work/small")
    try "a file system of 400 KiB" matrix::script::on_a_small_file_system STANCH_FAULTS_SMALL="$work/small"
}

failing_calls() {
    [ "$(uname -s)" = Linux ] || { skip "failing fsync, write and read" "the library is for Linux"; return; }
    has cc || { skip "failing fsync, write and read" "there is no C compiler"; return; }
    cat >"$work/shim.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int seen;

/* Whether this call on one of the journal's files is to fail: from the Nth of its kind on. */
static int fails(const char *call, int fd)
{
    const char *asked = getenv("STANCH_FAULTS_CALL");
    size_t length = strlen(call);
    char link[64], path[4096];
    ssize_t end;
    if (!asked || strncmp(asked, call, length) || asked[length] != ':')
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    end = readlink(link, path, sizeof path - 1);
    if (end < 0)
        return 0;
    path[end] = 0;
    if (!strstr(path, "/journal.db") && !strstr(path, "/audit.jsonl"))
        return 0;
    if (__atomic_add_fetch(&seen, 1, __ATOMIC_SEQ_CST) < atoi(asked + length + 1))
        return 0;
    errno = EIO;
    return 1;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int fd) { return fails("fsync", fd) ? -1 : NEXT(fsync)(fd); }
int fdatasync(int fd) { return fails("fsync", fd) ? -1 : NEXT(fdatasync)(fd); }
ssize_t write(int fd, const void *b, size_t n) { return fails("write", fd) ? -1 : NEXT(write)(fd, b, n); }
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) { return fails("write", fd) ? -1 : NEXT(pwrite)(fd, b, n, o); }
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) { return fails("write", fd) ? -1 : NEXT(pwrite64)(fd, b, n, o); }
ssize_t read(int fd, void *b, size_t n) { return fails("read", fd) ? -1 : NEXT(read)(fd, b, n); }
ssize_t pread(int fd, void *b, size_t n, off_t o) { return fails("read", fd) ? -1 : NEXT(pread)(fd, b, n, o); }
ssize_t pread64(int fd, void *b, size_t n, off64_t o) { return fails("read", fd) ? -1 : NEXT(pread64)(fd, b, n, o); }
C
    if ! cc -shared -fPIC -O1 -o "$work/shim.so" "$work/shim.c" -ldl 2>"$work/why"; then
        skip "failing fsync, write and read" "$(head -n 1 "$work/why")"
        return
    fi
    try "failing fsync, write and read" matrix::script::with_a_disk_that_fails STANCH_FAULTS_PRELOAD="$work/shim.so"
}

wrong_clock() {
    local library
    library=$(find /usr/lib /usr/local/lib -name libfaketimeMT.so.1 2>/dev/null | head -n 1 || true)
    [ -n "$library" ] || { skip "a wrong clock" "libfaketime is not installed; the tests set the program's own clock"; return; }
    try "a wrong clock" matrix::script::with_a_clock STANCH_FAULTS_CLOCK="$library"
}

failing_device() {
    is_root || { skip "a device that is taken away" "it takes root to make one"; return; }
    local tool
    for tool in dmsetup losetup blockdev mkfs.ext4 e2fsck; do
        has "$tool" || { skip "a device that is taken away" "$tool is not installed"; return; }
    done
    if ! dmsetup targets 2>/dev/null | grep -q '^error'; then
        skip "a device that is taken away" "this kernel has no device mapper"
        return
    fi
    truncate -s 64M "$work/image"
    loop=$(losetup --find --show "$work/image")
    mapped="stanch-faults-$$"
    local sectors
    sectors=$(blockdev --getsz "$loop")
    dmsetup create "$mapped" --table "0 $sectors linear $loop 0"
    mkfs.ext4 -q "/dev/mapper/$mapped"
    mkdir "$work/device"
    mount "/dev/mapper/$mapped" "$work/device"
    mounts+=("$work/device")
    chmod 700 "$work/device"
    try "a device that is taken away" matrix::script::on_a_device \
        STANCH_FAULTS_DEVICE="$work/device" \
        STANCH_FAULTS_BREAK="dmsetup suspend --noflush --nolockfs $mapped && dmsetup load $mapped --table '0 $sectors error' && dmsetup resume $mapped" \
        STANCH_FAULTS_MEND="umount $work/device; dmsetup suspend --noflush --nolockfs $mapped && dmsetup load $mapped --table '0 $sectors linear $loop 0' && dmsetup resume $mapped && { e2fsck -fy /dev/mapper/$mapped >/dev/null 2>&1 || true; } && mount /dev/mapper/$mapped $work/device"
}

lost_writes() {
    skip "writes that a power cut loses (LazyFS)" "it is a file system of its own to build and mount; the tests tear the files at every commit instead"
}

network_mount() {
    [ -n "${STANCH_FAULTS_NETWORK:-}" ] || { skip "a mount of another machine" "STANCH_FAULTS_NETWORK names none; the tests hand in what the kernel would say"; return; }
    try "a mount of another machine" matrix::script::on_a_mount STANCH_FAULTS_NETWORK="$STANCH_FAULTS_NETWORK"
}

if [ -z "${STANCH_FAULTS_TESTS:-}" ]; then
    printf '== building\n'
    cargo test --locked --quiet --test it --no-run
fi
[ "${1:-}" != --all ] || try "the long part of the tests" matrix::
small_file_system
failing_calls
wrong_clock
failing_device
lost_writes
network_mount

printf '\nran:      %s\n' "${#ran[@]}"
[ "${#ran[@]}" = 0 ] || printf '  %s\n' "${ran[@]}"
printf 'left out: %s\n' "${#skipped[@]}"
[ "${#skipped[@]}" = 0 ] || printf '  %s\n' "${skipped[@]}"
printf 'broken:   %s\n' "${#broken[@]}"
[ "${#broken[@]}" = 0 ] || { printf '  %s\n' "${broken[@]}"; exit 1; }
