//! From a tree of names to a typed expression.

use unicode_normalization::char::is_combining_mark;

use super::columns::{ColumnProblem, Columns};
use super::error::ExprError;
use super::limits::MAX_NODES;
use super::place::Place;
use super::tree::{Kind, Node};
use super::types::{a, adapt, common, comparable, example, named};
use crate::model::{
    Aggregate, AggregateFunction, ArithmeticOp, AsOf, CompareOp, DataType, Decimal, Expr, Function, TimeUnit, Value,
    nearest, unseen_difference,
};
use crate::scalar::{
    Cell, DATE_UNITS, Evaluator, LikePattern, Pattern, compare, date_add_type, date_unit, parse_value,
};

/// The most digits that `round` keeps.
const MAX_DIGITS: i64 = 15;

/// Types an expression and its aggregates, if it has any.
pub(super) fn resolve(
    root: &Node,
    columns: &dyn Columns,
    as_of: AsOf,
) -> Result<(Expr, Vec<Aggregate>), Vec<ExprError>> {
    let mut resolver = Resolver { columns, as_of, aggregates: Vec::new(), copied: 0, errors: Vec::new() };
    let expr = resolver.condition(root);
    match expr {
        Some(expr) if resolver.errors.is_empty() => Ok((expr, resolver.aggregates)),
        _ => Err(resolver.errors),
    }
}

/// Types one aggregate.
pub(super) fn resolve_aggregate(root: &Node, columns: &dyn Columns, as_of: AsOf) -> Result<Aggregate, Vec<ExprError>> {
    let mut resolver = Resolver { columns, as_of, aggregates: Vec::new(), copied: 0, errors: Vec::new() };
    match &root.kind {
        Kind::Aggregate { function, value, other } => {
            drop(resolver.aggregate(*function, value.as_deref(), other.as_deref()));
        }
        _ => drop(resolver.fail::<Expr>(
            root,
            format!("{} is not an aggregate", named(root)),
            "name one, such as count(*)",
        )),
    }
    match resolver.aggregates.pop() {
        Some(aggregate) if resolver.errors.is_empty() => Ok(aggregate),
        _ => Err(resolver.errors),
    }
}

struct Resolver<'a> {
    columns: &'a dyn Columns,
    as_of: AsOf,
    aggregates: Vec<Aggregate>,
    /// Parts that were copied to say `between` and `case x when` in simpler terms.
    copied: usize,
    errors: Vec<ExprError>,
}

