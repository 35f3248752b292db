//! Splitting a Parquet file: each column is copied as it is stored, with its levels and without knowing its meaning.
//!
//! So every type stays what it is, nested ones and those that no rule can read too. The metadata of the file, its row groups,
//! and the compression of its columns stay; pages, encodings, statistics and indexes are made anew.

use std::io::{self, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use parquet::basic::{LogicalType, Repetition, Type as PhysicalType};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::column::writer::ColumnWriterImpl;
use parquet::data_type::{ByteArray, ByteArrayType, DataType};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{FileMetaData, KeyValue, RowGroupMetaData};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{ChunkReader, FileReader, Length, RowGroupReader};
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnDescriptor, Type, TypePtr};

use crate::source::error::Problem;
use crate::source::files::data_file::DataFile;
use crate::source::files::reader::DataReader;
use crate::source::files::reporting_writer::{FirstError, ReportingWriter};
use crate::source::panic_guard::catch_panic;
use crate::source::split::{Parts, SEPARATOR, SplitError, SplitRows, Splitting};

/// Records that are copied at a time.
const RECORDS: usize = 1 << 13;

/// The key of the schema as Arrow has it. It does not know the column of rule ids, so readers would refuse it.
const ARROW_SCHEMA: &str = "ARROW:schema";

/// Splits the file.
pub(super) fn split(data: &DataFile, to: &mut Splitting, parts: Parts) -> Result<SplitRows, SplitError> {
    let Parts { passing, failing } = parts;
    let first = FirstError::default();
    let broken = |failed, what: &str| first.or(Problem::undecoded(format!("{what}: get the file again"), failed));
    let stored = StoredFile { file: Arc::new(Mutex::new(data.open()?)), bytes: data.bytes };
    let input = catch_panic(|| SerializedFileReader::new(stored))
        .map_err(|failed| broken(failed, "the Parquet footer cannot be read"))?;
    let metadata = input.metadata();
    let opened = catch_panic(|| {
        let properties = |is_failing| Arc::new(properties(metadata.file_metadata(), metadata.row_groups(), is_failing));
        let schema = metadata.file_metadata().schema_descr().root_schema_ptr();
        let labelled = with_column(&schema, to.column)?;
        let passing = ReportingWriter::new(passing, &first);
        let failing = ReportingWriter::new(failing, &first);
        Ok::<_, ParquetError>((
            SerializedFileWriter::new(passing, schema, properties(false))?,
            SerializedFileWriter::new(failing, labelled, properties(true))?,
        ))
    });
    let (mut passing, mut failing) = opened.map_err(|failed| broken(failed, "its schema cannot be written again"))?;

    let mut rows = SplitRows::default();
    for group in 0..input.num_row_groups() {
        to.check()?;
        let unreadable = |failed| broken(failed, &format!("row group {} cannot be copied", group + 1));
        let reader = catch_panic(|| input.get_row_group(group)).map_err(unreadable)?;
        let count = usize::try_from(reader.metadata().num_rows()).unwrap_or_default();
        let mut failed = Vec::with_capacity(count);
        let mut labels = Vec::new();
        for _ in 0..count {
            let rules = to.next(&mut rows)?;
            failed.push(rules.is_some());
            labels.extend(rules.map(|rules| ByteArray::from(to.joined(&rules, SEPARATOR).into_bytes())));
        }
        copy_group(&*reader, &mut passing, &mut failing, (&failed, &labels), to).map_err(|error| match error {
            Uncopied::Stopped(error) => error,
            Uncopied::Failed(column, failed) => {
                broken(failed, &format!("{column}: row group {} cannot be copied", group + 1))
            }
        })?;
    }
    let end = catch_panic(|| passing.close().and_then(|_| failing.close()));
    end.map_err(|failed| broken(failed, "its footer cannot be written again"))?;
    Ok(rows)
}

/// Why a row group was not copied.
enum Uncopied {
    /// The work was ended.
    Stopped(SplitError),
    /// A column, and how it failed.
    Failed(String, crate::source::panic_guard::Failed),
}

type FileWriter<'a> = SerializedFileWriter<ReportingWriter<'a>>;

