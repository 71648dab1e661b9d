//! Columns that are aligned: words to the left, numbers to the right.

use std::fmt;

/// A table for a terminal.
#[derive(Debug, Clone)]
pub struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    /// The columns from the left that hold words.
    words: usize,
}

impl Table {
    /// A table with these columns, of which so many from the left hold words.
    pub fn new(head: &[&'static str], words: usize) -> Self {
        Self { head: head.to_vec(), rows: Vec::new(), words }
    }

    /// Adds a row; what is missing on its right is blank.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Leaves a line free.
    pub fn gap(&mut self) {
        self.rows.push(Vec::new());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head: Vec<String> = self.head.iter().map(|&name| name.to_owned()).collect();
        let rows = || std::iter::once(&head).chain(&self.rows);
        let width = |column: usize| {
            rows().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        for row in rows() {
            let mut line = String::new();
            for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                let cell =
                    if column < self.words { format!("{cell:<width$}") } else { format!("{cell:>width$}") };
                line += &cell;
                line += "  ";
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// A number as it is best read: three digits that count, or `–` where there is none.
pub fn number(figure: Option<f64>) -> String {
    match figure {
        None => "–".to_owned(),
        Some(figure) => match figure.abs() {
            100.0.. => format!("{figure:.0}"),
            10.0.. => format!("{figure:.1}"),
            _ => format!("{figure:.2}"),
        },
    }
}

/// How many times as much.
pub fn times(ratio: Option<f64>) -> String {
    format!("{} ×", number(ratio))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_left_numbers_right() {
        let mut table = Table::new(&["server", "M/s", "µs"], 1);
        table.row(["floor".to_owned(), number(Some(9.987)), number(Some(1234.5))]);
        table.gap();
        table.row(["chat-server".to_owned(), times(Some(0.8)), number(None)]);
        let expected = "\
server          M/s    µs
floor          9.99  1234

chat-server  0.80 ×     –
";
        assert_eq!(table.to_string(), expected);
    }
}
