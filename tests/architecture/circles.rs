//! Circles of files within a folder.
//!
//! A folder is a graph: its files, its folders (one node each), and its own `mod.rs`, a node like any other. So a child that
//! imports a type of its own `mod.rs`, which calls that child, makes a circle: neither can be read without the other, and the type
//! belongs into a file of its own. Three things that `mod.rs` does with its children are no imports: it declares them, hands on
//! what they define, and lists them in a registry of a trait.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::modules::{ModulePath, Modules, Use};

/// The circles of a folder in words, the shortest first. A circle is left out if a shorter one has an import of it: that one
/// must be opened first.
pub(super) fn circles(modules: &Modules, uses: &[Use], folder: &[String]) -> Vec<String> {
    let graph = graph(modules, uses, folder);
    let imports = graph.iter().flat_map(|(from, others)| others.keys().map(move |to| (from, to)));
    let mut found: Vec<Vec<&str>> = imports.filter_map(|(from, to)| way(&graph, to, from)).collect();
    for circle in &mut found {
        // Each begins with its first name, so that one circle is found once.
        let first = circle.iter().enumerate().min_by_key(|(_, node)| **node).map_or(0, |(at, _)| at);
        circle.rotate_left(first);
    }
    found.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
    let mut open = BTreeSet::new();
    let mut words = Vec::new();
    for circle in found {
        let pairs: Vec<(&str, &str)> = circle.iter().copied().zip(circle.iter().copied().cycle().skip(1)).collect();
        if pairs.iter().any(|pair| open.contains(pair)) {
            continue;
        }
        let imports: Vec<String> =
            pairs.iter().map(|(one, other)| format!("{one} imports {}", graph[*one][*other])).collect();
        words.push(format!("src/{}: {}", folder.join("/"), imports.join(", ")));
        open.extend(pairs);
    }
    words
}

/// A node with the nodes that it imports from, and one example of each import.
type Graph = BTreeMap<String, BTreeMap<String, String>>;

fn graph(modules: &Modules, uses: &[Use], folder: &[String]) -> Graph {
    let node = |path: &ModulePath| match path.strip_prefix(folder) {
        Some([]) => Some("mod.rs".to_owned()),
        Some([child, ..]) => {
            let is_folder = modules.0.keys().any(|path| {
                path.len() > folder.len() + 1 && path.starts_with(&[folder, std::slice::from_ref(child)].concat())
            });
            Some(if is_folder { format!("{child}/") } else { format!("{child}.rs") })
        }
        None => None,
    };
    let mut graph = Graph::new();
    for used in uses {
        let (Some(from), Some(to)) = (node(&used.from), node(&used.to)) else { continue };
        if from != to {
            let file = modules.0[&used.from].file.display();
            let item = if used.item.is_empty() { String::new() } else { format!("`{}` from ", used.item) };
            let example = format!("{item}{to} ({file}:{})", used.line);
            graph.entry(from).or_default().entry(to).or_insert(example);
        }
    }
    graph
}

/// The shortest way from one node to another, both included.
fn way<'g>(graph: &'g Graph, start: &'g str, end: &str) -> Option<Vec<&'g str>> {
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        if node == end {
            let mut way = vec![node];
            while way[0] != start {
                way.insert(0, before[way[0]]);
            }
            return Some(way);
        }
        for next in graph.get(node).into_iter().flat_map(BTreeMap::keys) {
            if next != start && !before.contains_key(next.as_str()) {
                before.insert(next, node);
                queue.push_back(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::modules::modules_of;
    use super::*;

    fn circles_of(files: &[(&str, &str)], folder: &str) -> Vec<String> {
        let modules = modules_of(files);
        let uses = modules.uses();
        circles(&modules, &uses, &[folder.to_owned()])
    }

    #[test]
    fn circles_of_two_and_of_three() {
        let files = [
            ("a/mod.rs", "mod b; mod c; mod d; mod e;"),
            ("a/b.rs", "use super::c::C; pub struct B;"),
            ("a/c.rs", "use super::b::B; pub struct C;"),
            ("a/d.rs", "use super::e::E; use super::b::B;"),
            ("a/e.rs", "use super::f::F;"),
            ("a/f.rs", "\nfn f() { super::d::run() }"),
        ];
        assert_eq!(
            circles_of(&files, "a"),
            [
                "src/a: b.rs imports `C` from c.rs (a/b.rs:1), c.rs imports `B` from b.rs (a/c.rs:1)",
                "src/a: d.rs imports `E` from e.rs (a/d.rs:1), e.rs imports `F` from f.rs (a/e.rs:1), f.rs imports `run` from d.rs (a/f.rs:2)",
            ]
        );
    }

    #[test]
    fn a_folder_is_one_node_and_has_circles_of_its_own() {
        let files = [
            ("a/mod.rs", ""),
            ("a/b/mod.rs", "mod x; mod y;"),
            ("a/b/x.rs", "use super::super::c::C;"),
            ("a/b/y.rs", "pub struct Y;"),
            ("a/c.rs", "use super::b::y::Y; pub struct C;"),
        ];
        assert_eq!(
            circles_of(&files, "a"),
            ["src/a: b/ imports `C` from c.rs (a/b/x.rs:1), c.rs imports `Y` from b/ (a/c.rs:1)"]
        );
        let modules = modules_of(&files);
        assert_eq!(circles(&modules, &modules.uses(), &["a".to_owned(), "b".to_owned()]), [""; 0]);
        assert_eq!(modules.folders(&["a".to_owned()]).len(), 2);
    }

    #[test]
    fn a_type_of_mod_rs_in_a_child_that_it_calls_is_a_circle() {
        let child = ("a/b.rs", "use super::T;");
        let calls = [("a/mod.rs", "mod b; pub struct T; fn f() { b::run() }"), child];
        assert_eq!(
            circles_of(&calls, "a"),
            ["src/a: b.rs imports `T` from mod.rs (a/b.rs:1), mod.rs imports `run` from b.rs (a/mod.rs:1)"]
        );
        let hands_on = [("a/mod.rs", "mod b; pub use b::B; pub struct T;"), child];
        assert_eq!(circles_of(&hands_on, "a"), [""; 0]);
        let lists = [("a/mod.rs", "mod b; trait T {} const ALL: &[&dyn T] = &[&b::B];"), child];
        assert_eq!(circles_of(&lists, "a"), [""; 0]);
        let elsewhere = [("a/mod.rs", "mod b; pub use t::T; fn f() { b::run() }"), child, ("a/t.rs", "pub struct T;")];
        assert_eq!(circles_of(&elsewhere, "a"), [""; 0]);
    }
}
