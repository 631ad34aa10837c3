//! `stanch keys`: the keys that are in force, and the block of the guide that lists the built-in ones.

use super::{context::CommandContext, exit::ExitCode, output::Column};
use crate::{
    config::{
        keymap::Keymap,
        keymap_table::{self, BEGIN, END},
    },
    entity::visible::{Visible, escape},
};

/// `stanch keys`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// Print the built-in keys as the guide's block.
    #[arg(long)]
    pub markdown: bool,
}

/// Prints the keys.
pub fn run(session: &mut CommandContext, arguments: &Arguments) -> ExitCode {
    if arguments.markdown {
        let table = keymap_table::markdown(&Keymap::builtin());
        session.output.text(&format!("{BEGIN}\n{table}{END}\n"));
        return ExitCode::Done;
    }
    let keymap = session.config().keymap;
    let rows: Vec<Vec<Visible>> = keymap_table::key_lines(&keymap)
        .into_iter()
        .map(|(_, keys, action)| {
            [&keys.join(" "), &action.to_string(), action.help()]
                .map(|cell| escape(cell.as_bytes()))
                .to_vec()
        })
        .collect();
    let columns = [
        Column::uncut("KEYS"),
        Column::uncut("ACTION"),
        Column::uncut("WHAT IT DOES"),
    ];
    session.output.table(&columns, &rows);
    ExitCode::Done
}
