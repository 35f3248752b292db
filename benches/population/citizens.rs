//! The citizens, and what a fault in a citizen does to every rule.

use std::io;

use super::table::{Day, Kind, Table, day};
use super::{Effect, Expected, Export, PROVINCES, draw, fault_at, pick};
use Effect::{BothFail, Fails, Skips};

/// The columns of the export.
pub(super) const COLUMNS: &[(&str, Kind)] = &[
    ("citizen_id", Kind::Text),
    ("full_name", Kind::Text),
    ("sex", Kind::Text),
    ("date_of_birth", Kind::Date),
    ("province", Kind::Text),
    ("ward", Kind::Text),
    ("phone", Kind::Text),
    ("email", Kind::Text),
    ("social_insurance_no", Kind::Text),
    ("address", Kind::Text),
    ("issued_on", Kind::Date),
    ("status", Kind::Text),
    ("updated_at", Kind::Datetime),
];

/// How many numbers there are: places of registration × sexes × six digits.
pub(super) const NUMBERS: u64 = BIRTH_CODES.len() as u64 * 2 * 1_000_000;

/// Centuries that a number can tell, from the one after this on.
pub(super) const CENTURIES: u64 = 4;

/// The codes of the places where births are registered, the first three digits of a citizen's number.
const BIRTH_CODES: [&str; 63] = [
    "001", "002", "004", "006", "008", "010", "011", "012", "014", "015", "017", "019", "020", "022", "024", "025",
    "026", "027", "030", "031", "033", "034", "035", "036", "037", "038", "040", "042", "044", "045", "046", "048",
    "049", "051", "052", "054", "056", "058", "060", "062", "064", "066", "067", "068", "070", "072", "074", "075",
    "077", "079", "080", "082", "083", "084", "086", "087", "089", "091", "092", "093", "094", "095", "096",
];

const FAMILY_NAMES: &[&str] =
    &["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý"];
const MIDDLE_NAMES: [&[&str]; 2] = [
    &["Văn", "Đức", "Minh", "Quang", "Hữu", "Gia", "Công", "Thành", "Xuân", "Quốc"],
    &["Thị", "Ngọc", "Thu", "Thanh", "Phương", "Kim", "Mai", "Diệu", "Bảo", "Khánh"],
];
const GIVEN_NAMES: &[&str] = &[
    "An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Hòa", "Hùng", "Khoa", "Lan", "Linh", "Long", "Mai", "Nam", "Nga",
    "Phúc", "Quân", "Sơn", "Tâm", "Thảo", "Thủy", "Trang", "Tuấn", "Tú", "Uyên", "Vân", "Việt", "Xuân", "Yến", "Ý",
];

const BORN_FIRST: i32 = day(2099, 1, 1);
const ISSUED_FIRST: i32 = day(2113, 1, 1);
const ISSUED_LAST: i32 = day(2129, 11, 30);
const UPDATED_FIRST: i32 = day(2129, 7, 1);

/// A person who does not exist.
#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "the names of the columns")]
pub(super) struct Citizen {
    pub(super) citizen_id: Option<String>,
    pub(super) full_name: Option<String>,
    sex: Option<&'static str>,
    pub(super) date_of_birth: Day,
    pub(super) province: &'static str,
    ward: String,
    phone: Option<String>,
    email: Option<String>,
    pub(super) social_insurance_no: String,
    address: Option<String>,
    issued_on: Day,
    pub(super) status: &'static str,
    /// Seconds since 1970-01-01T00:00:00.
    updated_at: i64,
}

/// What can be wrong with a citizen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    IdBlank,
    IdRepeated,
    IdMisshapen,
    NameUnknown,
    NameTooLong,
    NameWithDigit,
    SexMissing,
    SexForeign,
    SexContradictsId,
    BirthMissing,
    BirthUnreadable,
    BirthLongAgo,
    ProvinceUnknown,
    ProvinceAbolished,
    WardShort,
    WardZero,
    PhoneMissing,
    PhoneOld,
    EmailMissing,
    EmailMisshapen,
    ContactMissing,
    InsuranceShort,
    InsuranceRepeated,
    AddressUnknown,
    AddressTooLong,
    IssuedUnreadable,
    IssuedInFuture,
    IssuedBeforeBirth,
    StatusUnknown,
    Stale,
    PersonRepeated,
    RowRepeated,
}

