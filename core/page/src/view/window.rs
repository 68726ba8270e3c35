use jiff::{SignedDuration, Timestamp};

/// What of time is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Window {
    /// The last hour.
    Hour,
    /// The last day.
    Day,
    /// The last week.
    Week,
    /// All that the store holds.
    #[default]
    All,
}

impl Window {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::All];

    /// As it stands in the address of the page.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::All => "all",
        }
    }

    /// What the query of an address asks for: `window=24h`. Whatever else stands there is for nobody.
    pub fn asked(query: Option<&str>) -> Self {
        let words = query.unwrap_or_default().split('&');
        let mut named = words.filter_map(|word| word.strip_prefix("window="));
        let named = named.next();
        let known = Self::ALL.into_iter().find(|one| Some(one.word()) == named);
        known.unwrap_or_default()
    }

    /// When it begins; `None`: with the oldest object.
    pub(super) fn begins(self, now: Timestamp) -> Option<Timestamp> {
        let hours = match self {
            Self::Hour => 1,
            Self::Day => 24,
            Self::Week => 168,
            Self::All => return None,
        };
        now.checked_sub(SignedDuration::from_hours(hours)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_which() {
        assert_eq!(Window::asked(Some("window=24h")), Window::Day);
        assert_eq!(Window::asked(Some("a=b&window=1h&window=7d")), Window::Hour);
        for other in [
            None,
            Some(""),
            Some("window=<script>"),
            Some("window"),
            Some("xwindow=1h"),
        ] {
            assert_eq!(Window::asked(other), Window::All, "{other:?}");
        }
    }
}
