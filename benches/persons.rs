//! A seeded table of persons who do not exist, one in ten of them typed a second time with slips, and who is who.
//!
//! Names are those of the population export, so many people share one; everybody is born in the 22nd century. What is typed
//! again has up to three slips: a tone left out, letters exchanged, words in another order, a digit wrong, day and month
//! exchanged, a value left out, another telephone, another address. A row depends on its number alone.

use std::fs;
use std::io;
use std::path::Path;

use super::population::mix;

/// One row in so many is somebody typed again.
const EVERY: u64 = 10;

const FAMILY_NAMES: &[&str] =
    &["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý"];
const MIDDLE_NAMES: &[&str] = &[
    "Văn", "Đức", "Minh", "Quang", "Hữu", "Gia", "Công", "Thành", "Xuân", "Quốc", "Thị", "Ngọc", "Thu", "Thanh",
    "Phương", "Kim", "Mai", "Diệu", "Bảo", "Khánh",
];
const GIVEN_NAMES: &[&str] = &[
    "An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Hòa", "Hùng", "Khoa", "Lan", "Linh", "Long", "Mai", "Nam", "Nga",
    "Phúc", "Quân", "Sơn", "Tâm", "Thảo", "Thủy", "Trang", "Tuấn", "Tú", "Uyên", "Vân", "Việt", "Xuân", "Yến", "Ý",
];
const STREETS: &[&str] =
    &["Mẫu Đơn", "Hoa Mẫu", "Mẫu Sơn", "Mẫu Giang", "Mẫu Thượng", "Mẫu Hạ", "Mẫu Trung", "Mẫu Đông"];

/// A person as typed.
#[derive(Debug, Clone)]
struct Person {
    /// The row at which the person stands first.
    first: u64,
    name: String,
    /// Year, month, day.
    born: Option<(u64, u64, u64)>,
    phone: Option<String>,
    address: Option<String>,
    card: Option<String>,
}

/// Numbers that depend on the row.
struct Dice {
    seed: u64,
    row: u64,
    thrown: u64,
}

impl Dice {
    fn below(&mut self, below: u64) -> u64 {
        self.thrown += 1;
        mix(self.seed, self.row, self.thrown) % below
    }

    fn place(&mut self, below: usize) -> usize {
        usize::try_from(self.below(below as u64)).unwrap_or_default()
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        let at = self.place(choices.len());
        choices[at]
    }
}

fn phone(dice: &mut Dice) -> String {
    // The prefixes 0550 to 0558 are not assigned to anybody.
    format!("055{}{:06}", dice.below(9), dice.below(1_000_000))
}

fn address(dice: &mut Dice) -> String {
    let (house, lane) = (1 + dice.below(400), 1 + dice.below(200));
    format!("Số {house}, ngõ {lane}, đường {} {}", dice.pick(STREETS), 1 + dice.below(40))
}

/// Who stands in a row for the first time.
fn original(seed: u64, row: u64) -> Person {
    let mut dice = Dice { seed, row, thrown: 0 };
    let name = format!("{} {} {}", dice.pick(FAMILY_NAMES), dice.pick(MIDDLE_NAMES), dice.pick(GIVEN_NAMES));
    let born = Some((2100 + dice.below(80), 1 + dice.below(12), 1 + dice.below(28)));
    let phone = (dice.below(10) > 0).then(|| phone(&mut dice));
    let address = Some(address(&mut dice));
    // The first digits of no card, then a number that is nobody else's.
    let card = (dice.below(20) > 0).then(|| format!("999{:09}", (row * 76_543_211 + seed) % 1_000_000_000));
    Person { first: row, name, born, phone, address, card }
}

/// The person of a row.
fn person(seed: u64, row: u64) -> Person {
    if row % EVERY != EVERY - 1 {
        return original(seed, row);
    }
    let mut dice = Dice { seed, row, thrown: 100 };
    // Somebody who stands before and is no repetition.
    let before = dice.below(row);
    let mut person = original(seed, if before % EVERY == EVERY - 1 { before - 1 } else { before });
    for _ in 0..=dice.below(3) {
        slip(&mut person, &mut dice);
    }
    person
}

fn slip(person: &mut Person, dice: &mut Dice) {
    match dice.below(12) {
        0 => person.name = person.name.replace(['ễ', 'ầ', 'ê', 'ạ'], "e"),
        1 => person.name = exchanged(&person.name, dice),
        2 => {
            let mut words: Vec<&str> = person.name.split(' ').collect();
            words.rotate_right(1);
            person.name = words.join(" ");
        }
        3 => {
            let mut words: Vec<&str> = person.name.split(' ').collect();
            if words.len() > 2 {
                words.remove(1);
            }
            person.name = words.join(" ");
        }
        4 => person.born = person.born.map(|(y, m, d)| if d <= 12 { (y, d, m) } else { (y, m, d) }),
        5 => person.born = person.born.map(|(year, month, _)| (year, month, 1 + dice.below(28))),
        6 => person.born = None,
        7 => person.phone = Some(phone(dice)),
        8 => person.phone = person.phone.as_deref().map(|phone| wrong_digit(phone, dice)),
        9 => person.address = Some(address(dice)),
        10 => person.card = None,
        _ => person.card = person.card.as_deref().map(|card| exchanged(card, dice)),
    }
}

/// Two neighbours exchanged.
fn exchanged(text: &str, dice: &mut Dice) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let at = dice.place(chars.len().saturating_sub(1).max(1));
    if at + 1 < chars.len() {
        chars.swap(at, at + 1);
    }
    chars.into_iter().collect()
}

fn wrong_digit(text: &str, dice: &mut Dice) -> String {
    let at = dice.place(text.len());
    let digit = char::from_digit(u32::try_from(dice.below(10)).unwrap_or_default(), 10).unwrap_or('0');
    text.chars().enumerate().map(|(place, c)| if place == at { digit } else { c }).collect()
}

/// Writes `persons.csv` into `dir`; rows with the same `person` are one.
///
/// # Errors
/// Where the file cannot be written.
pub(crate) fn write(rows: u64, seed: u64, dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let mut csv = csv::Writer::from_path(dir.join("persons.csv"))?;
    csv.write_record(["person", "full_name", "date_of_birth", "phone", "address", "card_no"])?;
    for row in 0..rows {
        let person = person(seed, row);
        let born = person.born.map_or_else(String::new, |(year, month, day)| format!("{year}-{month:02}-{day:02}"));
        let [phone, card] = [person.phone, person.card].map(Option::unwrap_or_default);
        let address = person.address.unwrap_or_default();
        csv.write_record([person.first.to_string(), person.name, born, phone, address, card])?;
    }
    csv.flush()
}
