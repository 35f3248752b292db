//! The schema of a file: the types of its fields.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::input::{Damage, Input};
use crate::model::DataType;
use crate::source::column::{BINARY, SourceColumn};
use crate::source::error::Problem;
use crate::source::table::MAX_COLUMNS;

/// Values may be nested this deep.
pub(super) const MAX_DEPTH: usize = 200;

/// How a value is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    Text,
    Fixed(usize),
    Enum(Vec<String>),
    List(Box<Kind>),
    Map(Box<Kind>),
    Union(Vec<Kind>),
    Record(Vec<Kind>),
    /// A type with a name, by its position in the schema.
    Named(usize),
}

/// How the values of a column are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leaf {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Text,
    Enum(Vec<String>),
    /// A UUID of 16 bytes.
    Uuid,
    /// Bytes with their length, or a fixed number of bytes.
    Binary(Option<usize>),
    /// A list, a map or a record, as JSON text.
    Json(Arc<Nested>),
    /// A time of day in milliseconds.
    TimeMillis,
    /// A time of day in microseconds.
    TimeMicros,
    Date,
    Millis,
    Micros,
    Nanos,
    /// A decimal with so many digits behind its point, in bytes with their length or in a fixed number of bytes.
    Decimal {
        fixed: Option<usize>,
        scale: u8,
    },
}

/// A value with others inside of it that can all be read. What occurs in several places is shared: a schema can name it
/// again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Nested {
    Leaf(Leaf),
    /// A value that may be null: which position in its union null has.
    Nullable(usize, Arc<Self>),
    List(Arc<Self>),
    Map(Arc<Self>),
    Record(Vec<(String, Arc<Self>)>),
}

/// A field of the records.
#[derive(Debug)]
pub(super) struct Field {
    /// How it is stored.
    pub(super) kind: Kind,
    /// How its values are read; `None` where no rule can read them.
    pub(super) leaf: Option<Leaf>,
    /// For a value that may be null: which position in its union null has.
    pub(super) null: Option<usize>,
}

/// The schema of a file.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) fields: Vec<Field>,
    pub(super) columns: Vec<SourceColumn>,
    named: Vec<Kind>,
}

/// A type as it is being read.
struct Parser {
    names: HashMap<String, usize>,
    named: Vec<Kind>,
    /// What people call each of them, and how its values are read.
    shown: Vec<(String, Option<Leaf>)>,
}

/// A type, its name for people, and how its values are read.
struct Parsed {
    kind: Kind,
    stored: String,
    leaf: Option<Leaf>,
}

impl Parsed {
    fn new(kind: Kind, stored: impl Into<String>, leaf: impl Into<Option<Leaf>>) -> Self {
        Self { kind, stored: stored.into(), leaf: leaf.into() }
    }

    /// The value as a part of another one; `None` where it cannot be read.
    fn nested(&self) -> Option<Arc<Nested>> {
        let inner = match self.leaf.as_ref()? {
            Leaf::Json(nested) => Arc::clone(nested),
            leaf => Arc::new(Nested::Leaf(leaf.clone())),
        };
        let Kind::Union(branches) = &self.kind else { return Some(inner) };
        let null = branches.iter().position(|branch| *branch == Kind::Null)?;
        Some(Arc::new(Nested::Nullable(null, inner)))
    }
}

