//! The list of all views: one is opened, moved or, once that was answered, taken away.

use super::Views;
use crate::app::{effect::Effect, model::FeatureUpdate};
use crossterm::event::KeyCode;

impl Views {
    /// Opens the view at a place of the list.
    pub(in crate::app) fn choose(&mut self, update: &mut FeatureUpdate<'_>, at: usize) {
        if let Some(name) = self.saved.get(at).map(|view| view.name.clone()) {
            self.open(update, &name);
        }
    }

    /// Moves the view under the cursor, and the cursor with it.
    pub(in crate::app) fn move_view(
        &mut self,
        update: &mut FeatureUpdate<'_>,
        cursor: &mut usize,
        down: bool,
    ) -> Vec<Effect> {
        let (to, effects) = self.shift(update, *cursor, down);
        *cursor = to;
        effects
    }

    /// The answer to the question whether the view under the cursor shall go.
    pub(in crate::app) fn answered(
        &mut self,
        update: &mut FeatureUpdate<'_>,
        (cursor, asks): (&mut usize, &mut bool),
        key: KeyCode,
    ) -> Vec<Effect> {
        let yes = key == KeyCode::Char('y');
        let no = matches!(key, KeyCode::Char('n' | 'q') | KeyCode::Esc);
        let Some(name) = self.saved.get(*cursor).map(|view| view.name.clone()) else {
            return Vec::new();
        };
        let effects = if yes {
            self.delete(update, &name)
        } else {
            Vec::new()
        };
        if yes || no {
            *asks = false;
            *cursor = (*cursor).min(self.saved.len().saturating_sub(1));
        }
        effects
    }
}
