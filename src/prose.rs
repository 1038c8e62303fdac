//! Text for a terminal: tables, and Markdown wrapped at its width.

use findings::report::Style;
use findings::scrub;

/// Narrower than this, text is not wrapped any more.
const LEAST_WIDTH: usize = 40;
/// Wider lines are hard to read.
const MOST_WIDTH: usize = 100;

/// Columns under their heads, two blanks apart. The last column is not padded.
pub(crate) fn table<const N: usize>(head: [String; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let rows: Vec<[String; N]> =
        std::iter::once(head).chain(rows.map(|row| row.map(|cell| scrub(&cell).into_owned()))).collect();
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width + 2 - cell.chars().count()));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Wraps paragraphs and list items of Markdown at the terminal's width, and shows headings in bold where colour is
/// wanted. Indented text and fenced text stay as they are.
pub(crate) fn wrap(markdown: &str, style: &Style) -> String {
    let width = style.width.clamp(LEAST_WIDTH, MOST_WIDTH);
    let mut text = String::new();
    let mut paragraph: Vec<&str> = Vec::new();
    let mut fenced = false;
    for line in markdown.lines() {
        let fence = line.trim_start().starts_with("```");
        let literal =
            fenced || fence || line.starts_with("    ") || line.starts_with(['#', '|']) || line.is_empty();
        let item = ["- ", "* ", "1. "].iter().any(|mark| line.trim_start().starts_with(mark));
        if literal || item {
            flow(&mut paragraph, width, &mut text);
        }
        fenced ^= fence;
        if !literal {
            paragraph.push(line);
        } else if line.starts_with('#') && style.color {
            text.extend(["\u{1b}[1m", line, "\u{1b}[0m\n"]);
        } else {
            text.push_str(line);
            text.push('\n');
        }
    }
    flow(&mut paragraph, width, &mut text);
    text
}

/// Writes the lines of a paragraph anew, those after the first under the text of a list item.
fn flow(paragraph: &mut Vec<&str>, width: usize, text: &mut String) {
    let Some(first) = paragraph.first() else { return };
    let indent = first.len() - first.trim_start().len();
    let mark = ["- ", "* ", "1. "].iter().find(|mark| first.trim_start().starts_with(**mark));
    let hanging = indent + mark.map_or(0, |mark| mark.len());
    let mut column = indent;
    text.extend(std::iter::repeat_n(' ', indent));
    let mut at_start = true;
    for word in paragraph.iter().flat_map(|line| line.split_whitespace()) {
        let length = word.chars().count();
        if !at_start && column + 1 + length > width {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', hanging));
            column = hanging;
        } else if !at_start {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
        at_start = false;
    }
    text.push('\n');
    paragraph.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(markdown: &str, width: usize) -> String {
        wrap(markdown, &Style { color: false, width })
    }

    #[test]
    fn paragraphs_are_filled_to_the_width_and_no_further() {
        let text = wrapped(&"word ".repeat(40), 50);
        assert!(text.lines().all(|line| line.len() <= 50));
        assert_eq!(text.lines().count(), 4);
        assert_eq!(text.split_whitespace().count(), 40);
    }

    #[test]
    fn items_hang_and_begin_their_own_line() {
        let text = wrapped("- one two three four five six seven eight nine ten\n- eleven\n  twelve\n", 40);
        assert_eq!(text, "- one two three four five six seven\n  eight nine ten\n- eleven twelve\n");
    }

    #[test]
    fn headings_code_and_long_words_stay_whole() {
        let long = "x".repeat(80);
        let text = wrapped(&format!("# {long} {long}\n```\na  b\n```\n{long} end\n"), 40);
        assert_eq!(text, format!("# {long} {long}\n```\na  b\n```\n{long}\nend\n"));
    }

    #[test]
    fn cells_of_a_table_stand_under_their_heads() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned);
        let text = table(row(["NAME", "WHAT"]), [row(["müller", "x"]), row(["a\u{1b}b", ""])].into_iter());
        assert_eq!(text, "NAME      WHAT\nmüller    x\na\\u{1b}b\n");
    }
}
