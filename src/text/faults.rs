//! All faults of one text.

use super::characters::{self, Traits};
use super::{Fault, Faults, entities, legacy, mojibake, scripts, spreadsheet};

/// The faults of a text.
pub fn faults(text: &str) -> Faults {
    let traits = characters::traits(text);
    if traits.are_plain() { Faults::NONE } else { suspected(text, traits) }
}

/// The faults of a text that contains something unusual.
fn suspected(text: &str, traits: Traits) -> Faults {
    let mut faults = Faults::NONE;
    let mut note = |fault: Fault, found: bool| {
        if found {
            faults.add(fault);
        }
    };
    let has = |wanted: u32| traits.has(wanted);
    if has(Traits::SPACE | Traits::LINE | Traits::ODD_SPACE) {
        note(Fault::EdgeSpace, text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace));
        note(Fault::DoubleSpace, text.trim().as_bytes().windows(2).any(|pair| pair == b"  "));
    }
    note(Fault::LineBreak, has(Traits::LINE));
    note(Fault::Control, has(Traits::CONTROL));
    note(Fault::OddSpace, has(Traits::ODD_SPACE) && characters::has_odd_space(text));
    // Joiners and direction marks belong to scripts that need them.
    let joins = has(Traits::JOINING | Traits::EMOJI);
    let strays = (has(Traits::ZERO_BREAK) && !has(Traits::UNSPACED)) || (has(Traits::JOINER) && !joins);
    let odd_variant = has(Traits::VARIANT) && characters::has_stray_variant(text);
    note(Fault::ZeroWidth, has(Traits::ZERO_WIDTH) || strays || odd_variant);
    note(Fault::Bidi, has(Traits::OVERRIDE) || (has(Traits::DIRECTION) && !has(Traits::RIGHT_TO_LEFT)));
    note(Fault::Replacement, has(Traits::REPLACEMENT));
    note(Fault::FullWidth, has(Traits::FULL_WIDTH) && !has(Traits::EAST_ASIAN));
    if has(Traits::COMBINING | Traits::OTHER)
        && let Some(fault) = characters::normal_form(text)
    {
        note(fault, true);
    }
    note(Fault::LostLetter, has(Traits::QUESTION) && entities::has_lost_letter(text));
    note(Fault::HtmlEntity, has(Traits::AMPERSAND) && entities::has_entity(text));
    note(Fault::Spreadsheet, has(Traits::SHEET) && spreadsheet::is_damage(text));
    note(Fault::LookAlike, has(Traits::FOREIGN | Traits::ETH) && scripts::has_look_alike(text));
    let symbols = has(Traits::SYMBOL | Traits::CONTROL);
    let mojibake = (symbols || has(Traits::LED)) && mojibake::is_mojibake(text);
    let foreign = symbols || has(Traits::PAIRED);
    let legacy = foreign && !mojibake && legacy::is_legacy(text);
    note(Fault::Mojibake, mojibake || (foreign && !legacy && mojibake::is_torn(text)));
    note(Fault::LegacyEncoding, legacy);
    faults
}