/// The faults of one block of rows; what stands more than once is that much more frequent.
pub(super) const FAULTS: &[Fault] = &[
    Fault::IdBlank,
    Fault::IdRepeated,
    Fault::IdMisshapen,
    Fault::NameUnknown,
    Fault::NameTooLong,
    Fault::NameWithDigit,
    Fault::SexMissing,
    Fault::SexForeign,
    Fault::SexContradictsId,
    Fault::SexContradictsId,
    Fault::BirthMissing,
    Fault::BirthUnreadable,
    Fault::BirthLongAgo,
    Fault::ProvinceUnknown,
    Fault::ProvinceAbolished,
    Fault::WardShort,
    Fault::WardShort,
    Fault::WardZero,
    Fault::PhoneMissing,
    Fault::PhoneMissing,
    Fault::PhoneMissing,
    Fault::PhoneOld,
    Fault::PhoneOld,
    Fault::EmailMissing,
    Fault::EmailMisshapen,
    Fault::ContactMissing,
    Fault::InsuranceShort,
    Fault::InsuranceRepeated,
    Fault::AddressUnknown,
    Fault::AddressTooLong,
    Fault::IssuedUnreadable,
    Fault::IssuedInFuture,
    Fault::IssuedBeforeBirth,
    Fault::StatusUnknown,
    Fault::Stale,
    Fault::PersonRepeated,
    Fault::RowRepeated,
];

/// The citizen of a row, and the fault that was put into it.
pub(super) fn citizen(export: &Export, row: u64) -> (Citizen, Option<Fault>) {
    let fault = fault_at(export.seed, row, export.fault_block, FAULTS);
    let mut citizen = sound(export.seed, row, fault.is_some());
    if let Some(fault) = fault {
        spoil(&mut citizen, fault, || sound(export.seed, row.saturating_sub(1), false));
    }
    (citizen, fault)
}

/// The citizen of a row without any fault; `plain` ones are a man or a woman.
fn sound(seed: u64, row: u64, plain: bool) -> Citizen {
    // A step without a common factor with NUMBERS visits every number once.
    let number = (row * 76_543_211 + seed % NUMBERS) % NUMBERS;
    let (serial, place) = (number % 1_000_000, number / 1_000_000);
    // Once all numbers are given away, the next citizens are born a century later, which their numbers tell.
    let century = i32::try_from(row / NUMBERS).unwrap_or(0);
    let female = place % 2 == 1;
    let birth_code = usize::try_from(place / 2).map_or("", |at| BIRTH_CODES[at]);
    let province = usize::try_from(draw(seed, row, 1, 34)).map_or("", |at| PROVINCES[at].0);
    let days = |salt: u64, first: i32, count: u64| first + i32::try_from(draw(seed, row, salt, count)).unwrap_or(0);
    let full_name = format!(
        "{} {} {}",
        pick(seed, row, 2, FAMILY_NAMES),
        pick(seed, row, 3, MIDDLE_NAMES[usize::from(female)]),
        pick(seed, row, 4, GIVEN_NAMES)
    );
    // The newest record of the export is always young.
    let updated_at = match row {
        0 => i64::from(day(2129, 12, 31)) * 86_400 + 28_800,
        _ => i64::from(days(11, UPDATED_FIRST, 180)) * 86_400 + i64::try_from(draw(seed, row, 12, 86_400)).unwrap_or(0),
    };
    let issued_span = u64::try_from(ISSUED_LAST - ISSUED_FIRST).unwrap_or(1);
    Citizen {
        citizen_id: Some(format!("{birth_code}{}99{serial:06}", 2 + 2 * century + i32::from(female))),
        full_name: Some(full_name),
        sex: Some(match (female, draw(seed, row, 5, 100)) {
            (_, 0) if !plain => "Khác",
            (true, _) => "Nữ",
            (false, _) => "Nam",
        }),
        date_of_birth: Day::On(days(6, BORN_FIRST, 365) + century * 36_525),
        province,
        ward: format!("{:05}", 1 + draw(seed, row, 7, 32_000)),
        // The prefixes 0550 to 0558 are not assigned to anybody.
        phone: Some(format!("055{}{:06}", draw(seed, row, 8, 9), draw(seed, row, 9, 1_000_000))),
        email: Some(format!("cong.dan.{number:09}@example.org")),
        social_insurance_no: format!("{:010}", 9_700_000_000 + number),
        address: Some(format!(
            "Số {}, ngõ {}, đường Mẫu {}",
            number % 1000 + 1,
            number / 1000 % 1000 + 1,
            number / 1_000_000 + 1
        )),
        issued_on: Day::On(days(10, ISSUED_FIRST, issued_span)),
        status: match draw(seed, row, 13, 100) {
            0 | 1 => "deceased",
            2..=6 => "moved",
            _ => "active",
        },
        updated_at,
    }
}

