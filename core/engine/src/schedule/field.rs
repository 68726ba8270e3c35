use super::error::ScheduleError;

/// The numbers that a field of a schedule names, and whether it is a star.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    bits: u64,
    /// It has `*` or `?` in it, without a step of more than one: two fields of days are joined by "and" then, else by
    /// "or".
    pub(super) is_star: bool,
}

/// Which numbers a field may have, and their names.
pub(super) struct Bounds {
    pub(super) name: &'static str,
    pub(super) least: u8,
    pub(super) most: u8,
    /// What the names begin to count with is `least`.
    pub(super) names: &'static [&'static str],
    /// A number after `most` that is `least` once more.
    pub(super) again: Option<u8>,
}

pub(super) const MINUTE: Bounds = numbers("minute", 0, 59);
pub(super) const HOUR: Bounds = numbers("hour", 0, 23);
pub(super) const DAY: Bounds = numbers("day of the month", 1, 31);
pub(super) const MONTH: Bounds = Bounds {
    names: &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
    ..numbers("month", 1, 12)
};
pub(super) const WEEKDAY: Bounds = Bounds {
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    // Sunday, as cron(8) takes it and etcd-druid lets it through; robfig's parser refuses it, and the reference ends.
    again: Some(7),
    ..numbers("day of the week", 0, 6)
};

const fn numbers(name: &'static str, least: u8, most: u8) -> Bounds {
    Bounds {
        name,
        least,
        most,
        names: &[],
        again: None,
    }
}

impl Field {
    /// Reads a field: a list of `*`, `?`, `N`, `N-M`, each with `/STEP`; `N/STEP` goes to the end.
    pub(super) fn parse(text: &str, bounds: &Bounds) -> Result<Self, ScheduleError> {
        let mut field = Self {
            bits: 0,
            is_star: false,
        };
        for part in text.split(',') {
            let read = bounds.part(part).map_err(|why| ScheduleError::Field {
                field: bounds.name,
                text: text.chars().take(80).collect(),
                why,
            })?;
            field.bits |= read.bits;
            field.is_star |= read.is_star;
        }
        Ok(field)
    }

    pub(super) fn has(self, number: i8) -> bool {
        u32::try_from(number)
            .is_ok_and(|number| self.bits.checked_shr(number).unwrap_or(0) & 1 == 1)
    }

    /// The numbers, ascending.
    pub(super) fn numbers(self) -> impl Iterator<Item = i8> + Clone {
        (0..64).filter(move |number| self.has(*number))
    }
}

impl Bounds {
    fn part(&self, part: &str) -> Result<Field, String> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(number(step)?)),
            None => (part, None),
        };
        let is_star = range == "*" || range == "?";
        let (first, last) = match range.split_once('-') {
            _ if is_star => (self.least, self.most),
            Some((first, last)) => (self.number(first)?, self.number(last)?),
            None if step.is_some() => (self.number(range)?, self.most),
            None => (self.number(range)?, self.number(range)?),
        };
        if first > last {
            return Err(format!("{first} is after {last}"));
        }
        let step = step.unwrap_or(1);
        if step == 0 {
            return Err("a step is at least 1".to_owned());
        }
        let chosen = (first..=last).step_by(usize::from(step));
        let chosen = chosen.map(|number| match self.again == Some(number) {
            true => self.least,
            false => number,
        });
        Ok(Field {
            bits: chosen.fold(0, |bits, number| bits | (1 << number)),
            is_star: is_star && step == 1,
        })
    }

    fn number(&self, text: &str) -> Result<u8, String> {
        let named = self.names.iter().zip(self.least..);
        let mut named = named.filter(|(name, _)| text.eq_ignore_ascii_case(name));
        if let Some((_, number)) = named.next() {
            return Ok(number);
        }
        let found = number(text)?;
        match (self.least..=self.most).contains(&found) || self.again == Some(found) {
            true => Ok(found),
            false => Err(format!(
                "{found} is not from {} to {}",
                self.least,
                self.again.unwrap_or(self.most)
            )),
        }
    }
}

/// Digits only: Rust's own parser would take "+1".
fn number(text: &str) -> Result<u8, String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = text.parse().ok().filter(|_| digits);
    parsed.ok_or_else(|| format!("{text:?} is no number that may stand there"))
}
