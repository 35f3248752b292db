//! A small regular expression as a table of states: one lookup a byte, and no setup for each text.
//!
//! A general engine spends more time before and after a short text than on the text itself. Most patterns of codes and
//! numbers have a few dozen states, so their table stays in the first-level cache. Each lookup waits for the one
//! before, so several texts run side by side. Other automata of few states use the same kind of table.

use std::collections::HashMap;
use std::hash::Hash;

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};

/// Texts that [`Lanes`] runs side by side: enough to hide that each lookup waits for the one before.
const LANES: usize = 8;

/// Texts that are collected before they run, so that those that run side by side have about the same length.
const GATHERED: usize = 64;

/// Longer texts count as this long when they are sorted.
const LONGEST: usize = 63;

/// The most bytes of states before superfluous states are removed, which takes time. A larger pattern is left to the
/// general engine.
const MAX_STATES: usize = 1 << 16;

/// The most bytes that finding the states may allocate.
const MAX_BUILD: usize = 1 << 17;

/// A deterministic automaton of at most 256 states over bytes. State 0 is the start.
#[derive(Debug)]
pub struct Automaton {
    /// For each state 256 entries, one a byte: the state after that byte, times 256. The table is complete, so that no
    /// lookup can be outside of it.
    next: Box<[u16; 1 << 16]>,
    /// The states in which a text may end.
    accepts: [bool; 256],
}

impl Automaton {
    /// Builds the table of a pattern that is anchored on both sides; `None` if it has too many states, or depends on
    /// more than the bytes of the text (`\b`).
    pub fn build(pattern: &str, nest_limit: u32) -> Option<Self> {
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .match_kind(MatchKind::All)
            .minimize(true)
            .dfa_size_limit(Some(MAX_STATES))
            .determinize_size_limit(Some(MAX_BUILD));
        let dfa = dense::Builder::new()
            .configure(config)
            .syntax(syntax::Config::new().nest_limit(nest_limit))
            .build(pattern)
            .ok()?;
        let start = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).ok()?;
        // A pattern that depends on more than the bytes gives up in a state of its own.
        let mut gives_up = false;
        let accepts = |state| {
            gives_up |= dfa.is_quit_state(state);
            dfa.is_match_state(dfa.next_eoi_state(state))
        };
        Self::of(start, |state, byte| dfa.next_state(state, byte), accepts).filter(|_| !gives_up)
    }

    /// Builds the table of the states that are reached from one; `None` if there are too many.
    pub fn of<S: Copy + Eq + Hash>(
        start: S,
        next: impl Fn(S, u8) -> S,
        mut accepts: impl FnMut(S) -> bool,
    ) -> Option<Self> {
        let mut states = vec![start];
        let mut numbers: HashMap<S, u8> = HashMap::from([(start, 0)]);
        let mut rows: Vec<[u16; 256]> = Vec::new();
        let mut accepted = [false; 256];
        while let Some(state) = states.get(rows.len()).copied() {
            accepted[rows.len()] = accepts(state);
            let mut row = [0; 256];
            for (byte, after) in (0..=u8::MAX).zip(&mut row) {
                let target = next(state, byte);
                let number = if let Some(number) = numbers.get(&target) {
                    *number
                } else {
                    let number = u8::try_from(states.len()).ok()?;
                    states.push(target);
                    numbers.insert(target, number);
                    number
                };
                *after = u16::from(number) << 8;
            }
            rows.push(row);
        }
        rows.resize(256, [0; 256]);
        Some(Self { next: rows.into_flattened().into_boxed_slice().try_into().ok()?, accepts: accepted })
    }

    /// Whether the whole text matches.
    #[inline]
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.accepts(self.run(0, text))
    }

    /// Whether each of the texts matches as a whole.
    #[inline]
    fn matches(&self, texts: [&[u8]; LANES]) -> [bool; LANES] {
        let shared = texts.iter().map(|text| text.len()).min().unwrap_or_default();
        let mut states = [0; LANES];
        let mut at = 0;
        // Eight bytes of each text at a time, then one, up to the end of the shortest text.
        while at + 8 <= shared {
            let mut words = [0; LANES];
            for (word, text) in words.iter_mut().zip(texts) {
                *word = text[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
            }
            for _ in 0..8 {
                for (state, word) in states.iter_mut().zip(&mut words) {
                    *state = self.after(*state, word.to_le_bytes()[0]);
                    *word >>= 8;
                }
            }
            at += 8;
        }
        while at < shared {
            for (state, text) in states.iter_mut().zip(texts) {
                *state = self.after(*state, text[at]);
            }
            at += 1;
        }
        let mut found = [false; LANES];
        for ((found, state), text) in found.iter_mut().zip(states).zip(texts) {
            *found = self.accepts(self.run(state, &text[at..]));
        }
        found
    }

    #[inline]
    fn run(&self, state: u16, text: &[u8]) -> u16 {
        text.iter().fold(state, |state, byte| self.after(state, *byte))
    }

    #[inline]
    fn after(&self, state: u16, byte: u8) -> u16 {
        self.next[usize::from(state | u16::from(byte))]
    }

    fn accepts(&self, state: u16) -> bool {
        self.accepts[usize::from(state >> 8)]
    }
}

