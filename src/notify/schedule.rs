//! When something is tried again, and when a channel may be told next.

/// Seconds after which an address is tried again, by the number of attempts that were made; each is varied by a fifth.
const DELAYS: [u64; 10] = [
    5,
    60,
    5 * 60,
    30 * 60,
    2 * 3600,
    5 * 3600,
    10 * 3600,
    14 * 3600,
    20 * 3600,
    24 * 3600,
];

/// The delays of the first attempts where only one round is made, in seconds: three attempts within thirty seconds.
const SOON: [u64; 2] = [2, 8];

/// The longest wait that an answer may ask for, in seconds.
const LONGEST_WAIT: u64 = 24 * 3600;

/// A program is tried so often.
const HOOK_TRIES: u32 = 3;

/// Seconds until the next attempt at an address after `tries`; none where there is no other. `part` is a random number
/// from 0 to 1.
pub fn webhook(tries: u32, asked: Option<u64>, part: f64) -> Option<u64> {
    let index = usize::try_from(tries)
        .unwrap_or(usize::MAX)
        .checked_sub(1)?;
    let delay = *DELAYS.get(index)?;
    let varied = (delay as f64 * (0.8 + 0.4 * part)).round() as u64;
    Some(varied.max(asked.unwrap_or(0).min(LONGEST_WAIT)))
}

/// The same for the attempts that one round makes.
pub fn soon(tries: u32, asked: Option<u64>) -> Option<u64> {
    let index = usize::try_from(tries)
        .unwrap_or(usize::MAX)
        .checked_sub(1)?;
    let delay = *SOON.get(index)?;
    asked.is_none_or(|asked| asked <= delay).then_some(delay)
}

/// Whether a program is tried again after `tries`.
pub fn is_hook_over(tries: u32) -> bool {
    tries >= HOOK_TRIES
}

/// The moment from which a channel may be told, given when it was told in the last hour: once in `gap` and `most` times an
/// hour. All in seconds.
pub fn next(told: &[i64], now: i64, gap: i64, most: u32) -> i64 {
    let after_gap = told
        .iter()
        .max()
        .map_or(now, |last| last.saturating_add(gap));
    let mut hour: Vec<i64> = told.iter().copied().filter(|at| *at > now - 3600).collect();
    hour.sort_unstable();
    let most = usize::try_from(most).unwrap_or(usize::MAX).max(1);
    let after_hour = if hour.len() >= most {
        hour[hour.len() - most].saturating_add(3600)
    } else {
        now
    };
    after_gap.max(after_hour).max(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eleven_attempts_each_within_a_fifth_of_its_time() {
        assert_eq!(webhook(1, None, 0.0), Some(4));
        assert_eq!(webhook(1, None, 1.0), Some(6));
        assert_eq!(webhook(2, None, 0.5), Some(60));
        assert_eq!(webhook(10, None, 0.5), Some(86_400));
        assert_eq!(webhook(11, None, 0.5), None);
        assert_eq!(webhook(1, Some(120), 0.5), Some(120));
        assert_eq!(webhook(1, Some(u64::MAX), 0.5), Some(86_400));
        assert_eq!(
            (soon(1, None), soon(2, None), soon(3, None)),
            (Some(2), Some(8), None)
        );
        assert_eq!(soon(1, Some(120)), None);
        assert!(!is_hook_over(2) && is_hook_over(3));
    }

    #[test]
    fn a_channel_is_told_once_in_its_gap_and_so_often_an_hour() {
        assert_eq!(next(&[], 1_000, 300, 12), 1_000);
        assert_eq!(next(&[900], 1_000, 300, 12), 1_200);
        assert_eq!(next(&[100], 1_000, 300, 12), 1_000);
        let told: Vec<i64> = (0..12).map(|n| 10_000 + n).collect();
        assert_eq!(next(&told, 11_000, 0, 12), 13_600);
        assert_eq!(next(&told, 13_601, 0, 12), 13_601);
        assert_eq!(next(&[10_000], 10_000, 0, 12), 10_000);
    }
}
