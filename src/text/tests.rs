use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization as _;

use super::*;

/// The names of the faults of a text.
fn names(text: &str) -> Vec<&'static str> {
    let found = faults(text);
    Fault::ALL.into_iter().filter(|fault| found.has(*fault)).map(Fault::name).collect()
}

/// The cells of a fixture of administrative units.
fn units(file: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/vn_admin").join(file);
    let bytes = fs::read(&path).expect("the fixture is there");
    let bytes = if path.extension().is_some_and(|extension| extension == "zst") {
        zstd::decode_all(&*bytes).expect("it is whole")
    } else {
        bytes
    };
    let text = String::from_utf8(bytes).expect("it is text");
    // No cell of these files holds a comma or a quote.
    text.lines().skip(1).flat_map(|line| line.split(',').map(str::to_owned)).collect()
}

#[test]
fn what_shows_nothing_is_left_out() {
    for (text, expected) in [
        ("", ""),
        ("ca\u{301} nhân\tA", "ca\u{301} nhân\tA"),
        ("flu\u{200B}", "flu"),
        ("\u{FEFF}f\u{AD}l\u{0}u\u{202E}\u{200D}\u{FE0F}\u{E0041}", "flu"),
        ("\u{2060}\u{34F}", ""),
    ] {
        assert_eq!(without_invisible(text), expected, "{text:?}");
    }
}

#[test]
fn names_of_wards_and_provinces_are_tidy() {
    let cells: Vec<String> =
        ["wards.csv.zst", "old_wards.csv.zst", "provinces.csv", "units.csv"].into_iter().flat_map(units).collect();
    assert!(cells.len() > 100_000);
    let mut looked_at = 0;
    for cell in cells {
        assert_eq!(names(&cell), Vec::<&str>::new(), "{cell:?}");
        // And nearly none of them needs more than one look.
        looked_at += usize::from(!characters::CLEAN.is_match(cell.as_bytes()));
    }
    assert!(looked_at < 200, "{looked_at}");
}

