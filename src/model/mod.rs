//! The shared words of the auditor: what is measured, what was read, what it means.
//!
//! Plain data with serde, nothing that computes on datasets and nothing that imports another module of the crate.

mod expr;
mod extent;
mod measure;
mod profile;
mod reading;
mod report;
mod rule;
mod sample;
mod score;
mod segment;
mod text_tests;
mod value;

pub use expr::{Aggregate, AggregateFunction, ArithmeticOp, CompareOp, Expr, Function};
pub use extent::Extent;
pub use measure::{
    Comparison, ComparisonForm, Fact, KeySpec, LengthUnit, Lookup, Measure, MeasureKind, Predicate, ValueList,
};
pub use profile::{DatasetProfile, FilterProfile, PROFILE_FORMAT, PartProfile, Profile, RuleProfile};
pub use reading::{
    ChecksumTally, ColumnFact, DetectionTally, DuplicateTally, Fault, FaultKind, FileFact, FramingTally, MatchTally,
    Reading, RowRef, RowTally, SAMPLE_ROWS,
};
pub use report::{
    AuditReport, Coverage, DatasetReport, DatasetStatus, DimensionReport, FORMAT, GateReport, Notice, OwnerReport,
    Records, RuleReport, SuiteFacts, Timings, ToolFacts, Verdict, Veto,
};
pub use rule::{Dimension, Severity, Status, Threshold};
pub use sample::{Moments, SampledDataset, SampledReport, SampledRule, Share, Spread, StoppedReport};
pub use score::{Band, Bands, Score};
pub use segment::{
    LEAST_SEGMENT_ROWS, MOST_SEGMENTS, Segment, SegmentReport, SegmentValue, SegmentsReport, SuppressedSegments,
};
pub use text_tests::{Detection, IdentifierTest, TidyTest, UniformTest};
pub use value::{AsOf, DAY_MICROS, DataType, TimeSpan, TimeUnit, Value};
