//! The shared vocabulary of the auditor: what is measured, what was counted, what it means.
//!
//! Plain data with serde, nothing that computes on datasets and nothing that imports another module of the crate.

mod calendar_date;
mod codelist;
mod composed;
mod continuous;
mod covers;
mod data_profile;
mod date_notation;
mod decimal;
mod dialect;
mod distribution;
mod entities;
mod evidence;
mod expr;
mod extent;
mod fine_instant;
mod group_side;
mod grouped;
mod identified;
mod incomparable;
mod inner_column;
mod lag;
mod lookup;
mod measure;
mod nearest;
mod new_only;
mod notation;
mod outliers;
mod personal;
mod profile;
mod quantile;
mod quarantine;
mod reading;
mod reconciliation;
mod repair;
mod report;
mod result_diff;
mod row_tally;
mod rule;
mod sample;
mod score;
mod segment;
mod shape;
mod shown;
mod similar;
mod suite_changes;
mod text_tests;
mod unit;
mod unmeasured;
mod unparseable;
mod value;
mod values;
mod verification;
mod waiver;
mod where_failing;

pub use calendar_date::CalendarDate;
pub use codelist::{CodelistEntry, ValueList};
pub use composed::{PASS_COMPOSED, composed_list, composed_name, nfc, uncomposed_name};
pub use continuous::{Continuous, PointTally, Step};
pub use covers::{CoverTally, Covers, Expected, NAMED_VALUES};
pub use data_profile::{
    DATA_PROFILE_FORMAT, DataProfile, FrequentValue, FrequentValues, LEAST_SHOWN, ProfiledColumn, ProfiledDataset,
    ProfiledDays, ProfiledDependency, ProfiledKey, ProfiledKind, ProfiledLengths, ProfiledNumbers, ProfiledOrder,
    ProfiledQuantile, ProfiledReference, ReadsAs, SameColumns, VALUES_SHOWN,
};
pub use date_notation::DateNotation;
pub use decimal::Decimal;
pub use dialect::{Dialect, DialectColumn, DialectEvidence, DialectValue, yaml};
pub use distribution::{
    Baseline, BaselineRule, CategoryShape, Distribution, DistributionTally, LEAST_ROWS, MOST_CATEGORIES,
    MOST_DIFFERENT, NumberShape, Parts, Steady,
};
pub use entities::{Entities, EntitySide, EntityTally, Peer, SharedFact};
pub use evidence::{
    EVIDENCE_FORMAT, EvidenceDataset, EvidenceKey, EvidenceManifest, EvidenceRule, FailedRule, FailingGroup,
    FailingRow, REASON_SEPARATOR, Statement, TableFact, TokenFunction, TokenKey, Tokens,
};
pub use expr::{Aggregate, AggregateFunction, ArithmeticOp, CompareOp, Expr, Function};
pub use extent::Extent;
pub use fine_instant::FineInstant;
pub use group_side::GroupSide;
pub use grouped::{Anonymity, GroupTally, Grouped};
pub use identified::{
    Evidence, FormatCount, IDENTIFY_FORMAT, IdentifiedColumn, IdentifiedFormat, IdentifiedKind, IdentifyReport,
    IdentifyTool, MendedTally, SlipTally,
};
pub use incomparable::Incomparable;
pub use inner_column::{list_of, outer_column};
pub use lag::{Delay, DelayTally, DelayUnit, Lag};
pub use lookup::{Comparison, ComparisonForm, Fact, Kept, KeySpec, Lookup};
pub use measure::{LengthUnit, Measure, MeasureKind, Predicate};
pub use nearest::{nearest, unseen_difference};
pub use new_only::{IncomparableFailure, KnownFailure, NewOnly};
pub use notation::{Grouping, Notation};
pub use outliers::{OutlierMethod, OutlierSide, OutlierTally, Outliers};
pub use personal::looks_personal;
pub use profile::{DatasetProfile, FilterProfile, PROFILE_FORMAT, PartProfile, Profile, ProfileError, RuleProfile};
pub use quantile::Quantile;
pub use quarantine::{QUARANTINE_FORMAT, QuarantineManifest, QuarantinedDataset, QuarantinedFile, QuarantinedPart};
pub use reading::{
    ChecksumTally, ColumnFact, ColumnSeries, DetectionTally, DuplicateTally, Fault, FaultKind, FileFact, FileGroup,
    FramingTally, LeftOut, ManyLines, Reading, SAMPLE_ROWS, StoredAs,
};
pub use reconciliation::{Reconciliation, Tolerance, TotalsSide, TotalsTally};
pub use repair::RepairReport;
pub use report::{
    AuditReport, Coverage, DatasetReport, DatasetStatus, DimensionReport, FORMAT_NAME, FORMAT_VERSION, GateReport,
    JudgedReport, Notice, OwnerReport, Records, RuleReport, SuiteFacts, SuitePlace, Timings, ToolFacts, UncleanBy,
    UnmeasuredRules, Verdict, Veto,
};
pub use result_diff::{
    Change, ChangeCounts, ComparedDataset, ComparedResult, ComparedRule, DIFF_FORMAT, DatasetDiff, ResultDiff, RuleDiff,
};
pub use row_tally::{MatchTally, RowRef, RowTally};
pub use rule::{Dimension, Severity, Status, Threshold, ThresholdError};
pub use sample::{Moments, SampledDataset, SampledReport, SampledRule, Share, Spread, StoppedReport};
pub use score::{Band, Bands, Score};
pub use segment::{
    LEAST_SEGMENT_ROWS, MOST_SEGMENTS, Segment, SegmentReport, SegmentValue, SegmentsReport, SuppressedSegments,
};
pub use shape::{LEAST_SHAPE_VALUES, MOST_SHAPES, OtherShapes, SHAPES_SHOWN, ShapeReport, ShapeTally, ShapesReport};
pub use shown::{Count, Shown, ShownNumber, short_number};
pub use similar::{
    BlockKey, BlockPart, Likeness, Similar, SimilarColumn, SimilarPair, SimilarTally, Transform, WHOLE_SCORE,
};
pub use suite_changes::{
    BreakingCounts, CHANGELOG_FORMAT, ChangeKind, ComparedSuite, Effect, EffectCounts, Party, SuiteChange,
    SuiteChangelog, SuiteDetail, SuitePart,
};
pub use text_tests::{IdentifierTest, PersonalDataTest, TidyTest, UniformTest};
pub use unit::Unit;
pub use unmeasured::{Unmeasured, Unsupported};
pub use unparseable::{LooksLike, UnparseableColumn, UnparseableReason, UnparseableTally};
pub use value::{AsOf, DAY_MICROS, DataType, FIRST_DATE, LAST_DATE, TIMESTAMPS, TimeSpan, TimeUnit, Value};
pub use values::{BYTES_OF_VALUE, ValueTally, Values};
pub use verification::{Difference, NotVerified, Verification, VerifiedSample};
pub use waiver::{Waiver, WaiverReport, WaiverState};
pub use where_failing::{
    ComparedFailures, Concentration, FailTogether, GroupValue, LEAST_GROUP_ROWS, MOST_GROUP_VALUES, ValuePart,
    WhereFailing,
};
