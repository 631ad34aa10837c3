#!/usr/bin/env python3
"""Applies a list of renames to a Rust project through rust-analyzer. See FORMAT.md and `--help`."""
import argparse, hashlib, json, os, queue, re, shutil, subprocess, sys, threading, time
from bisect import bisect_right
from urllib.parse import quote, unquote

HERE = os.path.dirname(os.path.abspath(__file__))
T0 = time.time()


def log(*a):
    print(f"[{time.time() - T0:6.1f}]", *a, file=sys.stderr, flush=True)


class Failed(Exception):
    pass


class Taken(Failed):
    """May go away when another line of the list is applied first."""


# ---------------------------------------------------------------- LSP

class Server:
    def __init__(self, root, options, stderr):
        self.root = root
        self.proc = subprocess.Popen(["rust-analyzer"], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=open(stderr, "wb"))
        self.options = options
        self.n = 0
        self.lock = threading.Lock()
        self.waiting = {}
        self.status = {}
        self.status_at = time.time()
        self.dead = False
        threading.Thread(target=self._read, daemon=True).start()

    def _write(self, msg):
        body = json.dumps(msg).encode()
        with self.lock:
            self.proc.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            self.proc.stdin.flush()

    def _read(self):
        out = self.proc.stdout
        while True:
            length = None
            while True:
                line = out.readline()
                if not line:
                    self.dead = True
                    for q in list(self.waiting.values()):
                        q.put({"error": {"code": 0, "message": "rust-analyzer ended"}})
                    return
                line = line.strip()
                if not line:
                    break
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            msg = json.loads(out.read(length))
            if "method" in msg:
                self._incoming(msg)
            else:
                q = self.waiting.pop(msg.get("id"), None)
                if q:
                    q.put(msg)

    def _incoming(self, msg):
        m = msg["method"]
        if "id" in msg:
            result = None
            if m == "workspace/configuration":
                result = [self.options for _ in msg["params"]["items"]]
            self._write({"jsonrpc": "2.0", "id": msg["id"], "result": result})
        elif m == "experimental/serverStatus":
            self.status = msg["params"]
            self.status_at = time.time()
        elif m == "window/showMessage" and msg["params"].get("type", 4) <= 2:
            log("rust-analyzer:", msg["params"]["message"][:400])

    def notify(self, method, params):
        self._write({"jsonrpc": "2.0", "method": method, "params": params})

    def send(self, method, params):
        self.n += 1
        q = queue.Queue()
        self.waiting[self.n] = q
        if self.dead:
            raise SystemExit("rust-analyzer ended")
        self._write({"jsonrpc": "2.0", "id": self.n, "method": method, "params": params})
        return method, params, q

    def request(self, method, params, timeout=600):
        return self.answer(self.send(method, params), timeout)

    def answer(self, sent, timeout=600):
        method, params, q = sent
        for attempt in range(20):
            if attempt:
                q = self.send(method, params)[2]
            try:
                msg = q.get(timeout=timeout)
            except queue.Empty:
                raise Failed(f"no answer to {method} within {timeout} s")
            err = msg.get("error")
            if not err:
                return msg.get("result")
            if err["code"] in (-32801, -32802, -32800):
                time.sleep(0.2)
                continue
            if err["message"] == "rust-analyzer ended":
                raise SystemExit("rust-analyzer ended")
            raise Failed(f"rust-analyzer: {err['message']}")
        raise Failed(f"{method}: content modified again and again")

    def start(self):
        self.request("initialize", {
            "processId": os.getpid(),
            "rootUri": to_uri(self.root),
            "workspaceFolders": [{"uri": to_uri(self.root), "name": "root"}],
            "initializationOptions": self.options,
            "capabilities": {
                "general": {"positionEncodings": ["utf-8"]},
                "experimental": {"serverStatusNotification": True},
                "window": {"workDoneProgress": False},
                "workspace": {
                    "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create", "rename", "delete"]},
                    "didChangeWatchedFiles": {"dynamicRegistration": True},
                    "configuration": True,
                },
                "textDocument": {
                    "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
                    "rename": {"prepareSupport": True},
                    "definition": {"linkSupport": True},
                    "hover": {"contentFormat": ["markdown"]},
                },
            },
        })
        self.notify("initialized", {})
        self.settle(2.0, 1800)
        if self.status.get("health") != "ok":
            log("server status:", json.dumps(self.status)[:600])

    def settle(self, calm, limit):
        began = time.time()
        while time.time() - began < limit:
            if self.dead:
                raise SystemExit("rust-analyzer ended")
            if self.status.get("quiescent") and time.time() - self.status_at >= calm:
                return
            time.sleep(0.05)
        raise SystemExit("rust-analyzer does not become quiescent")

    def stop(self):
        try:
            self.request("shutdown", None, 10)
            self.notify("exit", None)
            self.proc.wait(10)
        except (Failed, SystemExit, OSError, subprocess.TimeoutExpired):
            self.proc.kill()


def to_uri(path):
    return "file://" + quote(path)


def from_uri(uri):
    return unquote(uri[len("file://"):])


# ---------------------------------------------------------------- Rust text

TOKENS = re.compile(rb"""
    (?P<line>//[^\n]*)
  | (?P<block>/\*)
  | (?P<raw>(?<![A-Za-z0-9_])(?:b|c)?r(?P<hash>\#*)".*?"(?P=hash))
  | (?P<str>(?:(?<![A-Za-z0-9_])[bc])?"(?:\\.|[^"\\])*")
  | (?P<char>'(?:\\u\{[^}]*\}|\\x..|\\.|[^\\'\n\x80-\xff]|[\xc0-\xff][\x80-\xbf]+)')
  | (?P<life>'[A-Za-z_][A-Za-z0-9_]*)
""", re.X | re.S)
BLOCK = re.compile(rb"/\*|\*/")
CLOSE = {0x28: 0x29, 0x5b: 0x5d, 0x7b: 0x7d}


