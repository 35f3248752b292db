//! Columns inside of the objects and lists of JSON: `address.city`, `length(tags)`.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;

use super::json_object::{composed, members};
use crate::model::{DataType, list_of};
use crate::source::column::SourceColumn;

/// Objects are followed this deep.
const MAX_DEPTH: usize = 16;

/// An object with more keys than these is a map whose keys are data.
const MAX_KEYS: usize = 1_000;

/// What the values of a key are in the first text.
#[derive(Debug, Default)]
pub(super) struct Shape {
    has_lists: bool,
    keys: Vec<(String, Self)>,
    positions: BTreeMap<String, usize>,
}

impl Shape {
    /// Takes a value.
    pub(super) fn take(&mut self, value: &str) {
        self.take_at(value, 0);
    }

    fn take_at(&mut self, value: &str, depth: usize) {
        match value.as_bytes().first() {
            Some(b'[') => self.has_lists = true,
            Some(b'{') => {
                if depth == MAX_DEPTH || self.is_map() {
                    return;
                }
                members(value, |key, value| {
                    let key = composed(key);
                    let position = self.positions.get(key.as_ref()).copied().unwrap_or_else(|| {
                        self.positions.insert(key.to_string(), self.keys.len());
                        self.keys.push((key.into_owned(), Self::default()));
                        self.keys.len() - 1
                    });
                    if let (Some((_, shape)), Some(value)) = (self.keys.get_mut(position), value) {
                        shape.take_at(value, depth + 1);
                    }
                });
            }
            _ => {}
        }
    }

    fn is_map(&self) -> bool {
        self.keys.len() > MAX_KEYS
    }

    /// Adds the columns inside of the column of that name, `most` in all.
    pub(super) fn offer(&self, name: &str, most: usize, found: &mut Vec<SourceColumn>) {
        if self.has_lists {
            let name = format!("length({name})");
            let stored = "number of items".to_owned();
            found.push(SourceColumn { name, stored, data_type: Some(DataType::Integer) });
        }
        if self.is_map() {
            return;
        }
        for (key, shape) in &self.keys {
            if found.len() >= most {
                return;
            }
            let name = format!("{name}.{key}");
            let stored = "json".to_owned();
            found.push(SourceColumn { name: name.clone(), stored, data_type: Some(DataType::Text) });
            shape.offer(&name, most, found);
        }
    }
}

/// A column inside of a column, on the way to it.
#[derive(Debug, Clone)]
pub(super) struct Target<'a> {
    /// Its place among the columns that are asked for.
    pub(super) slot: usize,
    /// What is left of its path; empty at its end.
    path: &'a str,
}

impl<'a> Target<'a> {
    /// The column of that name, with the positions of the columns that it may be inside of: a key may have a point itself.
    pub(super) fn of(name: &'a str, slot: usize, columns: &[SourceColumn]) -> Vec<(usize, Self)> {
        let length = list_of(name);
        let path = length.unwrap_or(name);
        let below = |column: &SourceColumn| {
            let rest = path.strip_prefix(column.name.as_str())?;
            if rest.is_empty() { length.map(|_| rest) } else { rest.strip_prefix('.') }
        };
        let found = columns.iter().enumerate();
        found.filter_map(|(position, column)| Some((position, Self { slot, path: below(column)? }))).collect()
    }
}

/// Hands the values of the targets inside of a value to `set`, by their slots.
pub(super) fn descend<'p>(value: Option<&str>, targets: &[Target<'p>], set: &mut dyn FnMut(usize, Option<&str>)) {
    let mut is_deeper = false;
    for target in targets {
        if target.path.is_empty() {
            set(target.slot, value);
        } else {
            is_deeper = true;
        }
    }
    let Some(object) = value.filter(|value| is_deeper && value.starts_with('{')) else { return };
    members(object, |key, value| {
        let key = composed(key);
        let below = |target: &Target<'p>| {
            let rest = target.path.strip_prefix(key.as_ref()).filter(|_| !target.path.is_empty())?;
            let path = if rest.is_empty() { rest } else { rest.strip_prefix('.')? };
            Some(Target { slot: target.slot, path })
        };
        let inside: Vec<Target<'p>> = targets.iter().filter_map(below).collect();
        if !inside.is_empty() {
            descend(value, &inside, set);
        }
    });
}

/// The number of items of a list; `None` where the value is no list.
pub(super) fn items(value: &str) -> Option<i64> {
    if !value.starts_with('[') {
        return None;
    }
    let items: Vec<IgnoredAny> = serde_json::from_str(value).ok()?;
    i64::try_from(items.len()).ok()
}