/// Copies a row group, column by column. A part without rows gets none.
fn copy_group<'o>(
    group: &dyn RowGroupReader,
    passing: &mut FileWriter<'o>,
    failing: &mut FileWriter<'o>,
    (failed, labels): (&[bool], &[ByteArray]),
    to: &Splitting,
) -> Result<(), Uncopied> {
    let whole = |failed| Uncopied::Failed("all columns".to_owned(), failed);
    let (mut passing, mut failing) = catch_panic(|| {
        let passing = if labels.len() < failed.len() { Some(passing.next_row_group()?) } else { None };
        let failing = if labels.is_empty() { None } else { Some(failing.next_row_group()?) };
        Ok::<_, ParquetError>((passing, failing))
    })
    .map_err(whole)?;
    for (position, chunk) in group.metadata().columns().iter().enumerate() {
        to.check().map_err(Uncopied::Stopped)?;
        let column = chunk.column_descr();
        let copied = catch_panic(|| {
            let mut passing = next_column(passing.as_mut())?;
            let mut failing = next_column(failing.as_mut())?;
            copy(group.get_column_reader(position)?, column, failed, [passing.as_mut(), failing.as_mut()])?;
            passing.into_iter().chain(failing).try_for_each(SerializedColumnWriter::close)
        });
        copied.map_err(|failed| {
            let name: String = column.path().string().chars().take(60).flat_map(char::escape_debug).collect();
            Uncopied::Failed(format!("the column `{name}` of type {}", column.physical_type()), failed)
        })?;
    }
    catch_panic(|| {
        if let Some(mut column) = next_column(failing.as_mut())? {
            column.typed::<ByteArrayType>().write_batch(labels, Some(&vec![1; labels.len()]), None)?;
            column.close()?;
        }
        passing.into_iter().chain(failing).try_for_each(|group| group.close().map(drop))
    })
    .map_err(whole)
}

/// The writer of the next column of a row group.
fn next_column<'w>(
    group: Option<&'w mut SerializedRowGroupWriter<'_, ReportingWriter<'_>>>,
) -> Result<Option<SerializedColumnWriter<'w>>> {
    let Some(group) = group else { return Ok(None) };
    let column = group.next_column()?;
    column.map(Some).ok_or_else(|| ParquetError::General("too few columns".to_owned()))
}

/// Copies a column to the writers of both parts.
fn copy(
    column: ColumnReader,
    description: &ColumnDescriptor,
    failed: &[bool],
    [passing, failing]: [Option<&mut SerializedColumnWriter>; 2],
) -> Result<()> {
    macro_rules! by_type {
        ($($reader:ident),+) => {
            match column {
                $(ColumnReader::$reader(column) => copy_typed(
                    column,
                    description,
                    failed,
                    [passing.map(|column| column.typed()), failing.map(|column| column.typed())],
                ),)+
            }
        };
    }
    by_type!(
        BoolColumnReader,
        Int32ColumnReader,
        Int64ColumnReader,
        Int96ColumnReader,
        FloatColumnReader,
        DoubleColumnReader,
        ByteArrayColumnReader,
        FixedLenByteArrayColumnReader
    )
}

/// Cells as they are stored: values, and levels where there are any.
struct Cells<T: DataType> {
    values: Vec<T::T>,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
}

impl<T: DataType> Cells<T> {
    const fn new() -> Self {
        Self { values: Vec::new(), definitions: Vec::new(), repetitions: Vec::new() }
    }

    fn write(&self, out: &mut ColumnWriterImpl<T>, column: &ColumnDescriptor) -> Result<()> {
        let definitions = (column.max_def_level() > 0).then_some(self.definitions.as_slice());
        let repetitions = (column.max_rep_level() > 0).then_some(self.repetitions.as_slice());
        let written = out.write_batch(&self.values, definitions, repetitions)?;
        if written == self.values.len() { Ok(()) } else { Err(ParquetError::General("values are left".to_owned())) }
    }
}

