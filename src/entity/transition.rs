//! What an answer or a reading does to a change: the journal's table of transitions, as two functions without state.

use super::{
    answer::{Answer, ReadBack},
    job::{Change, ChangeState},
    status::Status,
    text::Text,
};

/// How often a change is sent before it counts as failed.
pub const ATTEMPTS: u32 = 5;

/// Where a change stands after the answer to the chunk that it was in, with the HTTP status and the reason if it was refused.
///
/// A refused chunk does not say which leak was at fault: every change of it becomes unknown with the code, and is read
/// before anything else is believed.
pub fn after_answer(answer: &Answer) -> (ChangeState, Option<u16>, Option<String>) {
    match answer {
        Answer::Accepted => (ChangeState::Accepted, None, None),
        Answer::NotSent(_) | Answer::RateLimited(_) | Answer::Unauthorised(_) => {
            (ChangeState::Pending, None, None)
        }
        Answer::Refused { status, error } => {
            (ChangeState::Unknown, Some(*status), Some(error.to_string()))
        }
        Answer::Unclear(error) => (ChangeState::Unknown, None, Some(error.to_string())),
    }
}

/// Where a change stands after it was read back. `word_means` is what the provider's status word means; `last` says
/// that no later reading follows.
pub fn after_reading(
    change: &Change,
    reading: &ReadBack,
    word_means: impl Fn(&Text) -> Status,
    last: bool,
) -> (ChangeState, Option<u16>, Option<String>) {
    let stay = (change.state, change.code, change.reason.clone());
    match reading {
        ReadBack::Word(word) => {
            let status = word_means(word);
            if status == change.wanted {
                return (ChangeState::Verified, None, None);
            }
            let as_before = Some(status) == change.before;
            match change.state {
                ChangeState::Accepted if as_before && !last => stay,
                ChangeState::Accepted if as_before => (
                    ChangeState::Contradicted,
                    None,
                    Some("the provider said yes, and reads as before".to_owned()),
                ),
                ChangeState::Unknown if as_before => match change.code {
                    Some(code) => (ChangeState::Failed, Some(code), change.reason.clone()),
                    None if change.attempts < ATTEMPTS => {
                        (ChangeState::Pending, None, change.reason.clone())
                    }
                    None => (
                        ChangeState::Failed,
                        None,
                        Some(format!("not applied after {ATTEMPTS} tries")),
                    ),
                },
                ChangeState::Accepted | ChangeState::Unknown => (
                    ChangeState::Contradicted,
                    None,
                    Some("reads as another status than was set".to_owned()),
                ),
                ChangeState::Pending
                | ChangeState::Inflight
                | ChangeState::Verified
                | ChangeState::Local
                | ChangeState::Refused
                | ChangeState::Contradicted
                | ChangeState::Drifted
                | ChangeState::Failed
                | ChangeState::Skipped
                | ChangeState::Cancelled
                | ChangeState::Unverifiable => stay,
            }
        }
        ReadBack::Gone { status } => (
            ChangeState::Refused,
            Some(*status),
            Some("no longer at the provider".to_owned()),
        ),
        ReadBack::Unread(error) if last => (
            ChangeState::Unverifiable,
            None,
            Some(format!("could not be read back: {error}")),
        ),
        ReadBack::Unread(_) => stay,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::{
        error::ProviderError,
        job::Place,
        key::{EntityKey, ProfileName},
    };

    fn change(state: ChangeState, attempts: u32, code: Option<u16>) -> Change {
        let key = EntityKey::leak(ProfileName::new("p").unwrap(), "a".into());
        Change {
            index: 0,
            key,
            before: Some(Status::Open),
            wanted: Status::Fixed,
            place: Place::Remote,
            state,
            attempts,
            code,
            reason: None,
        }
    }

    fn read(change: &Change, word: &str, last: bool) -> ChangeState {
        let means = |word: &Text| match word.as_str() {
            Some("fixed") => Status::Fixed,
            Some("open") => Status::Open,
            _ => Status::Unknown,
        };
        after_reading(change, &ReadBack::Word(word.into()), means, last).0
    }

    #[test]
    fn only_a_reading_verifies() {
        assert_eq!(after_answer(&Answer::Accepted).0, ChangeState::Accepted);
        assert_eq!(
            read(&change(ChangeState::Accepted, 1, None), "fixed", false),
            ChangeState::Verified
        );
        assert_eq!(
            read(&change(ChangeState::Unknown, 1, None), "fixed", false),
            ChangeState::Verified
        );
    }

    #[test]
    fn an_accepted_change_is_contradicted_only_by_the_last_reading() {
        assert_eq!(
            read(&change(ChangeState::Accepted, 1, None), "open", false),
            ChangeState::Accepted
        );
        assert_eq!(
            read(&change(ChangeState::Accepted, 1, None), "open", true),
            ChangeState::Contradicted
        );
        assert_eq!(
            read(&change(ChangeState::Accepted, 1, None), "NA", false),
            ChangeState::Contradicted
        );
    }

    #[test]
    fn an_unknown_change_is_sent_again_after_a_reading_and_only_five_times() {
        assert_eq!(
            read(&change(ChangeState::Unknown, 4, None), "open", false),
            ChangeState::Pending
        );
        assert_eq!(
            read(&change(ChangeState::Unknown, 5, None), "open", false),
            ChangeState::Failed
        );
    }

    #[test]
    fn an_open_leak_of_a_refused_chunk_fails_with_the_chunks_code() {
        let refused = change(ChangeState::Unknown, 1, Some(403));
        let (state, code, _) = after_reading(
            &refused,
            &ReadBack::Word("open".into()),
            |_| Status::Open,
            false,
        );
        assert_eq!((state, code), (ChangeState::Failed, Some(403)));
        assert_eq!(read(&refused, "fixed", false), ChangeState::Verified);
    }

    #[test]
    fn what_cannot_be_read_is_unverifiable_at_the_end_and_not_before() {
        let unread = ReadBack::Unread(ProviderError::Cancelled);
        assert_eq!(
            after_reading(
                &change(ChangeState::Accepted, 1, None),
                &unread,
                |_| Status::Open,
                false
            )
            .0,
            ChangeState::Accepted
        );
        assert_eq!(
            after_reading(
                &change(ChangeState::Accepted, 1, None),
                &unread,
                |_| Status::Open,
                true
            )
            .0,
            ChangeState::Unverifiable
        );
        let gone = ReadBack::Gone { status: 404 };
        assert_eq!(
            after_reading(
                &change(ChangeState::Unknown, 1, None),
                &gone,
                |_| Status::Open,
                false
            )
            .0,
            ChangeState::Refused
        );
    }
}
