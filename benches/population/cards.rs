//! Health-insurance cards of some citizens, and what a fault in a card does to every rule.

use std::io;

use unicode_normalization::UnicodeNormalization as _;

use super::citizens::{self, Citizen};
use super::table::{Day, Kind, Table, day};
use super::{Effect, Expected, Export, draw, fault_at};
use Effect::{BothFail, Fails, Skips};

/// The columns of the export.
pub(super) const COLUMNS: &[(&str, Kind)] = &[
    ("card_no", Kind::Text),
    ("citizen_id", Kind::Text),
    ("full_name", Kind::Text),
    ("date_of_birth", Kind::Date),
    ("valid_from", Kind::Date),
    ("valid_to", Kind::Date),
    ("status", Kind::Text),
];

/// What can be wrong with a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Orphan,
    HolderMissing,
    NameOfAnother,
    /// No fault: the same name, written differently.
    NameSpeltDifferently,
    BirthOfAnother,
    ExpiredButActive,
    EndsBeforeItStarts,
    NumberRepeated,
    NumberMisshapen,
    SecondActive,
    StatusUnknown,
}

const FAULTS: &[Fault] = &[
    Fault::Orphan,
    Fault::Orphan,
    Fault::HolderMissing,
    Fault::NameOfAnother,
    Fault::NameSpeltDifferently,
    Fault::NameSpeltDifferently,
    Fault::NameSpeltDifferently,
    Fault::NameSpeltDifferently,
    Fault::BirthOfAnother,
    Fault::ExpiredButActive,
    Fault::EndsBeforeItStarts,
    Fault::NumberRepeated,
    Fault::NumberMisshapen,
    Fault::SecondActive,
    Fault::StatusUnknown,
];

#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "the names of the columns")]
struct Card {
    card_no: String,
    citizen_id: Option<String>,
    full_name: Option<String>,
    date_of_birth: Day,
    valid_from: i32,
    valid_to: i32,
    status: &'static str,
}

/// Issues the cards in the order of the citizens.
pub(super) struct Issuer {
    export: Export,
    issued: u64,
    deceased: u64,
    last: Option<Card>,
    /// Whether the holder of the last card is deceased.
    last_deceased: bool,
}

/// The rules that judge every sound card.
const RULES: &[&str] = &[
    "card-ends-after-it-starts",
    "card-holder-and-birthday-registered",
    "card-holder-is-registered",
    "card-says-what-the-register-says",
    "insurance_cards.card_no.matches",
    "insurance_cards.card_no.required",
    "insurance_cards.card_no.unique",
    "insurance_cards.citizen_id.required",
    "insurance_cards.date_of_birth.type",
    "insurance_cards.status.allowed",
    "insurance_cards.valid_from.type",
    "insurance_cards.valid_to.type",
];

/// The rules that judge active cards only.
const RULES_OF_ACTIVE: &[&str] =
    &["active-card-has-not-expired", "no-active-card-of-the-deceased", "one-active-card-each"];

impl Issuer {
    pub(super) fn new(export: &Export) -> Self {
        Self { export: export.clone(), issued: 0, deceased: 0, last: None, last_deceased: false }
    }

    /// Issues a card to about six in ten of the sound citizens, but not to those whose number the next row repeats, so
    /// that every holder stands in the register once.
    pub(super) fn issue(
        &mut self,
        row: u64,
        citizen: &Citizen,
        counts: &mut [Expected; 2],
        table: &mut Table,
    ) -> io::Result<()> {
        let (seed, block) = (self.export.seed, self.export.fault_block);
        let next_is_sound = fault_at(seed, row + 1, block, citizens::FAULTS).is_none();
        if row % 2 == 1 || !next_is_sound || draw(seed, row, 21, 10) >= 6 {
            return Ok(());
        }
        let fault = fault_at(seed, self.issued, block, FAULTS);
        let mut card = self.sound(row, citizen);
        let mut effects: Vec<Effect> = Vec::new();
        if citizen.status == "deceased" {
            self.deceased += 1;
            card.status = "revoked";
            if block.is_some() && self.deceased % 3 == 1 {
                card.status = "active";
                effects.push(Fails("no-active-card-of-the-deceased"));
            }
        } else if let Some(fault) = fault {
            effects.extend(self.spoil(&mut card, fault));
        }
        for counts in counts {
            counts.judge(RULES);
            if card.status == "active" {
                counts.judge(RULES_OF_ACTIVE);
            }
            counts.apply(&effects);
        }
        self.issued += 1;
        self.last = Some(card.clone());
        self.last_deceased = citizen.status == "deceased";
        card.write(table)
    }