impl Schema {
    /// Reads a schema as the header of a file has it.
    ///
    /// # Errors
    /// Where it is none, or one of values that are no records.
    pub(super) fn parse(text: &[u8]) -> Result<Self, Problem> {
        let damaged = || Problem::damaged("the schema of the Avro file is damaged: get the file again");
        let schema: Value = serde_json::from_slice(text).map_err(|_| damaged())?;
        let is_record = schema.get("type").is_some_and(|kind| kind == "record");
        if !is_record {
            return Err(Problem::foreign("holds Avro values that are no records: only records have columns"));
        }
        let mut parser = Parser { names: HashMap::new(), named: Vec::new(), shown: Vec::new() };
        let listed = schema.get("fields").and_then(Value::as_array).ok_or_else(damaged)?;
        if listed.len() > MAX_COLUMNS {
            return Err(Problem::BeyondLimit(format!("more than the {MAX_COLUMNS} columns that are read")));
        }
        let space = space_of(&schema, "");
        // Fields may have the type of the record itself.
        parser.declare(&schema, &space).ok_or_else(damaged)?;
        let mut fields = Vec::with_capacity(listed.len());
        let mut columns: Vec<SourceColumn> = Vec::with_capacity(listed.len());
        let mut names = std::collections::HashSet::new();
        for field in listed {
            let name = field.get("name").and_then(Value::as_str).ok_or_else(damaged)?;
            if !names.insert(name) {
                return Err(damaged());
            }
            let kind = field.get("type").ok_or_else(damaged)?;
            let parsed = parser.parse(kind, &space, 0).ok_or_else(damaged)?;
            let Parsed { kind, stored, mut leaf } = parsed;
            let mut null = None;
            if let Kind::Union(branches) = &kind {
                null = branches.iter().position(|branch| *branch == Kind::Null).filter(|_| branches.len() == 2);
                if null.is_none() {
                    leaf = None;
                }
            }
            columns.push(SourceColumn { name: name.to_owned(), stored, data_type: leaf.as_ref().map(data_type) });
            fields.push(Field { kind, leaf, null });
        }
        if let Some(record) = parser.named.first_mut() {
            *record = Kind::Record(fields.iter().map(|field| field.kind.clone()).collect());
        }
        if fields.is_empty() {
            return Err(Problem::Empty("empty: the records of the Avro file have no fields".to_owned()));
        }
        Ok(Self { fields, columns, named: parser.named })
    }

    /// Bytes that a record takes at the least; what is in types with names is not counted.
    pub(super) fn least(&self) -> u64 {
        let least = |field: &Field| match &field.kind {
            Kind::Null | Kind::Record(_) | Kind::Named(_) => 0,
            Kind::Float => 4,
            Kind::Double => 8,
            Kind::Fixed(size) => *size as u64,
            _ => 1,
        };
        self.fields.iter().map(least).fold(0, u64::saturating_add)
    }

    /// Walks over a value.
    pub(super) fn skip(&self, kind: &Kind, input: &mut Input<'_>, depth: usize) -> Result<(), Damage> {
        if depth > MAX_DEPTH {
            return Err(Damage);
        }
        input.step()?;
        match kind {
            Kind::Null => {}
            Kind::Boolean => {
                input.take(1)?;
            }
            Kind::Int | Kind::Long => {
                input.long()?;
            }
            Kind::Float => {
                input.take(4)?;
            }
            Kind::Double => {
                input.take(8)?;
            }
            Kind::Bytes | Kind::Text => {
                input.bytes()?;
            }
            Kind::Fixed(size) => {
                input.take(*size)?;
            }
            Kind::Enum(words) => {
                words.get(input.count()?).ok_or(Damage)?;
            }
            Kind::List(item) => skip_runs(input, |input| self.skip(item, input, depth + 1))?,
            Kind::Map(value) => skip_runs(input, |input| {
                input.bytes()?;
                self.skip(value, input, depth + 1)
            })?,
            Kind::Union(branches) => {
                let branch = branches.get(input.count()?).ok_or(Damage)?;
                self.skip(branch, input, depth + 1)?;
            }
            Kind::Record(fields) => {
                for field in fields {
                    self.skip(field, input, depth + 1)?;
                }
            }
            Kind::Named(at) => self.skip(self.named.get(*at).ok_or(Damage)?, input, depth + 1)?,
        }
        Ok(())
    }
}

/// Walks over the items of a list or map.
fn skip_runs<'a>(
    input: &mut Input<'a>,
    mut item: impl FnMut(&mut Input<'a>) -> Result<(), Damage>,
) -> Result<(), Damage> {
    loop {
        match input.run()? {
            (0, _) => return Ok(()),
            (_, Some(size)) => {
                input.take(size)?;
            }
            (items, None) => {
                for _ in 0..items {
                    item(input)?;
                }
            }
        }
    }
}

impl Parser {
    /// Enters the name of a type, whose definition follows.
    fn declare(&mut self, schema: &Value, space: &str) -> Option<usize> {
        let name = schema.get("name")?.as_str()?;
        let at = self.named.len();
        self.names.insert(full_name(name, space), at);
        self.named.push(Kind::Null);
        self.shown.push(("struct".to_owned(), None));
        Some(at)
    }

    /// Reads a type.
    fn parse(&mut self, schema: &Value, space: &str, depth: usize) -> Option<Parsed> {
        if depth > MAX_DEPTH {
            return None;
        }
        match schema {
            Value::String(name) => self.by_name(name, space),
            Value::Array(branches) => self.union(branches, space, depth),
            Value::Object(object) => self.object(schema, object, space, depth),
            _ => None,
        }
    }

