//! The parameters of a check as the fields of a struct, which are read once, when a rule is bound.

use super::args::{Arg, Args, Likened, Peer};
use crate::model::{
    Aggregate, Baseline, BlockKey, ComparisonForm, DataType, Decimal, Expr, TimeSpan, TimeUnit, Tolerance, Value,
    ValueList,
};

/// Declares what a check takes: a struct with one field for each parameter. It makes `PARAMS`, which the documentation,
/// the parser and the JSON Schema read, and `bind`, which fills the fields, so that no name and no kind is written twice.
///
/// `field: required Kind, "doc";` is a field of the type of its [`Kind`], `optional Kind` one of [`Optional`], `flag` a
/// `bool`. A parameter whose name is a word of Rust has another field: `field = "name": …`.
///
/// After the line of documentation may follow what is meant where the parameter is absent (`default "iqr"`), and which way of
/// changing it makes the rule stricter (`stricter Greater Loosest`: a greater value is, and without one the rule is loosest).
macro_rules! parameters {
    (
        $(#[$doc:meta])*
        struct $check:ident {
            $($field:ident $(= $name:literal)?: $need:ident $($kind:ident $(($of:expr))?)?, $text:expr
                $(, default $default:literal)? $(, default_by $by:expr)?
                $(, stricter $way:ident $absent:ident $(unless $unless:expr)?)?;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(super) struct $check {
            $($field: parameters!(@field $need $($kind)?),)*
        }

        impl $check {
            const PARAMS: &'static [$crate::checks::Param] = &[
                $(parameters!(@param $need $($kind $(($of))?)?; parameters!(@name $field $($name)?), $text)
                    $(.default($default))? $(.default_by($by))?
                    $(.stricter($crate::checks::Stricter::$way, $crate::checks::Absent::$absent) $(.unless($unless))?)?,)*
            ];

            fn bind(args: &$crate::checks::Args) -> std::sync::Arc<dyn $crate::checks::BoundCheck> {
                std::sync::Arc::new(Self {
                    $($field: parameters!(@read $need $($kind)?; args, parameters!(@name $field $($name)?)),)*
                })
            }
        }
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $name:literal) => { $name };
    (@field flag) => { bool };
    (@field required $kind:ident) => {
        <$crate::checks::parameters::kind::$kind as $crate::checks::parameters::Kind>::Value
    };
    (@field optional $kind:ident) => {
        $crate::checks::parameters::Optional<parameters!(@field required $kind)>
    };
    (@param flag; $name:expr, $text:expr) => {
        $crate::checks::Param::optional($name, $crate::checks::ParamKind::Flag, $text)
    };
    (@param $need:ident $kind:ident $(($of:expr))?; $name:expr, $text:expr) => {
        $crate::checks::Param::$need($name, $crate::checks::ParamKind::$kind $(($of))?, $text)
    };
    (@read flag; $args:expr, $name:expr) => {
        $crate::checks::parameters::flag($args, $name)
    };
    (@read $need:ident $kind:ident; $args:expr, $name:expr) => {
        $crate::checks::parameters::$need::<$crate::checks::parameters::kind::$kind>($args, $name)
    };
}

/// A parameter that a rule may leave out.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Optional<T> {
    /// It is not given.
    Absent,
    /// It is given and its value is not known, because it is not valid. The suite is refused.
    Unknown,
    /// Its value.
    Known(T),
}

impl<T> Optional<T> {
    /// The value, where it is given and valid.
    pub(super) fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Unknown => None,
        }
    }

    /// Whether it is given, valid or not.
    pub(super) fn is_given(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// Whether it is given and not valid.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }
}

impl<T: std::ops::Deref> Optional<T> {
    /// The value as a borrowed text or list.
    pub(super) fn as_deref(&self) -> Option<&T::Target> {
        self.known().map(T::deref)
    }
}

/// A kind of parameter as a type; see [`ParamKind`](super::ParamKind) for what each holds.
pub(super) trait Kind {
    /// What a parameter of this kind holds.
    type Value: Clone;

    /// The value of an argument of this kind; `None` where the argument is of another kind.
    fn value(arg: &Arg) -> Option<Self::Value>;
}

/// What a required parameter holds while its value is not known, so that the others can be checked all the same. A rule
/// with such a parameter is never measured: its suite is refused.
pub(super) trait StandIn {
    /// The empty value.
    fn stand_in() -> Self;
}

