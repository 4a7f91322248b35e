// SPDX-License-Identifier: Apache-2.0
// The peer aho-corasick, as a DFA: the leftmost-longest of all names, in either case, each row
// searched by itself. Usage: aho_corasick_peer NAMES TEXT...
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

// CPU time of this thread alone: the machine may be shared.
fn cpu_seconds() -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut now) };
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let names = std::fs::read_to_string(&arguments[1]).expect("names");
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(AhoCorasickKind::DFA))
        .build(names.lines())
        .expect("a DFA of the names");
    for path in &arguments[2..] {
        let text = std::fs::read(path).expect("text");
        let mut best = f64::MAX;
        let mut found = 0;
        for _ in 0..9 {
            let start = cpu_seconds();
            found = text.split(|byte| *byte == b'\n').map(|row| automaton.find_iter(row).count()).sum::<usize>();
            best = best.min(cpu_seconds() - start);
        }
        println!("aho-corasick\t{path}\t{:.0}\t{found}", text.len() as f64 / best / 1e6);
    }
    println!("memory\taho-corasick\t{:.1}", automaton.memory_usage() as f64 / 1e6);
}
