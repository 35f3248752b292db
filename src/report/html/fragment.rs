//! Fragments of the page on their way to the writer.

use std::io::{self, Write};

use maud::Markup;

/// End tags that HTML does not need before the next item or the end of the list: a fifteenth of a large report.
const NOT_NEEDED: [&str; 6] = ["</li>", "</dt>", "</dd>", "</td>", "</th>", "</tr>"];

/// Writes a fragment on a line of its own. Text in it is escaped, so what looks like an end tag is one.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn put(out: &mut dyn Write, fragment: &Markup) -> io::Result<()> {
    let mut pieces = fragment.0.split("</");
    out.write_all(pieces.next().unwrap_or_default().as_bytes())?;
    for piece in pieces {
        let rest = NOT_NEEDED.iter().find_map(|tag| piece.strip_prefix(&tag[2..]));
        if let Some(rest) = rest {
            out.write_all(rest.as_bytes())?;
        } else {
            out.write_all(b"</")?;
            out.write_all(piece.as_bytes())?;
        }
    }
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use maud::html;

    use super::*;

    #[test]
    fn only_end_tags_that_are_not_needed_are_left_out() {
        let mut out = Vec::new();
        put(&mut out, &html! { ul { li { b { "</li> & </b>" } } li {} } table { tr { th { "a" } td { "b" } } } })
            .unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "<ul><li><b>&lt;/li&gt; &amp; &lt;/b&gt;</b><li></ul><table><tr><th>a<td>b</table>\n");
    }
}