/// Puts the fault into a sound citizen. `before` is the row before.
fn spoil(citizen: &mut Citizen, fault: Fault, before: impl Fn() -> Citizen) {
    match fault {
        Fault::IdBlank => citizen.citizen_id = Some("  ".to_owned()),
        Fault::IdRepeated => {
            let before = before();
            // The number tells the sex, so that is taken over with it.
            let female = before.citizen_id.as_deref().is_some_and(|id| id.get(3..4) == Some("3"));
            citizen.sex = Some(if female { "Nữ" } else { "Nam" });
            citizen.citizen_id = before.citizen_id;
        }
        Fault::IdMisshapen => {
            citizen.citizen_id = citizen.citizen_id.take().map(|id| format!("A{}", id.get(1..).unwrap_or_default()));
        }
        Fault::NameUnknown => citizen.full_name = Some("không rõ".to_owned()),
        Fault::NameTooLong => citizen.full_name = citizen.full_name.take().map(|name| vec![name; 9].join(" ")),
        Fault::NameWithDigit => citizen.full_name = citizen.full_name.take().map(|name| format!("{name} 2")),
        Fault::SexMissing => citizen.sex = None,
        Fault::SexForeign => citizen.sex = Some("M"),
        Fault::SexContradictsId => citizen.sex = citizen.sex.map(|sex| if sex == "Nam" { "Nữ" } else { "Nam" }),
        Fault::BirthMissing => citizen.date_of_birth = Day::Missing,
        Fault::BirthUnreadable => citizen.date_of_birth = Day::Unreadable("31/02/2099"),
        Fault::BirthLongAgo => citizen.date_of_birth = Day::On(day(1899, 12, 30)),
        Fault::ProvinceUnknown => citizen.province = "99",
        Fault::ProvinceAbolished => citizen.province = "02",
        Fault::WardShort => "70".clone_into(&mut citizen.ward),
        Fault::WardZero => "00000".clone_into(&mut citizen.ward),
        Fault::PhoneMissing => citizen.phone = None,
        Fault::PhoneOld => citizen.phone = Some("01200000000".to_owned()),
        Fault::EmailMissing => citizen.email = Some("-".to_owned()),
        Fault::EmailMisshapen => citizen.email = citizen.email.take().map(|email| email.replace('@', " tại ")),
        Fault::ContactMissing => {
            citizen.phone = None;
            citizen.email = None;
        }
        Fault::InsuranceShort => citizen.social_insurance_no = citizen.social_insurance_no.replacen('9', "", 1),
        Fault::InsuranceRepeated => citizen.social_insurance_no = before().social_insurance_no,
        Fault::AddressUnknown => citizen.address = Some("không rõ".to_owned()),
        Fault::AddressTooLong => citizen.address = citizen.address.take().map(|text| vec![text; 8].join(", ")),
        Fault::IssuedUnreadable => citizen.issued_on = Day::Unreadable("2125-13-01"),
        Fault::IssuedInFuture => citizen.issued_on = Day::On(day(2131, 5, 5)),
        Fault::IssuedBeforeBirth => citizen.issued_on = Day::On(day(2098, 6, 1)),
        Fault::StatusUnknown => citizen.status = "unclear",
        Fault::Stale => citizen.updated_at = i64::from(day(2121, 3, 4)) * 86_400,
        Fault::PersonRepeated => {
            let before = before();
            citizen.full_name = before.full_name;
            citizen.date_of_birth = before.date_of_birth;
            citizen.address = before.address;
        }
        Fault::RowRepeated => *citizen = before(),
    }
}

