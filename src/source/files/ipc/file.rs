//! An Arrow IPC file whose footer was read: its record batches, decoded.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::FileDecoder;
use arrow_ipc::{Block, CompressionType, FieldNode, MessageHeader, MetadataVersion, root_as_footer, root_as_message};
use arrow_schema::{ArrowError, Schema, SchemaRef};

use super::decoded::array_of;
use super::types::{describe, field};
use crate::source::column::SourceColumn;
use crate::source::error::Problem;
use crate::source::faults::Tally;
use crate::source::files::arrays::{conversion, emit};
use crate::source::files::data_file::DataFile;
use crate::source::files::nested::{Inner, inner_columns};
use crate::source::files::reader::DataReader;
use crate::source::panic_guard::{Failed, catch_panic};
use crate::source::table::{Emit, MAX_COLUMNS};

/// The bytes at both ends of a file.
pub(super) const MAGIC: &[u8] = b"ARROW1";

/// The longest footer.
const MAX_FOOTER: u64 = 64 << 20;

/// An IPC file whose footer was read.
#[derive(Debug)]
pub(super) struct IpcTable {
    pub(super) file: DataFile,
    pub(super) columns: Vec<SourceColumn>,
    pub(super) inner_columns: Vec<SourceColumn>,
    inner: Vec<Inner>,
    pub(super) schema: SchemaRef,
    /// What the footer says about the file.
    pub(super) metadata: HashMap<String, String>,
    version: MetadataVersion,
    dictionaries: Vec<Block>,
    /// By the id of a dictionary: the columns that have its words, inside of them or not.
    users: HashMap<i64, Vec<usize>>,
    batches: Vec<Block>,
    /// The bytes of each record batch.
    pub(super) sizes: Vec<u64>,
}

/// The footer as the library gives it.
struct Footer {
    schema: SchemaRef,
    metadata: HashMap<String, String>,
    version: MetadataVersion,
    dictionaries: Vec<Block>,
    batches: Vec<Block>,
}

impl Footer {
    fn read(bytes: &[u8]) -> Result<Self, ArrowError> {
        let lacks = |what: &str| ArrowError::ParseError(format!("the footer has no {what}"));
        let footer = root_as_footer(bytes).map_err(|error| ArrowError::ParseError(error.to_string()))?;
        let schema = footer.schema().ok_or_else(|| lacks("schema"))?;
        if !schema.endianness().equals_to_target_endianness() {
            return Err(ArrowError::NotYetImplemented("the other order of bytes".to_owned()));
        }
        let metadata = footer.custom_metadata().into_iter().flatten();
        let metadata = metadata.filter_map(|pair| Some((pair.key()?.to_owned(), pair.value()?.to_owned()))).collect();
        Ok(Self {
            schema: Arc::new(try_fb_to_schema(schema)?),
            metadata,
            version: footer.version(),
            dictionaries: footer.dictionaries().into_iter().flatten().copied().collect(),
            batches: footer.recordBatches().into_iter().flatten().copied().collect(),
        })
    }
}

/// Decodes some columns of the record batches of a file.
pub(super) struct Decoder {
    library: FileDecoder,
    /// The positions of the columns that are wanted.
    columns: Vec<usize>,
    /// For each of them: its place among those that are decoded.
    places: Vec<usize>,
}

impl Decoder {
    fn decode(&self, block: &Block, bytes: &Buffer) -> Result<RecordBatch, Failed> {
        catch_panic(|| {
            let none = || ArrowError::ParseError("no record batch".to_owned());
            self.library.read_record_batch(block, bytes)?.ok_or_else(none)
        })
    }
}

/// What is wrong with a footer that contradicts itself or the file.
const DAMAGED: &str = "the Arrow footer is damaged: get the file again";

fn damaged() -> Problem {
    Problem::damaged(DAMAGED)
}