class Text:
    """The bytes of a file with its lines and the parts that are no code."""
    def __init__(self, data):
        self.data = data
        self.starts = [0] + [m.end() for m in re.finditer(rb"\n", data)]
        self._spans = None
        self._masked = None
        self._areas = None

    def offset(self, pos):
        return self.starts[pos["line"]] + pos["character"]

    def position(self, offset):
        line = bisect_right(self.starts, offset) - 1
        return {"line": line, "character": offset - self.starts[line]}

    def line(self, offset):
        n = bisect_right(self.starts, offset) - 1
        end = self.data.find(b"\n", offset)
        return n + 1, self.data[self.starts[n]:end if end >= 0 else len(self.data)].decode("utf-8", "replace").strip()

    @property
    def spans(self):
        if self._spans is None:
            spans, at, d = [], 0, self.data
            while True:
                m = TOKENS.search(d, at)
                if not m:
                    break
                end, kind = m.end(), m.lastgroup
                if kind == "hash":
                    kind = "raw"
                if kind == "block":
                    depth = 1
                    while depth:
                        b = BLOCK.search(d, end)
                        if not b:
                            end = len(d)
                            break
                        depth += 1 if b.group() == b"/*" else -1
                        end = b.end()
                    kind = "doc" if d[m.start():m.start() + 3] in (b"/**", b"/*!") else "comment"
                elif kind == "line":
                    t = m.group()
                    kind = "doc" if (t.startswith(b"///") and not t.startswith(b"////")) or t.startswith(b"//!") \
                        else "comment"
                elif kind in ("raw", "str"):
                    kind = "string"
                if kind != "life":
                    spans.append((m.start(), end, kind))
                at = end
            self._spans = spans
        return self._spans

    def span(self, offset):
        i = bisect_right(self.spans, (offset, 1 << 60, "")) - 1
        if i >= 0 and self.spans[i][0] <= offset < self.spans[i][1]:
            return self.spans[i]
        return None

    @property
    def masked(self):
        """The same length, everything that is not code blanked."""
        if self._masked is None:
            b = bytearray(self.data)
            for s, e, _ in self.spans:
                b[s:e] = b" " * (e - s)
            self._masked = bytes(b)
        return self._masked

    def match(self, at):
        """The end of the bracket that opens at `at`."""
        depth, d = 0, self.masked
        for m in re.compile(rb"[(){}\[\]]").finditer(d, at):
            depth += 1 if m.group() in b"([{" else -1
            if depth == 0:
                return m.end()
        return len(d)

    @property
    def areas(self):
        """(start, end, kind) of macro bodies, attributes and code that is compiled out under all features."""
        if self._areas is None:
            out, d = [], self.masked
            for m in re.finditer(rb"macro_rules!\s*[A-Za-z0-9_]+\s*([({\[])", d):
                out.append((m.start(), self.match(m.start(1)), "macro body"))
            for m in re.finditer(rb"#!?(\[)", d):
                end = self.match(m.start(1))
                out.append((m.start(), end, "attribute"))
                attr = re.sub(rb"\s+", b"", self.data[m.start():end])
                if re.match(rb"#!?\[cfg\(not\(", attr):
                    semi, brace = d.find(b";", end), d.find(b"{", end)
                    stop = self.match(brace) if brace >= 0 and (semi < 0 or brace < semi) else semi
                    out.append((m.start(), stop, "inactive cfg"))
            self._areas = out
        return self._areas

    def area(self, offset):
        return [k for s, e, k in self.areas if s <= offset < e]


def words(name):
    return re.compile(rb"(?<![A-Za-z0-9_])" + re.escape(name.encode()) + rb"(?![A-Za-z0-9_])")


# ---------------------------------------------------------------- the tree on disk

class Tree:
    SCAN = ("src", "tests", "benches", "examples", "docs", "assets", "README.md", "CHANGELOG.md", "Cargo.toml", "build.rs")

    def __init__(self, root, server):
        self.root, self.server = root, server
        self.texts = {}
        self.open = {}
        self.stored = {}

    def rel(self, path):
        return os.path.relpath(path, self.root)

    def text(self, path):
        """By (mtime, size), so that a change from outside is seen."""
        st = os.stat(path)
        key = (st.st_mtime_ns, st.st_size)
        got = self.texts.get(path)
        if not got or got[0] != key:
            with open(path, "rb") as f:
                got = self.texts[path] = (key, Text(f.read()))
        return got[1]

    def files(self, ext=(".rs",)):
        for top in self.SCAN:
            p = os.path.join(self.root, top)
            if os.path.isfile(p):
                if ext is None or p.endswith(ext):
                    yield p
            for d, dirs, names in os.walk(p):
                dirs.sort()
                dirs[:] = [x for x in dirs if x not in ("target", ".git")]
                for n in sorted(names):
                    if ext is None or n.endswith(ext):
                        yield os.path.join(d, n)

    def show(self, path):
        """Makes the server know today's text of `path`, in order with the requests that follow."""
        data = self.text(path).data
        if path not in self.open:
            self.open[path] = 1
            self.stored[path] = data
            self.server.notify("textDocument/didOpen", {"textDocument": {
                "uri": to_uri(path), "languageId": "rust", "version": 1, "text": data.decode()}})
        elif self.stored[path] != data:
            self.open[path] += 1
            self.stored[path] = data
            self.server.notify("textDocument/didChange", {
                "textDocument": {"uri": to_uri(path), "version": self.open[path]},
                "contentChanges": [{"text": data.decode()}]})

    def forget(self, path):
        self.texts.pop(path, None)
        if self.open.pop(path, None):
            self.stored.pop(path, None)
            self.server.notify("textDocument/didClose", {"textDocument": {"uri": to_uri(path)}})


# ---------------------------------------------------------------- the write-ahead journal: all or nothing

class Journal:
    def __init__(self, path, root):
        self.path, self.root = path, root

    def write_file(self, path, data):
        tmp = path + ".rename-tmp"
        with open(tmp, "wb") as f:
            f.write(data)
        if os.path.exists(path):
            shutil.copymode(path, tmp)
        os.replace(tmp, path)

    def apply(self, plan):
        """`plan`: {"moves": [[from, to]], "contents": {final path: text}, "state": ...}, paths relative."""
        tmp = self.path + ".tmp"
        with open(tmp, "w") as f:
            json.dump(plan, f)
            f.flush()
            os.fsync(f.fileno())
        os.replace(tmp, self.path)
        self.replay()

    def replay(self):
        with open(self.path) as f:
            plan = json.load(f)
        for a, b in plan["moves"]:
            pa, pb = os.path.join(self.root, a), os.path.join(self.root, b)
            if os.path.exists(pa) and not os.path.exists(pb):
                os.makedirs(os.path.dirname(pb), exist_ok=True)
                os.rename(pa, pb)
        for p, content in plan["contents"].items():
            self.write_file(os.path.join(self.root, p), content.encode())
        with open(plan["state_path"] + ".tmp", "w") as f:
            json.dump(plan["state"], f, indent=1)
        os.replace(plan["state_path"] + ".tmp", plan["state_path"])
        os.remove(self.path)


# ---------------------------------------------------------------- symbols

KINDS = {2: "module", 5: "class", 6: "method", 8: "field", 10: "enum", 11: "trait", 12: "function", 13: "static",
         14: "const", 19: "impl", 22: "variant", 23: "struct", 26: "type", 9: "ctor"}


def cut_generics(s):
    out, depth = [], 0
    for i, c in enumerate(s):
        if c == "<":
            depth += 1
        elif c == ">" and s[i - 1] != "-":
            depth -= 1
        elif depth == 0:
            out.append(c)
    return "".join(out)


def impl_names(name):
    """("Trait" or None, "Type") of `impl Trait for Type`."""
    s = cut_generics(re.sub(r"^(unsafe )?impl\b", "", name)).strip()
    s = re.split(r"\bwhere\b", s)[0]
    trait = None
    if re.search(r"\bfor\b", s):
        t, s = re.split(r"\bfor\b", s, maxsplit=1)
        trait = t.strip().lstrip("!").split("::")[-1].strip()
    s = re.sub(r"'\w+|&|\bmut\b|\bdyn\b|\+.*", "", s).strip().strip("()").strip()
    return trait, s.split("::")[-1].strip()


class Found:
    def __init__(self, sym, chain):
        self.sym, self.chain = sym, chain          # chain: the symbols above, outermost first
        self.kind = KINDS.get(sym["kind"], "?") if sym else "?"
        self.start = sym["selectionRange"]["start"]

    @property
    def trait(self):
        for s in reversed(self.chain):
            if s["kind"] == 19:
                return impl_names(s["name"])[0]
        return None


