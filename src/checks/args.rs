//! The parameters of a check: their names, their kinds, and their values as given.

use std::collections::BTreeMap;

use crate::model::{
    Aggregate, Baseline, BlockKey, ComparisonForm, DataType, Decimal, Expr, TimeSpan, Tolerance, ValueList,
};

/// One parameter of a check.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// The key in a suite.
    pub name: &'static str,
    /// What it takes.
    pub kind: ParamKind,
    /// Whether a rule must have it.
    pub required: bool,
    /// One line for the page and the editor.
    pub doc: &'static str,
    /// The value that an absent parameter has, as it is written.
    pub default: Option<&'static str>,
    /// The same where it depends on a word of another parameter: that parameter, and the value for each word.
    pub default_by: Option<(&'static str, &'static [(&'static str, &'static str)])>,
    /// Which way of changing it makes the rule stricter.
    pub stricter: Stricter,
    /// How strict the rule is without it.
    pub absent: Absent,
    /// Parameters beside which nothing is known of the direction.
    pub unless: &'static [&'static str],
}

impl Param {
    /// A parameter that a rule must have.
    pub const fn required(name: &'static str, kind: ParamKind, doc: &'static str) -> Self {
        Self::new(name, kind, true, doc)
    }

    /// A parameter that a rule may have.
    pub const fn optional(name: &'static str, kind: ParamKind, doc: &'static str) -> Self {
        Self::new(name, kind, false, doc)
    }

    const fn new(name: &'static str, kind: ParamKind, required: bool, doc: &'static str) -> Self {
        let (stricter, absent) = (Stricter::Unknown, Absent::Unknown);
        Self { name, kind, required, doc, default: None, default_by: None, stricter, absent, unless: &[] }
    }

    /// The parameter with a value where it is absent.
    #[must_use]
    pub const fn default(mut self, value: &'static str) -> Self {
        self.default = Some(value);
        self
    }

    /// The parameter with a value where it is absent, for each word of another parameter.
    #[must_use]
    pub const fn default_by(mut self, by: (&'static str, &'static [(&'static str, &'static str)])) -> Self {
        self.default_by = Some(by);
        self
    }

    /// The parameter with a known direction.
    #[must_use]
    pub const fn stricter(mut self, way: Stricter, absent: Absent) -> Self {
        self.stricter = way;
        self.absent = absent;
        self
    }

    /// The parameter whose direction is not known beside these others.
    #[must_use]
    pub const fn unless(mut self, others: &'static [&'static str]) -> Self {
        self.unless = others;
        self
    }
}

/// Which way of changing a parameter makes its rule stricter: every dataset that passes with the stricter value passes with the
/// other one, too. Where that is not so for every dataset, nothing is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stricter {
    /// None that is known.
    Unknown,
    /// A greater number, or a later date.
    Greater,
    /// A smaller number, or a shorter time.
    Smaller,
    /// Having it at all.
    Given,
    /// More items of a list. What is judged stays the same.
    More,
    /// Fewer items of a list. What is judged stays the same.
    Fewer,
    /// More items of a list, which are more to be judged: more can fail, and more can pass. So only a rule that limits the number
    /// of failures becomes stricter, and not one that limits their share.
    MoreJudged,
}

/// How strict a rule is without a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// Not comparable with any value.
    Unknown,
    /// Looser than with any value.
    Loosest,
    /// Stricter than with any value.
    Strictest,
}