fn copy_typed<T: DataType>(
    mut input: ColumnReaderImpl<T>,
    column: &ColumnDescriptor,
    failed: &[bool],
    mut parts: [Option<&mut ColumnWriterImpl<T>>; 2],
) -> Result<()> {
    let (has_definitions, has_repetitions) = (column.max_def_level() > 0, column.max_rep_level() > 0);
    let mut left = failed;
    while !left.is_empty() {
        let mut cells = Cells::<T>::new();
        let definitions = has_definitions.then_some(&mut cells.definitions);
        let repetitions = has_repetitions.then_some(&mut cells.repetitions);
        let (records, ..) = input.read_records(RECORDS.min(left.len()), definitions, repetitions, &mut cells.values)?;
        if records == 0 {
            return Err(ParquetError::General("rows are missing".to_owned()));
        }
        let (now, later) = left.split_at_checked(records).ok_or(ParquetError::General("too many rows".to_owned()))?;
        left = later;
        for (part, cells) in parts.iter_mut().zip(divide(cells, column, now)?) {
            if let Some(out) = part {
                cells.write(out, column)?;
            }
        }
    }
    Ok(())
}

/// Divides cells by whether their record failed.
fn divide<T: DataType>(cells: Cells<T>, column: &ColumnDescriptor, failed: &[bool]) -> Result<[Cells<T>; 2]> {
    if !failed.contains(&true) {
        return Ok([cells, Cells::new()]);
    }
    let unfit = || ParquetError::General("levels and rows do not fit".to_owned());
    let levels = match (column.max_def_level(), column.max_rep_level()) {
        (0, 0) => cells.values.len(),
        (0, _) => cells.repetitions.len(),
        _ => cells.definitions.len(),
    };
    let mut parts = [Cells::new(), Cells::new()];
    let mut values = cells.values.into_iter();
    let mut records = failed.iter();
    let mut part = 0;
    for level in 0..levels {
        let repetition = cells.repetitions.get(level).copied();
        if repetition.is_none_or(|repetition| repetition == 0) {
            part = usize::from(*records.next().ok_or_else(unfit)?);
        }
        let definition = cells.definitions.get(level).copied();
        parts[part].repetitions.extend(repetition);
        parts[part].definitions.extend(definition);
        if definition.is_none_or(|definition| definition == column.max_def_level()) {
            parts[part].values.push(values.next().ok_or_else(unfit)?);
        }
    }
    if records.next().is_none() && values.next().is_none() { Ok(parts) } else { Err(unfit()) }
}

/// The schema with one more column of text.
fn with_column(schema: &TypePtr, name: &str) -> Result<TypePtr> {
    let column = Type::primitive_type_builder(name, PhysicalType::BYTE_ARRAY)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(Some(LogicalType::String))
        .build()?;
    let mut fields = schema.get_fields().to_vec();
    fields.push(Arc::new(column));
    Ok(Arc::new(Type::group_type_builder(schema.name()).with_fields(fields).build()?))
}

/// How a part is written.
fn properties(file: &FileMetaData, groups: &[RowGroupMetaData], is_failing: bool) -> WriterProperties {
    let known = file.key_value_metadata().cloned();
    let kept =
        |known: Vec<KeyValue>| known.into_iter().filter(|pair| !is_failing || pair.key != ARROW_SCHEMA).collect();
    let mut properties = WriterProperties::builder().set_key_value_metadata(known.map(kept));
    for chunk in groups.first().into_iter().flat_map(RowGroupMetaData::columns) {
        let path = chunk.column_path().clone();
        properties = properties
            .set_column_compression(path.clone(), chunk.compression())
            .set_column_dictionary_enabled(path, chunk.dictionary_page_offset().is_some());
    }
    properties.build()
}

/// The file, as the library asks for it.
struct StoredFile {
    file: Arc<Mutex<DataReader>>,
    bytes: u64,
}

impl StoredFile {
    fn read(&self, start: u64, count: usize) -> io::Result<Vec<u8>> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).read_range(start, count)
    }
}

impl Length for StoredFile {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for StoredFile {
    type T = BufReader<Stretch>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let file = Self { file: Arc::clone(&self.file), bytes: self.bytes };
        Ok(BufReader::new(Stretch { file, at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let bytes = self.read(start, length)?;
        if bytes.len() == length {
            Ok(bytes.into())
        } else {
            Err(ParquetError::EOF("the file is too short".to_owned()))
        }
    }
}

/// The file from a place on.
struct Stretch {
    file: StoredFile,
    at: u64,
}

impl Read for Stretch {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.file.read(self.at, buffer.len())?;
        buffer[..bytes.len()].copy_from_slice(&bytes);
        self.at += bytes.len() as u64;
        Ok(bytes.len())
    }
}