/// The rules that judge every sound citizen.
const RULES: &[&str] = &[
    "citizens.citizen_id.required",
    "citizens.citizen_id.unique",
    "citizens.citizen_id.matches",
    "citizens.full_name.required",
    "citizens.full_name.length",
    "citizens.full_name.not_matches",
    "citizens.sex.required",
    "citizens.sex.allowed",
    "citizens.date_of_birth.required",
    "citizens.date_of_birth.type",
    "citizens.date_of_birth.range",
    "citizens.province.allowed",
    "citizens.ward.matches",
    "citizens.ward.forbidden",
    "citizens.phone.required",
    "citizens.phone.matches",
    "citizens.email.matches",
    "citizens.social_insurance_no.matches",
    "citizens.social_insurance_no.unique",
    "citizens.address.required",
    "citizens.address.length",
    "citizens.issued_on.required",
    "citizens.issued_on.type",
    "citizens.issued_on.range",
    "citizens.issued_on.not_future",
    "citizens.issued_on.not_before",
    "citizens.status.allowed",
    "citizens.updated_at.type",
    "citizens.updated_at.not_future",
    "citizens.updated_at.current",
    "citizen-can-be-reached",
    "issued-after-birth",
    "no-citizen-row-twice",
    "one-person-once",
    "province-is-known",
    "sex-fits-number",
];

/// Adds the row to the counts. `typed`: as a format with a date type holds it.
pub(super) fn count(counts: &mut Expected, citizen: &Citizen, fault: Option<Fault>, typed: bool) {
    counts.judge(RULES);
    match fault {
        Some(fault) => counts.apply(effects(fault, typed)),
        // The digit tells man or woman only.
        None if citizen.sex == Some("Khác") => counts.apply(&[Skips("sex-fits-number")]),
        None => {}
    }
    // The row that is repeated has a sex of its own, and so has its copy.
    if fault == Some(Fault::RowRepeated) && citizen.sex == Some("Khác") {
        counts.apply(&[Skips("sex-fits-number")]);
    }
}