impl Resolver<'_> {
    fn fail<T>(&mut self, node: &Node, message: impl Into<String>, help: &str) -> Option<T> {
        self.fail_at(node.place, message, help)
    }

    fn fail_at<T>(&mut self, place: Place, message: impl Into<String>, help: &str) -> Option<T> {
        let error = ExprError::new(place, message);
        self.errors.push(if help.is_empty() { error } else { error.help(help) });
        None
    }

    /// A part that must be true or false.
    fn condition(&mut self, node: &Node) -> Option<Expr> {
        let expr = self.node(node)?;
        match expr.data_type() {
            Some(DataType::Boolean) => Some(expr),
            Some(other) => {
                let help = match &node.kind {
                    Kind::Column { name, .. } => format!("compare it, such as {name} = …"),
                    _ => "compare it with something".to_owned(),
                };
                self.fail(node, format!("{} is {}, not a condition", named(node), a(other)), &help)
            }
            None => self.fail(node, "`null` is not a condition", ""),
        }
    }

    /// A part with a type; a bare null has none.
    fn typed(&mut self, node: &Node) -> Option<(Expr, DataType)> {
        let expr = self.node(node)?;
        match expr.data_type() {
            Some(data_type) => Some((expr, data_type)),
            None => self.fail(node, "`null` here makes outcomes unknown, since nothing equals it", "write `is null`"),
        }
    }

    /// A part with a type, on one side of a comparison.
    fn operand<'n>(&mut self, node: &'n Node) -> Option<Typed<'n>> {
        self.typed(node).map(|(expr, data_type)| Typed { node, expr, data_type })
    }

    fn node(&mut self, node: &Node) -> Option<Expr> {
        match &node.kind {
            Kind::Column { name, quoted } => self.column(node, name, *quoted),
            Kind::Null => Some(Expr::Literal(Value::Null)),
            Kind::Boolean(flag) => Some(Expr::Literal(Value::Boolean(*flag))),
            Kind::Number(digits) => self.number(node, digits),
            Kind::Text(text) => Some(Expr::Literal(Value::Text(text.clone()))),
            Kind::Date(text) => self.instant(node, text, DataType::Date),
            Kind::Datetime(text) => self.instant(node, text, DataType::Datetime),
            Kind::Interval(..) => {
                self.fail(node, "an interval is no value of its own", "add it to a date: date + interval '3 hours'")
            }
            Kind::AsOf => Some(Expr::Literal(self.as_of.value())),
            Kind::Not(inner) => Some(Expr::Not(Box::new(self.condition(inner)?))),
            Kind::And(parts) => self.connect(parts, Expr::And),
            Kind::Or(parts) => self.connect(parts, Expr::Or),
            Kind::Compare(op, left, right) => {
                let (left, right) = (self.operand(left), self.operand(right));
                self.comparison(*op, left?, right?)
            }
            Kind::Arithmetic(op, left, right) => self.arithmetic(node, *op, left, right),
            Kind::Negate(inner) => {
                let value = self.numeric(inner)?;
                self.fold(node, Expr::Negate(Box::new(value)))
            }
            Kind::Between { value, low, high, negated } => self.between(value, low, high, *negated),
            Kind::In { value, list, negated } => self.membership(value, list, *negated),
            Kind::IsNull { value, negated } => {
                let (value, _) = self.typed(value)?;
                Some(Expr::IsNull { value: Box::new(value), negated: *negated })
            }
            Kind::Like { value, pattern, negated } => self.like(value, pattern, *negated),
            Kind::Case { operand, branches, otherwise } => {
                self.case(node, operand.as_deref(), branches, otherwise.as_deref())
            }
            Kind::Cast { value, to } => self.cast(node, value, *to),
            Kind::Call { function, args } => self.call(node, *function, args),
            Kind::Aggregate { function, value, other } => self.aggregate(*function, value.as_deref(), other.as_deref()),
        }
    }

    fn column(&mut self, node: &Node, name: &str, quoted: bool) -> Option<Expr> {
        match self.columns.data_type(name) {
            Ok(data_type) => Some(Expr::Column { name: name.to_owned(), data_type }),
            Err(ColumnProblem::Unknown) => {
                let names = self.columns.names();
                let help = match nearest(name, names.iter().map(String::as_str)) {
                    Some(near) if unseen_difference(name, near).is_some() => {
                        let difference = unseen_difference(name, near).unwrap_or_default();
                        format!(
                            "did you mean \"{near}\"? It looks the same, but {difference}: copy the name from there"
                        )
                    }
                    Some(near) if is_plain(near) => format!("did you mean `{near}`?"),
                    Some(near) => format!("did you mean \"{near}\", in double quotes?"),
                    None if let Some(found) = self.columns.found(name)
                        && !quoted
                        && !name.contains('.') =>
                    {
                        format!("{found}; if it is text, write it in single quotes: '{name}'")
                    }
                    None if quoted => "double quotes are for names of columns; write texts in single quotes".to_owned(),
                    None if name.contains('.') => {
                        let dot = "a dot leads to a field of a struct; write the column alone, without its dataset";
                        self.columns.found(name).map_or_else(|| dot.to_owned(), |found| format!("{found}; {dot}"))
                    }
                    None => format!("if it is text, write it in single quotes: '{name}'"),
                };
                self.fail(node, format!("there is no column `{name}`"), &help)
            }
            Err(ColumnProblem::Unsupported) => {
                let message = format!("`{name}` is stored in a type that expressions do not have");
                self.fail(node, message, "")
            }
        }
    }

    fn number(&mut self, node: &Node, digits: &str) -> Option<Expr> {
        let is_integer = digits.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let kinds: &[_] = if is_integer { &[DataType::Integer] } else { &[DataType::Decimal, DataType::Float] };
        match kinds.iter().find_map(|kind| parse_value(digits, *kind, None)) {
            Some(value) => Some(Expr::Literal(value)),
            None if is_integer => self.fail(
                node,
                format!("{digits} has more than the {} digits of an integer", Decimal::DIGITS),
                "add `e0` to make it a float",
            ),
            None => self.fail(
                node,
                format!("`{digits}` is not a number that a decimal or a float can hold"),
                "write digits on both sides of the point, such as 0.5",
            ),
        }
    }

    fn instant(&mut self, node: &Node, text: &str, data_type: DataType) -> Option<Expr> {
        match parse_value(text, data_type, None) {
            Some(value) => Some(Expr::Literal(value)),
            None => self.fail(node, format!("'{}' is not {}", text.escape_debug(), a(data_type)), example(data_type)),
        }
    }

    fn connect(&mut self, parts: &[Node], join: fn(Box<Expr>, Box<Expr>) -> Expr) -> Option<Expr> {
        let parts: Vec<_> = parts.iter().map(|part| self.condition(part)).collect();
        balance(parts.into_iter().collect::<Option<Vec<_>>>()?, join)
    }

    /// Two parts brought to types that compare.
    fn align(&mut self, left: Typed<'_>, right: Typed<'_>) -> Option<(Expr, Expr)> {
        let (left_expr, right_expr) = match (left.expr, right.expr) {
            // Of two literals the text is read as the other's type.
            (Expr::Literal(value), right_expr) if !is_literal(&right_expr) || left.data_type == DataType::Text => {
                (self.adapted(left.node, value, right.data_type)?, right_expr)
            }
            (left_expr, Expr::Literal(value)) => {
                let adapted = self.adapted(right.node, value, left.data_type)?;
                (left_expr, adapted)
            }
            both => both,
        };
        let types = (left_expr.data_type()?, right_expr.data_type()?);
        if comparable(types.0, types.1) {
            return Some((left_expr, right_expr));
        }
        self.mismatch((left.node, types.0), (right.node, types.1))
    }

    fn adapted(&mut self, node: &Node, value: Value, to: DataType) -> Option<Expr> {
        match adapt(value, to) {
            Some(value) => Some(Expr::Literal(value)),
            None => self.fail(node, format!("{} is not {}", named(node), a(to)), example(to)),
        }
    }

    fn mismatch<T>(&mut self, left: (&Node, DataType), right: (&Node, DataType)) -> Option<T> {
        let place = left.0.place.to(right.0.place);
        if let Some(date) = [left.0, right.0].into_iter().find_map(bare_date) {
            let message = format!("{date} without quotes is a subtraction");
            return self.fail_at(place, message, &format!("write date '{date}'"));
        }
        let (text, other) = if left.1.is_textual() { (left, right.1) } else { (right, left.1) };
        if text.1 == DataType::Text {
            let to = if other.is_numeric() { DataType::Decimal } else { other };
            let (message, help) = match &text.0.kind {
                Kind::Column { name, .. } => {
                    (format!("{name} is text"), format!("declare its type, or write cast({name} as {to})"))
                }
                _ => (format!("{} is text", named(text.0)), format!("write cast(… as {to})")),
            };
            return self.fail_at(place, format!("{message} and does not compare with {}", a(other)), &help);
        }
        let message = format!(
            "{} is {} and does not compare with {}, {}",
            named(left.0),
            a(left.1),
            if named(right.0) == "this" { "the other side".to_owned() } else { named(right.0) },
            a(right.1)
        );
        let chained = |(node, data_type): (&Node, DataType)| {
            data_type == DataType::Boolean && matches!(node.kind, Kind::Compare(..))
        };
        let help = if chained(left) || chained(right) { "write both comparisons, joined with `and`" } else { "" };
        self.fail_at(place, message, help)
    }

    fn comparison(&mut self, op: CompareOp, left: Typed<'_>, right: Typed<'_>) -> Option<Expr> {
        let place = left.node.place.to(right.node.place);
        let (left_expr, right_expr) = self.align(left, right)?;
        let ordered = !matches!(op, CompareOp::Equal | CompareOp::NotEqual);
        if ordered && left_expr.data_type() == Some(DataType::Boolean) {
            let message = format!("booleans have no order, so `{}` does not compare them", op.symbol());
            return self.fail_at(place, message, "write = or <>");
        }
        Some(Expr::Compare { op, left: Box::new(left_expr), right: Box::new(right_expr) })
    }

    /// A part that must be a number.
    fn numeric(&mut self, node: &Node) -> Option<Expr> {
        let (expr, data_type) = self.typed(node)?;
        if data_type.is_numeric() {
            return Some(expr);
        }
        let help = match (&node.kind, data_type) {
            (_, DataType::Date | DataType::Datetime) => {
                "write date_diff(a, b) for the days between two dates, and + interval '3 days' for a later one"
                    .to_owned()
            }
            (Kind::Column { name, .. }, DataType::Text) => {
                format!("declare its type, or write cast({name} as decimal)")
            }
            (_, DataType::Text) => "write cast(… as decimal)".to_owned(),
            _ => String::new(),
        };
        self.fail(node, format!("{} is {}, and arithmetic takes numbers", named(node), a(data_type)), &help)
    }

    fn arithmetic(&mut self, node: &Node, op: ArithmeticOp, left: &Node, right: &Node) -> Option<Expr> {
        if let Some((name, parts)) = self.signed_name(node) {
            let how = if op == ArithmeticOp::Subtract { "` minus `" } else { "` divided by `" };
            let message = format!("`{name}` without quotes is `{}`", parts.join(how));
            let brackets = if node.place.at == 0 {
                format!(", and the expression in brackets: (\"{name}\" …)")
            } else {
                String::new()
            };
            let help = format!("if it is one column, put its name in double quotes: \"{name}\"{brackets}");
            return self.fail(node, message, &help);
        }
        match (op, &left.kind, &right.kind) {
            (ArithmeticOp::Add, _, Kind::Interval(count, unit)) => return self.later(node, left, *count, *unit),
            (ArithmeticOp::Add, Kind::Interval(count, unit), _) => return self.later(node, right, *count, *unit),
            (ArithmeticOp::Subtract, _, Kind::Interval(count, unit)) => return self.later(node, left, -count, *unit),
            (_, Kind::Interval(..), _) | (_, _, Kind::Interval(..)) => {
                let help = "write date + interval '3 hours'";
                return self.fail(node, "an interval is added to a date, or subtracted from one", help);
            }
            _ => {}
        }
        let (left, right_expr) = (self.numeric(left), self.numeric(right));
        let (left, right_expr) = (left?, right_expr?);
        let divides = matches!(op, ArithmeticOp::Divide | ArithmeticOp::Remainder);
        let zero = match &right_expr {
            Expr::Literal(Value::Integer(number)) => *number == 0,
            Expr::Literal(Value::Decimal(number)) => *number == Decimal::ZERO,
            Expr::Literal(Value::Float(number)) => *number == 0.0,
            _ => false,
        };
        if divides && zero {
            return self.fail(right, "division by zero", "");
        }
        self.fold(node, Expr::Arithmetic { op, left: Box::new(left), right: Box::new(right_expr) })
    }

    /// A date or a timestamp and an interval.
    fn later(&mut self, node: &Node, at: &Node, count: i64, unit: TimeUnit) -> Option<Expr> {
        let at = self.date(at, "interval")?;
        let data_type = date_add_type(at.data_type()?, unit);
        let name = DATE_UNITS.iter().find(|(known, _)| *known == unit).map_or("", |(_, name)| name);
        let args = vec![at, Expr::Literal(Value::Integer(count)), Expr::Literal(Value::Text(name.to_owned()))];
        self.fold(node, Expr::Call { function: Function::DateAdd, args, data_type })
    }

    /// The name that `e-mail` and `in/out` look like: nothing but names, with no space between, which are no columns of their
    /// own.
    fn signed_name(&self, node: &Node) -> Option<(String, Vec<String>)> {
        let mut parts = Vec::new();
        let name = joined(node, &mut parts)?;
        let names = self.columns.names();
        let has = |wanted: &str| names.iter().any(|known| known == wanted);
        // Where both are columns, the difference may be meant.
        let is_meant =
            if has(&name) { !parts.iter().all(|part| has(part)) } else { !parts.iter().any(|part| has(part)) };
        (parts.len() > 1 && is_meant).then_some((name, parts))
    }

    /// The value of an expression over constants; the expression itself if it depends on the row.
    fn fold(&mut self, node: &Node, expr: Expr) -> Option<Expr> {
        let mut constant = true;
        expr.walk(&mut |part| constant &= !matches!(part, Expr::Column { .. } | Expr::Figure { .. }));
        if !constant {
            return Some(expr);
        }
        let evaluator = match Evaluator::compile(&expr, self.as_of) {
            Ok(evaluator) => evaluator,
            Err(error) => return self.fail(node, error.to_string(), ""),
        };
        match evaluator.evaluate(&|_| Cell::Unreadable, &[]) {
            Cell::Value(value) => Some(Expr::Literal(value)),
            Cell::Unreadable => match &expr {
                Expr::Arithmetic { .. } | Expr::Negate(_) => {
                    self.fail(node, "the result of this arithmetic does not fit its type", "")
                }
                Expr::Cast { to, .. } => self.fail(node, format!("this constant is not {}", a(*to)), example(*to)),
                _ => self.fail(node, "this cannot be computed for these constants", ""),
            },
        }
    }

    /// Counts the parts of an expression that is about to be copied.
    fn copies(&mut self, node: &Node, expr: &Expr) -> Option<()> {
        expr.walk(&mut |_| self.copied += 1);
        if self.copied > MAX_NODES {
            let message = "the expression grows too large where `between` and `case x when` repeat a part";
            return self.fail(node, message, "split it into several rules");
        }
        Some(())
    }

    fn between(&mut self, value: &Node, low: &Node, high: &Node, negated: bool) -> Option<Expr> {
        let [typed, from, to] = [value, low, high].map(|part| self.operand(part));
        let (typed, from, to) = (typed?, from?, to?);
        self.copies(value, &typed.expr)?;
        let (value_expr, low_expr) = self.align(typed.clone(), from)?;
        let (value_again, high_expr) = self.align(typed, to)?;
        if value_expr.data_type() == Some(DataType::Boolean) {
            return self.fail(value, format!("{} is a boolean, and booleans have no order", named(value)), "");
        }
        if let (Expr::Literal(low_value), Expr::Literal(high_value)) = (&low_expr, &high_expr)
            && compare(low_value, high_value) == Some(std::cmp::Ordering::Greater)
        {
            return self.fail_at(
                low.place.to(high.place),
                "nothing lies between these bounds",
                "write the lower one first",
            );
        }
        let compare = |op, left, right| Box::new(Expr::Compare { op, left: Box::new(left), right: Box::new(right) });
        Some(if negated {
            Expr::Or(
                compare(CompareOp::Less, value_expr, low_expr),
                compare(CompareOp::Greater, value_again, high_expr),
            )
        } else {
            Expr::And(
                compare(CompareOp::GreaterOrEqual, value_expr, low_expr),
                compare(CompareOp::LessOrEqual, value_again, high_expr),
            )
        })
    }

    fn membership(&mut self, value: &Node, list: &[Node], negated: bool) -> Option<Expr> {
        let value_typed = self.typed(value);
        let items: Vec<_> = list.iter().map(|item| self.typed(item).map(|(expr, _)| (item, expr))).collect();
        let (value_expr, data_type) = value_typed?;
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            let (node, expr) = item?;
            list.push(self.list_item(node, expr, (value, data_type))?);
        }
        Some(Expr::In { value: Box::new(value_expr), list, negated })
    }

    /// A constant of a list, in the type of the value that is looked up.
    fn list_item(&mut self, node: &Node, expr: Expr, value: (&Node, DataType)) -> Option<Value> {
        let Expr::Literal(item) = expr else {
            return self.fail(node, "a list holds constants only", "compare the columns one by one, joined with `or`");
        };
        let Expr::Literal(item) = self.adapted(node, item, value.1)? else { return None };
        let item_type = item.data_type()?;
        if !comparable(value.1, item_type) {
            return self.mismatch(value, (node, item_type));
        }
        if item_type != value.1 && !item_type.is_textual() {
            let message = format!("{} is {} and can never equal {}", named(value.0), a(value.1), named(node));
            return self.fail(node, message, "");
        }
        Some(item)
    }

    fn like(&mut self, value: &Node, pattern: &Node, negated: bool) -> Option<Expr> {
        let text = self.text(value, "like");
        let pattern_text = match &pattern.kind {
            Kind::Text(text) => text.clone(),
            _ => return self.fail(pattern, "a like pattern is a text in single quotes", ""),
        };
        if let Err(error) = LikePattern::compile(&pattern_text) {
            return self.fail(pattern, error.to_string(), "");
        }
        Some(Expr::Like { value: Box::new(text?), pattern: pattern_text, negated })
    }

    /// A part that must be text.
    fn text(&mut self, node: &Node, asker: &str) -> Option<Expr> {
        let (expr, data_type) = self.typed(node)?;
        if data_type.is_textual() {
            return Some(expr);
        }
        let help = match &node.kind {
            Kind::Column { name, .. } => format!("write cast({name} as text)"),
            _ => "write cast(… as text)".to_owned(),
        };
        self.fail(node, format!("{} is {}, and `{asker}` takes text", named(node), a(data_type)), &help)
    }

    /// A part that must be a date or a datetime; a text literal is read as one.
    fn date(&mut self, node: &Node, asker: &str) -> Option<Expr> {
        let (expr, data_type) = self.typed(node)?;
        match (expr, data_type) {
            (expr, DataType::Date | DataType::Datetime) => Some(expr),
            (Expr::Literal(value @ Value::Text(_)), _) => self.adapted(node, value, DataType::Date),
            _ => {
                let help = match &node.kind {
                    Kind::Column { name, .. } => format!("declare its type, or write cast({name} as date)"),
                    _ => "write cast(… as date)".to_owned(),
                };
                self.fail(node, format!("{} is {}, and `{asker}` takes a date", named(node), a(data_type)), &help)
            }
        }
    }

    /// Results in the type that holds them all; one of them is taken.
    fn results(&mut self, nodes: &[&Node]) -> Option<(Vec<Expr>, DataType)> {
        let exprs: Vec<_> = nodes.iter().map(|node| self.node(node)).collect();
        let exprs: Vec<_> = exprs.into_iter().collect::<Option<_>>()?;
        // Texts in quotes take the type of the others, so they do not count where there are others.
        let is_text = |expr: &Expr| matches!(expr, Expr::Literal(Value::Text(_)));
        let settled = exprs.iter().any(|expr| !is_text(expr) && expr.data_type().is_some());
        let mut common_type: Option<(DataType, &Node)> = None;
        for (node, expr) in nodes.iter().zip(&exprs) {
            let Some(data_type) = expr.data_type() else { continue };
            if settled && is_text(expr) {
                continue;
            }
            let (known, first) = common_type.unwrap_or((data_type, node));
            let Some(common) = common(known, data_type) else {
                let message = format!(
                    "the results differ in type: {} is {}, {} is {}",
                    named(first),
                    a(known),
                    named(node),
                    a(data_type)
                );
                return self.fail(node, message, "write cast(… as text), or give results of one type");
            };
            common_type = Some((common, first));
        }
        let Some((data_type, _)) = common_type else {
            return self.fail(nodes[0], "every result is `null`", "");
        };
        let mut brought = Vec::with_capacity(exprs.len());
        for (node, expr) in nodes.iter().zip(exprs) {
            let expr = match expr {
                Expr::Literal(Value::Null) => Expr::Literal(Value::Null),
                Expr::Literal(value) => self.adapted(node, value, data_type)?,
                expr => expr,
            };
            let kept = expr.data_type().is_none_or(|t| t == data_type || (t.is_textual() && data_type.is_textual()));
            brought.push(if kept {
                expr
            } else {
                self.fold(node, Expr::Cast { value: Box::new(expr), to: data_type })?
            });
        }
        Some((brought, data_type))
    }

    fn case(
        &mut self,
        node: &Node,
        operand: Option<&Node>,
        branches: &[(Node, Node)],
        otherwise: Option<&Node>,
    ) -> Option<Expr> {
        let operand = match operand {
            Some(operand) => Some(self.operand(operand)?),
            None => None,
        };
        let mut conditions = Vec::with_capacity(branches.len());
        for (condition, _) in branches {
            conditions.push(match &operand {
                Some(operand) => {
                    self.copies(node, &operand.expr)?;
                    let case = self.operand(condition);
                    case.and_then(|case| self.comparison(CompareOp::Equal, operand.clone(), case))
                }
                None => self.condition(condition),
            });
        }
        let nodes: Vec<_> = branches.iter().map(|(_, result)| result).chain(otherwise).collect();
        let results = self.results(&nodes);
        let conditions: Vec<_> = conditions.into_iter().collect::<Option<_>>()?;
        let (mut results, data_type) = results?;
        let otherwise = otherwise.and_then(|_| results.pop()).map(Box::new);
        Some(Expr::Case { branches: conditions.into_iter().zip(results).collect(), otherwise, data_type })
    }

    fn cast(&mut self, node: &Node, value: &Node, to: DataType) -> Option<Expr> {
        use DataType::{Binary, Boolean, Date, Datetime, Decimal, Float, Float32, Integer, Text, Uuid};
        let (expr, from) = self.typed(value)?;
        if to == Binary {
            return self.fail(node, "nothing can be cast to binary", "bytes have no values to compare");
        }
        let allowed = from == to
            || from == Text
            || match to {
                Text => true,
                Integer => from.is_numeric() || from == Boolean,
                Decimal | Float | Float32 => from.is_numeric(),
                Date => from == Datetime,
                Datetime => from == Date,
                Boolean | Uuid | Binary => false,
            };
        if !allowed {
            let message = format!("{} is {} and cannot become {}", named(value), a(from), a(to));
            return self.fail(node, message, if from == Uuid { "" } else { "only text can be cast to every type" });
        }
        self.fold(node, Expr::Cast { value: Box::new(expr), to })
    }

    fn call(&mut self, node: &Node, function: Function, args: &[Node]) -> Option<Expr> {
        use Function as F;
        let name = function.name();
        let (least, most) = match function {
            F::Length | F::Lower | F::Upper | F::Trim | F::Abs | F::Year | F::Month | F::Day => (1, 1),
            F::Round | F::Age => (1, 2),
            F::Substr | F::DateDiff => (2, 3),
            F::Replace | F::DateAdd => (3, 3),
            F::Matches | F::StartsWith | F::EndsWith | F::Contains => (2, 2),
            F::Coalesce => (2, usize::MAX),
        };
        if !(least..=most).contains(&args.len()) {
            let takes = match (least, most) {
                (1, 1) => "1 argument".to_owned(),
                (least, usize::MAX) => format!("{least} arguments or more"),
                (least, most) if least == most => format!("{least} arguments"),
                (least, most) => format!("{least} or {most} arguments"),
            };
            return self.fail(node, format!("`{name}` takes {takes}, not {}", args.len()), "");
        }
        if let (F::Length, [Node { kind: Kind::Column { name, .. }, .. }]) = (function, args)
            && let Some(name) = self.columns.list_length(name)
        {
            return Some(Expr::Column { name, data_type: DataType::Integer });
        }
        let (args, data_type) = match function {
            F::Length => (self.texts(args, name)?, DataType::Integer),
            F::Lower | F::Upper | F::Trim | F::Replace => (self.texts(args, name)?, DataType::Text),
            F::StartsWith | F::EndsWith | F::Contains => (self.texts(args, name)?, DataType::Boolean),
            F::Matches => (self.pattern(args, name)?, DataType::Boolean),
            F::Substr => {
                let text = self.text(&args[0], name);
                let numbers: Vec<_> = args[1..].iter().map(|arg| self.integer(arg, name)).collect();
                let args = std::iter::once(text).chain(numbers).collect::<Option<_>>()?;
                (args, DataType::Text)
            }
            F::Coalesce => self.results(&args.iter().collect::<Vec<_>>())?,
            F::Abs => {
                let value = self.numeric(&args[0])?;
                let data_type = value.data_type()?;
                (vec![value], data_type)
            }
            F::Round => {
                let value = self.numeric(&args[0])?;
                let data_type = value.data_type()?;
                let mut brought = vec![value];
                if let Some(digits) = args.get(1) {
                    match self.integer(digits, name)? {
                        digits @ Expr::Literal(Value::Integer(0..=MAX_DIGITS)) => brought.push(digits),
                        _ => return self.fail(digits, format!("`round` keeps 0 to {MAX_DIGITS} digits"), ""),
                    }
                }
                (brought, data_type)
            }
            F::DateAdd => {
                let (at, count) = (self.date(&args[0], name), self.integer(&args[1], name));
                let unit = self.date_unit(&args[2], name);
                let (at, unit) = (at?, unit?);
                let known = match &unit {
                    Expr::Literal(Value::Text(unit)) => date_unit(unit),
                    _ => None,
                };
                let data_type = date_add_type(at.data_type()?, known?);
                (vec![at, count?, unit], data_type)
            }
            F::Year | F::Month | F::Day | F::DateDiff | F::Age => {
                let (dates, unit) = args.split_at(args.len().min(2));
                let dates: Vec<_> = dates.iter().map(|arg| self.date(arg, name)).collect();
                let unit = unit.iter().map(|arg| self.date_unit(arg, name)).collect::<Vec<_>>();
                let mut dates: Vec<_> = dates.into_iter().chain(unit).collect::<Option<_>>()?;
                if function == F::Age && dates.len() == 1 {
                    dates.push(Expr::Literal(self.as_of.value()));
                }
                (dates, DataType::Integer)
            }
        };
        self.fold(node, Expr::Call { function, args, data_type })
    }

    /// The unit of `date_diff` and `date_add`, in quotes.
    fn date_unit(&mut self, node: &Node, asker: &str) -> Option<Expr> {
        let names: Vec<&str> = DATE_UNITS.iter().map(|(_, name)| *name).collect();
        match &node.kind {
            Kind::Text(unit) if date_unit(unit).is_some() => Some(Expr::Literal(Value::Text(unit.clone()))),
            Kind::Text(unit) => {
                let near = nearest(unit, names.iter().copied());
                let help = near.map_or_else(
                    || format!("write one of '{}'", names.join("', '")),
                    |near| format!("the nearest is '{near}'"),
                );
                self.fail(node, format!("`{asker}` does not count in that unit"), &help)
            }
            _ => self.fail(node, format!("the unit of `{asker}` is one of '{}'", names.join("', '")), ""),
        }
    }

    fn texts(&mut self, args: &[Node], asker: &str) -> Option<Vec<Expr>> {
        let texts: Vec<_> = args.iter().map(|arg| self.text(arg, asker)).collect();
        texts.into_iter().collect()
    }

    /// A text and a pattern in quotes that compiles.
    fn pattern(&mut self, args: &[Node], asker: &str) -> Option<Vec<Expr>> {
        let text = self.text(&args[0], asker);
        let Kind::Text(pattern) = &args[1].kind else {
            return self.fail(&args[1], "the pattern of `matches` is a text in single quotes", "");
        };
        if let Err(error) = Pattern::compile(pattern, true) {
            return self.fail(&args[1], error.to_string(), "");
        }
        Some(vec![text?, Expr::Literal(Value::Text(pattern.clone()))])
    }

    /// A part that must be an integer.
    fn integer(&mut self, node: &Node, asker: &str) -> Option<Expr> {
        let (expr, data_type) = self.typed(node)?;
        if data_type == DataType::Integer {
            return Some(expr);
        }
        self.fail(node, format!("{} is {}, and `{asker}` takes an integer here", named(node), a(data_type)), "")
    }

    /// A part that must be a number or a date.
    fn measured(&mut self, node: &Node, asker: &str) -> Option<(Expr, DataType)> {
        let (expr, data_type) = self.typed(node)?;
        if data_type.is_numeric() || matches!(data_type, DataType::Date | DataType::Datetime) {
            return Some((expr, data_type));
        }
        let help = match &node.kind {
            Kind::Column { name, .. } if data_type.is_textual() => {
                format!("declare its type, or write cast({name} as decimal)")
            }
            _ => String::new(),
        };
        let message = format!("{} is {}, and `{asker}` takes numbers or dates", named(node), a(data_type));
        self.fail(node, message, &help)
    }

    fn aggregate(&mut self, function: AggregateFunction, value: Option<&Node>, other: Option<&Node>) -> Option<Expr> {
        use AggregateFunction as F;
        let value = match value {
            None => None,
            Some(node) => {
                let (expr, data_type) = match function {
                    F::Share => (self.condition(node)?, DataType::Boolean),
                    F::Sum | F::Avg | F::Stddev | F::Correlation => {
                        let expr = self.numeric(node)?;
                        let data_type = expr.data_type()?;
                        (expr, data_type)
                    }
                    F::Count | F::Distinct | F::DistinctShare | F::Min | F::Max => self.typed(node)?,
                    F::Median | F::Quantile(_) => self.measured(node, function.name())?,
                };
                if matches!(function, F::Min | F::Max) && data_type == DataType::Boolean {
                    let message = format!("{} is a boolean, and booleans have no order", named(node));
                    return self.fail(node, message, "write share(…) for the share of rows where it is true");
                }
                Some((expr, data_type))
            }
        };
        let other = match other {
            None => None,
            Some(node) => Some(self.numeric(node)?),
        };
        let data_type = match (function, &value) {
            // The middle of two whole numbers need not be one; that of two days is the earlier one.
            (F::Median | F::Quantile(_), Some((_, data_type))) if !data_type.is_numeric() => *data_type,
            (F::Stddev | F::Correlation, _) => DataType::Float,
            (F::Avg | F::Median | F::Quantile(_) | F::Sum, Some((_, data_type))) if data_type.is_float() => {
                DataType::Float
            }
            (F::Avg | F::Share | F::DistinctShare | F::Median | F::Quantile(_), _) => DataType::Decimal,
            (F::Min | F::Max | F::Sum, Some((_, data_type))) => *data_type,
            _ => DataType::Integer,
        };
        let aggregate = Aggregate { function, value: value.map(|(expr, _)| expr), other, data_type };
        let index = self.aggregates.iter().position(|known| *known == aggregate).unwrap_or_else(|| {
            self.aggregates.push(aggregate);
            self.aggregates.len() - 1
        });
        Some(Expr::Figure { index, data_type })
    }
}