#[test]
fn names_addresses_and_titles_are_tidy() {
    for text in [
        // Viet Nam
        "Nguyễn Thị Hòa",
        "Hoà",
        "Y H'Lam",
        "M’Drắk",
        "Chân Mây – Lăng Cô",
        "Xuân Hương - Đà Lạt",
        "Đặng Văn Đức",
        "Ô Môn",
        "12/3A Lê Lợi, P. Bến Nghé, Q.1",
        "Số 1, ngõ 2",
        "QUÝ",
        "Thuý Ái",
        "Ẳng",
        "Ea H’leo",
        "Krông Pắc",
        "Ngã Bảy",
        "QĐ–TTg",
        "Quyết định số 19/2025/QĐ-TTg",
        "“Mùa xuân”",
        "Trường ĐH KHXH&NV",
        "1 + 1 = 2",
        "Giá: 5.000₫",
        "30°C",
        // Europe
        "São João da Madeira",
        "Muñoz Ñuñoa",
        "Loïc Anaïs",
        "Naïm",
        "Zoë Noël",
        "François Müller",
        "Straße 5",
        "Łódź Żółw",
        "Dvořák Žižka Šmíd",
        "Ångström Øre Æbler",
        "Guðrún Þórsdóttir",
        "Ðakovo",
        "Kőszegi Ödön",
        "Ştefan Ţepeş",
        "Țară",
        "CĂLIN",
        "İstanbul Ağrı",
        "Đorđe Đoković",
        "Ķekava",
        "Seán Ó Súilleabháin",
        "Llŷn",
        "Éire",
        "Œuvre",
        "L’Œil",
        "Mª Carmen López",
        "1ª planta, nº 5",
        "Col·lecció",
        "Coca-Cola® Nestlé™",
        "NESTLÉ®",
        "«está»…",
        "«Liberté»…",
        "“AMANHÔ",
        "CAFɅ",
        "Â»",
        "O’Neill",
        "rock ’n’ roll",
        "D’Angelo",
        "Ca’ Foscari",
        "5 µm",
        "100 €",
        "½ m²",
        "§ 5",
        "Art. 5 § 2",
        "¿Qué? ¡Sí!",
        "What? no",
        "Ελλάδα",
        "Москва",
        "Київ",
        "Αθήνα 5",
        "β-carotene",
        "α-Tocopherol",
        "Δt",
        "Ωm",
        "Jäääär",
        "Leäo",
        "Citroën",
        "Av. Rivadavia N° 975",
        "12 rue de la Paix, n° 5 et n° 7",
        "Via Roma n°12",
        "Symphonie n°9",
        "12 Lê Lợi N° 5",
        "Seán",
        "Seán Kelly",
        "SEÁN O'BRIEN",
        "Meán-Ghaeilge",
        "Où habitez-vous ?",
        "La maison où il habite",
        "D'où vient Pierre, et où va-t-il ?",
        "Maë Naë",
        "boxe thaï, massage thaï",
        "Aïn Bessem, Aïn Defla",
        "Aún no",
        "Precisamente aún zona blanca amigos.",
        "Deán Funes",
        "100 poäng",
        "buøy",
        "teát",
        "meä",
        "5 N·m, 6 N·m",
        "ΔH° = −285.8 kJ/mol",
        "T° max",
        "37ºC",
        "5ºA",
        "3M®",
        "Ben & Jerry’s®",
        "FORLÌ–CESENA",
        "UMEÅ–LULEÅ",
        "HANOÏ–HUẾ",
        "S–Å–Ö",
        "JYVÄSKYLÄ–TAMPERE",
        "KOÇ’UN",
        "GENÇ’LERİN",
        "CAFFÈ’S",
        "BANGLADÉŠ",
        "TOTÉŽ",
        "RÉŽIE, BÉŽOVÉ",
        "coördinatie",
        "naïve",
        "Saül",
        "Boëtius",
        "pimeä",
        "Hyvää päivää",
        "Mõisaküla",
        "Võõra",
        "né à Liège",
        "Thé Né",
        "Ströbele",
        "Fußgänger",
        "Jos Bréd",
        "O'Brien & Sons",
        "AT&T",
        "R&D; other",
        "a & b",
        "Q&A",
        // The rest of the world
        "محمد",
        "نمی‌خواهم",
        "שלום",
        "क्ष",
        "山田　太郎",
        "Ａ社",
        "한국어",
        "日本、東京",
        "👩‍💻 works",
        "☕",
        "naïve café",
        // Numbers and codes
        "#1",
        "12.0 oz",
        "1.2E",
        "E+",
        "5e-3",
        "'90s",
        "=",
        "C#",
        "0012",
        "1,234.5",
        "http://x.vn/?a=b&c=d",
        "a?b=1",
        "x: y?",
        "see http://x.vn/y?zip, or /y?zip",
        "nuts & ring; bolts",
        "a & 1ring; b",
        "R&during;",
        "x?a=1&amp=2",
        "Loïc sait où Loïc va",
        "ﾔﾏﾀﾞ　ﾀﾛｳ",
        "Ａｺｰﾎﾟ",
        "Vila Meã de Cima",
        "Lyø Havn",
        "Choûm",
        "Boû Arfa",
        "Serra Leõ",
        "Dalc'hoù",
        "Noû York",
        "les Khoï",
        "Traù",
        "Maïk, Zaïk",
        "m×n, n×m",
        "£m £n",
        "€m and €t",
        // As typed: marks in another order than form C has.
        "\u{1019}\u{103A}\u{1037}",
        "\u{5D1}\u{5BC}\u{5B7}",
        "\u{623}\u{64E}\u{646}\u{651}\u{64E}",
        "Tristan ɖa Kuna, ɖo, Ɖam, ðe",
        "\u{182E}\u{1823}\u{202F}\u{1824}\u{1828}",
        "SÍÐA, BÍÐA, Ð",
        "»Â«",
        "«Panamá»”",
        "«está»y",
        "Ту154М, β2, H2O",
        "#winning!",
        "=",
        "= 5",
    ] {
        assert_eq!(names(text), Vec::<&str>::new(), "{text:?}");
    }
}

/// What a text becomes whose UTF-8 is read as an encoding of one byte a character.
fn misread(text: &str, encoding: &'static encoding_rs::Encoding) -> String {
    encoding.decode_without_bom_handling(text.as_bytes()).0.into_owned()
}