/// What a parameter holds, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    /// A column of the rule's dataset → [`Arg::Column`].
    Column,
    /// A column or a list of columns of the rule's dataset → [`Arg::Columns`].
    Columns,
    /// A column or a list of columns of the rule's dataset that the rule leaves out → [`Arg::Columns`].
    Excluded,
    /// The name of a dataset of the suite → [`Arg::Text`].
    Dataset,
    /// The name of a dataset of the suite → [`Arg::Text`]; or a list of other datasets, or a mapping from them to their
    /// names of the key and the facts → [`Arg::Peers`].
    Peers,
    /// A column or a list of columns of the dataset that the parameter named here gives → [`Arg::Columns`].
    ColumnsOf(&'static str),
    /// A regular expression → [`Arg::Text`], already known to compile within the limits.
    Pattern,
    /// A whole number from 0 → [`Arg::Count`].
    Count,
    /// A number → [`Arg::Number`].
    Number,
    /// A scalar kept as it is written, compared in the type of the column → [`Arg::Text`].
    Scalar,
    /// `true` or `false` → [`Arg::Flag`].
    Flag,
    /// One of these words → [`Arg::Text`].
    Choice(&'static [&'static str]),
    /// Some of these words, in a list → [`Arg::Names`].
    Words(&'static [&'static str]),
    /// A name of a [`DataType`] → [`Arg::Type`].
    Type,
    /// A length of time such as `30d` → [`Arg::Span`].
    Span,
    /// A list of values, or `{ codelist: NAME, at: COLUMN }` → [`Arg::List`].
    List,
    /// `2..50`, `..50`, `2..`, `12`, or `{ min, max }`: whole numbers → [`Arg::Bounds`].
    Bounds,
    /// `0..120`, `..0`, `2020-01-01..`, or `{ min, max }`: scalars kept as written → [`Arg::Range`].
    Range,
    /// A boolean expression over one row → [`Arg::Expr`].
    Expression,
    /// A boolean expression over one row of the dataset that the parameter named here gives → [`Arg::Expr`].
    ExpressionOf(&'static str),
    /// A boolean expression over aggregates of the dataset, such as `avg(income) > 1` → [`Arg::Figures`].
    Figures,
    /// `{ here: there, … }` or a list of columns of the same name, against the dataset that the parameter named here
    /// gives → [`Arg::Pairs`].
    Pairs(&'static str),
    /// The same for columns to group by; there are none by default → [`Arg::Pairs`].
    Groups(&'static str),
    /// `count(*)`, `count(x)` and `sum(x)`, or `{ here: there }` of them, against the dataset that the parameter named here
    /// gives → [`Arg::Totals`].
    Totals(&'static str),
    /// A number from 0, or a share such as `0.5%` → [`Arg::Tolerance`].
    Tolerance,
    /// `{ here: there }`, `{ here: { to: there, as: folded, tolerance: 0.5 } }` or a list, against the dataset that the
    /// parameter named here gives → [`Arg::Compare`].
    Compare(&'static str),
    /// The path of an earlier result, relative to the suite → [`Arg::Baseline`].
    Baseline,
    /// `{ column: method }`, `{ column: { method, weight, within } }` or a list of columns of the rule's dataset →
    /// [`Arg::Likenesses`].
    Likenesses,
    /// Keys that rows must share to be compared: columns of the rule's dataset, lists of them, transforms of them, or `all` →
    /// [`Arg::BlockKeys`].
    BlockKeys,
    /// Names of columns that need not exist, in a list → [`Arg::Names`].
    Names,
    /// Any text, or a list of texts → [`Arg::Names`].
    Texts,
    /// `{ column: type, … }`; the columns need not exist → [`Arg::Types`].
    Types,
}

impl ParamKind {
    /// The parameter that names the dataset of this one.
    pub const fn dataset_param(self) -> Option<&'static str> {
        match self {
            Self::ColumnsOf(param)
            | Self::ExpressionOf(param)
            | Self::Pairs(param)
            | Self::Groups(param)
            | Self::Totals(param)
            | Self::Compare(param) => Some(param),
            _ => None,
        }
    }
}

/// A parameter as given, checked against its kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Arg {
    /// See [`ParamKind::Column`].
    Column(String),
    /// See [`ParamKind::Columns`].
    Columns(Vec<String>),
    /// Text, a choice, a pattern, a dataset or a scalar as written.
    Text(String),
    /// See [`ParamKind::Count`].
    Count(u64),
    /// See [`ParamKind::Number`].
    Number(Decimal),
    /// See [`ParamKind::Flag`].
    Flag(bool),
    /// See [`ParamKind::Type`].
    Type(DataType),
    /// See [`ParamKind::Span`].
    Span(TimeSpan),
    /// See [`ParamKind::List`].
    List(ValueList),
    /// See [`ParamKind::Bounds`].
    Bounds {
        /// The smallest value allowed.
        min: Option<u64>,
        /// The greatest value allowed.
        max: Option<u64>,
    },
    /// See [`ParamKind::Range`].
    Range {
        /// The smallest value allowed, as written.
        min: Option<String>,
        /// The greatest value allowed, as written.
        max: Option<String>,
    },
    /// See [`ParamKind::Expression`].
    Expr(Expr),
    /// See [`ParamKind::Figures`].
    Figures {
        /// The condition; its `Expr::Figure` nodes point into `figures`.
        that: Expr,
        /// The aggregates, in order of first appearance.
        figures: Vec<Aggregate>,
    },
    /// See [`ParamKind::Pairs`]: columns here and there.
    Pairs(Vec<(String, String)>),
    /// See [`ParamKind::Compare`]: column here, column there, how they compare.
    Compare(Vec<(String, String, ComparisonForm)>),
    /// See [`ParamKind::Baseline`].
    Baseline(Baseline),
    /// See [`ParamKind::Peers`]: the other datasets.
    Peers(Vec<Peer>),
    /// See [`ParamKind::Totals`]: totals here and there.
    Totals(Vec<(Aggregate, Aggregate)>),
    /// See [`ParamKind::Tolerance`].
    Tolerance(Tolerance),
    /// See [`ParamKind::Likenesses`].
    Likenesses(Vec<Likened>),
    /// See [`ParamKind::BlockKeys`].
    BlockKeys(Vec<BlockKey>),
    /// See [`ParamKind::Names`].
    Names(Vec<String>),
    /// See [`ParamKind::Types`].
    Types(Vec<(String, DataType)>),
    /// Given and not valid. The fault is reported where it was read, and no other fault follows from it.
    Unread,
}

/// A compared column as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Likened {
    /// The column.
    pub column: String,
    /// How two of its values are compared, one of [`LIKENESSES`](super::LIKENESSES).
    pub method: Option<String>,
    /// Its weight in the score.
    pub weight: Option<Decimal>,
    /// How far numbers or dates may differ.
    pub within: Option<Decimal>,
}

/// Another dataset whose entities are compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Peer {
    /// Its name.
    pub dataset: String,
    /// The columns of the key here and there; `None`: the `on` of the rule.
    pub on: Option<Vec<(String, String)>>,
    /// Facts here and there; `None`: the `compare` of the rule.
    pub compare: Option<Vec<(String, String, ComparisonForm)>>,
}

/// The parameters of one rule, by name, as the suite gives them. A check reads them as the fields of its struct, see
/// `parameters.rs`; the getters are for code that is about the parameters of any check.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Args(pub BTreeMap<&'static str, Arg>);

/// Generates one getter for a kind of argument.
macro_rules! getters {
    ($($(#[$doc:meta])* $name:ident: $variant:ident -> $kind:ty;)*) => {
        $($(#[$doc])*
        pub fn $name(&self, param: &str) -> Option<&$kind> {
            match self.0.get(param) {
                Some(Arg::$variant(value)) => Some(value),
                _ => None,
            }
        })*
    };
}

impl Args {
    getters! {
        /// A column.
        column: Column -> String;
        /// Text, a choice, a pattern, a dataset or a scalar as written.
        text: Text -> String;
        /// Other datasets.
        peers: Peers -> Vec<Peer>;
    }

    /// Whether the parameter is given and not valid.
    pub fn is_unread(&self, param: &str) -> bool {
        matches!(self.0.get(param), Some(Arg::Unread))
    }
}