/// Many texts that an automaton processes side by side. It calls back with the position of each text, the text, and
/// whether it matches, in any order.
#[derive(Debug)]
pub struct Lanes<'t, F: FnMut(usize, &'t str, bool)> {
    automaton: &'t Automaton,
    found: F,
    places: [usize; GATHERED],
    texts: [&'t str; GATHERED],
    held: usize,
}

impl<'t, F: FnMut(usize, &'t str, bool)> Lanes<'t, F> {
    /// Without texts.
    pub const fn new(automaton: &'t Automaton, found: F) -> Self {
        Self { automaton, found, places: [0; GATHERED], texts: [""; GATHERED], held: 0 }
    }

    /// Adds the text at a position.
    #[inline]
    pub fn push(&mut self, place: usize, text: &'t str) {
        self.places[self.held] = place;
        self.texts[self.held] = text;
        self.held += 1;
        if self.held == GATHERED {
            self.run();
        }
    }

    /// Matches the remaining texts.
    pub fn finish(mut self) {
        self.run();
    }

    fn run(&mut self) {
        let texts = &self.texts[..self.held];
        let order = by_length(texts);
        let mut groups = order[..self.held].chunks_exact(LANES);
        for group in &mut groups {
            let lanes = std::array::from_fn(|lane| texts[usize::from(group[lane])].as_bytes());
            for (at, matches) in group.iter().zip(self.automaton.matches(lanes)) {
                let at = usize::from(*at);
                (self.found)(self.places[at], texts[at], matches);
            }
        }
        for at in groups.remainder() {
            let at = usize::from(*at);
            (self.found)(self.places[at], texts[at], self.automaton.is_match(texts[at].as_bytes()));
        }
        self.held = 0;
    }
}

/// The positions of texts, shorter ones first.
fn by_length(texts: &[&str]) -> [u8; GATHERED] {
    let length = |text: &str| text.len().min(LONGEST);
    let mut starts = [0_u8; LONGEST + 2];
    for text in texts {
        starts[length(text) + 1] += 1;
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    let mut order = [0; GATHERED];
    for (at, text) in (0..).zip(texts) {
        let start = &mut starts[length(text)];
        order[usize::from(*start)] = at;
        *start += 1;
    }
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn side_by_side_is_as_one_by_one(texts in prop::collection::vec("[ab0\\x00\u{1EBF}]{0,20}", 0..200)) {
            let automaton = Automaton::build(r"(?s-u:\A(?:a|b(?:a|\x00)*|(?:ba)*0)*\z)", 50).unwrap();
            let mut found = vec![None; texts.len()];
            let mut lanes = Lanes::new(&automaton, |at, _, matches| assert_eq!(found[at].replace(matches), None));
            texts.iter().enumerate().for_each(|(at, text)| lanes.push(at, text));
            lanes.finish();
            for (text, found) in texts.iter().zip(found) {
                prop_assert_eq!(found, Some(automaton.is_match(text.as_bytes())), "{:?}", text);
            }
        }
    }
}
