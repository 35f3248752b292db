//! From text to a tree that holds nothing but what the language has.

use sqlparser::ast::{
    self, BinaryOperator, CastKind, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, ObjectNamePart,
    Spanned as _, UnaryOperator,
};

use super::error::ExprError;
use super::limits::MAX_NODES;
use super::place::{Place, Places};
use super::sql::{parse_sql, short, too_deep, too_large};
use super::tree::{Kind, Node};
use crate::model::{AggregateFunction, ArithmeticOp, CompareOp, DataType, Function, Quantile, TimeSpan, nearest};

/// The most operators of arithmetic in a row without brackets.
const MAX_CHAIN: usize = 100;
/// How deep the tree may be, so that whatever walks it later keeps within a small stack.
const MAX_TREE: usize = 150;
/// The stack of the parser, whose tree is as deep as the longest chain of operators.
const PARSER_STACK: usize = 32 << 20;

/// Parses the text; with `over_aggregates`, columns are allowed only inside aggregates.
pub(super) fn parse(text: &str, over_aggregates: bool) -> Result<Node, Vec<ExprError>> {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(PARSER_STACK);
        match builder.spawn_scoped(scope, || parse_here(text, over_aggregates)).map(std::thread::ScopedJoinHandle::join)
        {
            Ok(Ok(parsed)) => parsed,
            _ => Err(vec![ExprError::new(Places::new(text).whole(), "the expression could not be read")]),
        }
    })
}

fn parse_here(text: &str, over_aggregates: bool) -> Result<Node, Vec<ExprError>> {
    let places = Places::new(text);
    let tree = parse_sql(text, &places).map_err(|error| vec![error])?;
    let mut reader =
        Reader { places, over_aggregates, inside_aggregate: false, nodes: 0, full: false, errors: Vec::new() };
    match reader.node(&tree, 0) {
        Some(root) if reader.errors.is_empty() => Ok(root),
        _ if reader.errors.is_empty() => {
            Err(vec![ExprError::new(reader.places.whole(), "the expression could not be read")])
        }
        _ => Err(reader.errors),
    }
}

/// Checks the tree of the parser against the language.
struct Reader<'a> {
    places: Places<'a>,
    over_aggregates: bool,
    inside_aggregate: bool,
    nodes: usize,
    /// A limit was passed, and said so.
    full: bool,
    errors: Vec<ExprError>,
}