    /// Counts the rules about all cards.
    pub(super) fn close(&self, counts: &mut [Expected; 2]) {
        for counts in counts {
            counts.whole("cards-still-come-in", self.export.fault_block.is_none());
        }
    }

    fn sound(&self, row: u64, citizen: &Citizen) -> Card {
        let seed = self.export.seed;
        // Where there are faults, the cards of the last months have not come in.
        let months = if self.export.fault_block.is_some() { 8 } else { 11 };
        let days = i32::try_from(draw(seed, row, 22, months * 30)).unwrap_or(0);
        // The newest card of a sound export is always young.
        let days = if self.issued == 0 && self.export.fault_block.is_none() { 340 } else { days };
        Card {
            card_no: format!("DN4{}{}", citizen.province, citizen.social_insurance_no),
            citizen_id: citizen.citizen_id.clone(),
            full_name: citizen.full_name.clone(),
            date_of_birth: citizen.date_of_birth,
            valid_from: day(2129, 1, 1) + days,
            valid_to: day(2130, 12, 31),
            status: "active",
        }
    }

    /// Puts the fault into a sound, active card. The card before is sound, but may be of a deceased.
    fn spoil(&self, card: &mut Card, fault: Fault) -> Vec<Effect> {
        match fault {
            Fault::Orphan => {
                // No code of a place of registration starts with 1.
                card.citizen_id = card.citizen_id.take().map(|id| format!("1{}", id.get(1..).unwrap_or_default()));
                vec![
                    Fails("card-holder-is-registered"),
                    Fails("card-holder-and-birthday-registered"),
                    Skips("card-says-what-the-register-says"),
                ]
            }
            Fault::HolderMissing => {
                card.citizen_id = None;
                vec![
                    Fails("insurance_cards.citizen_id.required"),
                    Skips("card-holder-is-registered"),
                    Skips("card-holder-and-birthday-registered"),
                    Skips("card-says-what-the-register-says"),
                    Skips("no-active-card-of-the-deceased"),
                    Skips("one-active-card-each"),
                ]
            }
            Fault::NameOfAnother => {
                card.full_name = card.full_name.take().map(|name| format!("{name} Anh"));
                vec![Fails("card-says-what-the-register-says")]
            }
            Fault::NameSpeltDifferently => {
                let spelling = draw(self.export.seed, self.issued, 23, 4);
                card.full_name = card.full_name.take().map(|name| match spelling {
                    0 => name.to_uppercase(),
                    1 => name.nfd().collect(),
                    2 => name.replace(' ', "  "),
                    _ => name.replace("Hòa", "Hoà").replace("Thủy", "Thuỷ").to_lowercase(),
                });
                Vec::new()
            }
            Fault::BirthOfAnother => {
                // No citizen is born in 2098.
                card.date_of_birth = Day::On(day(2098, 12, 31));
                vec![Fails("card-says-what-the-register-says"), Fails("card-holder-and-birthday-registered")]
            }
            Fault::ExpiredButActive => {
                card.valid_to = day(2129, 12, 30);
                vec![Fails("active-card-has-not-expired")]
            }
            Fault::EndsBeforeItStarts => {
                card.valid_to = day(2128, 12, 31);
                card.status = "expired";
                vec![Fails("card-ends-after-it-starts")]
            }
            Fault::NumberRepeated => match &self.last {
                Some(last) => {
                    card.card_no.clone_from(&last.card_no);
                    vec![BothFail("insurance_cards.card_no.unique")]
                }
                None => Vec::new(),
            },
            Fault::NumberMisshapen => {
                card.card_no = card.card_no.replacen("DN4", "DN6", 1);
                vec![Fails("insurance_cards.card_no.matches")]
            }
            Fault::SecondActive => match &self.last {
                Some(last) if last.status == "active" => {
                    card.citizen_id.clone_from(&last.citizen_id);
                    card.full_name.clone_from(&last.full_name);
                    card.date_of_birth = last.date_of_birth;
                    let mut effects = vec![BothFail("one-active-card-each")];
                    if self.last_deceased {
                        effects.push(Fails("no-active-card-of-the-deceased"));
                    }
                    effects
                }
                _ => Vec::new(),
            },
            Fault::StatusUnknown => {
                card.status = "hết hiệu lực?";
                vec![Fails("insurance_cards.status.allowed")]
            }
        }
    }
}

impl Card {
    fn write(self, table: &mut Table) -> io::Result<()> {
        table.text(0, Some(self.card_no));
        table.text(1, self.citizen_id);
        table.text(2, self.full_name);
        table.date(3, self.date_of_birth);
        table.date(4, Day::On(self.valid_from));
        table.date(5, Day::On(self.valid_to));
        table.text(6, Some(self.status.to_owned()));
        table.end_row()
    }
}
