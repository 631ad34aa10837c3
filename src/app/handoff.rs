//! `:handoff`: what happened on the shift and what is left to do, written to a new file. `stanch handoff` makes it, in a
//! process of its own beside the console.

use super::{
    effect::{Effect, ToolEffect},
    model::{Context, FeatureUpdate},
    notice::Severity,
    tour,
};
use std::sync::Arc;

/// How the name of its file begins.
const FILE_PREFIX: &str = "stanch-handoff-";

/// Starts it; without a file, in the directory of this session under a name with the time.
pub(super) fn command(update: &mut FeatureUpdate<'_>, file: &str) -> Vec<Effect> {
    let context = update.context;
    if tour::can_be_done(context) {
        let why = "a handoff is about configured accounts, and the demo has none";
        update.notify(Severity::Info, why, None);
        return Vec::new();
    }
    let Some(mut words) = context.setup.own_program.clone() else {
        let why = "this program cannot be started a second time";
        let hint = Some("stanch handoff makes it on the command line".to_owned());
        update.notify(Severity::Error, why, hint);
        return Vec::new();
    };
    let file = if file.is_empty() {
        default_file(context)
    } else {
        file.to_owned()
    };
    words.extend(["handoff".to_owned(), format!("--output={file}")]);
    update.notify(Severity::Info, "the handoff is being made", None);
    vec![Effect::Tools(ToolEffect::Run {
        name: "handoff".to_owned(),
        words,
        leaks: Arc::default(),
        audited: false,
    })]
}

fn default_file(context: Context<'_>) -> String {
    let time = context.now.wall.to_zoned(context.setup.zone.clone());
    let name = format!("{FILE_PREFIX}{}.md", time.strftime("%Y%m%d-%H%M%S"));
    let path = context.setup.directory.join(name);
    path.to_string_lossy().into_owned()
}
