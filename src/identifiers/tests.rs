use std::fs;

use proptest::prelude::*;

use super::*;

const NOW: Context = Context { year: 2026, foreign_births: false };

fn kind(name: &str) -> &'static Kind {
    find(name).unwrap_or_else(|| panic!("there is no kind {name}"))
}

#[test]
fn scratch_vectors() {
    let Ok(file) = fs::read_to_string("/tmp/ident/cross.csv") else { return };
    let mut wrong = 0;
    for line in file.lines() {
        let mut parts = line.split('|');
        let (name, value, valid) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let ours = kind(name).judge(value, &NOW);
        if ours.is_ok() != (valid == "1") {
            wrong += 1;
            if wrong < 60 { println!("{line}: {ours:?}"); }
        }
    }
    println!("{wrong} wrong");
}
