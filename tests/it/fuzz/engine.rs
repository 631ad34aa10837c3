//! A small engine: it changes seeds at random, keeps what leads to an answer that was not seen yet, and shrinks what
//! fails.

use super::json;
use fastrand::Rng;
use std::{
    any::Any,
    collections::HashSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

/// An input: bytes, and which part of the target they are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Input {
    pub(super) part: usize,
    pub(super) bytes: Vec<u8>,
}

/// What is fuzzed.
pub(super) struct Target {
    pub(super) seeds: Vec<Input>,
    /// What is put between, beside what every target is given.
    pub(super) words: Vec<Vec<u8>>,
    /// No input is longer, in bytes.
    pub(super) longest: usize,
    /// Runs of the brief test.
    pub(super) runs: u32,
    /// Whether inputs are documents whose values are exchanged too.
    pub(super) json: bool,
    /// Panics where something does not hold; answers what kind of answer came.
    pub(super) check: Box<dyn Fn(&Input) -> u64>,
}

impl Target {
    /// A target of one part.
    pub(super) fn new(
        seeds: impl IntoIterator<Item = impl AsRef<[u8]>>,
        check: impl Fn(&[u8]) -> u64 + 'static,
    ) -> Self {
        Self {
            seeds: seeds.into_iter().map(|seed| input(0, seed)).collect(),
            words: Vec::new(),
            longest: 4_096,
            runs: 2_000,
            json: false,
            check: Box::new(move |input| check(&input.bytes)),
        }
    }
}

/// An input for a part.
pub(super) fn input(part: usize, bytes: impl AsRef<[u8]>) -> Input {
    Input {
        part,
        bytes: bytes.as_ref().to_vec(),
    }
}

/// What kind of answer something is: alike for what is written alike.
pub(super) fn kind(answer: impl std::fmt::Debug) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{answer:?}").hash(&mut hasher);
    hasher.finish()
}

/// What every target is given between its own words.
const COMMON: &[&[u8]] = &[
    b"\0",
    b"\xff",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xc3",
    b"\xef\xbb\xbf",
    b"\x1b[2J",
    b"\x1b]52;c;YQ==\x07",
    b"\r\n",
    b"\r",
    b"\n",
    b"\t",
    b" ",
    b".",
    b"..",
    b"../",
    b"-",
    b"--",
    b":",
    b"%",
    b"%2e",
    b"\"",
    b"\\",
    b"'",
    b"xn--",
    b"0",
    b"-1",
    b"1e309",
    b"9999999999",
    b"18446744073709551616",
    "\u{202e}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{301}".as_bytes(),
    "\u{a0}".as_bytes(),
    "\u{2028}".as_bytes(),
    "\u{3002}".as_bytes(),
    "\u{130}".as_bytes(),
    "\u{df}".as_bytes(),
    "\u{17f}".as_bytes(),
    "\u{212a}".as_bytes(),
    "\u{3a3}".as_bytes(),
    "\u{6f22}".as_bytes(),
    "\u{1f468}\u{200d}\u{1f469}".as_bytes(),
    "\u{feff}".as_bytes(),
    "\u{fffd}".as_bytes(),
];

/// A word, of the target or of all.
fn word<'a>(rng: &mut Rng, target: &'a Target) -> &'a [u8] {
    if !target.words.is_empty() && rng.bool() {
        &target.words[rng.usize(..target.words.len())]
    } else {
        COMMON[rng.usize(..COMMON.len())]
    }
}

/// A part of something so long.
fn range(rng: &mut Rng, length: usize) -> std::ops::Range<usize> {
    let start = rng.usize(..=length);
    let most = if rng.bool() { 8 } else { length };
    start..(start + rng.usize(..=most)).min(length)
}

/// Changes bytes in one of many ways.
fn change(rng: &mut Rng, target: &Target, other: &[u8], bytes: &mut Vec<u8>) {
    let length = bytes.len();
    let at = rng.usize(..=length);
    match rng.u8(..13) {
        0 if length > 0 => bytes[at.min(length - 1)] ^= 1 << rng.u8(..8),
        1 if length > 0 => bytes[at.min(length - 1)] = rng.u8(..),
        2 => {
            bytes.drain(range(rng, length));
        }
        3 => {
            let copy = bytes[range(rng, length)].to_vec();
            bytes.splice(at..at, copy);
        }
        4 => {
            let word = word(rng, target).to_vec();
            let over = (at + word.len()).min(length);
            bytes.splice(at..over, word);
        }
        5 => bytes.truncate(at),
        6 if !other.is_empty() => {
            let part = other[range(rng, other.len())].to_vec();
            bytes.splice(at..at, part);
        }
        7 => {
            let most = if rng.bool() { 8 } else { 600 };
            let more = rng.usize(..most);
            let byte = *rng.choice(b"[{(\"'<a.0 /\\,;:!\n").unwrap_or(&b'(');
            bytes.splice(at..at, std::iter::repeat_n(byte, more));
        }
        8 => number(rng, bytes),
        9 => lines(rng, bytes),
        10 if length > 0 => {
            let at = at.min(length - 1);
            bytes[at] = if bytes[at].is_ascii_lowercase() {
                bytes[at].to_ascii_uppercase()
            } else {
                bytes[at].to_ascii_lowercase()
            };
        }
        _ => {
            let word = word(rng, target).to_vec();
            bytes.splice(at..at, word);
        }
    }
}