fn effects(fault: Fault, typed: bool) -> &'static [Effect] {
    match fault {
        Fault::IdBlank => &[
            Fails("citizens.citizen_id.required"),
            Skips("citizens.citizen_id.unique"),
            Skips("citizens.citizen_id.matches"),
            Skips("sex-fits-number"),
        ],
        Fault::IdRepeated => &[BothFail("citizens.citizen_id.unique")],
        Fault::IdMisshapen => &[Fails("citizens.citizen_id.matches")],
        Fault::NameUnknown => &[
            Fails("citizens.full_name.required"),
            Skips("citizens.full_name.length"),
            Skips("citizens.full_name.not_matches"),
            Skips("one-person-once"),
        ],
        Fault::NameTooLong => &[Fails("citizens.full_name.length")],
        Fault::NameWithDigit => &[Fails("citizens.full_name.not_matches")],
        Fault::SexMissing => &[Fails("citizens.sex.required"), Skips("citizens.sex.allowed"), Skips("sex-fits-number")],
        Fault::SexForeign => &[Fails("citizens.sex.allowed"), Skips("sex-fits-number")],
        Fault::SexContradictsId => &[Fails("sex-fits-number")],
        Fault::BirthUnreadable if !typed => &[
            Fails("citizens.date_of_birth.type"),
            Fails("citizens.date_of_birth.range"),
            Fails("issued-after-birth"),
            Fails("one-person-once"),
        ],
        Fault::BirthMissing | Fault::BirthUnreadable => &[
            Fails("citizens.date_of_birth.required"),
            Skips("citizens.date_of_birth.type"),
            Skips("citizens.date_of_birth.range"),
            Skips("issued-after-birth"),
            Skips("one-person-once"),
        ],
        Fault::BirthLongAgo => &[Fails("citizens.date_of_birth.range")],
        Fault::ProvinceUnknown | Fault::ProvinceAbolished => {
            &[Fails("citizens.province.allowed"), Fails("province-is-known")]
        }
        Fault::WardShort => &[Fails("citizens.ward.matches")],
        Fault::WardZero => &[Fails("citizens.ward.forbidden")],
        Fault::PhoneMissing => &[Fails("citizens.phone.required"), Skips("citizens.phone.matches")],
        Fault::PhoneOld => &[Fails("citizens.phone.matches")],
        Fault::EmailMissing => &[Skips("citizens.email.matches")],
        Fault::EmailMisshapen => &[Fails("citizens.email.matches")],
        Fault::ContactMissing => &[
            Fails("citizen-can-be-reached"),
            Fails("citizens.phone.required"),
            Skips("citizens.phone.matches"),
            Skips("citizens.email.matches"),
        ],
        Fault::InsuranceShort => &[Fails("citizens.social_insurance_no.matches")],
        Fault::InsuranceRepeated => &[BothFail("citizens.social_insurance_no.unique")],
        Fault::AddressUnknown => {
            &[Fails("citizens.address.required"), Skips("citizens.address.length"), Skips("one-person-once")]
        }
        Fault::AddressTooLong => &[Fails("citizens.address.length")],
        Fault::IssuedUnreadable if typed => &[
            Fails("citizens.issued_on.required"),
            Skips("citizens.issued_on.type"),
            Skips("citizens.issued_on.range"),
            Skips("citizens.issued_on.not_future"),
            Skips("citizens.issued_on.not_before"),
            Skips("citizens.province.allowed"),
            Skips("issued-after-birth"),
        ],
        Fault::IssuedUnreadable => &[
            Fails("citizens.issued_on.type"),
            Fails("citizens.issued_on.range"),
            Fails("citizens.issued_on.not_future"),
            Fails("citizens.issued_on.not_before"),
            Fails("citizens.province.allowed"),
            Fails("issued-after-birth"),
        ],
        Fault::IssuedInFuture => &[Fails("citizens.issued_on.range"), Fails("citizens.issued_on.not_future")],
        Fault::IssuedBeforeBirth => {
            &[Fails("citizens.issued_on.range"), Fails("citizens.issued_on.not_before"), Fails("issued-after-birth")]
        }
        Fault::StatusUnknown => &[Fails("citizens.status.allowed")],
        Fault::Stale => &[Fails("citizens.updated_at.current")],
        Fault::PersonRepeated => &[BothFail("one-person-once")],
        Fault::RowRepeated => &[
            BothFail("citizens.citizen_id.unique"),
            BothFail("citizens.social_insurance_no.unique"),
            BothFail("no-citizen-row-twice"),
            BothFail("one-person-once"),
        ],
    }
}

impl Citizen {
    pub(super) fn write(self, table: &mut Table) -> io::Result<()> {
        table.text(0, self.citizen_id);
        table.text(1, self.full_name);
        table.text(2, self.sex.map(str::to_owned));
        table.date(3, self.date_of_birth);
        table.text(4, Some(self.province.to_owned()));
        table.text(5, Some(self.ward));
        table.text(6, self.phone);
        table.text(7, self.email);
        table.text(8, Some(self.social_insurance_no));
        table.text(9, self.address);
        table.date(10, self.issued_on);
        table.text(11, Some(self.status.to_owned()));
        table.datetime(12, self.updated_at);
        table.end_row()
    }
}
