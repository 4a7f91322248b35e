// SPDX-License-Identifier: Apache-2.0
// The aho-corasick crate's DFA over rows, for bench/link.sh:
//   aho-corasick-peer scan NAMES TEXTS PASSES      facts, as link_bench prints them
//   aho-corasick-peer pairs NAMES TEXTS            row and line of the name for each match
// ASCII case is ignored. The leftmost-longest match counts where words begin and end at its ends; where they do not, the search goes on
// one byte behind its beginning.
use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, Match, MatchKind, StartKind};
use std::{env, fs};

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn malloc_trim(pad: usize) -> i32;
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}

const CLOCK_THREAD_CPUTIME_ID: i32 = 3;

// CPU time of this thread: the machine may be shared.
fn seconds_now() -> f64 {
    let mut now = Timespec { seconds: 0, nanoseconds: 0 };
    unsafe { clock_gettime(CLOCK_THREAD_CPUTIME_ID, &mut now) };
    now.seconds as f64 + now.nanoseconds as f64 * 1e-9
}

fn resident_bytes() -> usize {
    unsafe { malloc_trim(0) };
    let statm = fs::read_to_string("/proc/self/statm").expect("/proc/self/statm");
    statm.split(' ').nth(1).expect("pages").parse::<usize>().expect("a number") * 4096
}

fn lines(data: &[u8]) -> Vec<&[u8]> {
    let mut rows: Vec<&[u8]> = data.split(|b| *b == b'\n').collect();
    rows.pop_if(|last| last.is_empty());
    rows
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

fn at_words(row: &[u8], m: &Match) -> bool {
    (m.start() == 0 || !in_word(row[m.start() - 1])) && (m.end() == row.len() || !in_word(row[m.end()]))
}

#[inline(always)]
fn scan_row(search: &AhoCorasick, row: &[u8], mut found: impl FnMut(usize)) {
    let mut from = 0;
    while let Some(m) = search.find(Input::new(row).range(from..)) {
        from = if at_words(row, &m) {
            found(m.pattern().as_usize());
            m.end()
        } else {
            m.start() + 1
        };
    }
}

fn main() {
    let words: Vec<String> = env::args().collect();
    let names = fs::read(&words[2]).expect("NAMES");
    let texts = fs::read(&words[3]).expect("TEXTS");
    let (names, rows) = (lines(&names), lines(&texts));
    let before = resident_bytes();
    let start = seconds_now();
    let search = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .start_kind(StartKind::Unanchored)
        .kind(Some(AhoCorasickKind::DFA))
        .build(&names)
        .expect("a DFA");
    let build = seconds_now() - start;
    if words[1] == "pairs" {
        for (i, row) in rows.iter().enumerate() {
            scan_row(&search, row, |name| println!("{}\t{}", i + 1, name + 1));
        }
        return;
    }
    let (mut best, mut matches) = (f64::INFINITY, 0usize);
    for _ in 0..words[4].parse::<usize>().expect("PASSES") {
        let from = seconds_now();
        matches = 0;
        for row in &rows {
            scan_row(&search, row, |_| matches += 1);
        }
        best = best.min(seconds_now() - from);
    }
    let bytes: usize = rows.iter().map(|row| row.len()).sum();
    let memory = resident_bytes() - before;
    println!(
        "aho-corasick DFA\t{}\t{}\t{}\t{}\t{:.3}\t{:.6}\t{}",
        names.len(), rows.len(), bytes, matches, build, best, memory
    );
}