/// Puts another number in the place of one.
fn number(rng: &mut Rng, bytes: &mut Vec<u8>) {
    let digits: Vec<usize> = (0..bytes.len())
        .filter(|at| bytes[*at].is_ascii_digit())
        .collect();
    let Some(start) = rng.choice(digits) else {
        return;
    };
    let rest = bytes[start..].iter();
    let end = start + rest.take_while(|byte| byte.is_ascii_digit()).count();
    let numbers = [
        "",
        "0",
        "-1",
        "1",
        "255",
        "65536",
        "4294967296",
        "9223372036854775808",
        "00",
        "1.5",
    ];
    let other = numbers[rng.usize(..numbers.len())];
    bytes.splice(start..end, other.bytes());
}

/// Takes a line away, doubles one, or moves one.
fn lines(rng: &mut Rng, bytes: &mut Vec<u8>) {
    let mut lines: Vec<Vec<u8>> = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    if lines.is_empty() {
        return;
    }
    let (one, other) = (rng.usize(..lines.len()), rng.usize(..lines.len()));
    match rng.u8(..3) {
        0 => {
            lines.remove(one);
        }
        1 => lines.insert(other, lines[one].clone()),
        _ => lines.swap(one, other),
    }
    *bytes = lines.concat();
}

/// Another input, made of one that is there.
fn changed(rng: &mut Rng, target: &Target, corpus: &[Input]) -> Input {
    let mut made = corpus[rng.usize(..corpus.len())].clone();
    let other = &corpus[rng.usize(..corpus.len())].bytes;
    for _ in 0..=rng.usize(..4) {
        let exchanged = if target.json && rng.bool() {
            let word = word(rng, target);
            json::exchanged(rng, &made.bytes, word)
        } else {
            None
        };
        match exchanged {
            Some(bytes) => made.bytes = bytes,
            None => change(rng, target, other, &mut made.bytes),
        }
    }
    made.bytes.truncate(target.longest);
    made
}

/// The words of a panic.
fn words_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().cloned();
    text.or_else(|| {
        payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
    })
    .unwrap_or_default()
}

/// What kind of answer came, or why none did.
fn run(target: &Target, input: &Input) -> Result<u64, String> {
    catch_unwind(AssertUnwindSafe(|| (target.check)(input))).map_err(|payload| words_of(&*payload))
}

/// The shortest input that was found to fail as well.
fn shrunk(target: &Target, mut input: Input) -> Input {
    let mut tries = 1_000_u32;
    let mut fails = |bytes: &[u8]| {
        tries = tries.saturating_sub(1);
        let part = input.part;
        let bytes = bytes.to_vec();
        tries > 0 && run(target, &Input { part, bytes }).is_err()
    };
    let mut bytes = input.bytes.clone();
    let mut size = bytes.len().next_power_of_two();
    while size > 0 {
        let mut at = 0;
        while at < bytes.len() {
            let mut fewer = bytes.clone();
            fewer.drain(at..(at + size).min(fewer.len()));
            if fails(&fewer) {
                bytes = fewer;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    for at in 0..bytes.len() {
        let mut plainer = bytes.clone();
        plainer[at] = b'a';
        if bytes[at] != b'a' && fails(&plainer) {
            bytes = plainer;
        }
    }
    input.bytes = bytes;
    input
}

/// Runs a target from a seed for as long as `goes_on` says of the number of runs; answers that number and how many
/// kinds of answer came.
fn fuzz(name: &str, target: &Target, seed: u64, goes_on: impl Fn(u32) -> bool) -> (u32, usize) {
    let mut rng = Rng::with_seed(seed);
    let mut corpus = target.seeds.clone();
    let mut kinds = HashSet::new();
    let mut runs = 0;
    let mut check = |input: &Input, runs: u32| match run(target, input) {
        Ok(kind) => kinds.insert(kind),
        Err(why) => {
            let least = shrunk(target, input.clone());
            let words = run(target, &least).err().unwrap_or(why);
            panic!(
                "{name}, seed {seed}, run {runs}: {words}\npart {} of \"{}\"",
                least.part,
                least.bytes.escape_ascii(),
            )
        }
    };
    for seed in &target.seeds {
        check(seed, 0);
    }
    while goes_on(runs) {
        let made = changed(&mut rng, target, &corpus);
        if check(&made, runs) && corpus.len() < 4_096 {
            corpus.push(made);
        }
        runs += 1;
    }
    (runs, kinds.len())
}

/// A few runs from a fixed seed.
pub(super) fn brief(name: &str, target: &Target) {
    let (_, kinds) = fuzz(name, target, 20_261_201, |runs| runs < target.runs);
    assert!(kinds > 1, "{name}: every answer is the same");
}

/// As long as the environment says, from a seed that it gives or that is new.
#[expect(clippy::print_stdout, reason = "whoever runs it reads the numbers")]
pub(super) fn minute(name: &str, target: &Target) {
    let number = |variable: &str| std::env::var(variable).ok()?.parse().ok();
    let seed = number("STANCH_FUZZ_SEED").unwrap_or_else(|| fastrand::u64(..));
    let time = Duration::from_secs(number("STANCH_FUZZ_SECONDS").unwrap_or(60));
    let start = Instant::now();
    let (runs, kinds) = fuzz(name, target, seed, |_| start.elapsed() < time);
    println!("{name}: seed {seed}, {runs} runs, {kinds} kinds of answer, nothing found");
}
