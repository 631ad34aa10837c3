//! How long fixing takes, told without leaving out what is still open: the Kaplan-Meier estimate. Open spells are
//! censored, so that slow cases count as long as they last.

/// One observation: how long, in seconds, and whether it ended with a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observed {
    /// How long it was watched.
    pub seconds: i64,
    /// It ended with a fix; else it was censored.
    pub fixed: bool,
}

/// A step of the curve: from this time on, this share is not fixed yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The time, in seconds.
    pub seconds: i64,
    /// The share that is not fixed, from 1 to 0.
    pub open: f64,
}

/// The curve, by time. At one time fixes come before what is censored, as is usual.
pub fn curve(observed: &[Observed]) -> Vec<Step> {
    let mut order = observed.to_vec();
    order.sort_by_key(|one| (one.seconds, !one.fixed));
    let mut at_risk = order.len();
    let (mut open, mut steps) = (1.0, Vec::new());
    for same in order.chunk_by(|one, two| one.seconds == two.seconds) {
        let fixed = same.iter().filter(|one| one.fixed).count();
        if fixed > 0 {
            open *= (at_risk - fixed) as f64 / at_risk as f64;
            steps.push(Step {
                seconds: same[0].seconds,
                open,
            });
        }
        at_risk -= same.len();
    }
    steps
}

/// The smallest time at which at least this share is fixed; none where the curve stays above.
pub fn quantile(steps: &[Step], share: f64) -> Option<i64> {
    let reached = |step: &&Step| 1.0 - step.open >= share - 1e-12;
    steps.iter().find(reached).map(|step| step.seconds)
}

/// The median of what was fixed, open cases left out: it looks better the more slow cases stay open.
pub fn plain_median(observed: &[Observed]) -> Option<i64> {
    let fixed = observed.iter().filter(|one| one.fixed);
    let mut times: Vec<i64> = fixed.map(|one| one.seconds).collect();
    times.sort_unstable();
    let half = times.len().div_ceil(2).checked_sub(1)?;
    times.get(half).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_counts_and_a_curve_that_stays_above_is_not_reached() {
        let of = |seconds, fixed| Observed { seconds, fixed };
        let all = [
            of(1, true),
            of(2, false),
            of(3, true),
            of(4, true),
            of(9, false),
        ];
        let steps = curve(&all);
        let shares: Vec<f64> = steps.iter().map(|step| step.open).collect();
        assert!((shares[0] - 0.8).abs() < 1e-9);
        assert!((shares[1] - 0.8 * 2.0 / 3.0).abs() < 1e-9);
        assert!((shares[2] - 0.8 * 2.0 / 3.0 / 2.0).abs() < 1e-9);
        assert_eq!(quantile(&steps, 0.5), Some(4));
        assert_eq!(quantile(&steps, 0.9), None);
        assert_eq!(plain_median(&all), Some(3));
        assert_eq!((quantile(&[], 0.5), plain_median(&[])), (None, None));
    }
}
