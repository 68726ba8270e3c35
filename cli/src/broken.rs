//! Where a long line is broken.

use textwrap::{Options, WordSeparator, WordSplitter, wrap};

/// A text after `start`, which may be a label or nothing, in lines of at most `columns`. Those after the first
/// begin under the text. A word that is longer, as the name of an object or a path may be, is not broken: it
/// stands alone on its line.
pub(crate) fn broken(start: &str, text: &str, columns: usize) -> Vec<String> {
    // Of nothing there would be no line, and the label would be lost.
    if text.trim().is_empty() {
        return vec![start.trim_end().to_owned()];
    }
    let under = " ".repeat(start.chars().count());
    let options = Options::new(columns)
        .initial_indent(start)
        .subsequent_indent(&under)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    let lines = wrap(text, options).into_iter();
    lines.map(|line| line.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_goes_on_under_its_beginning() {
        assert_eq!(
            broken("  done  ", "one two three", 16),
            ["  done  one two", "        three"]
        );
        assert_eq!(broken("  done  ", "one two", 16), ["  done  one two"]);
        assert_eq!(broken("  done  ", "", 16), ["  done"]);
    }

    #[test]
    fn a_name_is_not_broken_and_stands_alone() {
        assert_eq!(
            broken("", "kept: v2/Full-1-of-the-store here", 12),
            ["kept:", "v2/Full-1-of-the-store", "here"]
        );
    }
}