#[test]
fn each_fault_is_told_from_the_others() {
    for (text, expected) in [
        (" a", vec!["edge_space"]),
        ("a ", vec!["edge_space"]),
        ("a  b", vec!["double_space"]),
        ("  a", vec!["edge_space"]),
        (" a  b", vec!["edge_space", "double_space"]),
        ("a\tb", vec!["line_break"]),
        ("a\r\nb", vec!["line_break"]),
        ("a\u{2028}b", vec!["line_break"]),
        ("a\n", vec!["edge_space", "line_break"]),
        ("a\u{0}b", vec!["control"]),
        ("a\u{1B}[0m", vec!["control"]),
        ("a\u{90}b", vec!["control"]),
        ("Nguyễn\u{A0}An", vec!["odd_space"]),
        ("a\u{2009}b", vec!["odd_space"]),
        ("a\u{3000}b", vec!["odd_space"]),
        ("a\u{200B}b", vec!["zero_width"]),
        ("\u{FEFF}a", vec!["zero_width"]),
        ("a\u{AD}b", vec!["zero_width"]),
        ("a\u{200D}b", vec!["zero_width"]),
        ("An\u{3164}", vec!["zero_width"]),
        ("A\u{FFA0}n", vec!["zero_width"]),
        ("A\u{206A}n", vec!["zero_width"]),
        ("A\u{E0041}n", vec!["zero_width"]),
        ("An\u{FE0F}", vec!["zero_width"]),
        ("❤\u{FE0F} 1\u{FE0F}\u{20E3} ©\u{FE0F}", vec![]),
        ("An\u{FFF9}", vec!["zero_width"]),
        ("An\u{1160}", vec!["zero_width"]),
        ("An\u{E0001}", vec!["zero_width"]),
        ("An\u{1FFFE}", vec!["control"]),
        ("An\u{2800}", vec!["odd_space"]),
        ("ភាសា\u{200B}ខ្មែរ", vec![]),
        ("ພາສາ\u{200B}ລາວ", vec![]),
        ("কায়সার", vec![]),
        ("क\u{93C}रोज", vec![]),
        ("फ़िरोज़", vec![]),
        ("ਸ਼ਰਮਾ Nguyê\u{303}n", vec!["half_composed"]),
        ("B\u{AD}ình Mỹ", vec!["zero_width"]),
        // The flag of Wales.
        ("🏴\u{E0067}\u{E0062}\u{E0077}\u{E006C}\u{E0073}\u{E007F} Wales", vec![]),
        ("a\u{200E}b", vec!["bidi"]),
        ("a\u{202E}b", vec!["bidi"]),
        ("שלום\u{202E}", vec!["bidi"]),
        ("Nguye\u{302}\u{303}n", vec!["decomposed"]),
        ("Nguyê\u{303}n", vec!["half_composed"]),
        ("Hoa\u{300}", vec!["decomposed"]),
        ("Å\u{212B}", vec!["half_composed"]),
        ("Nguy\u{FFFD}n", vec!["replacement"]),
        ("Nguy?n Th? Hòa", vec!["lost_letter"]),
        ("Nguyá»…n", vec!["mojibake"]),
        ("Viá»‡t Nam", vec!["mojibake"]),
        ("HÃ\u{A0} Ná»™i", vec!["odd_space", "mojibake"]),
        ("LÃª Thá»‹ Há»“ng", vec!["mojibake"]),
        ("Ä‘Ã´ng", vec!["mojibake"]),
        ("cÆ¡m", vec!["mojibake"]),
        ("itâ€™s", vec!["mojibake"]),
        ("25 Â°C", vec!["mojibake"]),
        ("JosÃ© MuÃ±oz", vec!["mojibake"]),
        ("KOÇ\u{A0}HOLDING", vec!["odd_space"]),
        ("LULEÅ\u{A0}KOMMUN", vec!["odd_space"]),
        ("FORLÌ\u{A0}CESENA", vec!["odd_space"]),
        ("SÆ\u{A0}N LA", vec!["odd_space", "mojibake"]),
        ("GRÃ–SSE", vec!["mojibake"]),
        ("HÃ’A", vec!["mojibake"]),
        ("Ù…Ø\u{AD}Ù…Ø¯", vec!["zero_width", "mojibake"]),
        ("×©×œ×•×\u{9D}", vec!["control", "mojibake"]),
        ("Õ€Õ¡Õµ", vec!["mojibake"]),
        ("Céng hßa x· héi chñ nghÜa ViÖt Nam", vec!["legacy_encoding"]),
        ("§Æng V¨n §øc", vec!["legacy_encoding"]),
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", vec!["legacy_encoding"]),
        ("Nguyeãn Vaên AÙnh", vec!["legacy_encoding"]),
        ("Ðặng Văn An", vec!["look_alike"]),
        ("ÐẶNG", vec!["look_alike"]),
        ("Nguуen", vec!["look_alike"]),
        ("Мoscow", vec!["look_alike"]),
        ("Αnna", vec!["look_alike"]),
        ("ＡＢＣ １２３", vec!["full_width"]),
        ("Smith &amp; Sons", vec!["html_entity"]),
        ("caf&eacute; &#233; &#xE9;", vec!["html_entity"]),
        ("#REF!", vec!["spreadsheet"]),
        ("#N/A", vec!["spreadsheet"]),
        ("#NAME?", vec!["spreadsheet"]),
        ("1.2E+11", vec!["spreadsheet"]),
        ("8,49123E+10", vec!["spreadsheet"]),
        ("=\"0012\"", vec!["spreadsheet"]),
        ("'0012", vec!["spreadsheet"]),
        ("NGUY?N VĂN A", vec!["lost_letter"]),
        ("STRA?E", vec!["lost_letter"]),
        ("Bình D??ng", vec!["lost_letter"]),
        ("?ình", vec!["lost_letter"]),
        ("12/3 Nguy?n Tr?i", vec!["lost_letter"]),
        ("C?n Th?/V?nh Long", vec!["lost_letter"]),
        ("Nguy???n", vec!["lost_letter"]),
        ("Ph?????ng", vec!["lost_letter"]),
        ("???? ?????", vec!["lost_letter"]),
        ("?, ??", vec![]),
        ("Há»“", vec!["mojibake"]),
        ("Tá»« Sơn", vec!["mojibake"]),
        ("LÃª", vec!["mojibake"]),
        ("VÅ© Minh An", vec!["mojibake"]),
        ("TÆ°", vec!["mojibake"]),
        ("Â« Bonjour Â»", vec!["mojibake"]),
        ("HoÃ ng", vec!["mojibake"]),
        ("ThÃ nh", vec!["mojibake"]),
        ("StraÃe", vec!["mojibake"]),
        ("Ngá»c", vec!["mojibake"]),
        ("Kiá»u", vec!["mojibake"]),
        ("19/2025/QÐ-TTg", vec!["look_alike"]),
        ("HÐND", vec!["look_alike"]),
        ("Ðắk Lắk", vec!["look_alike"]),
        ("Ðăk Nông", vec!["look_alike"]),
        ("А123BC", vec!["look_alike"]),
        ("317 Phoá Nguyeãn Vaên Linh, tænh Ñaék Laék", vec!["legacy_encoding"]),
        ("An\u{FFFC}", vec!["control"]),
        ("&scaron; &abreve; &frac34;", vec!["html_entity"]),
        ("Tom &amp Jerry", vec!["html_entity"]),
        ("a&nbsp", vec!["html_entity"]),
        ("#¡VALOR!", vec!["spreadsheet"]),
        ("#ДЕЛ/0!", vec!["spreadsheet"]),
        ("=A1+B1", vec!["spreadsheet"]),
        ("=SUM(A1:A9)", vec!["spreadsheet"]),
        ("=0012", vec!["spreadsheet"]),
        ("'+84912345678", vec!["spreadsheet"]),
        ("'0912 345 678", vec!["spreadsheet"]),
        (" '0012", vec!["edge_space", "spreadsheet"]),
        ("\u{2800}a\u{2801}", vec![]),
        ("Really? Yes", vec![]),
        ("WHAT??", vec![]),
        ("#####", vec!["spreadsheet"]),
    ] {
        assert_eq!(names(text), expected, "{text:?}");
    }
}

