"""A terminal to run programs on and to time them from outside: a pseudo-terminal, and as much of an emulator as it
takes to tell what is on the screen. Timing never emulates: bytes are stamped as they are read and looked at afterwards.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
import unicodedata

now = time.perf_counter

NAMED = {"Enter": "\r", "Esc": "\x1b", "Tab": "\t", "Space": " ", "BS": "\x7f", "Up": "\x1b[A", "Down": "\x1b[B",
         "Right": "\x1b[C", "Left": "\x1b[D", "Home": "\x1b[H", "End": "\x1b[F", "PgUp": "\x1b[5~", "PgDn": "\x1b[6~"}


def keys(text):
    """The bytes of each key: plain letters, or <Enter>, <C-x> and the like."""
    found = []
    for named, control, letter in re.findall(r"<([A-Z][A-Za-z]+)>|<C-(.)>|(.)", text, re.S):
        if named:
            found.append(NAMED[named].encode())
        elif control:
            found.append(bytes([ord(control.upper()) ^ 64]))
        else:
            found.append(letter.encode())
    return found


class Screen:
    """The letters on a screen; colours are nothing here."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.reset()

    def reset(self):
        self.grid = [[" "] * self.columns for _ in range(self.rows)]
        self.x = self.y = 0
        self.top, self.bottom = 0, self.rows - 1
        self.saved = (0, 0)
        self.last = " "
        self.rest = b""

    TOKEN = re.compile(
        rb"\x1b\[([<=>?]?)([0-9;:]*)([ -/]*)([@-~])"  # 1-4: control sequences
        rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
        rb"|\x1b[PX^_][^\x1b]*\x1b\\"
        rb"|\x1b[()*+#%].|\x1b([^\[\]PX^_()*+#%])"  # 5: short escapes
        rb"|([\x00-\x1a\x1c-\x1f\x7f])"  # 6: control letters
        rb"|([^\x00-\x1f\x7f]+)", re.S)  # 7: text

    def feed(self, data):
        data = self.rest + data
        at = 0
        while at < len(data):
            found = self.TOKEN.match(data, at)
            if not found or (found[7] and found.end() == len(data) and self.is_cut(found[7])):
                break
            at = found.end()
            if found[7]:
                self.write(found[7].decode("utf-8", "replace"))
            elif found[6]:
                self.control(found[6])
            elif found[5]:
                self.escape(found[5])
            elif found[4]:
                self.sequence(found[1], found[2], found[3], found[4].decode())
        self.rest = data[at:]

    @staticmethod
    def is_cut(text):
        """Whether the last letter is not there whole."""
        for back in range(1, min(4, len(text)) + 1):
            byte = text[-back]
            if byte & 0xC0 == 0x80:
                continue
            length = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
            return length > back
        return False

    def write(self, text):
        for letter in text:
            if unicodedata.combining(letter) or letter in "\u200b\u200c\u200d\ufe0e\ufe0f":
                continue
            width = 2 if unicodedata.east_asian_width(letter) in "WF" else 1
            if self.x + width > self.columns:
                self.x = 0
                self.down()
            row = self.grid[self.y]
            row[self.x] = letter
            if width == 2 and self.x + 1 < self.columns:
                row[self.x + 1] = ""
            self.x += width
            self.last = letter

    def scroll(self, count):
        for _ in range(abs(count)):
            out, into = (self.top, self.bottom) if count > 0 else (self.bottom, self.top)
            del self.grid[out]
            self.grid.insert(into, [" "] * self.columns)

    def down(self):
        if self.y == self.bottom:
            self.scroll(1)
        elif self.y < self.rows - 1:
            self.y += 1

    def up(self):
        if self.y == self.top:
            self.scroll(-1)
        elif self.y > 0:
            self.y -= 1

    def control(self, byte):
        if byte == b"\r":
            self.x = 0
        elif byte in b"\n\x0b\x0c":
            self.down()
        elif byte == b"\x08":
            self.x = max(0, min(self.x, self.columns - 1) - 1)
        elif byte == b"\t":
            self.x = min(self.columns - 1, self.x // 8 * 8 + 8)

    def escape(self, byte):
        if byte == b"D":
            self.down()
        elif byte == b"E":
            self.x = 0
            self.down()
        elif byte == b"M":
            self.up()
        elif byte == b"7":
            self.saved = (self.x, self.y)
        elif byte == b"8":
            self.x, self.y = self.saved
        elif byte == b"c":
            self.reset()

    def sequence(self, private, parameters, between, final):
        numbers = [int(n) if n.isdigit() else 0 for n in parameters.decode().replace(":", ";").split(";")]
        one = numbers[0] or 1
        if private or between:
            if private == b"?" and final == "h" and 1049 in numbers:
                self.grid = [[" "] * self.columns for _ in range(self.rows)]
            return
        blank = lambda count: [" "] * count
        if final in "Hf":
            self.y = min(self.rows, one) - 1
            self.x = min(self.columns, (numbers[1] if len(numbers) > 1 else 1) or 1) - 1
        elif final == "A":
            self.y = max(0, self.y - one)
        elif final in "Be":
            self.y = min(self.rows - 1, self.y + one)
        elif final in "Ca":
            self.x = min(self.columns - 1, self.x + one)
        elif final == "D":
            self.x = max(0, min(self.x, self.columns - 1) - one)
        elif final == "E":
            self.x, self.y = 0, min(self.rows - 1, self.y + one)
        elif final == "F":
            self.x, self.y = 0, max(0, self.y - one)
        elif final in "G`":
            self.x = min(self.columns, one) - 1
        elif final == "d":
            self.y = min(self.rows, one) - 1
        elif final == "K":
            row, how = self.grid[self.y], numbers[0]
            start, end = (0 if how else self.x), (self.x + 1 if how == 1 else self.columns)
            row[start:end] = blank(len(row[start:end]))
        elif final == "J":
            for y in range(self.rows):
                if numbers[0] >= 2 or (numbers[0] == 0 and y > self.y) or (numbers[0] == 1 and y < self.y):
                    self.grid[y] = blank(self.columns)
            if numbers[0] < 2:
                self.sequence(b"", str(numbers[0]).encode(), b"", "K")
        elif final == "X":
            row = self.grid[self.y]
            end = min(self.columns, self.x + one)
            row[self.x:end] = blank(end - self.x)
        elif final == "P":
            row = self.grid[self.y]
            del row[self.x:self.x + one]
            row.extend(blank(self.columns - len(row)))
        elif final == "@":
            row = self.grid[self.y]
            row[self.x:self.x] = blank(one)
            del row[self.columns:]
        elif final in "LM" and self.top <= self.y <= self.bottom:
            top, self.top = self.top, self.y
            self.scroll(-one if final == "L" else one)
            self.top = top
        elif final == "S":
            self.scroll(one)
        elif final == "T":
            self.scroll(-one)
        elif final == "b":
            self.write(self.last * one)
        elif final == "r":
            bottom = (numbers[1] if len(numbers) > 1 else 0) or self.rows
            self.top, self.bottom = one - 1, min(self.rows, bottom) - 1
            self.x = self.y = 0
        elif final == "s":
            self.saved = (self.x, self.y)
        elif final == "u":
            self.x, self.y = self.saved

    def text(self):
        return "\n".join("".join(row).rstrip() for row in self.grid)


# What programs ask a terminal, and what an xterm says.
QUESTIONS = [(re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"), (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),
             (re.compile(rb"\x1b\[>0?c"), b"\x1b[>41;354;0c"), (re.compile(rb"\x1b\[5n"), b"\x1b[0n"),
             (re.compile(rb"\x1b\[\?u"), b"\x1b[?0u"),
             (re.compile(rb"\x1b\]1[01];\?(?:\x07|\x1b\\)"), b"\x1b]11;rgb:1010/1010/1010\x1b\\")]


def as_everyone():
    """What is measured has no more of the machine than any other program, whatever the one that measures has."""
    os.setpriority(os.PRIO_PROCESS, 0, 0)


class Program:
    """A program on a terminal of its own."""

    def __init__(self, argv, columns=160, rows=48, environment=(), directory=None):
        self.screen = Screen(columns, rows)
        self.chunks, self.seen, self.ended = [], 0, False
        values = dict(os.environ, TERM="xterm-256color", LANG="C.UTF-8", LC_ALL="C.UTF-8")
        values.update(environment)
        self.began = now()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.chdir(directory or ".")
                as_everyone()
                os.execvpe(argv[0], argv, values)
            finally:
                os._exit(127)

    def read(self, wait):
        """One chunk, stamped; false after so long a silence, or at the end."""
        if self.ended or not select.select([self.fd], [], [], max(0, wait))[0]:
            return False
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:
            data = b""
        if not data:
            self.ended = True
            return False
        self.chunks.append((now(), data))
        if b"\x1b" in data:
            for question, answer in QUESTIONS:
                for _ in question.finditer(data):
                    os.write(self.fd, answer)
        return True

    def look(self, wanted=None):
        """Puts on the screen what came; the stamp of the chunk that made `wanted` true."""
        stamp = None
        while self.seen < len(self.chunks):
            at, data = self.chunks[self.seen]
            self.seen += 1
            self.screen.feed(data)
            if wanted and stamp is None and wanted(self.screen.text()):
                stamp = at
        return stamp

    def wait(self, wanted, seconds, quiet=0.03):
        """Reads until something is on the screen and the line is quiet; its stamp, or none."""
        end, check, stamp = now() + seconds, now() + 0.2, None
        while now() < end and not self.ended:
            got = self.read(quiet)
            if stamp is None and (not got or now() > check):
                stamp = self.look(wanted)
                check = now() + 0.2
                if stamp is None and not got and wanted(self.screen.text()):
                    stamp = now()
            if stamp is not None and not got:
                return stamp
        return stamp

    def settle(self, seconds):
        end = now() + seconds
        while now() < end:
            self.read(end - now())

    def act(self, data, wanted=None, seconds=10, quiet=0.03):
        """Sends bytes and takes the answer: times in ms from the write on, bytes, chunks and processor ms."""
        self.look()
        used, first, began = self.cpu(), len(self.chunks), now()
        os.write(self.fd, data)
        stamp = None
        while now() - began < seconds and not self.ended:
            got = self.read(quiet if len(self.chunks) > first else 0.25)
            if got:
                continue
            if wanted and stamp is None:
                stamp = self.look(wanted)
                if stamp is None:
                    continue
            if len(self.chunks) > first or not wanted:
                break
        came = self.chunks[first:]
        answer = {"bytes": sum(len(data) for _, data in came), "chunks": len(came), "cpu": (self.cpu() - used) / 1e6}
        if came:
            answer["first"] = (came[0][0] - began) * 1e3
            answer["last"] = (came[-1][0] - began) * 1e3
        if stamp is not None:
            answer["seen"] = (stamp - began) * 1e3
        return answer

    def processes(self):
        children, found = {}, [self.pid]
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    parent = int(open(f"/proc/{name}/stat").read().rsplit(")", 1)[1].split()[1])
                    children.setdefault(parent, []).append(int(name))
                except OSError:
                    pass
        for pid in found:
            found += children.get(pid, [])
        return found

    def cpu(self):
        """Processor time of the program and its children, in ns."""
        total = 0
        for pid in self.processes():
            try:
                total += time.clock_gettime_ns((~pid << 3) | 2)
            except OSError:
                pass
        return total

    def memory(self):
        """MiB at present and at most, children included; none where the system does not say."""
        present = most = 0
        for pid in self.processes():
            try:
                text = open(f"/proc/{pid}/status").read()
                present += int(re.search(r"VmRSS:\s+(\d+)", text)[1])
                most += int(re.search(r"VmHWM:\s+(\d+)", text)[1])
            except (OSError, TypeError):
                return None, None
        return present / 1024, most / 1024

    def end(self, last=()):
        for data in last:
            try:
                os.write(self.fd, data)
            except OSError:
                break
            self.read(0.05)
        deadline = now() + 2
        for kind in (None, signal.SIGTERM, signal.SIGKILL):
            if kind:
                try:
                    os.kill(self.pid, kind)
                except OSError:
                    pass
                deadline = now() + 2
            while now() < deadline:
                self.read(0.02)
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    os.close(self.fd)
                    return