/// A part, what it became, and its type.
#[derive(Clone)]
struct Typed<'n> {
    node: &'n Node,
    expr: Expr,
    data_type: DataType,
}

fn is_literal(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal(_))
}

/// Joins the parts from left to right, long chains as a tree of little depth: the connectives are associative.
fn balance(mut parts: Vec<Expr>, join: fn(Box<Expr>, Box<Expr>) -> Expr) -> Option<Expr> {
    const SHORT: usize = 4;
    if parts.len() > SHORT {
        let right = parts.split_off(parts.len() / 2);
        return Some(join(Box::new(balance(parts, join)?), Box::new(balance(right, join)?)));
    }
    parts.into_iter().reduce(|left, right| join(Box::new(left), Box::new(right)))
}

/// A date written without quotes, which is parsed as `2026 - 1 - 1`.
fn bare_date(node: &Node) -> Option<String> {
    let Kind::Arithmetic(ArithmeticOp::Subtract, first, day) = &node.kind else { return None };
    let Kind::Arithmetic(ArithmeticOp::Subtract, year, month) = &first.kind else { return None };
    match (&year.kind, &month.kind, &day.kind) {
        (Kind::Number(year), Kind::Number(month), Kind::Number(day)) => {
            let date = format!("{year}-{month:0>2}-{day:0>2}");
            AsOf::parse(&date).map(|_| date)
        }
        _ => None,
    }
}

/// The text of names that are joined by `-` or `/` without spaces; the names go to `parts`.
fn joined(node: &Node, parts: &mut Vec<String>) -> Option<String> {
    match &node.kind {
        Kind::Column { name, quoted: false } => {
            parts.push(name.clone());
            Some(name.clone())
        }
        Kind::Arithmetic(op @ (ArithmeticOp::Subtract | ArithmeticOp::Divide), left, right) => {
            let is_adjacent = left.place.at + left.place.len + 1 == right.place.at;
            let sign = if *op == ArithmeticOp::Subtract { '-' } else { '/' };
            let (left, right) = (joined(left, parts)?, joined(right, parts)?);
            is_adjacent.then(|| format!("{left}{sign}{right}"))
        }
        _ => None,
    }
}

/// Whether a name can be written without quotes.
fn is_plain(name: &str) -> bool {
    // A path leads to a field of a struct.
    name.split('.').all(|part| {
        !part.is_empty()
            && !part.starts_with(|c: char| c.is_ascii_digit())
            && part.chars().all(|c| c.is_alphanumeric() || c == '_' || is_combining_mark(c))
    })
}