#[test]
fn most_names_of_wards_are_found_when_they_are_damaged() {
    let cells: Vec<String> = units("wards.csv.zst").into_iter().filter(|cell| !cell.is_ascii()).collect();
    let found = |fault: Fault, damage: &dyn Fn(&str) -> String| {
        let damaged: Vec<String> = cells.iter().map(|cell| damage(cell)).collect();
        let changed = damaged.iter().zip(&cells).filter(|(damaged, cell)| damaged != cell);
        let (mut all, mut seen) = (0_usize, 0_usize);
        for (damaged, _) in changed {
            all += 1;
            seen += usize::from(faults(damaged).has(fault));
        }
        (seen, all)
    };
    let counts = [
        found(Fault::Decomposed, &|cell| cell.nfd().collect()),
        found(Fault::Mojibake, &|cell| misread(cell, encoding_rs::WINDOWS_1252)),
        found(Fault::Mojibake, &|cell| misread(cell, encoding_rs::WINDOWS_1258)),
    ];
    let legacy = legacy::tests::ENCODERS
        .map(|encode| found(Fault::LegacyEncoding, &|cell| encode(cell).unwrap_or_else(|| cell.to_owned())));
    // As docs/text.md has them: forms, two misreadings of UTF-8, then TCVN3, VNI and VISCII.
    assert_eq!(
        (counts, legacy),
        ([(6460, 6460), (6450, 6469), (6447, 6469)], [(5807, 6424), (5340, 6365), (3172, 4954)])
    );
}