def find_symbols(symbols, segs, chain=()):
    """Every symbol that the segments name; nested scopes only where the outer ones have none."""
    def step(nodes, i, chain):
        hits = []
        for s in nodes:
            if s["kind"] == 19:
                if i < len(segs) - 1 and segs[i] in impl_names(s["name"]):
                    want_trait = impl_names(s["name"])[0] == segs[i] and impl_names(s["name"])[1] != segs[i]
                    if not want_trait:
                        hits += step(s.get("children") or [], i + 1, chain + (s,))
                elif i == len(segs) - 1 and i == 0:
                    pass
                continue
            if s["name"].removeprefix("r#") == segs[i]:
                if i == len(segs) - 1:
                    hits.append(Found(s, chain))
                else:
                    hits += step(s.get("children") or [], i + 1, chain + (s,))
        return hits

    level = [(list(symbols), ())]
    while level:
        hits = []
        for nodes, ch in level:
            hits += step(nodes, 0, ch)
        if hits:
            return hits
        level = [(s["children"], ch + (s,)) for nodes, ch in level for s in nodes if s.get("children")]
    return []


# ---------------------------------------------------------------- one run

class Run:
    def __init__(self, args):
        self.root = os.path.realpath(args.root)
        self.args = args
        key = hashlib.sha1(self.root.encode()).hexdigest()[:10]
        states = os.path.join(HERE, ".state")
        os.makedirs(states, exist_ok=True)
        self.state_path = os.path.join(states, f"{key}.json")
        self.journal = Journal(os.path.join(states, f"{key}.journal"), self.root)
        self.server_log = os.path.join(states, f"{key}.rust-analyzer.log")
        if os.path.exists(self.journal.path):
            log("finishing the rename that was interrupted")
            self.journal.replay()
        self.state = {"moves": [], "names": [], "done": {}}
        if os.path.exists(self.state_path):
            with open(self.state_path) as f:
                self.state = json.load(f)
        if args.fresh:
            self.state = {"moves": [], "names": [], "done": {}}
        self.drop_stale()
        features = args.features
        if features not in ("all",):
            features = [f for f in features.split(",") if f and f != "none"]
        self.options = {
            "cargo": {"features": features, "allTargets": True, "targetDir": args.target_dir, "autoreload": False,
                      "buildScripts": {"enable": True, "rebuildOnSave": False},
                      "extraEnv": {"CARGO_PROFILE_DEV_DEBUG": "0"}},
            "checkOnSave": False,
            "cachePriming": {"enable": False},
            "diagnostics": {"enable": False},
            "procMacro": {"enable": True, "attributes": {"enable": True}},
            "files": {"watcher": "client", "exclude": ["target", ".git"]},
            "lru": {"capacity": 4096},
            "rename": {"allowExternalItems": False},
            "cfg": {"setTest": True},
        }
        self.server = None
        self.symbol_cache = {}
        self.clear()

    def clear(self):
        """The batch: edits of several lines against one state of the tree, applied together."""
        self.symbol_cache = {}
        self.pending = {"edits": {}, "moves": [], "snaps": [], "names": [], "keys": set(), "count": 0}

    def drop_stale(self):
        """What the state tells of a tree that was reset since (git checkout) counts no more."""
        def there(rec):
            p = os.path.join(self.root, self.moved(rec["path"])[0])
            if not os.path.exists(p):
                return False
            with open(p, "rb") as f:
                data = f.read()
            return bool(words(rec["new"]).search(data)) or rec.get("mod")
        moves = [m for m in self.state["moves"] if os.path.exists(os.path.join(self.root, m[1]))
                 or any(x[0] == m[1] or x[0].startswith(m[1] + "/") or m[1].startswith(x[0] + "/") for x in self.state["moves"])]
        if moves and not any(os.path.exists(os.path.join(self.root, m[1])) for m in moves):
            moves = []
        self.state["moves"] = moves
        self.state["names"] = [r for r in self.state["names"] if there(r)]
        self.state["done"] = {}

    # -------- paths and names that earlier lines changed

    def moved(self, rel):
        """Today's candidates for a path of the list, the likeliest first."""
        now = rel
        for a, b in self.state["moves"]:
            if now == a or now.startswith(a + "/"):
                now = b + now[len(a):]
        out = [now] if os.path.exists(os.path.join(self.root, now)) else []
        if rel not in out and os.path.exists(os.path.join(self.root, rel)):
            out.append(rel)
        return out or [now]

    def spellings(self, rel, segs):
        """Today's candidates for the segments of an item: `Old::method` where an earlier line renamed `Old`."""
        now = self.moved(rel)[0]
        here, anywhere = list(segs), list(segs)
        for i in range(len(segs) - 1):
            for r in self.state["names"]:
                if len(r["segs"]) == 1 and r["segs"][0] == here[i] and self.moved(r["path"])[0] == now:
                    here[i] = r["new"]
                elif i and r["segs"][-1] == here[i] and len(r["segs"]) == i + 1 and self.moved(r["path"])[0] == now:
                    here[i] = r["new"]
                if len(r["segs"]) == 1 and r["segs"][0] == anywhere[i]:
                    anywhere[i] = r["new"]
        out = []
        for c in (here, list(segs), anywhere):
            if c not in out:
                out.append(c)
        return out

    # -------- queries

    def at(self, path, pos):
        return {"textDocument": {"uri": to_uri(path)}, "position": pos}

    def symbols(self, path):
        if path not in self.symbol_cache:
            self.tree.show(path)
            self.symbol_cache[path] = self.server.request("textDocument/documentSymbol",
                                                          {"textDocument": {"uri": to_uri(path)}}) or []
        return self.symbol_cache[path]

    def definitions(self, path, pos):
        """[(path, selection start, full range)] that the word at `pos` means."""
        self.tree.show(path)
        try:
            got = self.server.request("textDocument/definition", self.at(path, pos)) or []
        except Failed:
            return []
        got = got if isinstance(got, list) else [got]
        return [(from_uri(g.get("targetUri") or g["uri"]), (g.get("targetSelectionRange") or g["range"])["start"],
                 g.get("targetRange") or g["range"]) for g in got]

    def resolve(self, rel, item):
        """(path, [Found], segs, old name)"""
        segs = [s for s in re.split(r"::|\.", item) if s]
        field = "." in item
        for path_rel in self.moved(rel):
            path = os.path.join(self.root, path_rel)
            if not os.path.isfile(path):
                continue
            symbols = self.symbols(path)
            for cand in self.spellings(rel, segs):
                hits = find_symbols(symbols, cand)
                if field:
                    hits = [h for h in hits if h.kind == "field"] or []
                elif len(hits) > 1:
                    hits = [h for h in hits if h.kind != "field"] or hits
                    hits = [h for h in hits if h.kind != "module"] or hits
                if len(hits) > 1:
                    hits = [h for h in hits if not h.trait] or hits
                if hits:
                    return path, hits, cand, symbols
            for cand in self.spellings(rel, segs):
                hits = self.in_macro(path, cand)
                if hits:
                    return path, hits, cand, symbols
        return None

    def in_macro(self, path, segs):
        """A definition that stands in the input of a macro: the word that is its own definition."""
        text, name = self.tree.text(path), segs[-1]
        owner = segs[-2] if len(segs) > 1 else None
        hits = []
        for m in words(name).finditer(text.masked):
            pos = text.position(m.start())
            if not any(p == path and s == pos for p, s, _ in self.definitions(path, pos)):
                continue
            hover = self.server.request("textDocument/hover", self.at(path, pos))
            said = json.dumps(hover or {})
            if owner and not re.search(r"\b%s\b" % re.escape(owner), said):
                continue
            end = text.position(m.end())
            rng = {"start": pos, "end": end}
            hits.append(Found({"name": name, "kind": 0, "range": rng, "selectionRange": rng, "children": []}, ()))
        return hits

    # -------- the parts of one rename

    def edits_of(self, answer):
        """({path: [(start, end, new bytes)]}, [[from, to]]) of a WorkspaceEdit, paths before the moves."""
        edits, moves = {}, []
        if not answer:
            raise Failed("rust-analyzer gave no edit")
        changes = answer.get("documentChanges")
        if changes is None:
            changes = [{"textDocument": {"uri": u}, "edits": e} for u, e in (answer.get("changes") or {}).items()]
        for c in changes:
            if c.get("kind") == "rename":
                moves.append([from_uri(c["oldUri"]), from_uri(c["newUri"])])
            elif c.get("kind"):
                raise Failed(f"unexpected file operation {c['kind']}")
        for c in changes:
            if c.get("kind"):
                continue
            path = from_uri(c["textDocument"]["uri"])
            if not os.path.exists(path):
                for a, b in moves:
                    if path == b or path.startswith(b + "/"):
                        path = a + path[len(b):]
            if os.path.commonpath([path, self.root]) != self.root:
                raise Failed(f"rust-analyzer would edit outside of the root: {path}")
            text = self.tree.text(path)
            for e in c["edits"]:
                edits.setdefault(path, []).append((text.offset(e["range"]["start"]), text.offset(e["range"]["end"]),
                                                   e["newText"].encode()))
        return edits, moves

    def check_edits(self, edits, old, new):
        odd = []
        for path, es in edits.items():
            text = self.tree.text(path)
            es[:] = sorted(set(es))
            for (s, e, t), nxt in zip(es, es[1:] + [(1 << 60, 0, b"")]):
                if nxt[0] < e:
                    raise Failed(f"overlapping edits in {self.tree.rel(path)}")
                was = text.data[s:e]
                if s == e:
                    fine = re.fullmatch(rb"\s*(r#)?\w+: ?|: ?(r#)?\w+", t)
                else:
                    fine = words(old).search(was) and (words(new).search(t) or t == b"")
                if not fine:
                    line, src = text.line(s)
                    odd.append(f"{self.tree.rel(path)}:{line}: {was.decode()!r} -> {t.decode()!r}")
        return odd

    LINK = re.compile(rb"\[[^\[\]\n]*\](?:\([^()\n]*(?:\(\))?\)|\[[^\[\]\n]*\]|:[ \t]*[^\s]+)?")

    def doc_links(self, target, old):
        """Words in doc links that mean the target: ({path: [(start, end)]}, words that stay unclear)."""
        out = {}
        pattern = words(old)
        for path in self.tree.files():
            text = self.tree.text(path)
            if old.encode() not in text.data:
                continue
            for m in pattern.finditer(text.data):
                span = text.span(m.start())
                if not span or span[2] != "doc":
                    continue
                link = next((l for l in self.LINK.finditer(text.data, span[0], span[1])
                             if l.start() <= m.start() < l.end()), None)
                if not link:
                    continue
                label = text.data[link.start():link.end()]
                explicit = b"](" in label or re.search(rb"\]:", label)
                if explicit:
                    cut = link.start() + label.index(b"]")
                    if m.start() < cut and not re.search(rb"`[^`]*$", text.data[link.start():m.start()]):
                        continue                     # the prose of a link
                    if re.search(rb"\]\(?:? ?(https?|\.|#)", label):
                        continue
                ask = m.start()
                if re.match(rb"\[[^\]]*\]:", label):
                    # A definition: what a link with its label means.
                    name = label[:label.index(b"]") + 1]
                    use = next((u for u in re.finditer(re.escape(name) + rb"(?![:(])", text.data)
                                if (text.span(u.start()) or (0, 0, ""))[2] == "doc"), None)
                    if not use:
                        continue
                    ask = use.start() + (2 if name[1:2] == b"`" else 1)
                found = self.definitions(path, text.position(ask))
                inner = text.data[m.end():m.end() + 2] == b"::"
                if any(target.means(p, s, r, inner) for p, s, r in found):
                    out.setdefault(path, []).append((m.start(), m.end()))
        return out

    def error_strings(self, path, hit, old, new):
        """`#[error("{old}")]` and the like over a field."""
        if hit.kind != "field" or not hit.chain:
            return []
        text, holder = self.tree.text(path), hit.chain[-1]
        s, e = text.offset(holder["range"]["start"]), text.offset(holder["range"]["end"])
        out = []
        for a, b, kind in text.areas:
            if kind == "attribute" and s <= a and b <= e:
                for m in re.finditer(rb"(?<!\{)\{(" + re.escape(old.encode()) + rb")(?=[}:])", text.data[a:b]):
                    span = text.span(a + m.start())
                    if span and span[2] == "string":
                        out.append((a + m.start(1), a + m.end(1), new.encode()))
        return out

    OUTER = {"serde": ("Serialize", "Deserialize"), "strum": ("EnumString", "Display", "IntoStaticStr", "AsRefStr",
             "EnumVariantNames", "VariantNames", "EnumMessage"), "clap": ("Parser", "Args", "Subcommand", "ValueEnum")}

    def outward(self, path, hit):
        """The derives through which the name of a field or variant can reach the outside, where no attribute holds it."""
        if hit.kind not in ("field", "variant") or not hit.chain:
            return {}
        text = self.tree.text(path)
        out = {}
        own = text.data[text.offset(hit.sym["range"]["start"]):text.offset(hit.sym["range"]["end"])]
        own = own[:text.offset(hit.start) - text.offset(hit.sym["range"]["start"])]
        for holder in hit.chain:
            s, e = text.offset(holder["range"]["start"]), text.offset(holder["selectionRange"]["start"])
            head = text.data[s:e].decode("utf-8", "replace")
            derived = re.findall(r"\w+", " ".join(re.findall(r"derive\(([^)]*)\)", head, re.S)))
            for how, names in self.OUTER.items():
                if hit.kind == "field" and how == "strum":
                    continue
                hits = [n for n in names if n in derived]
                held = {"serde": rb"serde\([^\]]*(rename\s*=|skip\b|flatten)", "strum": rb"strum\([^\]]*(serialize|to_string)\s*=",
                        "clap": rb"(arg|value|command)\([^\]]*(name|long|id|flatten|subcommand)\b"}[how]
                if hits and not re.search(held, own):
                    rule = re.search(r"(?:rename_all|serialize_all)\s*=\s*\"([^\"]+)\"", head)
                    out[how] = hits + ([f"all={rule.group(1)}"] if rule else [])
        return out

    RULES = {"lowercase": lambda w: "".join(w), "snake_case": "_".join, "kebab-case": "-".join,
             "SCREAMING_SNAKE_CASE": lambda w: "_".join(w).upper(), "UPPERCASE": lambda w: "".join(w).upper(),
             "camelCase": lambda w: w[0] + "".join(x.capitalize() for x in w[1:]),
             "PascalCase": lambda w: "".join(x.capitalize() for x in w)}

    def outer_word(self, name, kind, rule):
        if not rule:
            return name
        if rule not in self.RULES:
            return None
        if kind == "field":
            if rule == "lowercase":
                return name
            if rule == "UPPERCASE":
                return name.upper()
            parts = name.split("_")
        else:
            parts = [p.lower() for p in re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+", name)]
        return self.RULES[rule](parts)

    def attribute(self, path, hit, old, new, outer, note):
        """([edit], what was done): the attribute that keeps the old word, where the note asks for it."""
        edits, said = [], []
        for how, key in (("serde", "rename"), ("strum", "serialize")):
            if how not in outer or how not in note:
                continue
            rule = next((x[4:] for x in outer[how] if x.startswith("all=")), None)
            was, now = self.outer_word(old, hit.kind, rule), self.outer_word(new, hit.kind, rule)
            if was is None:
                said.append(f"{how}: rule {rule} not known, add the attribute by hand")
            elif was != now:
                text = self.tree.text(path)
                at = text.starts[hit.start["line"]]
                line = text.data[at:text.offset(hit.start)]
                if line.strip() and not re.fullmatch(rb"\s*(pub(\([^)]*\))?\s+)", line):
                    said.append(f"{how}: add {key} = {was!r} by hand (the item does not begin its line)")
                    continue
                indent = re.match(rb"\s*", line).group()
                edits.append((at, at, indent + f'#[{how}({key} = "{was}")]\n'.encode()))
                said.append(f'{how}: added #[{how}({key} = "{was}")]')
        return edits, said

    def siblings(self, hit, symbols, new):
        if hit.kind == "?":
            return False
        if hit.chain and hit.chain[-1]["kind"] == 19:
            own = impl_names(hit.chain[-1]["name"])[1]
            nodes = []

            def walk(ns):
                for n in ns:
                    if n["kind"] == 19 and impl_names(n["name"])[1] == own:
                        nodes.extend(n.get("children") or [])
                    else:
                        walk(n.get("children") or [])
            walk(symbols)
            return any(n["name"] == new for n in nodes)
        nodes = hit.chain[-1].get("children") or [] if hit.chain else symbols
        space = {"field": 1, "function": 2, "method": 2, "const": 2, "static": 2, "variant": 3}
        want = space.get(hit.kind, 4)
        return any(n["name"] == new and space.get(KINDS.get(n["kind"], "?"), 4) == want for n in nodes)

    def snapshots(self, moves):
        """insta names a snapshot by the module: those of a module that is renamed move along."""
        more = []
        for a, b in moves:
            if not a.endswith(".rs"):
                continue
            def name(p):
                parts = self.tree.rel(p)[:-3].split("/")
                if parts[0] == "src":
                    parts[0] = os.path.basename(self.crate())
                elif parts[0] == "tests":
                    parts = parts[1:]
                return "__".join(parts)
            na, nb = name(a), name(b)
            for p in self.tree.files((".snap",)):
                base = os.path.basename(p)
                if base.startswith(na + "__") or base == na + ".snap":
                    more.append([p, os.path.join(os.path.dirname(p), nb + base[len(na):])])
        return more

    def crate(self):
        with open(os.path.join(self.root, "Cargo.toml")) as f:
            m = re.search(r'(?m)^name\s*=\s*"([^"]+)"', f.read())
        return m.group(1).replace("-", "_")

    def rename_one(self, line):
        rel, item, new, note = line["path"], line["item"], line["new"], line["note"]
        result = {"line": line["n"], "path": rel, "item": item, "new": new, "note": note}
        warnings = []
        if item == "mod":
            path = os.path.join(self.root, self.moved(rel)[0])
            target_rel = os.path.join(os.path.dirname(self.tree.rel(path)), new + ".rs")
            old = os.path.basename(rel)[:-3]
            if os.path.basename(rel) == "mod.rs":
                old = os.path.basename(os.path.dirname(rel))
            if any(r.get("mod") and r["path"] == rel and r["new"] == new for r in self.state["names"]):
                return dict(result, status="already", old=old)
            if not os.path.exists(path):
                if os.path.exists(os.path.join(self.root, target_rel)):
                    return dict(result, status="already", old=old, warnings=["not of the state; taken from the tree"])
                raise Failed("no such file")
            old = os.path.basename(path)[:-3]
            if old == "mod":
                old = os.path.basename(os.path.dirname(path))
            result["old"] = old
            self.tree.show(path)
            parents = self.server.request("experimental/parentModule", self.at(path, {"line": 0, "character": 0})) or []
            if not parents:
                raise Failed("no parent module: a crate's root, or not part of the crate")
            if os.path.basename(path) != "mod.rs" and os.path.exists(os.path.join(self.root, target_rel)):
                raise Taken(f"{target_rel} exists")
            answers, hit, symbols = [], None, []
            for p in parents:
                pp = from_uri(p.get("targetUri") or p["uri"])
                pos = (p.get("targetSelectionRange") or p["range"])["start"]
                t = self.tree.text(pp)
                if re.search(rb"#\[path\b[^\n]*\n[^\n]*$", t.data[:t.offset(pos)]):
                    raise Failed("declared with #[path]: rename by hand")
                self.tree.show(pp)
                answers.append(self.server.send("textDocument/rename", dict(self.at(pp, pos), newName=new)))
            yield
            answers = [self.server.answer(a) for a in answers]
            key = ("mod", os.path.dirname(path), new)
            target = Target(self, path=path, module=True)
        else:
            got = self.resolve(rel, item)
            segs = [s for s in re.split(r"::|\.", item) if s]
            old = segs[-1]
            result["old"] = old
            known = next((r for r in self.state["names"] if r["path"] == rel and r["item"] == item and r["new"] == new), None)
            if known and (not got or self.resolve(rel, item[:len(item) - len(old)] + new)):
                return dict(result, status="already")
            if not got:
                again = self.resolve(rel, item[:len(item) - len(old)] + new)
                if again:
                    return dict(result, status="already", warnings=["not of the state; the new name is there"])
                if not os.path.exists(os.path.join(self.root, self.moved(rel)[0])):
                    raise Failed("no such file")
                raise Failed("no such item in the file (or its name stands in a macro body)")
            path, hits, segs, symbols = got
            if len(hits) > 1 and all(h.trait for h in hits):
                raise Failed("in several trait impls (" + ", ".join(sorted({h.trait for h in hits})) + "): name the trait's method")
            if len(hits) > 1 and hits[0].kind == "?":
                raise Failed(f"{len(hits)} definitions of the name in macro input")
            hit = hits[0]
            result["kind"] = hit.kind
            answers, errors, blind = [], [], []
            sent = [(h, self.server.send("textDocument/rename", dict(self.at(path, h.start), newName=new))) for h in hits]
            yield
            if self.siblings(hit, symbols, new):
                raise Taken("the new name is taken beside the item")
            holder = hit.chain[-1] if hit.chain else None
            owner = impl_names(holder["name"])[1] if holder and holder["kind"] == 19 else holder["name"] if holder else ""
            key = (path, owner, new) if hit.kind in ("field", "variant", "method") else ("item", new)
            if key in self.pending["keys"]:
                raise Taken("a line before it gives the same name")
            for h, q in sent:
                try:
                    answers.append(self.server.answer(q))
                except Failed as e:
                    errors.append(str(e))
                    blind.append(h)
            if not answers:
                raise Failed(errors[0])
            target = Target(self, path=path, hits=hits, name=segs[-1])
        edits, moves = {}, []
        for got in answers:
            e, m = self.edits_of(got)
            for p, es in e.items():
                edits.setdefault(p, []).extend(es)
            moves += [x for x in m if x not in moves]
        if item == "mod" or hit.kind in ("function", "module", "static", "?"):
            # rust-analyzer 1.95 takes a local of the same name for the item, in rename and references; not in definition.
            dropped = []
            for p, es in edits.items():
                for e in list(es):
                    if not self.is_use(target, p, e, item == "mod"):
                        es.remove(e)
                        dropped.append(f"{self.tree.rel(p)}:{self.tree.text(p).line(e[0])[0]}")
            edits = {p: es for p, es in edits.items() if es}
            if dropped:
                result["locals_left"] = sorted(set(dropped))
        if "." in item:
            # Under an attribute macro (`#[tokio::test]`, `#[async_trait]`) rust-analyzer does not see a shorthand.
            for p, es in edits.items():
                es[:] = [self.expand_shorthand(self.tree.text(p), e, new) for e in es]
        odd = self.check_edits(edits, old, new)
        if odd:
            if not self.args.accept_odd:
                raise Failed("unexpected edit: " + "; ".join(odd[:3]))
            warnings.append("unexpected edit: " + "; ".join(odd[:5]))
        if not edits and not moves:
            raise Failed("rust-analyzer gave no edit")
        shorthand = [f"{self.tree.rel(p)}:{self.tree.text(p).line(s)[0]}" for p, es in edits.items() for s, e, t in es if s == e]
        if item != "mod":
            text = self.tree.text(path)
            for h in hits:
                s = text.offset(h.start)
                at = (s, s + len(old.encode()), new.encode())
                if not any(a <= s < max(b, a + 1) and b > a for a, b, _ in edits.get(path, [])):
                    if h in blind and "inactive cfg" in text.area(s):
                        edits.setdefault(path, []).append(at)
                        warnings.append(f"twin under another cfg at line {h.start['line'] + 1}: only its own name was changed")
                    else:
                        raise Failed("the edit leaves out the definition")
            extra = self.error_strings(path, hit, old, new)
            for x in extra:
                if not any(a < x[1] and x[0] < b for a, b, _ in edits.get(path, [])):
                    edits.setdefault(path, []).append(x)
            outer = self.outward(path, hit)
            if outer:
                more, said = self.attribute(path, hit, old, new, outer, note) if self.args.attributes else ([], [])
                edits.setdefault(path, []).extend(more)
                warnings += said
                named = [h for h in outer if not any(x.startswith(h) for x in said)]
                if named:
                    warnings.append("the name reaches the outside: " + "; ".join(f"{h} {outer[h]}" for h in named))
        clash = self.imports_clash(edits, old, new)
        if clash:
            if re.match(r"[A-Z]", new) and item != "mod" and hit.kind not in ("field", "variant", "method") \
                    and not self.args.accept_taken:
                raise Taken("the new name is imported or defined already: " + ", ".join(clash[:5]))
            if item == "mod" or hit.kind not in ("field", "variant", "method"):
                warnings.append("the new name is imported or defined already (another namespace?): " + ", ".join(clash[:5]))
        fresh = {}
        for p in edits:
            n = sum(1 for _ in words(new).finditer(self.tree.text(p).masked))
            if n:
                fresh[self.tree.rel(p)] = n
        if fresh:
            result["new_name_was_there"] = fresh
        links = self.doc_links(target, old)
        count = 0
        for p, es in links.items():
            for s, e in es:
                if not any(a < e and s < b for a, b, _ in edits.get(p, [])):
                    edits.setdefault(p, []).append((s, e, new.encode()))
                    count += 1
        # Everything is known: into the batch, where nothing of it overlaps.
        for a, b in moves:
            if os.path.exists(b):
                raise Taken(f"{self.tree.rel(b)} exists")
            for c, d in self.pending["moves"]:
                if b == d or (a + "/").startswith(c + "/") or (c + "/").startswith(a + "/") or \
                        a.startswith(c.removesuffix(".rs") + "/") or c.startswith(a.removesuffix(".rs") + "/"):
                    raise Taken("moves a path that a line before it moves")
        mine = {}
        for p, es in edits.items():
            mine[p] = sorted(set(es))
            every = sorted(set(mine[p]) | self.pending["edits"].get(p, set()), key=lambda x: (x[0], x[1]))
            for x, y in zip(every, every[1:]):
                if y[0] < x[1] or (x[:2] == y[:2] and x[1] > x[0]):
                    if x in mine[p] and y in mine[p]:
                        raise Failed(f"overlapping edits in {self.tree.rel(p)}")
                    raise Taken(f"overlaps the edit of another line in {self.tree.rel(p)}")
        for p, es in mine.items():
            self.pending["edits"].setdefault(p, set()).update(es)
        self.pending["moves"] += moves
        self.pending["snaps"] += self.snapshots(moves)
        self.pending["keys"].add(key)
        self.pending["count"] += 1
        self.pending["names"].append({"path": rel, "item": item, "segs": [s for s in re.split(r"::|\.", item) if s],
                                      "new": new, "old": old, "mod": item == "mod"})
        return dict(result, status="ok", files=len(edits), edits=sum(len(e) for e in edits.values()), doc_links=count,
                    moves=[[self.tree.rel(a), self.tree.rel(b)] for a, b in moves], shorthand=shorthand, warnings=warnings)

    @staticmethod
    def expand_shorthand(text, edit, new):
        """`Foo { old }` needs `new: old`, not `new`."""
        s, e, t = edit
        d = text.masked
        if s == e or t != new.encode() or text.span(s) or not re.match(rb"\s*[,}]", d[e:e + 400]):
            return edit
        before = d[max(0, s - 4000):s]
        words_ = re.search(rb"(?:\b(?:ref|mut)\s+)*$", before)
        head = before[:words_.start()].rstrip()
        if not head.endswith((b"{", b",", b"]")):
            return edit
        depth = 0
        for i in range(len(head) - 1, -1, -1):
            c = head[i:i + 1]
            if c in b")]}":
                depth += 1
            elif c in b"([{":
                if depth == 0:
                    # A literal or a pattern of a struct: a path before the brace, and no macro.
                    if c == b"{" and re.search(rb"[A-Z]\w*(::<[^{}]*>)?\s*$|\bSelf\s*$", head[:i]):
                        at = s - (len(before) - words_.start())
                        return at, at, new.encode() + b": "
                    return edit
                depth -= 1
        return edit

    def is_use(self, target, path, edit, module):
        s, e, _ = edit
        text = self.tree.text(path)
        d = text.masked
        before = d[max(0, s - 60):s].rstrip()
        if s == e or before.endswith(b"::") or (before.endswith(b".") and not before.endswith(b"..")) \
                or re.search(rb"\b(fn|mod|static)$", before) or d[e:e + 40].lstrip().startswith(b"::"):
            return True
        found = self.definitions(path, text.position(s))
        if any(target.means(p, at, rng, False) for p, at, rng in found):
            return True
        return self.module_word(text, s, e) if module else not found

    def module_word(self, text, s, e):
        """Whether the word can be a module: in a path, a `use`, a `mod` or a visibility."""
        d = text.masked
        if text.span(s):
            return True
        after = d[e:e + 40].lstrip()
        before = d[max(0, s - 2000):s]
        if after.startswith(b"::"):
            return True
        if re.search(rb"\b(mod|use)\s+(r#)?$", before):
            return True
        stop = max(before.rfind(b";"), before.rfind(b"}"))
        statement = before[before.rfind(b";") + 1:]
        uses = list(re.finditer(rb"\buse\s", statement))
        return bool(uses) and b";" not in statement[uses[-1].start():] and \
            not re.search(rb"[()=.]", statement[uses[-1].start():]) or bool(re.search(rb"pub\s*\(\s*in\s[\w:\s]*$", before))

    USE = re.compile(rb"\buse\s[^;(]*;")

    def imports_clash(self, edits, old, new):
        out = []
        named = re.compile(rb"(?<![A-Za-z0-9_])" + re.escape(new.encode()) + rb"(?![A-Za-z0-9_])(?!\s*::)(?!\s+as\b)")
        defined = re.compile(rb"\b(struct|enum|trait|type|const|static|union|fn|mod)\s+" + re.escape(new.encode()) + rb"\b")
        for p, es in edits.items():
            text = self.tree.text(p)
            if new.encode() not in text.data:
                continue
            spans = [m.span() for m in self.USE.finditer(text.masked)]
            mine = any(a <= s < b for s, e, _ in es for a, b in spans)
            if not mine and not re.search(rb"\b(struct|enum|trait|type|const|static|fn|mod)\s+" + re.escape(old.encode()) + rb"\b", text.masked):
                continue
            if any(named.search(text.masked, a, b) for a, b in spans) or (mine and re.search(
                    rb"(?m)^(pub(\([^)]*\))?\s+)?" + defined.pattern, text.masked)):
                out.append(self.tree.rel(p))
        return out

    def flush(self):
        """The batch, in one step on disk, then to the server."""
        if not self.pending["count"]:
            self.clear()
            return
        moves, edits = self.pending["moves"], self.pending["edits"]

        def final(p):
            for a, b in moves:
                if p == a or p.startswith(a + "/"):
                    p = b + p[len(a):]
            return p
        contents = {}
        for p, es in edits.items():
            data, out, at = self.tree.text(p).data, [], 0
            if p in self.tree.stored and self.tree.stored[p] != data:
                raise SystemExit(f"{self.tree.rel(p)} was changed from outside while a batch was computed: run again")
            for s, e, t in sorted(es, key=lambda x: (x[0], x[1])):
                out += [data[at:s], t]
                at = e
            out.append(data[at:])
            contents[self.tree.rel(final(p))] = b"".join(out).decode()
        state = dict(self.state)
        rel_moves = [[self.tree.rel(a), self.tree.rel(b)]
                     for a, b in moves + [[final(x), os.path.join(os.path.dirname(final(x)), os.path.basename(y))]
                                          for x, y in self.pending["snaps"]]]
        state["moves"] = state["moves"] + [m for m in rel_moves if not m[0].endswith(".snap")]
        state["names"] = state["names"] + self.pending["names"]
        listing = {}
        for a, b in moves:
            if os.path.isdir(a):
                for d, _, names in os.walk(a):
                    for n in names:
                        listing[os.path.join(d, n)] = final(os.path.join(d, n))
            else:
                listing[a] = final(a)
        self.journal.apply({"moves": rel_moves, "contents": contents, "state": state, "state_path": self.state_path})
        self.state = state
        for a in listing:
            self.tree.forget(a)
        for p in edits:
            self.tree.show(final(p))
        if listing:
            rs = [(a, b) for a, b in listing.items() if a.endswith(".rs")]
            for a, b in rs:
                self.tree.show(b)
            self.server.notify("workspace/didChangeWatchedFiles", {"changes":
                [{"uri": to_uri(a), "type": 3} for a, b in rs] + [{"uri": to_uri(b), "type": 1} for a, b in rs]})
            time.sleep(0.3)
            self.server.settle(0.5, 300)
        self.clear()

    # -------- leftovers

    def leftovers(self, results):
        """Whole words of the old names that still stand, classed. `strong` needs an eye; `other` means another item."""
        wanted = {}
        for r in results:
            if r.get("status") in ("ok", "already") and r.get("old"):
                wanted.setdefault(r["old"], []).append(r)
        if not wanted:
            return
        bag = {n: {"strong": [], "weak": [], "other": 0, "unasked": 0} for n in wanted}
        every = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*")
        names = {n.encode() for n in wanted}
        self.seen = set()
        asks = {}
        for path in self.tree.files(None):
            if path.endswith((".png", ".gif", ".snap", ".svg", ".sqlite")):
                continue
            text, rel = self.tree.text(path), self.tree.rel(path)
            if not path.endswith(".rs"):
                for m in every.finditer(text.data):
                    if m.group() not in names:
                        continue
                    n = m.group().decode()
                    line, src = text.line(m.start())
                    code = True
                    self.put(bag[n], "strong" if self.plain(n) and code else "weak", rel, line, src, "file")
                continue
            for m in every.finditer(text.data):
                if m.group() not in names:
                    continue
                n = m.group().decode()
                line, src = text.line(m.start())
                span, areas = text.span(m.start()), text.area(m.start())
                before = text.data[text.starts[line - 1]:m.start()]
                if span and span[2] in ("doc", "comment"):
                    link = any(l.start() <= m.start() < l.end() for l in self.LINK.finditer(text.data, span[0], span[1]))
                    code = bool(re.search(rb"`[\w:.&*#!]*$", before)) and before.count(b"`") % 2 == 1 \
                        and bool(re.match(rb"[\w:.()!<>]*`", text.data[m.end():m.end() + 80]))
                    if link and span[2] == "doc" and self.definitions(path, text.position(m.start())):
                        bag[n]["other"] += 1         # the link leads somewhere
                        continue
                    strong = self.plain(n) or code or (link and b"`" in before)
                    self.put(bag[n], "strong" if strong else "weak", rel, line, src,
                             "doc link" if link else span[2] + (" code" if code else ""))
                elif span:
                    form = text.data[m.start() - 1:m.start()] == b"{" and text.data[m.end():m.end() + 1] in (b"}", b":")
                    if form and "attribute" not in areas:
                        asks.setdefault(n, []).append((path, m.start(), line, src, "format string"))
                        continue
                    # `word`, "a::word", "word.rs", "a/word": a name or a path of code in a string.
                    pathlike = text.data[m.start() - 2:m.start()] == b"::" or text.data[m.end():m.end() + 2] == b"::" \
                        or text.data[m.end():m.end() + 3] == b".rs" or text.data[m.start() - 1:m.start()] == b"/"
                    exact = "attribute" in areas and (form or text.data[span[0]:span[1]].strip(b'"') == m.group())
                    strong = self.plain(n) or exact or pathlike
                    self.put(bag[n], "strong" if strong else "weak", rel, line, src,
                             ("attribute " if "attribute" in areas else "") + "string")
                elif "macro body" in areas or "inactive cfg" in areas:
                    self.put(bag[n], "strong", rel, line, src, ", ".join(areas))
                else:
                    asks.setdefault(n, []).append((path, m.start(), line, src, "attribute" if areas else "code"))
        for n, uses in asks.items():
            if len(uses) > self.args.ask_limit:
                bag[n]["unasked"] = len(uses)
                continue
            for path, at, line, src, kind in uses:
                found = self.definitions(path, self.tree.text(path).position(at))
                if not found:
                    self.put(bag[n], "strong", self.tree.rel(path), line, src, kind + ", not resolved")
                    continue
                same, there = False, ""
                for p, s, _ in found:
                    if not p.startswith(self.root):
                        same = True
                        break
                    t = self.tree.text(p)
                    o = t.offset(s)
                    if t.data[o:o + len(n.encode())] == n.encode() or os.path.basename(p) in (n + ".rs",) \
                            or os.path.basename(os.path.dirname(p)) == n:
                        same = True
                        break
                    there = t.line(o)[1]
                if same:
                    bag[n]["other"] += 1
                else:
                    self.put(bag[n], "strong", self.tree.rel(path), line, src, f"{kind}, means: {there[:80]}")
        for n, rs in wanted.items():
            b = bag[n]
            for r in rs:
                r["leftovers"] = {"strong": b["strong"][:200], "strong_count": len(b["strong"]), "weak_count": len(b["weak"]), "weak": b["weak"][:40],
                                  "other_items": b["other"], "unasked_code": b["unasked"]}

    @staticmethod
    def plain(name):
        """Whether the name cannot be an English word by chance."""
        return "_" in name or bool(re.search(r"[a-z][A-Z]", name)) or (name.isupper() and len(name) > 1)

    def put(self, bag, how, rel, line, src, kind):
        key = (id(bag), rel, line, kind)
        if key not in self.seen:
            self.seen.add(key)
            bag[how].append({"at": f"{rel}:{line}", "kind": kind, "text": src[:160]})

    # -------- the list

    def read_list(self):
        lines = []
        with open(self.args.list) as f:
            for n, raw in enumerate(f, 1):
                raw = raw.rstrip("\n").rstrip("\r")
                if not raw.strip() or raw.lstrip().startswith("#"):
                    continue
                parts = [p.strip() for p in raw.split("\t")]
                parts += [""] * (4 - len(parts))
                lines.append({"n": n, "path": parts[0], "item": parts[1], "new": parts[2], "note": parts[3]})
        return lines

    def step(self, l, g):
        """Runs one line to its next stop; its result where it ended."""
        if not l["path"] or not l["item"] or not re.fullmatch(r"(r#)?[A-Za-z_][A-Za-z0-9_]*", l["new"]):
            return dict(l, line=l["n"], status="failed", reason="line is malformed")
        try:
            next(g)
            return None
        except StopIteration as e:
            return e.value
        except Failed as e:
            return {"line": l["n"], "path": l["path"], "item": l["item"], "new": l["new"], "note": l["note"],
                    "status": "taken" if isinstance(e, Taken) else "failed", "reason": str(e)}

    def main(self):
        lines = [l for l in self.read_list() if l["n"] >= self.args.start and (not self.args.end or l["n"] <= self.args.end)]
        if self.args.only:
            lines = [l for l in lines if l["n"] in self.args.only]
        log(f"{len(lines)} lines")
        self.server = Server(self.root, self.options, self.server_log)
        self.tree = Tree(self.root, self.server)
        results = []
        try:
            self.server.start()
            log("rust-analyzer is ready")
            reported = time.time()
            queue_, rest, again = lines, [], True
            while queue_:
                batch, queue_ = queue_[:self.args.batch], queue_[self.args.batch:]
                later = []
                began = time.time()
                running = []
                for l in batch:
                    g = self.rename_one(l)
                    running.append((l, g, self.step(l, g)))
                for l, g, early in running:
                    r = early or self.step(l, g)
                    r["seconds"] = round(time.time() - began, 2)
                    began = time.time()
                    if r["status"] == "taken":
                        if self.pending["count"]:
                            later.append(l)
                            continue
                        r["status"] = "failed"
                        rest.append(l)
                    results[:] = [x for x in results if x["line"] != r["line"]]
                    results.append(r)
                    log(f"{l['n']:4} {r['status']:7} {l['item']} -> {l['new']}"
                        + (f"  {r['edits']} edits in {r['files']} files, {r['doc_links']} links" if r["status"] == "ok" else "")
                        + (f"  {r['reason']}" if r.get("reason") else "") + f"  {r['seconds']} s")
                    for w in r.get("warnings") or []:
                        log("       ", w)
                self.flush()
                queue_ = later + queue_
                if time.time() - reported > 10:
                    self.report(results, False)
                    reported = time.time()
                if self.args.stop_on_failure and any(r["status"] == "failed" for r in results):
                    break
                if not queue_ and again and rest:
                    queue_, again = rest, False          # a later line may have freed the name
            results.sort(key=lambda r: r["line"])
            if not self.args.no_leftovers:
                began = time.time()
                self.leftovers(results)
                log(f"leftovers in {time.time() - began:.1f} s")
            self.report(results, True)
        except KeyboardInterrupt:
            self.report(results, False)
            raise
        finally:
            self.server.stop()
        tally = {}
        for r in results:
            tally[r["status"]] = tally.get(r["status"], 0) + 1
        log("done:", tally, "report:", self.args.report)
        for r in results:
            for s in (r.get("leftovers") or {}).get("strong", [])[:6]:
                print(f"{r['item']} -> {r['new']}: {s['at']} [{s['kind']}] {s['text']}")
        return 1 if tally.get("failed") else 0

    def report(self, results, complete):
        tmp = self.args.report + ".tmp"
        with open(tmp, "w") as f:
            json.dump({"root": self.root, "list": self.args.list, "complete": complete, "results": results}, f, indent=1)
        os.replace(tmp, self.args.report)


class Target:
    """What a rename is about, to tell whether a doc link means it."""
    def __init__(self, run, path, hits=(), name=None, module=False):
        self.run, self.path, self.hits, self.name, self.module = run, path, hits, name, module
        self.folder = path[:-3] + "/" if not path.endswith("/mod.rs") else os.path.dirname(path) + "/"
        self.cache = {}

    def means(self, path, start, rng, inner):
        if self.module:
            if not inner:
                # The module itself: its file from the beginning, or its declaration.
                return path == self.path and start["line"] == 0 and start["character"] == 0 or \
                    (path == self.path and rng["start"] == {"line": 0, "character": 0})
            return path == self.path or path.startswith(self.folder)
        if not inner:
            return path == self.path and any(start == h.start for h in self.hits)
        if path == self.path:
            for h in self.hits:
                a, b = h.sym["range"]["start"], h.sym["range"]["end"]
                if (a["line"], a["character"]) <= (start["line"], start["character"]) <= (b["line"], b["character"]):
                    return True
        if not path.startswith(self.run.root):
            return False
        # A member of an impl of the type.
        if path not in self.cache:
            self.cache[path] = self.run.symbols(path)
        todo = list(self.cache[path])
        while todo:
            s = todo.pop()
            if s["kind"] == 19 and impl_names(s["name"])[1] == self.name:
                a, b = s["range"]["start"], s["range"]["end"]
                if (a["line"], a["character"]) <= (start["line"], start["character"]) <= (b["line"], b["character"]):
                    return True
            todo += s.get("children") or []
        return False


def cli():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--root", required=True)
    p.add_argument("--list", required=True)
    p.add_argument("--start", type=int, default=1, help="first line of the list, by its number in the file")
    p.add_argument("--end", type=int, default=0)
    p.add_argument("--only", type=lambda s: {int(x) for x in s.split(",")}, help="only these line numbers: 3,7,12")
    p.add_argument("--report")
    p.add_argument("--target-dir", default="target/names")
    p.add_argument("--features", default="all")
    p.add_argument("--attributes", action="store_true",
                   help="where the note says serde or strum: add the attribute that keeps the old word")
    p.add_argument("--accept-odd", action="store_true", help="accept edits that do not look like a rename")
    p.add_argument("--accept-taken", action="store_true", help="rename a type or constant although a file imports the new name")
    p.add_argument("--batch", type=int, default=40, help="lines that are computed against one state of the tree")
    p.add_argument("--stop-on-failure", action="store_true")
    p.add_argument("--fresh", action="store_true", help="forget the moves and names of earlier runs (after a reset of the tree)")
    p.add_argument("--no-leftovers", action="store_true")
    p.add_argument("--ask-limit", type=int, default=400, help="code words of one old name that are resolved for the report")
    args = p.parse_args()
    args.report = args.report or os.path.splitext(args.list)[0] + ".report.json"
    sys.exit(Run(args).main())


if __name__ == "__main__":
    cli()
