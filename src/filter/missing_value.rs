//! What a filter leaves out for want of a value: a comparison says nothing of what has none.

use super::{DateRanges, Expression, Filter, Term};

impl Filter {
    /// The leaks that have no value for a comparison of this filter, and those of them that it takes once the missing
    /// values are left open. Nothing where it compares nothing.
    pub fn missing_value_filters(&self) -> Option<(Filter, Filter)> {
        let mut missing = Vec::new();
        let mut open: Vec<Expression> = self
            .conditions
            .iter()
            .map(|part| part.with_missing_values(&mut missing))
            .collect();
        if missing.is_empty() {
            return None;
        }
        let made = |all| Filter {
            text: String::new(),
            conditions: all,
            now: self.now,
        };
        open.push(Expression::Not(Box::new(Expression::All(
            self.conditions.clone(),
        ))));
        Some((made(vec![Expression::Any(missing)]), made(open)))
    }
}

impl Expression {
    /// The same, with what has no value for a comparison taken in; notes how that is asked for. Below *not*, what has no
    /// value is taken anyway.
    fn with_missing_values(&self, missing: &mut Vec<Expression>) -> Self {
        match self {
            Self::Term(term) => match term.missing_value_term() {
                Some(lack) => {
                    missing.push(Self::Term(lack.clone()));
                    Self::Any(vec![self.clone(), Self::Term(lack)])
                }
                None => self.clone(),
            },
            Self::All(parts) => Self::All(
                parts
                    .iter()
                    .map(|part| part.with_missing_values(missing))
                    .collect(),
            ),
            Self::Any(parts) => Self::Any(
                parts
                    .iter()
                    .map(|part| part.with_missing_values(missing))
                    .collect(),
            ),
            Self::Not(_) => self.clone(),
        }
    }
}

impl Term {
    /// What asks for the lack of a value that this compares; nothing where it compares none or takes that too.
    fn missing_value_term(&self) -> Option<Self> {
        let undated = |field| {
            let moments = DateRanges {
                missing: true,
                ..DateRanges::default()
            };
            Self::Date(field, moments)
        };
        match self {
            Self::Date(field, moments) if !moments.missing && !moments.ranges.is_empty() => {
                Some(undated(*field))
            }
            Self::Age(age) => Some(undated(age.field())),
            Self::Risk(set) if set.is_comparison() => {
                Some(Self::Risk(super::RiskSet::default().with(None)))
            }
            _ => None,
        }
    }
}