/// Parts of names of persons, places and titles, of twenty languages of Europe and of Viet Nam.
const FIRST: [&str; 52] = [
    "Nguyễn Thị",
    "Trần Văn",
    "Lê",
    "Phạm Đức",
    "Hoàng",
    "Y",
    "Ksor H’",
    "Điểu",
    "Vừ A",
    "Đặng Thuỳ",
    "Ô",
    "Ẳng",
    "Łukasz",
    "Małgorzata",
    "Žofie",
    "Řehoř",
    "Ľudmila",
    "Đorđe",
    "Šime",
    "İbrahim",
    "Çağla",
    "Øystein",
    "Åsa",
    "Þórður",
    "Ðorfríður",
    "Æsa",
    "Þóra",
    "Siobhán",
    "Niamh",
    "Loïc",
    "Anaïs",
    "Michaël",
    "Chloë",
    "José María",
    "Begoña",
    "Íñigo",
    "João",
    "Conceição",
    "Núria",
    "Joaquim",
    "Ģirts",
    "Žemyna",
    "Õnne",
    "Ödön",
    "Győző",
    "Ștefan",
    "Ioana-Țurcanu",
    "Γιώργος",
    "Олександр",
    "Björn",
    "Maria-Antónia",
    "Jean-François",
];
const LAST: [&str; 46] = [
    "Hòa",
    "Hoà",
    "Lam",
    "Bih Niê",
    "Thuý Ái",
    "H’Mông",
    "Quỳnh Như",
    "Ý",
    "Brzęczyszczykiewicz",
    "Wałęsa",
    "Dvořák",
    "Nováková",
    "Ďurčo",
    "Ćosić",
    "Žižek",
    "Yıldız",
    "Şahin",
    "Öztürk",
    "Ærø",
    "Ångström",
    "Guðmundsdóttir",
    "Ó Briain",
    "O’Connor",
    "D’Artagnan",
    "l’Hôpital",
    "Lefèvre",
    "Müller-Lüdenscheidt",
    "Groß",
    "van ’t Hoff",
    "Núñez",
    "Ibáñez y García",
    "Gonçalves",
    "Simões",
    "Puigdemont i Casamajó",
    "Bērziņš",
    "Šimkutė",
    "Jõgi",
    "Szőke",
    "Ceaușescu",
    "Παπαδόπουλος",
    "Шевченко",
    "Иванова",
    "de la Peña",
    "McDonald",
    "Zu Guttenberg",
    "Ní Dhomhnaill",
];
const TITLES: [&str; 6] = ["", "GS.TS. ", "Dr. ", "Mme ", "S.Ex. ", "“Prof.” "];

/// Names that are right, over ten thousand.
fn names_of_people() -> Vec<String> {
    let named = |first: &str| LAST.iter().map(|last| format!("{first} {last}")).collect::<Vec<_>>();
    let names: Vec<String> = FIRST.iter().flat_map(|first| named(first)).collect();
    TITLES.iter().flat_map(|title| names.iter().map(move |name| format!("{title}{name}"))).collect()
}

#[test]
fn names_of_people_are_tidy() {
    let names_of_people = names_of_people();
    assert!(names_of_people.len() > 10_000);
    for name in names_of_people {
        assert_eq!(names(&name), Vec::<&str>::new(), "{name:?}");
    }
}

/// A way to damage a text.
type Damage<'a> = Box<dyn Fn(&str) -> String + 'a>;

