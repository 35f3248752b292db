//! A small regular expression as a table of states: one look-up a byte, nothing to set up for each text.
//!
//! What a general engine does before and after each short text costs more than the text itself. Most patterns of codes
//! and numbers have a few dozen states, so their table stays in the first-level cache; and since each look-up waits for
//! the one before, several texts are run side by side.

use std::collections::HashMap;

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};

/// Texts that [`Automaton::matches`] runs side by side: enough to hide that each look-up waits for the one before.
pub(super) const LANES: usize = 8;

/// The most bytes of states before the superfluous ones are dropped, which takes time; a pattern beyond is left to the
/// general engine.
const MAX_STATES: usize = 1 << 16;

/// The most bytes that finding the states may take.
const MAX_BUILD: usize = 1 << 17;

/// A deterministic automaton of at most 256 states over bytes. State 0 is the start.
#[derive(Debug)]
pub(super) struct Automaton {
    /// For each state, the state after each byte. Whole tables, so that no look-up can lie outside.
    next: Box<[[u8; 256]; 256]>,
    /// The states in which a text may end.
    accepts: [bool; 256],
}

impl Automaton {
    /// Builds the table of a pattern that is anchored on both sides; `None` where it has too many states, or looks at
    /// more than the bytes of the text (`\b`).
    pub(super) fn build(pattern: &str, nest_limit: u32) -> Option<Self> {
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

        let mut states = vec![start];
        let mut numbers: HashMap<StateID, u8> = HashMap::from([(start, 0)]);
        let mut next: Vec<[u8; 256]> = Vec::new();
        let mut accepts = [false; 256];
        while let Some(state) = states.get(next.len()).copied() {
            if dfa.is_quit_state(state) {
                return None;
            }
            accepts[next.len()] = dfa.is_match_state(dfa.next_eoi_state(state));
            let mut row = [0; 256];
            for (byte, after) in (0..=u8::MAX).zip(&mut row) {
                let target = dfa.next_state(state, byte);
                *after = if let Some(number) = numbers.get(&target) {
                    *number
                } else {
                    let number = u8::try_from(states.len()).ok()?;
                    states.push(target);
                    numbers.insert(target, number);
                    number
                };
            }
            next.push(row);
        }
        next.resize(256, [0; 256]);
        Some(Self { next: next.into_boxed_slice().try_into().ok()?, accepts })
    }

    /// Whether the whole text matches.
    #[inline]
    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        self.accepts[usize::from(self.run(0, text))]
    }

    /// Whether each of the texts matches as a whole.
    #[inline]
    pub(super) fn matches(&self, texts: [&[u8]; LANES]) -> [bool; LANES] {
        let shared = texts.iter().map(|text| text.len()).min().unwrap_or_default();
        let mut states = [0_u8; LANES];
        let mut at = 0;
        // Eight bytes of each text at a time, then four, as far as all texts go.
        while at + 8 <= shared {
            let words = texts.map(|text| text[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes)));
            self.step::<8>(&mut states, words);
            at += 8;
        }
        while at + 4 <= shared {
            let word = |bytes: &[u8; 4]| u64::from(u32::from_le_bytes(*bytes));
            self.step::<4>(&mut states, texts.map(|text| text[at..].first_chunk().map_or(0, word)));
            at += 4;
        }
        let mut found = [false; LANES];
        for ((found, state), text) in found.iter_mut().zip(states).zip(texts) {
            *found = self.accepts[usize::from(self.run(state, &text[at..]))];
        }
        found
    }

    /// The states after `BYTES` more bytes of each text, the first byte lowest.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "one byte after the other")]
    fn step<const BYTES: usize>(&self, states: &mut [u8; LANES], mut words: [u64; LANES]) {
        for _ in 0..BYTES {
            for (state, word) in states.iter_mut().zip(&mut words) {
                *state = self.next[usize::from(*state)][usize::from(*word as u8)];
                *word >>= 8;
            }
        }
    }

    #[inline]
    fn run(&self, state: u8, text: &[u8]) -> u8 {
        text.iter().fold(state, |state, byte| self.next[usize::from(state)][usize::from(*byte)])
    }
}
