//! Syllables of Vietnamese.

use unicode_normalization::UnicodeNormalization as _;

/// Consonants with which a syllable begins, longer ones before their beginnings.
const INITIALS: [&str; 28] = [
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "d", "đ", "g", "h", "k", "l", "m",
    "n", "p", "r", "s", "t", "v", "x", "",
];

/// The rest, without its tone.
const RIMES: &str = " a ac ach ai am an ang anh ao ap at au ay ă ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep \
                     et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach oai \
                     oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot ô \
                     ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uênh ui um un ung uơ uôc uôi uôm \
                     uôn uông uôt up ut uy uya uych uyên uyêt uynh uyt uyu ư ưa ưc ưi ưng ươc ươi ươm ươn ương ươp ươt ươu ưt \
                     ưu y yêm yên yêng yêt yêu yt ynh ych ";

/// Whether the word is one Vietnamese syllable in modern spelling, in any case.
pub fn is_syllable(word: &str) -> bool {
    // The longest, nghiêng, has seven letters.
    if word.chars().take(9).count() > 8 {
        return false;
    }
    // The tone, and how many letters there are up to the one that has it.
    let (mut letters, mut tone) = (String::new(), None);
    for c in word.nfd().flat_map(char::to_lowercase) {
        match c {
            '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}' => {
                if tone.replace((c, letters.nfc().count())).is_some() {
                    return false;
                }
            }
            _ => letters.push(c),
        }
    }
    let mut letters: String = letters.nfc().collect();
    // Đắk, Lắk and Pắk keep the k of their own languages.
    if letters.ends_with('k') {
        letters.pop();
        letters.push('c');
    }
    let closed = letters.ends_with(['c', 'p', 't']) || letters.ends_with("ch");
    if closed && !matches!(tone, Some(('\u{301}' | '\u{323}', _))) {
        return false;
    }
    INITIALS.iter().any(|initial| {
        let carries = |rime: &str| {
            tone.is_none_or(|(_, up_to)| {
                up_to.checked_sub(initial.chars().count() + 1).is_some_and(|at| may_carry(rime, at))
            })
        };
        letters.strip_prefix(initial).is_some_and(|rime| is_rime(rime) && carries(rime))
    })
}

/// Whether the letter of a rime at that position has its tone mark: in `oa`, `oe` and `uy` either may have it. In other
/// rimes it is the last vowel before a consonant, the middle one of three, or the first of two, except in `uê` and
/// `uơ`.
fn may_carry(rime: &str, at: usize) -> bool {
    let vowels = rime.chars().take_while(|c| !matches!(c, 'c' | 'g' | 'h' | 'm' | 'n' | 'p' | 't')).count();
    match (rime, vowels) {
        ("oa" | "oe" | "uy", _) => at < 2,
        ("uê" | "uơ", _) => at == 1,
        (_, vowels) if vowels < rime.chars().count() => at + 1 == vowels,
        (_, 3) => at == 1,
        _ => at == 0,
    }
}

fn is_rime(rime: &str) -> bool {
    !rime.is_empty()
        && RIMES.match_indices(rime).any(|(at, _)| {
            RIMES.as_bytes().get(at.wrapping_sub(1)) == Some(&b' ')
                && RIMES.as_bytes().get(at + rime.len()) == Some(&b' ')
        })
}

#[cfg(test)]
mod tests {
    use super::is_syllable;

    #[test]
    fn syllables_are_told_from_other_words() {
        for word in [
            "Nguyễn", "Đặng", "hòa", "hoà", "QUÝ", "nghiêng", "Thuỷ", "ước", "yên", "gì", "giếng", "khuya", "quỳnh",
            "ăn", "Đắk", "xoong", "ông", "Quốc", "Toàn", "xão", "của", "thuế", "thuở", "miền", "mùa", "quá", "già",
            "gìn", "khuỷu", "ngoẻo", "ướt", "ỷ", "nghĩa", "tuổi", "rượu", "Lắk",
        ] {
            assert!(is_syllable(word), "{word}");
        }
        for word in [
            "Tòan",
            "xaõ",
            "cuả",
            "uê\u{300}n",
            "mìên",
            "qúa",
            "",
            "Andrộ",
            "cá\u{301}c",
            "hoc",
            "Nestlộđ",
            "Löf",
            "chrome",
            "zoộ",
            "ngkh",
            "Đắkk",
            "đack",
            "ộ2",
        ] {
            assert!(!is_syllable(word), "{word}");
        }
    }
}