/// Each with the fault that it makes and how many of the texts that it changes are found.
fn damages<'a>() -> Vec<(Fault, Damage<'a>, (usize, usize))> {
    let middle = |put: &'a str| -> Damage<'a> {
        Box::new(move |text| {
            let at = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
            format!("{}{put}{}", &text[..at], &text[at..])
        })
    };
    let exchanged = |what: &'a str, with: &'a str| -> Damage<'a> { Box::new(move |text| text.replacen(what, with, 1)) };
    let first = |which: fn(char) -> bool, with: fn(char) -> String| -> Damage<'a> {
        Box::new(move |text| {
            let Some((at, c)) = text.char_indices().find(|(_, c)| which(*c)) else { return text.to_owned() };
            format!("{}{}{}", &text[..at], with(c), &text[at + c.len_utf8()..])
        })
    };
    let beyond: fn(char) -> bool = |c| !c.is_ascii() && c.is_alphabetic();
    let wide: fn(char) -> String = |c| char::from_u32(c as u32 + 0xFEE0).map_or_else(String::new, String::from);
    vec![
        (Fault::EdgeSpace, Box::new(|text| format!("{text} ")), (40_920, 40_920)),
        (Fault::DoubleSpace, exchanged(" ", "  "), (27_594, 27_594)),
        (Fault::LineBreak, exchanged(" ", "\n"), (27_594, 27_594)),
        (Fault::Control, middle("\u{1}"), (40_920, 40_920)),
        (Fault::ZeroWidth, middle("\u{200B}"), (40_920, 40_920)),
        (Fault::Bidi, middle("\u{200F}"), (40_920, 40_920)),
        (Fault::OddSpace, exchanged(" ", "\u{A0}"), (27_594, 27_594)),
        (Fault::Replacement, first(beyond, |_| "\u{FFFD}".to_owned()), (20_677, 20_677)),
        (Fault::LostLetter, first(beyond, |_| "?".to_owned()), (15_621, 20_677)),
        (Fault::LostLetter, Box::new(lost_in_capitals), (13_496, 20_629)),
        (Fault::LookAlike, exchanged("a", "\u{430}"), (16_862, 16_873)),
        (Fault::LookAlike, exchanged("Đ", "Ð"), (1701, 1993)),
        (Fault::FullWidth, first(|c| c.is_ascii_alphabetic(), wide), (30_945, 30_945)),
        (Fault::HtmlEntity, first(beyond, |c| format!("&#{};", c as u32)), (20_677, 20_677)),
        (Fault::HalfComposed, Box::new(half_composed), (5372, 5504)),
    ]
}

/// Every fault put into names of wards and people: as many as docs/text.md has are found.
#[test]
fn damage_of_every_kind_is_found() {
    let healthy: Vec<String> = units("wards.csv.zst").into_iter().chain(names_of_people()).collect();
    for (at, (fault, damage, expected)) in damages().into_iter().enumerate() {
        let damaged = healthy.iter().map(|text| (text, damage(text))).filter(|(text, damaged)| damaged != *text);
        let (mut found, mut all) = (0, 0);
        for (_, damaged) in damaged {
            all += 1;
            found += usize::from(faults(&damaged).has(fault));
        }
        assert_eq!((found, all), expected, "{at}: {}", fault.name());
    }
    // Numbers as spreadsheets show them, and errors of formulas.
    let numbers = (1..=9).flat_map(|first| (10..=18).map(move |power| format!("{first},0{power}E+{power}")));
    assert!(
        numbers.chain(["#REF!".to_owned(), "########".to_owned()]).all(|text| faults(&text).has(Fault::Spreadsheet))
    );
}

/// A name in capitals whose second letter beyond ASCII is lost, or the first where there is one.
fn lost_in_capitals(text: &str) -> String {
    let upper = text.to_uppercase();
    let mut beyond = upper.char_indices().filter(|(_, c)| !c.is_ascii() && c.is_alphabetic());
    let first = beyond.next();
    match beyond.next().or(first) {
        Some((at, c)) => format!("{}?{}", &upper[..at], &upper[at + c.len_utf8()..]),
        None => text.to_owned(),
    }
}

/// Letters with their tone marks behind them, as keyboards of Windows-1258 write them.
fn half_composed(text: &str) -> String {
    let mut written = String::new();
    for c in text.chars() {
        let parts: Vec<char> = c.nfd().collect();
        let is_tone = |c: &char| matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}');
        let rest: String = parts.iter().filter(|c| !is_tone(c)).collect::<String>().nfc().collect();
        if rest.chars().count() == 1 && !rest.is_ascii() {
            written.push_str(&rest);
            written.extend(parts.iter().filter(|c| is_tone(c)));
        } else {
            written.push(c);
        }
    }
    written
}