impl IpcTable {
    /// Reads the footer.
    pub(super) fn open(file: DataFile) -> Result<Self, Problem> {
        let mut handle = file.open()?;
        let mut head = [0; 8];
        if file.bytes < 18 || handle.read_exact(&mut head).is_err() || !head.starts_with(MAGIC) {
            return Err(Problem::foreign("is not an Arrow IPC file (streams and Feather 1 are not read)"));
        }
        let mut tail = [0; 10];
        let read = handle.seek(SeekFrom::Start(file.bytes - 10)).and_then(|_| handle.read_exact(&mut tail));
        if read.is_err() || !tail.ends_with(MAGIC) {
            return Err(Problem::damaged(
                "the Arrow file is cut off or damaged: it does not end as one. Get the whole file again",
            ));
        }
        let [a, b, c, d, ..] = tail;
        let length = u64::from(u32::from_le_bytes([a, b, c, d]));
        let start = (file.bytes - 10).checked_sub(length).filter(|start| *start >= 8 && length <= MAX_FOOTER);
        let start = start.ok_or_else(damaged)?;
        let mut footer = vec![0; usize::try_from(length).map_err(|_| damaged())?];
        let read = handle.seek(SeekFrom::Start(start)).and_then(|_| handle.read_exact(&mut footer));
        read.map_err(|_| Problem::inaccessible("cannot be read to its end"))?;

        let footer = catch_panic(|| Ok::<_, ()>(Footer::read(&footer)));
        let footer = footer.map_err(|failed| undecoded(DAMAGED.to_owned(), failed))?.map_err(|error| match error {
            ArrowError::NotYetImplemented(_) => Problem::foreign(
                "is an Arrow file that is written in a way that is not read, such as in the other order of bytes: write it again",
            ),
            _ => damaged(),
        })?;
        let Footer { schema, metadata, version, dictionaries, batches } = footer;
        if schema.flattened_fields().len() > MAX_COLUMNS {
            return Err(Problem::BeyondLimit(format!("more than the {MAX_COLUMNS} columns that are read")));
        }
        let size = |block: &Block| size_within(block, start).ok_or_else(damaged);
        dictionaries.iter().try_for_each(|block| size(block).map(drop))?;
        let sizes = batches.iter().map(size).collect::<Result<_, _>>()?;
        let columns: Vec<SourceColumn> = schema.fields().iter().map(|written| describe(written)).collect();
        let fields: Vec<_> = schema.fields().iter().map(|written| field(written)).collect();
        let (inner_columns, inner) = inner_columns(&fields);
        let users = users(&schema);
        Ok(Self { file, columns, inner_columns, inner, schema, metadata, version, dictionaries, users, batches, sizes })
    }

    /// The column inside of another that has this position.
    fn inner(&self, position: usize) -> Option<&Inner> {
        self.inner.get(position.checked_sub(self.columns.len())?)
    }

    /// Reads the dictionaries, for record batches whose columns at these positions are wanted.
    pub(super) fn decoder(&self, columns: &[usize]) -> Result<Decoder, Problem> {
        let mut roots: Vec<usize> = columns.iter().map(|at| self.inner(*at).map_or(*at, |inner| inner.root)).collect();
        let wanted = roots.clone();
        roots.sort_unstable();
        roots.dedup();
        let places = wanted.iter().filter_map(|root| roots.binary_search(root).ok()).collect();
        let is_wanted = |root: &usize| roots.binary_search(root).is_ok();
        let mut decoder = FileDecoder::new(Arc::clone(&self.schema), self.version).with_projection(roots.clone());
        if roots.is_empty() || self.dictionaries.is_empty() {
            return Ok(Decoder { library: decoder, columns: columns.to_vec(), places });
        }
        let mut file = self.file.open()?;
        for block in &self.dictionaries {
            let bytes = self.block(&mut file, block)?;
            let users = words_of(&bytes).and_then(|id| self.users.get(&id));
            // Words that only other columns have may be damaged.
            if users.is_some_and(|users| !users.iter().any(is_wanted)) {
                continue;
            }
            if let Err(failed) = catch_panic(|| decoder.read_dictionary(block, &bytes)) {
                let user = wanted.iter().position(|root| users.is_some_and(|users| users.contains(root)));
                return Err(match user.filter(|_| self.is_sound(block, &bytes)) {
                    Some(user) => self.lost(columns[user], "its dictionary", failed),
                    None => undecoded("a dictionary cannot be decoded: get the file again".to_owned(), failed),
                });
            }
        }
        Ok(Decoder { library: decoder, columns: columns.to_vec(), places })
    }