/// Reads a required parameter.
pub(super) fn required<K: Kind<Value: StandIn>>(args: &Args, name: &str) -> K::Value {
    match optional::<K>(args, name) {
        Optional::Known(value) => value,
        Optional::Absent | Optional::Unknown => K::Value::stand_in(),
    }
}

/// Reads an optional parameter.
pub(super) fn optional<K: Kind>(args: &Args, name: &str) -> Optional<K::Value> {
    match args.0.get(name) {
        None => Optional::Absent,
        Some(Arg::Unread) => Optional::Unknown,
        Some(arg) => {
            let value = K::value(arg);
            debug_assert!(value.is_some(), "`{name}` does not take {arg:?}");
            value.map_or(Optional::Unknown, Optional::Known)
        }
    }
}

/// Reads a flag; one that is not given is false.
pub(super) fn flag(args: &Args, name: &str) -> bool {
    optional::<kind::Flag>(args, name) == Optional::Known(true)
}

/// The other dataset or datasets of a rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum With {
    /// One, whose rows are compared.
    One(String),
    /// Several: entities are compared over all of them.
    Several(Vec<Peer>),
}

/// A condition over aggregates.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    /// The condition; its `Expr::Figure` nodes point into `aggregates`.
    pub(super) that: Expr,
    /// The aggregates, in order of first appearance.
    pub(super) aggregates: Vec<Aggregate>,
}

/// Declares one type for each kind of parameter.
macro_rules! kinds {
    ($($kind:ident: $value:ty { $($arg:pat => $read:expr),+ $(,)? })*) => {
        /// The kinds of parameters.
        pub(super) mod kind {
            $(#[derive(Debug)]
            pub(in crate::checks) enum $kind {})*
        }

        $(impl Kind for kind::$kind {
            type Value = $value;

            fn value(arg: &Arg) -> Option<$value> {
                match arg {
                    $($arg => Some($read),)+
                    _ => None,
                }
            }
        })*
    };
}

// An earlier result is a path until it is read.
kinds! {
    Column: String { Arg::Column(name) => name.clone() }
    Columns: Vec<String> { Arg::Columns(names) => names.clone() }
    Excluded: Vec<String> { Arg::Columns(names) => names.clone() }
    ColumnsOf: Vec<String> { Arg::Columns(names) => names.clone() }
    Dataset: String { Arg::Text(name) => name.clone() }
    Peers: With { Arg::Text(name) => With::One(name.clone()), Arg::Peers(peers) => With::Several(peers.clone()) }
    Pattern: String { Arg::Text(pattern) => pattern.clone() }
    Scalar: String { Arg::Text(text) => text.clone() }
    Choice: String { Arg::Text(word) => word.clone() }
    Words: Vec<String> { Arg::Names(words) => words.clone() }
    Names: Vec<String> { Arg::Names(names) => names.clone() }
    Texts: Vec<String> { Arg::Names(texts) => texts.clone() }
    Count: u64 { Arg::Count(count) => *count }
    Number: Decimal { Arg::Number(number) => *number }
    Flag: bool { Arg::Flag(flag) => *flag }
    Type: DataType { Arg::Type(data_type) => *data_type }
    Types: Vec<(String, DataType)> { Arg::Types(types) => types.clone() }
    Span: TimeSpan { Arg::Span(span) => *span }
    List: ValueList { Arg::List(list) => list.clone() }
    Bounds: (Option<u64>, Option<u64>) { Arg::Bounds { min, max } => (*min, *max) }
    Range: (Option<String>, Option<String>) { Arg::Range { min, max } => (min.clone(), max.clone()) }
    Expression: Expr { Arg::Expr(expr) => expr.clone() }
    ExpressionOf: Expr { Arg::Expr(expr) => expr.clone() }
    Figures: Option<Condition> {
        Arg::Figures { that, figures } => Some(Condition { that: that.clone(), aggregates: figures.clone() })
    }
    Pairs: Vec<(String, String)> { Arg::Pairs(pairs) => pairs.clone() }
    Groups: Vec<(String, String)> { Arg::Pairs(pairs) => pairs.clone() }
    Totals: Vec<(Aggregate, Aggregate)> { Arg::Totals(totals) => totals.clone() }
    Tolerance: Tolerance { Arg::Tolerance(tolerance) => *tolerance }
    Compare: Vec<(String, String, ComparisonForm)> { Arg::Compare(pairs) => pairs.clone() }
    Baseline: Option<Baseline> { Arg::Baseline(baseline) => Some(baseline.clone()), Arg::Text(_) => None }
    Likenesses: Vec<Likened> { Arg::Likenesses(compared) => compared.clone() }
    BlockKeys: Vec<BlockKey> { Arg::BlockKeys(keys) => keys.clone() }
}

