//! Keeps what a reading found: of everything, or of what has changed.

use super::{
    super::watch::Seen,
    {Catalogue, Work, locked},
};
use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

impl Work {
    /// Keeps what a reading of everything found, unless another was begun meanwhile.
    pub(super) fn keep(&self, generation: u64, found: Catalogue, seen: Seen) -> Arc<Catalogue> {
        let done = Arc::new(found);
        let mut state = locked(&self.state);
        if state.generation == generation {
            state.watch.read_all(seen);
            state.done = Some(Arc::clone(&done));
        }
        done
    }

    /// Takes what a reading of some files found into what is known. Of one that was called off nothing is kept.
    pub(super) fn keep_part(
        &self,
        generation: u64,
        found: Catalogue,
        seen: Seen,
        fresh: &BTreeSet<PathBuf>,
        is_stopped: bool,
    ) -> Arc<Catalogue> {
        let mut state = locked(&self.state);
        let before = state.done.take().unwrap_or_default();
        let done = if state.generation != generation || is_stopped {
            before
        } else {
            state.watch.read(seen);
            let mut all = Arc::unwrap_or_clone(before);
            all.take_in(found, fresh);
            Arc::new(all)
        };
        state.done = Some(Arc::clone(&done));
        done
    }
}