impl Reader<'_> {
    fn error(&mut self, error: ExprError) {
        if !self.full {
            self.errors.push(error);
        }
    }

    /// Refuses a part of SQL that the language does not have.
    fn refuse(&mut self, place: Place, what: &str, help: &str) -> Option<Node> {
        let error = ExprError::new(place, format!("{what} is not part of the expression language"));
        self.error(if help.is_empty() { error } else { error.help(help) });
        None
    }

    fn node(&mut self, expr: &ast::Expr, depth: usize) -> Option<Node> {
        let place = self.places.of(expr.span());
        self.nodes += 1;
        let limit = if depth > MAX_TREE {
            Some(too_deep(place))
        } else if self.nodes > MAX_NODES {
            Some(too_large(place))
        } else {
            None
        };
        if let Some(limit) = limit {
            self.error(limit);
            self.full = true;
        }
        if self.full {
            return None;
        }
        let depth = depth + 1;
        let kind = match expr {
            ast::Expr::Nested(inner) => return self.node(inner, depth),
            ast::Expr::Identifier(name) => return self.column(name, name.value.clone(), place),
            // The field of a struct: `address.city`.
            ast::Expr::CompoundIdentifier(names) => {
                let first = names.first()?;
                let path: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
                return self.column(first, path.join("."), place);
            }
            ast::Expr::Value(value) => self.literal(&value.value, place)?,
            ast::Expr::TypedString(typed) => self.typed_literal(typed, place)?,
            ast::Expr::Interval(interval) => self.interval(interval, place)?,
            ast::Expr::BinaryOp { .. } => return self.binary(expr, depth),
            ast::Expr::UnaryOp { op, expr: inner } => match op {
                UnaryOperator::Not => Kind::Not(Box::new(self.node(inner, depth)?)),
                UnaryOperator::Plus => return self.node(inner, depth),
                UnaryOperator::Minus => match self.node(inner, depth)? {
                    // So that the smallest integer can be written.
                    Node { kind: Kind::Number(digits), .. } if !digits.starts_with('-') => {
                        Kind::Number(format!("-{digits}"))
                    }
                    inner => Kind::Negate(Box::new(inner)),
                },
                op => return self.refuse(place, &format!("the operator `{op}`"), ""),
            },
            ast::Expr::IsNull(inner) => Kind::IsNull { value: Box::new(self.node(inner, depth)?), negated: false },
            ast::Expr::IsNotNull(inner) => Kind::IsNull { value: Box::new(self.node(inner, depth)?), negated: true },
            ast::Expr::Between { expr, negated, low, high } => {
                let [value, low, high] = [expr, low, high].map(|part| self.node(part, depth));
                Kind::Between { value: value?.into(), low: low?.into(), high: high?.into(), negated: *negated }
            }
            ast::Expr::InList { expr, list, negated } => {
                let value = self.node(expr, depth);
                let items: Vec<_> = list.iter().map(|item| self.node(item, depth)).collect();
                let list = items.into_iter().collect::<Option<_>>()?;
                Kind::In { value: Box::new(value?), list, negated: *negated }
            }
            ast::Expr::Like { negated, any, expr, pattern, escape_char } => {
                if *any || escape_char.is_some() {
                    let what = if *any { "`like any`" } else { "`escape`" };
                    return self.refuse(place, what, "in a like pattern `\\` escapes the next character");
                }
                let [value, pattern] = [expr, pattern].map(|part| self.node(part, depth));
                Kind::Like { value: value?.into(), pattern: pattern?.into(), negated: *negated }
            }
            ast::Expr::Case { operand, conditions, else_result, .. } => {
                let operand = match operand {
                    Some(operand) => Some(Box::new(self.node(operand, depth)?)),
                    None => None,
                };
                let branches: Vec<_> = conditions
                    .iter()
                    .map(|branch| (self.node(&branch.condition, depth), self.node(&branch.result, depth)))
                    .collect();
                let otherwise = match else_result {
                    Some(result) => Some(Box::new(self.node(result, depth)?)),
                    None => None,
                };
                let branches = branches.into_iter().map(|(c, r)| Some((c?, r?))).collect::<Option<_>>()?;
                Kind::Case { operand, branches, otherwise }
            }
            ast::Expr::Cast { kind, expr, data_type, format } => {
                let value = self.node(expr, depth);
                if *kind != CastKind::Cast || format.is_some() {
                    return self.refuse(place, "this form of cast", "write cast(x as integer)");
                }
                Kind::Cast { value: Box::new(value?), to: self.type_name(&data_type.to_string(), place)? }
            }
            ast::Expr::Function(function) => return self.function(function, depth),
            ast::Expr::Trim { trim_where: None, trim_what: None, expr, trim_characters: None } => {
                Kind::Call { function: Function::Trim, args: vec![self.node(expr, depth)?] }
            }
            ast::Expr::Substring {
                expr,
                substring_from: Some(from),
                substring_for,
                special: true,
                shorthand: true,
            } => {
                let parts = [Some(expr), Some(from), substring_for.as_ref()];
                let args: Vec<_> = parts.into_iter().flatten().map(|part| self.node(part, depth)).collect();
                Kind::Call { function: Function::Substr, args: args.into_iter().collect::<Option<_>>()? }
            }
            other => {
                let (what, help) = foreign(other);
                return self.refuse(place, what, help);
            }
        };
        Some(Node { kind, place })
    }

    fn column(&mut self, ident: &Ident, name: String, place: Place) -> Option<Node> {
        if self.over_aggregates && !self.inside_aggregate {
            let message = format!("`{}` is a column, and this expression is about all rows", short(&ident.value));
            self.error(ExprError::new(place, message).help(format!("take an aggregate of it, such as max({ident})")));
            return None;
        }
        Some(Node { kind: Kind::Column { name, quoted: ident.quote_style == Some('"') }, place })
    }

    fn literal(&mut self, value: &ast::Value, place: Place) -> Option<Kind> {
        Some(match value {
            ast::Value::Number(digits, false) => Kind::Number(digits.clone()),
            ast::Value::SingleQuotedString(text) => Kind::Text(text.clone()),
            ast::Value::Boolean(flag) => Kind::Boolean(*flag),
            ast::Value::Null => Kind::Null,
            ast::Value::Placeholder(_) => {
                self.refuse(place, "a placeholder", "parameters are written ${name}");
                return None;
            }
            _ => {
                self.refuse(place, "this kind of literal", "write texts in single quotes and numbers in digits");
                return None;
            }
        })
    }

    fn typed_literal(&mut self, typed: &ast::TypedString, place: Place) -> Option<Kind> {
        let ast::Value::SingleQuotedString(text) = &typed.value.value else {
            self.refuse(place, "this kind of literal", "write date '2020-12-31' or timestamp '2020-12-31T06:00:00'");
            return None;
        };
        match typed.data_type.to_string().as_str() {
            "DATE" => Some(Kind::Date(text.clone())),
            "TIMESTAMP" | "DATETIME" => Some(Kind::Datetime(text.clone())),
            other => {
                let what = format!("a literal of type `{}`", short(&other.to_lowercase()));
                self.refuse(place, &what, "write date '2020-12-31' or timestamp '2020-12-31T06:00:00'");
                None
            }
        }
    }

    /// `interval '3 hours'`, `interval '3' hour` or `interval 3 hour`.
    fn interval(&mut self, interval: &ast::Interval, place: Place) -> Option<Kind> {
        let count = match &*interval.value {
            ast::Expr::Value(value) => match &value.value {
                ast::Value::SingleQuotedString(text) => Some(text.trim().to_lowercase()),
                ast::Value::Number(digits, false) => Some(digits.clone()),
                _ => None,
            },
            _ => None,
        };
        let unit = interval.leading_field.as_ref().map_or_else(String::new, |unit| unit.to_string().to_lowercase());
        let parsed = count.filter(|_| interval.last_field.is_none()).and_then(|count| {
            let (sign, count) = count.strip_prefix('-').map_or((1, count.as_str()), |count| (-1, count));
            let span = TimeSpan::parse(&format!("{count} {unit}"))?;
            Some(Kind::Interval(sign * i64::from(span.count), span.unit))
        });
        if parsed.is_none() {
            let error = ExprError::new(place, "this is not an interval of one whole number and one unit");
            let help = "write interval '3 hours': seconds, minutes, hours, days, weeks, months or years. \
                        For a number of the row write date_add(date, count, 'hour')";
            self.error(error.help(help));
        }
        parsed
    }

    fn type_name(&mut self, name: &str, place: Place) -> Option<DataType> {
        let name = name.to_lowercase();
        if let Some(data_type) = DataType::from_name(&name) {
            return Some(data_type);
        }
        let base = name.split(['(', ' ']).next().unwrap_or_default();
        let meant = match base {
            "int" | "bigint" | "smallint" | "int8" | "int4" | "tinyint" => DataType::Integer,
            "float" | "double" | "real" => DataType::Float,
            "numeric" | "dec" | "number" | "decimal" => DataType::Decimal,
            "varchar" | "char" | "string" | "character" | "nvarchar" | "clob" => DataType::Text,
            "timestamp" | "timestamptz" => DataType::Datetime,
            "bool" => DataType::Boolean,
            _ => DataType::from_name(nearest(base, DataType::ALL.iter().map(|t| t.name())).unwrap_or("text"))?,
        };
        let types: Vec<_> = DataType::ALL.iter().map(|data_type| data_type.name()).collect();
        let error = ExprError::new(place, format!("`{}` is not a type to cast to", short(&name)));
        self.error(error.help(format!("perhaps `{meant}`; the types are {}", types.join(", "))));
        None
    }

    /// Operators between two parts. Walks down the left side in a loop, since a long chain is as deep as it is long.
    fn binary(&mut self, expr: &ast::Expr, depth: usize) -> Option<Node> {
        let mut spine = Vec::new();
        let mut first = expr;
        while let ast::Expr::BinaryOp { left, op, right } = first {
            spine.push((op, right));
            first = left;
        }
        let connects = |op: &BinaryOperator| matches!(op, BinaryOperator::And | BinaryOperator::Or);
        if spine.iter().filter(|(op, _)| !connects(op)).count() > MAX_CHAIN {
            let message = format!("more than {MAX_CHAIN} operators in a row without brackets");
            self.error(ExprError::new(self.places.of(expr.span()), message));
            return None;
        }
        // The connectives become a balanced tree, arithmetic cannot.
        let length = spine.len();
        let deepest = if spine.iter().all(|(op, _)| connects(op)) { length.ilog2() as usize + 3 } else { length };
        let depth = depth + deepest;
        let mut left = self.node(first, depth);
        for (op, right) in spine.into_iter().rev() {
            self.nodes += 1;
            let right = self.node(right, depth);
            left = self.join(op, left, right);
        }
        left
    }

    fn join(&mut self, op: &BinaryOperator, left: Option<Node>, right: Option<Node>) -> Option<Node> {
        let compare = |op| move |left, right| Kind::Compare(op, left, right);
        let arithmetic = |op| move |left, right| Kind::Arithmetic(op, left, right);
        let place = match (&left, &right) {
            (Some(left), Some(right)) => left.place.to(right.place),
            (Some(known), None) | (None, Some(known)) => known.place,
            (None, None) => return None,
        };
        let join: Box<dyn FnOnce(Box<Node>, Box<Node>) -> Kind> = match op {
            BinaryOperator::And => Box::new(|left, right| match left.kind {
                Kind::And(mut parts) => {
                    parts.push(*right);
                    Kind::And(parts)
                }
                _ => Kind::And(vec![*left, *right]),
            }),
            BinaryOperator::Or => Box::new(|left, right| match left.kind {
                Kind::Or(mut parts) => {
                    parts.push(*right);
                    Kind::Or(parts)
                }
                _ => Kind::Or(vec![*left, *right]),
            }),
            BinaryOperator::Eq => Box::new(compare(CompareOp::Equal)),
            BinaryOperator::NotEq => Box::new(compare(CompareOp::NotEqual)),
            BinaryOperator::Lt => Box::new(compare(CompareOp::Less)),
            BinaryOperator::LtEq => Box::new(compare(CompareOp::LessOrEqual)),
            BinaryOperator::Gt => Box::new(compare(CompareOp::Greater)),
            BinaryOperator::GtEq => Box::new(compare(CompareOp::GreaterOrEqual)),
            BinaryOperator::Plus => Box::new(arithmetic(ArithmeticOp::Add)),
            BinaryOperator::Minus => Box::new(arithmetic(ArithmeticOp::Subtract)),
            BinaryOperator::Multiply => Box::new(arithmetic(ArithmeticOp::Multiply)),
            BinaryOperator::Divide => Box::new(arithmetic(ArithmeticOp::Divide)),
            BinaryOperator::Modulo => Box::new(arithmetic(ArithmeticOp::Remainder)),
            other => {
                let help = match other {
                    BinaryOperator::PGOverlap => "write `and`",
                    BinaryOperator::StringConcat => "texts cannot be joined; compare the parts apart",
                    _ => "the operators are and or not = <> < <= > >= + - * / %",
                };
                return self.refuse(place, &format!("the operator `{}`", other.to_string().to_lowercase()), help);
            }
        };
        Some(Node { kind: join(Box::new(left?), Box::new(right?)), place })
    }

    fn function(&mut self, call: &ast::Function, depth: usize) -> Option<Node> {
        let [ObjectNamePart::Identifier(ident)] = call.name.0.as_slice() else {
            let place = self.places.of(call.span());
            return self.refuse(place, "a function with a prefix", "write the name of the function alone");
        };
        let place = self.places.of(ident.span);
        let name = ident.value.to_lowercase();
        let plain = call.filter.is_none()
            && call.over.is_none()
            && call.null_treatment.is_none()
            && call.within_group.is_empty()
            && !call.uses_odbc_syntax
            && matches!(call.parameters, FunctionArguments::None);
        let list = match &call.args {
            FunctionArguments::List(list) if plain && list.clauses.is_empty() => list,
            FunctionArguments::None if name.starts_with("current_") || name.starts_with("local") => {
                return self.refuse(place, &format!("`{name}`"), "write today() or as_of()");
            }
            FunctionArguments::Subquery(_) => return self.refuse(place, "a subquery", SUBQUERY),
            _ => return self.refuse(place, "this form of a call", "write a name and arguments in brackets"),
        };
        if list.duplicate_treatment.is_some() {
            return self.refuse(
                place,
                "`distinct` or `all` inside a call",
                "write distinct(x) for the distinct values",
            );
        }
        let aggregate = AggregateFunction::ALL.iter().find(|(_, known)| *known == name).map(|(function, _)| *function);
        if let Some(function) = aggregate {
            return self.aggregate(function, &list.args, place, depth);
        }
        let known = Function::ALL.iter().find(|(_, known)| *known == name).map(|(function, _)| *function);
        let is_now = matches!(name.as_str(), "today" | "as_of");
        if known.is_none() && !is_now {
            self.unknown_function(&name, place);
            // Its arguments may be those of an aggregate that the language does not have.
            if self.over_aggregates && !self.inside_aggregate {
                return None;
            }
        }
        let args: Vec<_> = list.args.iter().map(|arg| self.argument(arg, place, depth)).collect();
        let args: Vec<_> = args.into_iter().collect::<Option<_>>()?;
        if is_now {
            if !args.is_empty() {
                self.error(ExprError::new(place, format!("`{name}` takes no arguments")));
                return None;
            }
            return Some(Node { kind: Kind::AsOf, place });
        }
        Some(Node { kind: Kind::Call { function: known?, args }, place })
    }

    fn unknown_function(&mut self, name: &str, place: Place) {
        let scalar = Function::ALL.iter().map(|(_, name)| *name).chain(["today", "as_of"]);
        let aggregates = AggregateFunction::ALL.iter().map(|(_, name)| *name).filter(|_| self.over_aggregates);
        let names: Vec<_> = scalar.chain(aggregates).collect();
        let error = ExprError::new(place, format!("there is no function `{}`", short(name)));
        let help = match (name, nearest(name, names.iter().copied())) {
            ("now" | "getdate", _) => "write today() or as_of()".to_owned(),
            ("date" | "to_date" | "int" | "to_number" | "to_char", _) => "write cast(x as date)".to_owned(),
            ("substring" | "mid", _) => "did you mean `substr`?".to_owned(),
            ("len" | "char_length", _) => "did you mean `length`?".to_owned(),
            ("dateadd" | "adddate" | "add_months" | "timestampadd", _) => {
                "write date + interval '3 hours', or date_add(date, count, 'hour')".to_owned()
            }
            ("datediff", _) => "write date_diff(a, b): the days from b to a".to_owned(),
            ("percentile" | "percentile_cont" | "percentile_disc" | "quantile_cont", _) if self.over_aggregates => {
                "write quantile(x, 0.95)".to_owned()
            }
            ("std" | "stdev" | "stddev_samp" | "stddev_pop", _) if self.over_aggregates => {
                "write stddev(x), the standard deviation of a sample".to_owned()
            }
            ("corr" | "pearson", _) if self.over_aggregates => "did you mean `correlation`?".to_owned(),
            ("mean" | "average", _) if self.over_aggregates => "did you mean `avg`?".to_owned(),
            ("nvl" | "ifnull" | "isnull", _) => "did you mean `coalesce`?".to_owned(),
            (_, Some(near)) => format!("did you mean `{near}`?"),
            (_, None) => format!(
                "the functions are {}; if it is part of the name of a column, put the name in double quotes",
                names.join(", ")
            ),
        };
        self.error(error.help(help));
    }

    fn argument(&mut self, arg: &FunctionArg, place: Place, depth: usize) -> Option<Node> {
        match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => self.node(expr, depth),
            FunctionArg::Unnamed(_) => self.refuse(place, "`*` here", "only count(*) takes it"),
            _ => self.refuse(place, "a named argument", "write the arguments in order"),
        }
    }

    fn aggregate(
        &mut self,
        function: AggregateFunction,
        args: &[FunctionArg],
        place: Place,
        depth: usize,
    ) -> Option<Node> {
        let name = function.name();
        if !self.over_aggregates {
            let message = format!("`{name}` is an aggregate over all rows, and this expression is about one row");
            self.error(ExprError::new(place, message).help("use the check `aggregate`"));
            return None;
        }
        if self.inside_aggregate {
            self.error(ExprError::new(place, format!("`{name}` is inside another aggregate")));
            return None;
        }
        let (takes, example) = match function {
            AggregateFunction::Quantile(_) => (2, "write quantile(x, 0.95)"),
            AggregateFunction::Correlation => (2, "write correlation(x, y)"),
            _ => (1, ""),
        };
        if args.len() != takes {
            let takes = if takes == 1 { "one argument" } else { "two arguments" };
            let error = ExprError::new(place, format!("`{name}` takes {takes}, not {}", args.len()));
            self.error(if example.is_empty() { error } else { error.help(example) });
            return None;
        }
        let is_wildcard = matches!(args, [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)]);
        if is_wildcard && function == AggregateFunction::Count {
            return Some(Node { kind: Kind::Aggregate { function, value: None, other: None }, place });
        }
        self.inside_aggregate = true;
        let args: Vec<_> = args.iter().map(|arg| self.argument(arg, place, depth)).collect();
        self.inside_aggregate = false;
        let mut args = args.into_iter().collect::<Option<Vec<_>>>()?.into_iter();
        let (value, other) = (args.next()?, args.next());
        let place = place.to(other.as_ref().map_or(value.place, |other| other.place));
        let (function, other) = match (function, other) {
            (AggregateFunction::Quantile(_), Some(share)) => {
                (AggregateFunction::Quantile(self.quantile(&share)?), None)
            }
            (function, other) => (function, other.map(Box::new)),
        };
        Some(Node { kind: Kind::Aggregate { function, value: Some(Box::new(value)), other }, place })
    }

    /// The share of a quantile, which is a constant.
    fn quantile(&mut self, share: &Node) -> Option<Quantile> {
        let quantile = match &share.kind {
            Kind::Number(text) => Quantile::parse(text),
            _ => None,
        };
        if quantile.is_none() {
            let message = "the share of `quantile` is a number from 0 to 1 with at most nine decimals";
            self.error(ExprError::new(share.place, message).help("write quantile(x, 0.95) for 95 %"));
        }
        quantile
    }
}

