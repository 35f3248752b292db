//! Workbooks of a few parts, as no library writes them.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;

/// A zip archive with these entries.
pub(crate) fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// An `.xlsx` workbook: the attributes and the type (`worksheet`, `chartsheet`) of each sheet, with its XML; and other entries.
pub(crate) fn xlsx(sheets: &[(&str, &str, &str)], others: &[(&str, &[u8])]) -> Vec<u8> {
    let mut book = format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>");
    let mut relations = format!("<Relationships xmlns=\"{RELATIONS}\">");
    let mut parts = Vec::new();
    for (number, (attributes, kind, xml)) in (1..).zip(sheets) {
        write!(book, "<sheet {attributes} sheetId=\"{number}\" r:id=\"rId{number}\"/>").unwrap();
        write!(
            relations,
            "<Relationship Id=\"rId{number}\" Type=\"{OFFICE}/{kind}\" Target=\"{kind}s/s{number}.xml\"/>"
        )
        .unwrap();
        parts.push((format!("xl/{kind}s/s{number}.xml"), (*xml).to_owned()));
    }
    book += "</sheets></workbook>";
    relations += "</Relationships>";
    let root = format!(
        "<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"r\" Type=\"{OFFICE}/officeDocument\" \
         Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let mut entries: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
    ];
    entries.extend(parts.iter().map(|(name, xml)| (name.as_str(), xml.as_bytes())));
    entries.extend(others);
    zipped(&entries)
}

/// The XML of a sheet with these rows.
pub(crate) fn sheet(rows: &str) -> String {
    format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>")
}

/// An `.xlsb` workbook of one sheet called `Data`, with these records.
pub(crate) fn xlsb(records: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let wide = |text: &str| {
        let units: Vec<u16> = text.encode_utf16().collect();
        let mut bytes = u32::try_from(units.len()).unwrap().to_le_bytes().to_vec();
        bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
        bytes
    };
    let mut bundle = vec![0; 4];
    bundle.extend(1_u32.to_le_bytes());
    bundle.extend(wide("rId1"));
    bundle.extend(wide("Data"));
    // The beginning and the end of the workbook, its sheets, and what comes behind them.
    let book =
        stream(&[(0x83, vec![]), (0x8F, vec![]), (0x9C, bundle), (0x90, vec![]), (0x9D, vec![0; 26]), (0x84, vec![])]);
    let relations = |id: &str, kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" \
             Target=\"{target}\"/></Relationships>"
        )
    };
    zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", relations("r", "officeDocument", "xl/workbook.bin").as_bytes()),
        ("xl/workbook.bin", &book),
        ("xl/_rels/workbook.bin.rels", relations("rId1", "worksheet", "worksheets/sheet1.bin").as_bytes()),
        ("xl/worksheets/sheet1.bin", &stream(records)),
    ])
}

/// Records one after the other: a type and a length of seven bits a byte, and the bytes.
fn stream(records: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let sevens = |mut number: usize| {
        let mut bytes = Vec::new();
        loop {
            let byte = u8::try_from(number & 0x7F).unwrap();
            number >>= 7;
            if number == 0 {
                bytes.push(byte);
                return bytes;
            }
            bytes.push(byte | 0x80);
        }
    };
    let mut found = Vec::new();
    for (kind, bytes) in records {
        found.extend(sevens(usize::from(*kind)));
        found.extend(sevens(bytes.len()));
        found.extend(bytes);
    }
    found
}