    fn by_name(&self, name: &str, space: &str) -> Option<Parsed> {
        Some(match name {
            "null" => Parsed::new(Kind::Null, "null", Leaf::Null),
            "boolean" => Parsed::new(Kind::Boolean, "boolean", Leaf::Boolean),
            "int" => Parsed::new(Kind::Int, "int32", Leaf::Int),
            "long" => Parsed::new(Kind::Long, "int64", Leaf::Long),
            "float" => Parsed::new(Kind::Float, "float32", Leaf::Float),
            "double" => Parsed::new(Kind::Double, "float64", Leaf::Double),
            "bytes" => Parsed::new(Kind::Bytes, BINARY, Leaf::Binary(None)),
            "string" => Parsed::new(Kind::Text, "text", Leaf::Text),
            name => {
                let at = *self.names.get(&full_name(name, space)).or_else(|| self.names.get(name))?;
                let (stored, leaf) = self.shown.get(at)?.clone();
                // What cannot hold itself is as good as written out.
                let kind = match self.named.get(at)? {
                    kind @ (Kind::Enum(_) | Kind::Fixed(_)) => kind.clone(),
                    _ => Kind::Named(at),
                };
                Parsed { kind, stored, leaf }
            }
        })
    }

    fn union(&mut self, branches: &[Value], space: &str, depth: usize) -> Option<Parsed> {
        let mut parsed = Vec::with_capacity(branches.len());
        for branch in branches {
            // A union cannot hold a union.
            if branch.is_array() {
                return None;
            }
            parsed.push(self.parse(branch, space, depth + 1)?);
        }
        let nulls = parsed.iter().filter(|branch| branch.kind == Kind::Null).count();
        let mut others = parsed.iter().filter(|branch| branch.kind != Kind::Null);
        let (stored, leaf) = match (others.next(), others.next()) {
            (Some(only), None) if nulls == 1 => (only.stored.clone(), only.leaf.clone()),
            _ => ("union".to_owned(), None),
        };
        let kinds = parsed.into_iter().map(|branch| branch.kind).collect();
        Some(Parsed { kind: Kind::Union(kinds), stored, leaf })
    }