impl StandIn for String {
    fn stand_in() -> Self {
        Self::new()
    }
}

impl StandIn for u64 {
    fn stand_in() -> Self {
        0
    }
}

impl StandIn for Decimal {
    fn stand_in() -> Self {
        Self::ZERO
    }
}

impl StandIn for TimeSpan {
    fn stand_in() -> Self {
        Self { count: 0, unit: TimeUnit::Day }
    }
}

impl StandIn for ValueList {
    fn stand_in() -> Self {
        Self::Values(Vec::new())
    }
}

impl StandIn for Expr {
    fn stand_in() -> Self {
        Self::Literal(Value::Boolean(true))
    }
}

impl StandIn for With {
    fn stand_in() -> Self {
        Self::One(String::new())
    }
}

impl<T> StandIn for Option<T> {
    fn stand_in() -> Self {
        None
    }
}

impl<T> StandIn for Vec<T> {
    fn stand_in() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::CHECKS;
    use super::super::args::{Arg, Args, Likened, ParamKind};
    use super::StandIn;
    use crate::model::{
        Aggregate, AggregateFunction, BlockKey, ComparisonForm, DataType, Decimal, Expr, TimeSpan, Tolerance, ValueList,
    };

    /// An argument as the parser makes one for a parameter of the kind.
    fn argument(kind: ParamKind) -> Arg {
        let text = || "x".to_owned();
        let pair = || (text(), text());
        let rows =
            || Aggregate { function: AggregateFunction::Count, value: None, other: None, data_type: DataType::Integer };
        match kind {
            ParamKind::Column => Arg::Column(text()),
            ParamKind::Columns | ParamKind::Excluded | ParamKind::ColumnsOf(_) => Arg::Columns(vec![text()]),
            ParamKind::Dataset
            | ParamKind::Peers
            | ParamKind::Pattern
            | ParamKind::Scalar
            | ParamKind::Choice(_)
            | ParamKind::Baseline => Arg::Text(text()),
            ParamKind::Words(_) | ParamKind::Names | ParamKind::Texts => Arg::Names(vec![text()]),
            ParamKind::Count => Arg::Count(7),
            ParamKind::Number => Arg::Number(Decimal::from(7)),
            ParamKind::Flag => Arg::Flag(true),
            ParamKind::Type => Arg::Type(DataType::Date),
            ParamKind::Types => Arg::Types(vec![(text(), DataType::Date)]),
            ParamKind::Span => Arg::Span(TimeSpan::parse("7d").unwrap()),
            ParamKind::List => Arg::List(ValueList::Values(vec![text()])),
            ParamKind::Bounds => Arg::Bounds { min: Some(7), max: None },
            ParamKind::Range => Arg::Range { min: Some(text()), max: None },
            ParamKind::Expression | ParamKind::ExpressionOf(_) => {
                Arg::Expr(Expr::Column { name: text(), data_type: DataType::Boolean })
            }
            ParamKind::Figures => Arg::Figures { that: Expr::stand_in(), figures: vec![rows()] },
            ParamKind::Pairs(_) | ParamKind::Groups(_) => Arg::Pairs(vec![pair()]),
            ParamKind::Totals(_) => Arg::Totals(vec![(rows(), rows())]),
            ParamKind::Tolerance => Arg::Tolerance(Tolerance::Amount(Decimal::from(7))),
            ParamKind::Compare(_) => Arg::Compare(vec![(text(), text(), ComparisonForm::Exact)]),
            ParamKind::Likenesses => {
                Arg::Likenesses(vec![Likened { column: text(), method: None, weight: None, within: None }])
            }
            ParamKind::BlockKeys => Arg::BlockKeys(vec![BlockKey { parts: Vec::new() }]),
        }
    }

    #[test]
    fn a_check_reads_every_parameter_that_it_declares() {
        for check in CHECKS {
            let empty = format!("{:?}", check.bind(&Args::default()));
            let mut names: Vec<&str> = check.params().iter().map(|param| param.name).collect();
            for param in check.params() {
                let args = Args(BTreeMap::from([(param.name, argument(param.kind))]));
                let given = format!("{:?}", check.bind(&args));
                assert_ne!(given, empty, "{} does not read `{}`", check.name(), param.name);
                assert!(!given.contains("Unknown"), "{}: `{}` is read as another kind", check.name(), param.name);
            }
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), check.params().len(), "{} declares a parameter twice", check.name());
        }
    }
}
