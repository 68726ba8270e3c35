//! Tables for people.

use std::io;
use std::ops::Range;

use snapstore::printable;

use crate::broken::broken;
use crate::screen::Screen;

/// Between two columns.
const GAP: usize = 2;
/// Before the cells that have no room beside the others.
const INDENT: usize = 4;
/// A last column of sentences that has so much room is broken within it.
const ROOM: usize = 40;

/// Rows under a headline, columns as wide as their widest cell. Columns that have no room on the screen
/// stand on a line of their own below the others.
pub(crate) fn print<const N: usize>(
    out: &mut Screen,
    head: [&str; N],
    rows: &[[String; N]],
) -> io::Result<()> {
    let columns = out.columns();
    for line in lines(head, rows, columns) {
        out.line(&line)?;
    }
    Ok(())
}

fn lines<const N: usize>(
    head: [&str; N],
    rows: &[[String; N]],
    columns: Option<usize>,
) -> Vec<String> {
    let rows = rows
        .iter()
        .map(|row| row.each_ref().map(|it| printable(it)));
    let rows: Vec<[String; N]> = rows.map(|row| row.map(Into::into)).collect();
    let mut widths = head.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let columns = columns.unwrap_or(usize::MAX);
    let groups = groups(&widths, columns);
    let all = [head.map(str::to_owned)].into_iter().chain(rows);
    let of_row = |row: [String; N]| {
        let lines = groups.iter().flat_map(|group| {
            let cells = (&row[group.clone()], &widths[group.clone()]);
            line(cells.0, cells.1, indent(group), columns)
        });
        lines.collect::<Vec<_>>()
    };
    all.flat_map(of_row).collect()
}

/// Which columns share a line.
fn groups(widths: &[usize], columns: usize) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut used = 0;
    for (column, width) in widths.iter().enumerate() {
        let is_last = column + 1 == widths.len();
        let left = columns.saturating_sub(used + GAP);
        let fits = *width <= left || (is_last && left >= ROOM);
        match groups.last_mut() {
            Some(group) if fits => {
                group.end = column + 1;
                used += GAP + width;
            }
            _ => {
                groups.push(column..column + 1);
                used = width + if column == 0 { 0 } else { INDENT };
            }
        }
    }
    groups
}

fn indent(group: &Range<usize>) -> usize {
    match group.start {
        0 => 0,
        _ => INDENT,
    }
}

/// The cells of one line, the last of which may be a sentence.
fn line(cells: &[String], widths: &[usize], indent: usize, columns: usize) -> Vec<String> {
    let Some((last, others)) = cells.split_last() else {
        return Vec::new();
    };
    let mut start = " ".repeat(indent);
    for (cell, width) in others.iter().zip(widths) {
        start.push_str(&format!("{cell:<width$}  "));
    }
    broken(&start, last, columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(why: &str) -> [[String; 3]; 1] {
        [["v2/Full-1".to_owned(), "keep".to_owned(), why.to_owned()]]
    }

    #[test]
    fn a_table_that_fits_has_a_line_for_each_row() {
        let table = lines(["OBJECT", "WHAT", "WHY"], &rows("marked"), Some(80));
        assert_eq!(table, ["OBJECT     WHAT  WHY", "v2/Full-1  keep  marked"]);
    }

    /// A row whose last cell is empty (a raft snapshot without learners) was an empty line.
    #[test]
    fn a_row_without_a_last_cell_is_a_row() {
        for columns in [Some(80), None] {
            let table = lines(["OBJECT", "WHAT", "WHY"], &rows(""), columns);
            assert_eq!(table, ["OBJECT     WHAT  WHY", "v2/Full-1  keep"]);
        }
    }

    /// The reasons of a collection made its lines 126 columns wide.
    #[test]
    fn what_has_no_room_stands_below() {
        let table = lines(["OBJECT", "WHAT", "WHY"], &rows("the newest"), Some(20));
        let below = [
            "OBJECT     WHAT",
            "    WHY",
            "v2/Full-1  keep",
            "    the newest",
        ];
        assert_eq!(table, below);
        // Nobody's terminal: a line can be found by what it says.
        let piped = lines(["OBJECT", "WHAT", "WHY"], &rows("the newest"), None);
        assert_eq!(piped[1], "v2/Full-1  keep  the newest");
    }

    #[test]
    fn a_sentence_with_room_is_broken_in_its_column() {
        let why = "word ".repeat(20);
        let table = lines(["OBJECT", "WHAT", "WHY"], &rows(why.trim()), Some(60));
        assert!(table.len() > 2 && table.iter().all(|line| line.len() <= 60));
        assert!(table[2].starts_with(&format!("{:17}word", "")), "{table:?}");
    }

    /// The name of an object that is longer than the screen is not broken.
    #[test]
    fn a_name_that_has_no_room_stands_alone() {
        let table = lines(["OBJECT", "WHAT", "WHY"], &rows("marked"), Some(8));
        assert_eq!(table[3..], ["v2/Full-1", "    keep", "    marked"]);
    }
}