    fn object(&mut self, schema: &Value, object: &Map<String, Value>, space: &str, depth: usize) -> Option<Parsed> {
        let kind = object.get("type")?;
        let Some(name) = kind.as_str() else { return self.parse(kind, space, depth + 1) };
        let logical = object.get("logicalType").and_then(Value::as_str).unwrap_or_default();
        match name {
            "array" => {
                let item = self.parse(object.get("items")?, space, depth + 1)?;
                let leaf = item.nested().map(|item| Leaf::Json(Arc::new(Nested::List(item))));
                Some(Parsed::new(Kind::List(Box::new(item.kind)), "list", leaf))
            }
            "map" => {
                let value = self.parse(object.get("values")?, space, depth + 1)?;
                let leaf = value.nested().map(|value| Leaf::Json(Arc::new(Nested::Map(value))));
                Some(Parsed::new(Kind::Map(Box::new(value.kind)), "map", leaf))
            }
            "record" | "error" => {
                let space = space_of(schema, space);
                let at = self.declare(schema, &space)?;
                let (mut fields, mut inner) = (Vec::new(), Some(Vec::new()));
                for field in object.get("fields")?.as_array()? {
                    let parsed = self.parse(field.get("type")?, &space, depth + 1)?;
                    let named = field.get("name").and_then(Value::as_str).map(str::to_owned).zip(parsed.nested());
                    match (&mut inner, named) {
                        (Some(inner), Some(named)) => inner.push(named),
                        _ => inner = None,
                    }
                    fields.push(parsed.kind);
                }
                let leaf = inner.map(|inner| Leaf::Json(Arc::new(Nested::Record(inner))));
                *self.named.get_mut(at)? = Kind::Record(fields);
                *self.shown.get_mut(at)? = ("struct".to_owned(), leaf.clone());
                Some(Parsed::new(Kind::Named(at), "struct", leaf))
            }
            "enum" => {
                let at = self.declare(schema, &space_of(schema, space))?;
                let words = object.get("symbols")?.as_array()?.iter();
                let words = words.map(|word| word.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()?;
                self.name(at, Parsed::new(Kind::Enum(words.clone()), "enum", Leaf::Enum(words)))
            }
            "fixed" => {
                let at = self.declare(schema, &space_of(schema, space))?;
                let size = usize::try_from(object.get("size")?.as_u64()?).ok()?;
                let (stored, leaf) = match logical {
                    "decimal" => decimal(object, Some(size)),
                    "uuid" if size == 16 => ("uuid".to_owned(), Some(Leaf::Uuid)),
                    "duration" => ("duration".to_owned(), None),
                    _ => (BINARY.to_owned(), Some(Leaf::Binary(Some(size)))),
                };
                self.name(at, Parsed { kind: Kind::Fixed(size), stored, leaf })
            }
            name => {
                let mut parsed = self.by_name(name, space)?;
                match (&parsed.kind, logical) {
                    (Kind::Bytes, "decimal") => (parsed.stored, parsed.leaf) = decimal(object, None),
                    (Kind::Text, "uuid") => "uuid".clone_into(&mut parsed.stored),
                    (Kind::Int, "date") => parsed = Parsed::new(Kind::Int, "date", Leaf::Date),
                    (Kind::Int, "time-millis") => parsed = Parsed::new(Kind::Int, "time", Leaf::TimeMillis),
                    (Kind::Long, "time-micros") => parsed = Parsed::new(Kind::Long, "time", Leaf::TimeMicros),
                    (Kind::Long, logical) => {
                        let instant = match logical {
                            "timestamp-millis" => ("timestamp[ms, UTC]", Leaf::Millis),
                            "timestamp-micros" => ("timestamp[us, UTC]", Leaf::Micros),
                            "timestamp-nanos" => ("timestamp[ns, UTC]", Leaf::Nanos),
                            "local-timestamp-millis" => ("timestamp[ms]", Leaf::Millis),
                            "local-timestamp-micros" => ("timestamp[us]", Leaf::Micros),
                            "local-timestamp-nanos" => ("timestamp[ns]", Leaf::Nanos),
                            _ => return Some(parsed),
                        };
                        parsed = Parsed::new(Kind::Long, instant.0, instant.1);
                    }
                    _ => {}
                }
                Some(parsed)
            }
        }
    }

    /// Enters the definition of a type with a name.
    fn name(&mut self, at: usize, parsed: Parsed) -> Option<Parsed> {
        *self.named.get_mut(at)? = parsed.kind.clone();
        *self.shown.get_mut(at)? = (parsed.stored.clone(), parsed.leaf.clone());
        Some(parsed)
    }
}

/// The name of a decimal type, and how its values are read. One that the specification does not allow is bytes.
fn decimal(object: &Map<String, Value>, fixed: Option<usize>) -> (String, Option<Leaf>) {
    let number = |key: &str| object.get(key).map_or(Some(0), Value::as_u64);
    match (number("precision"), number("scale")) {
        (Some(precision), Some(scale)) if precision > 0 && scale <= precision => {
            let leaf = u8::try_from(scale).ok().filter(|_| precision <= 38);
            (format!("decimal({precision},{scale})"), leaf.map(|scale| Leaf::Decimal { fixed, scale }))
        }
        _ => (BINARY.to_owned(), Some(Leaf::Binary(fixed))),
    }
}

/// The type in which the values are given.
const fn data_type(leaf: &Leaf) -> DataType {
    match leaf {
        Leaf::Null
        | Leaf::Text
        | Leaf::Enum(_)
        | Leaf::Uuid
        | Leaf::Binary(_)
        | Leaf::Json(_)
        | Leaf::TimeMillis
        | Leaf::TimeMicros => DataType::Text,
        Leaf::Boolean => DataType::Boolean,
        Leaf::Int | Leaf::Long => DataType::Integer,
        Leaf::Float => DataType::Float32,
        Leaf::Double => DataType::Float,
        Leaf::Date => DataType::Date,
        Leaf::Millis | Leaf::Micros | Leaf::Nanos => DataType::Datetime,
        Leaf::Decimal { .. } => DataType::Decimal,
    }
}

/// The namespace inside of a type with a name.
fn space_of(schema: &Value, around: &str) -> String {
    let name = schema.get("name").and_then(Value::as_str).unwrap_or_default();
    let declared = schema.get("namespace").and_then(Value::as_str);
    match (name.rsplit_once('.'), declared) {
        (Some((space, _)), _) | (None, Some(space)) => space.to_owned(),
        (None, None) => around.to_owned(),
    }
}

/// A name with its namespace.
fn full_name(name: &str, space: &str) -> String {
    if name.contains('.') || space.is_empty() { name.to_owned() } else { format!("{space}.{name}") }
}