    /// What it means that cells of one column cannot be decoded while the message around them is sound.
    fn lost(&self, column: usize, what: &str, failed: Failed) -> Problem {
        let known = self.columns.iter().chain(&self.inner_columns).nth(column);
        let name = known.map(|column| column.name.escape_debug().to_string()).unwrap_or_default();
        let problem = format!("the column `{name}`: {what} cannot be decoded: get the file again");
        Problem::Column { position: column, problem: Box::new(undecoded(problem, failed)) }
    }

    /// Whether a message is sound as far as all columns depend on it: its buffers lie in its body, and its rows are as many as
    /// those of the first column.
    fn is_sound(&self, block: &Block, bytes: &[u8]) -> bool {
        let found = || {
            let message = root_as_message(message_of(bytes)).ok()?;
            let is_known = self.version == MetadataVersion::V1 || message.version() == self.version;
            let batch = match message.header_as_dictionary_batch() {
                Some(words) => words.data()?,
                None => message.header_as_record_batch()?,
            };
            let is_inside = |buffer: &arrow_ipc::Buffer| {
                let end = buffer.offset().checked_add(buffer.length());
                buffer.offset() >= 0 && buffer.length() >= 0 && end.is_some_and(|end| end <= block.bodyLength())
            };
            let rows = batch.nodes()?.iter().next().map_or(batch.length(), FieldNode::length);
            Some(is_known && rows == batch.length() && batch.buffers()?.iter().all(is_inside))
        };
        catch_panic(|| Ok::<_, ()>(found())).ok().flatten().unwrap_or_default()
    }

    /// What it means that a record batch cannot be decoded: the first of the wanted columns that cannot be decoded alone is
    /// lost, unless the message itself is damaged.
    fn blame(&self, position: usize, (block, bytes): (&Block, &Buffer), decoder: &Decoder, failed: Failed) -> Problem {
        let alone = |columns: &[usize]| -> Result<Option<Failed>, Problem> {
            Ok(self.decoder(columns)?.decode(block, bytes).err())
        };
        if self.is_sound(block, bytes) && matches!(alone(&[]), Ok(None)) {
            for column in &decoder.columns {
                match alone(&[*column]) {
                    Ok(None) => {}
                    Ok(Some(failed)) => return self.lost(*column, &cells_of(position), failed),
                    Err(problem) => return problem,
                }
            }
        }
        undecoded(undecodable(position), failed)
    }

    /// The bytes of a message and its body.
    fn block(&self, file: &mut DataReader, block: &Block) -> Result<Buffer, Problem> {
        let start = u64::try_from(block.offset()).map_err(|_| damaged())?;
        let size = size_within(block, self.file.bytes).and_then(|size| usize::try_from(size).ok());
        let size = size.ok_or_else(damaged)?;
        let bytes = file.read_range(start, size).map_err(|_| Problem::inaccessible("cannot be read to its end"))?;
        if bytes.len() == size { Ok(bytes.into()) } else { Err(Problem::inaccessible("cannot be read to its end")) }
    }

    /// Decodes one record batch.
    pub(super) fn read(&self, position: usize, decoder: &Decoder) -> Result<RecordBatch, Problem> {
        let block = self.batches.get(position).ok_or_else(|| Problem::Damaged(undecodable(position)))?;
        let bytes = self.block(&mut self.file.open()?, block)?;
        decoder.decode(block, &bytes).map_err(|failed| self.blame(position, (block, &bytes), decoder, failed))
    }

