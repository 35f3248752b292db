//! The fenced blocks of a page.

use std::ops::Range;

/// A fenced block of a page, by the numbers of its lines.
pub(super) struct Block<'p> {
    /// The fence that opens it.
    pub(super) at: usize,
    /// Its lines, without the fences.
    pub(super) content: Range<usize>,
    /// What is behind the fence, such as `yaml`.
    pub(super) info: &'p str,
}

/// The blocks of a page, in its order.
pub(super) fn blocks<'p>(lines: &[&'p str]) -> Vec<Block<'p>> {
    let mut blocks = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let ticks = lines[at].bytes().take_while(|byte| *byte == b'`').count();
        if ticks >= 3 {
            let fence = &lines[at][..ticks];
            let end = (at + 1..lines.len()).find(|end| lines[*end].starts_with(fence));
            let end = end.unwrap_or_else(|| panic!("the block of line {} has no end", at + 1));
            blocks.push(Block { at, content: at + 1..end, info: lines[at][ticks..].trim() });
            at = end;
        }
        at += 1;
    }
    blocks
}
