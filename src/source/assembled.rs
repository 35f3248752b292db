//! The cells that a scan gives, out of those of a file: widened, composed, or the same in every row.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::batch::{Held, Unpack};
use super::column::Column;
use super::series::{Slot, widen, without_values};
use super::text_column::TextColumn;
use crate::model::DataType;

/// A column that was asked for, and where its cells come from in one file.
#[derive(Debug)]
pub(super) struct Asked {
    /// Of a column of the file, its position among those that are read.
    pub(super) at: usize,
    /// Where its cells come from.
    pub(super) slot: Slot,
    /// Whether its texts are wanted in Unicode normal form C.
    pub(super) is_composed: bool,
}

/// Puts the cells of a dataset together from those of a file.
pub(super) fn assemble(cells: Vec<Held>, asked: &[Asked]) -> Vec<Held> {
    let mut cells: Vec<Option<Held>> = cells.into_iter().map(Some).collect();
    let mut made: Vec<Option<Held>> = asked.iter().map(|_| None).collect();
    for (place, wanted) in asked.iter().enumerate() {
        let Asked { at, slot, is_composed } = wanted;
        if made[place].is_some() {
            continue;
        }
        let Some(held) = of_slot(slot, cells.get_mut(*at)) else { continue };
        let is_other = |other: &&Asked| other.at == *at && matches!(other.slot, Slot::Own(_));
        let other = asked.iter().skip(place + 1).position(|other| is_other(&other)).map(|behind| place + 1 + behind);
        let (this, that) = match (other.filter(|_| matches!(slot, Slot::Own(_))), is_composed) {
            (None, false) => (held, None),
            (None, true) => (composed(held), None),
            // The same cells are asked for as they are and composed.
            (Some(other), _) => {
                let (plain, composed) = both(held);
                let (this, that) = if *is_composed { (composed, plain) } else { (plain, composed) };
                (this, Some((other, that)))
            }
        };
        made[place] = Some(this);
        if let Some((other, that)) = that {
            made[other] = Some(that);
        }
    }
    made.into_iter().flatten().collect()
}

/// The cells of a slot; those of the file are taken.
fn of_slot(slot: &Slot, own: Option<&mut Option<Held>>) -> Option<Held> {
    match slot {
        Slot::Own(None) => own?.take(),
        Slot::Own(Some(data_type)) => Some(widen_held(own?.take()?, *data_type)),
        Slot::Constant(value) => Some(Held::Constant(value.clone())),
        Slot::Missing(DataType::Text | DataType::Uuid | DataType::Binary) => Some(Held::Constant(None)),
        Slot::Missing(data_type) => {
            let data_type = *data_type;
            Some(Held::Packed(Box::new(move |parts| {
                Some(parts.iter().map(|rows| without_values(data_type, rows.len())).collect())
            })))
        }
    }
}

fn widen_held(cells: Held, to: DataType) -> Held {
    mapped(cells, move |column| widen(column, to))
}

fn composed(cells: Held) -> Held {
    match cells {
        Held::Constant(cell) => Held::Constant(cell.map(|text| TextColumn::composed_text(&text))),
        cells => mapped(cells, |column| composed_cells(&column).unwrap_or(column)),
    }
}

fn mapped(cells: Held, of: impl Fn(Column) -> Column + Send + 'static) -> Held {
    match cells {
        Held::Ready(column) => Held::Ready(of(column)),
        Held::Packed(unpack) => Held::Packed(Box::new(move |parts| Some(unpack(parts)?.into_iter().map(of).collect()))),
        other => other,
    }
}

/// Texts in Unicode normal form C; `None` where there is no text.
fn composed_cells(column: &Column) -> Option<Column> {
    match column {
        Column::Text(cells) => Some(Column::Text(cells.composed())),
        _ => None,
    }
}

/// The same cells as they are and composed. They are unpacked once, for whoever asks first.
fn both(cells: Held) -> (Held, Held) {
    match cells {
        Held::Ready(Column::Text(cells)) => {
            let composed = cells.composed();
            (Held::Ready(Column::Text(cells)), Held::Ready(Column::Text(composed)))
        }
        Held::Packed(unpack) => {
            let shared = Arc::new(Mutex::new(Shared::Packed(unpack)));
            let of = |is_composed: bool| {
                let shared = Arc::clone(&shared);
                Held::Packed(Box::new(move |parts: &[Range<usize>]| {
                    // A column is unpacked by one worker, and nothing in there waits for another.
                    let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
                    let (mine, rest) = match std::mem::replace(&mut *shared, Shared::Taken) {
                        Shared::Packed(unpack) => {
                            let plain = unpack(parts)?;
                            let composed: Vec<Column> =
                                plain.iter().map(composed_cells).collect::<Option<Vec<Column>>>()?;
                            if is_composed { (composed, plain) } else { (plain, composed) }
                        }
                        Shared::Unpacked(cells) => return Some(cells),
                        Shared::Taken => return None,
                    };
                    *shared = Shared::Unpacked(rest);
                    Some(mine)
                }))
            };
            (of(false), of(true))
        }
        // Columns without texts are not asked for composed.
        Held::Constant(cell) => (Held::Constant(cell.clone()), composed(Held::Constant(cell))),
        other => (other, Held::Taken),
    }
}

/// Cells that are asked for twice.
enum Shared {
    /// Nobody has asked yet.
    Packed(Unpack),
    /// One has asked, and this is for the other.
    Unpacked(Vec<Column>),
    /// Both have asked, or the cells cannot be unpacked.
    Taken,
}