    /// How the first record batch is compressed.
    pub(super) fn compression(&self) -> Result<Option<CompressionType>, Problem> {
        let Some(block) = self.batches.first() else { return Ok(None) };
        let bytes = self.block(&mut self.file.open()?, block)?;
        let found = || {
            let message = root_as_message(message_of(&bytes)).ok()?;
            let batch =
                (message.header_type() == MessageHeader::RecordBatch).then(|| message.header_as_record_batch())?;
            Some(batch?.compression()?.codec())
        };
        Ok(catch_panic(|| Ok::<_, ()>(found())).unwrap_or_default())
    }

    /// Decodes a record batch and hands out the runs that `parts` makes of its rows, `None` where they are too many.
    pub(super) fn hand_out(
        &self,
        position: usize,
        (columns, decoder): (&[usize], &Decoder),
        parts: impl FnOnce(usize) -> Option<Vec<Range<usize>>>,
        out: &mut Emit,
    ) -> Result<Tally, Problem> {
        let batch = self.read(position, decoder)?;
        let parts = parts(batch.num_rows())
            .ok_or_else(|| Problem::BeyondLimit(format!("record batch {} has too many rows", position + 1)))?;
        let mut cells = Vec::with_capacity(columns.len());
        for (column, place) in columns.iter().zip(&decoder.places) {
            let read = || -> Result<_, ()> {
                let decoded = array_of(batch.columns().get(*place).ok_or(())?.as_ref()).ok_or(())?;
                match self.inner(*column) {
                    None => Ok((decoded, conversion(&field(self.schema.fields().get(*column).ok_or(())?)))),
                    Some(inner) => Ok((inner.of(decoded.as_ref()).ok_or(())?, conversion(&inner.field))),
                }
            };
            cells.push(catch_panic(read).map_err(|failed| self.lost(*column, &cells_of(position), failed))?);
        }
        emit(&cells, &parts, out).map_err(|(at, failed)| self.lost(columns[at], &cells_of(position), failed))?;
        Ok(Tally::of_rows(parts.iter().map(Range::len).sum(), None))
    }
}

/// What it means that bytes could not be decoded.
fn undecoded(problem: String, failed: Failed) -> Problem {
    Problem::undecoded(problem, failed)
}

/// What it means that a record batch cannot be decoded.
pub(super) fn undecodable(position: usize) -> String {
    format!("record batch {} cannot be decoded: get the file again", position + 1)
}

/// By the id of a dictionary: the columns that have its words.
fn users(schema: &Schema) -> HashMap<i64, Vec<usize>> {
    let mut users: HashMap<i64, Vec<usize>> = HashMap::new();
    for (root, field) in schema.fields().iter().enumerate() {
        let alone = Schema::new(vec![Arc::clone(field)]);
        for field in alone.flattened_fields() {
            #[expect(deprecated, reason = "the library looks dictionaries up by this id")]
            if let Some(id) = field.dict_id() {
                users.entry(id).or_default().push(root);
            }
        }
    }
    users
}

fn cells_of(position: usize) -> String {
    format!("its cells in record batch {}", position + 1)
}

/// The message of a block, behind its length and, since Arrow 0.15, a mark before that.
fn message_of(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(&[0xff; 4]).unwrap_or(bytes).get(4..).unwrap_or_default()
}

/// The id of the dictionary that a message brings.
fn words_of(bytes: &[u8]) -> Option<i64> {
    let found = || Some(root_as_message(message_of(bytes)).ok()?.header_as_dictionary_batch()?.id());
    catch_panic(|| Ok::<_, ()>(found())).ok()?
}

/// The size of a block that lies before `end`: its head and its body.
fn size_within(block: &Block, end: u64) -> Option<u64> {
    let start = u64::try_from(block.offset()).ok()?;
    let head = u64::try_from(block.metaDataLength()).ok()?;
    let size = head.checked_add(u64::try_from(block.bodyLength()).ok()?)?;
    (start >= 8 && head >= 8 && start.checked_add(size)? <= end).then_some(size)
}