#[test]
fn formats_of_values() {
    let fits = |family: Family, text: &str| -> Vec<&str> {
        let set = family.of(text);
        family.formats().iter().enumerate().filter(|(at, _)| set.has(*at)).map(|(_, name)| *name).collect()
    };
    for (family, text, expected) in [
        (Family::Date, "2020-01-31", vec!["YYYY-MM-DD"]),
        (Family::Date, "2020-11-31", vec!["YYYY-MM-DD", "YYYY-M-D"]),
        (Family::Date, "2020-13-31", vec![]),
        (Family::Date, "2020-01-31 10:00:00", vec!["YYYY-MM-DD hh:mm"]),
        (Family::Date, "2020-01-31T10:00Z", vec!["YYYY-MM-DDThh:mm"]),
        (Family::Date, "20200131", vec!["YYYYMMDD"]),
        (Family::Date, "31/12/2020", vec!["DD/MM/YYYY", "D/M/YYYY"]),
        (Family::Date, "12/31/2020", vec!["MM/DD/YYYY", "M/D/YYYY"]),
        (Family::Date, "01/02/2020", vec!["DD/MM/YYYY", "MM/DD/YYYY"]),
        (Family::Date, "1/2/2020", vec!["D/M/YYYY", "M/D/YYYY"]),
        (Family::Date, "31.12.2020", vec!["DD.MM.YYYY", "D.M.YYYY"]),
        (Family::Date, "31-12-2020", vec!["DD-MM-YYYY", "D-M-YYYY"]),
        (Family::Date, "05/2020", vec!["MM/YYYY"]),
        (Family::Date, "1999", vec!["YYYY"]),
        (Family::Date, "5-3-2020", vec!["D-M-YYYY", "M-D-YYYY"]),
        (Family::Date, "31-12-2020 ", vec![]),
        (Family::Date, "5/3/20", vec!["D/M/YY", "M/D/YY"]),
        (Family::Date, "2020-3-5", vec!["YYYY-M-D"]),
        (Family::Date, "2020-12-31", vec!["YYYY-MM-DD", "YYYY-M-D"]),
        (Family::Date, "2020/3/31", vec!["YYYY/M/D"]),
        (Family::Date, "31.12.20", vec!["DD.MM.YY"]),
        (Family::Date, "31/12/2020 23:59", vec!["DD/MM/YYYY hh:mm"]),
        (Family::Date, "12/31/2020 23:59:00", vec!["MM/DD/YYYY hh:mm"]),
        (Family::Date, "2020-12", vec!["YYYY-MM"]),
        (Family::Date, "202012312359", vec!["YYYYMMDDhhmm"]),
        (Family::Date, "20201231235959", vec!["YYYYMMDDhhmm"]),
        (Family::Date, "202012312460", vec![]),
        (Family::Date, "20201231235960", vec![]),
        (Family::Date, "30010112345600", vec![]),
        (Family::Date, "001099000001", vec![]),
        (Family::Phone, "0084912345678", vec!["00 and digits"]),
        (Family::Case, "GROß", vec!["UPPER CASE"]),
        (Family::Date, "soon", vec![]),
        (Family::Date, "", vec![]),
        (Family::Phone, "0912345678", vec!["0 and digits"]),
        (Family::Phone, "+84912345678", vec!["+ and digits"]),
        (Family::Phone, "84912345678", vec!["84 and digits", "digits"]),
        (Family::Phone, "2053258100", vec!["digits"]),
        (Family::Phone, "0912 345 678", vec!["groups with spaces"]),
        (Family::Phone, "0912.345.678", vec!["groups with points"]),
        (Family::Phone, "0912-345-678", vec!["groups with hyphens"]),
        (Family::Phone, "+84 912 345 678", vec!["+ and groups"]),
        (Family::Phone, "(024) 3825 1234", vec!["brackets"]),
        (Family::Phone, "n/a", vec![]),
        (Family::Case, "HÀ NỘI", vec!["UPPER CASE"]),
        (Family::Case, "hà nội", vec!["lower case"]),
        (Family::Case, "Hà Nội", vec!["Title Case", "Sentence case"]),
        (Family::Case, "Công ty ABC", vec!["Sentence case"]),
        (Family::Case, "Y H'lam R’lấp", vec!["Title Case", "Sentence case"]),
        (Family::Case, "A", vec!["UPPER CASE", "Title Case", "Sentence case"]),
        (Family::Case, "iPhone", vec![]),
        (Family::Case, "123", vec!["UPPER CASE", "lower case", "Title Case", "Sentence case"]),
        (Family::Tone, "hòa", vec!["mark on the first vowel (hòa)"]),
        (Family::Tone, "Hoà Bình", vec!["mark on the second vowel (hoà)"]),
        (Family::Tone, "Hoa\u{300} Bình", vec!["mark on the second vowel (hoà)"]),
        (Family::Tone, "Chloé, Zoé", vec!["mark on the first vowel (hòa)", "mark on the second vowel (hoà)"]),
        (Family::Tone, "Hoà-Chloé", vec!["mark on the second vowel (hoà)"]),
        (Family::Tone, "KHỎE, Thuỷ", vec![]),
        (Family::Tone, "Toàn quý loài hoa", vec!["mark on the first vowel (hòa)", "mark on the second vowel (hoà)"]),
        (Family::Number, "1234.5", vec!["1234.5"]),
        (Family::Number, "1234", vec!["1234.5", "1234,5"]),
        (Family::Number, "1.234", vec!["1234.5", "1,234.5", "1.234,5", "1 234.5"]),
        (Family::Number, "1,234,567.8", vec!["1,234.5"]),
        (Family::Number, "1.234.567,8", vec!["1.234,5"]),
        (Family::Number, "1 234 567", vec!["1 234,5", "1 234.5"]),
        (Family::Number, "1 234,5", vec!["1 234,5"]),
        (Family::Number, "1 234.5", vec!["1 234.5"]),
        (Family::Number, "1.2E+3", vec!["1.2E+3"]),
        (Family::Number, "-5,5", vec!["1234,5", "1.234,5", "1 234,5"]),
        (Family::Number, "five", vec![]),
    ] {
        assert_eq!(fits(family, text), expected, "{} {text:?}", family.name());
    }
}