const SUBQUERY: &str = "use the checks exists_in, absent_from or agrees to compare with another dataset";

/// What a part of SQL outside the language is called, and what to write instead.
fn foreign(expr: &ast::Expr) -> (&'static str, &'static str) {
    match expr {
        ast::Expr::Subquery(_) | ast::Expr::InSubquery { .. } | ast::Expr::Exists { .. } => ("a subquery", SUBQUERY),
        ast::Expr::CompoundFieldAccess { .. } => {
            ("this way to a field", "write its path with dots, such as address.city, or in double quotes")
        }
        ast::Expr::IsTrue(_)
        | ast::Expr::IsNotTrue(_)
        | ast::Expr::IsFalse(_)
        | ast::Expr::IsNotFalse(_)
        | ast::Expr::IsUnknown(_)
        | ast::Expr::IsNotUnknown(_) => ("`is true`, `is false` or `is unknown`", "write the condition, or `not`"),
        ast::Expr::IsDistinctFrom(..) | ast::Expr::IsNotDistinctFrom(..) => {
            ("`is distinct from`", "write `=` and `is null`")
        }
        ast::Expr::ILike { .. } => ("`ilike`", "write lower(x) like 'abc%'"),
        ast::Expr::RLike { .. } | ast::Expr::SimilarTo { .. } => ("this operator", "write matches(x, 'pattern')"),
        ast::Expr::Extract { .. } => ("`extract`", "write year(x), month(x) or day(x)"),
        ast::Expr::Substring { .. } => ("this form of substr", "write substr(x, 1, 3)"),
        ast::Expr::Trim { .. } => ("this form of trim", "write trim(x), or replace(x, 'a', '')"),
        ast::Expr::Ceil { .. } | ast::Expr::Floor { .. } => ("`ceil` or `floor`", "write round(x)"),
        ast::Expr::Position { .. } => ("`position`", "write contains(x, 'abc')"),
        ast::Expr::Convert { .. } => ("`convert`", "write cast(x as integer)"),
        ast::Expr::Collate { .. } => ("`collate`", "text compares byte for byte"),
        ast::Expr::AtTimeZone { .. } => ("`at time zone`", "datetimes are held in UTC"),
        ast::Expr::Tuple(_) => ("a list of values here", "compare the columns one by one, joined with `and`"),
        ast::Expr::Array(_) => ("an array", "write x in (1, 2, 3)"),
        ast::Expr::AnyOp { .. } | ast::Expr::AllOp { .. } => ("`any` or `all`", "write x in (1, 2, 3)"),
        ast::Expr::Wildcard(_) | ast::Expr::QualifiedWildcard(..) => ("`*` here", "only count(*) takes it"),
        _ => ("this part of SQL", ""),
    }
}