#[test]
fn few_sets_of_formats_are_possible() {
    // They differ in one byte.
    let digits = ["", "1", "01", "12", "13", "31", "32", "0", "2020", "20", "0020", "1234", "123"];
    let mut sets: BTreeMap<&str, BTreeSet<FormatSet>> = BTreeMap::default();
    for family in Family::ALL {
        let known = sets.entry(family.name()).or_default();
        for a in digits {
            for sign in ["/", "-", ".", " ", ",", "", "T", "(", ")", "+"] {
                for b in digits {
                    for c in digits {
                        known.insert(family.of(&format!("{a}{sign}{b}{sign}{c}")));
                    }
                }
            }
        }
    }
    for (family, sets) in sets {
        assert!(sets.len() < 64, "{family}: {}", sets.len());
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_kernel_panic(text in "\\PC{0,30}|[\u{80}-\u{24F}\u{1EA0}-\u{1EF9}a-zA-Z ]{0,30}|[0-9/.:T+ -]{0,24}") {
        let found = faults(&text);
        prop_assert!(found.and(Faults::EVERY) == found);
        for family in Family::ALL {
            let _ = family.of(&text);
        }
    }

    /// Many texts at once have the faults that each of them has, for each fault alone and for all.
    #[test]
    fn an_inspection_finds_what_is_there(
        texts in prop::collection::vec(
            "[a-zA-ZÀ-ÿĂăĐđŠƠơƯưẠ-ỹ ’“–?&#=+'.E0-9\u{A0}\u{AD}\u{300}\u{200B}\u{FFFD}\u{FF21}®µ]{0,12}|\\PC{0,8}|(Ho[àá] B[ìi]nh ){0,9}|[ -~]{0,40}",
            0..150,
        ),
    ) {
        for wanted in Fault::ALL.into_iter().map(Faults::of).chain([Faults::EVERY]) {
            let mut found = vec![Faults::NONE; texts.len()];
            let mut inspected = inspect(wanted, |at, faults| found[at] = found[at].or(faults));
            texts.iter().enumerate().for_each(|(at, text)| inspected.push(at, text));
            inspected.finish();
            for (text, found) in texts.iter().zip(found) {
                prop_assert_eq!(found, faults(text).and(wanted), "{:?}", text);
            }
        }
    }

    #[test]
    fn plain_text_is_tidy(text in "[A-Za-zÀ-ÖØ-öø-ỹ0-9]{1,8}( [A-Za-z0-9]{1,8}){0,4}") {
        // Letters of Vietnamese and other Latin scripts in one word may look damaged; words of ASCII never do.
        let ascii: String = text.chars().filter(char::is_ascii).collect();
        let ascii = ascii.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert!(faults(&ascii).is_empty());
    }
}
