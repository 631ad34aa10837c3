//! Every bindable intent. A variant's doc comment is its help text; `assets/keymap.toml` binds it; the help overlay,
//! the footer, the palette and the README's key table are made from these two.

/// Declares [`Action`] so that each doc comment is help text too.
macro_rules! actions {
    ($($category:ident { $(#[doc = $help:literal] $name:ident,)+ })+) => {
        /// What an operator can ask for with a key or from the palette.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum::EnumIter, strum::EnumString, strum::Display, strum::IntoStaticStr)]
        #[strum(serialize_all = "kebab-case")]
        pub enum Action { $($(#[doc = $help] $name,)+)+ }

        impl Action {
            /// One line of help.
            pub fn help(self) -> &'static str {
                match self { $($(Self::$name => $help.trim_ascii(),)+)+ }
            }

            /// Where help lists it.
            pub fn category(self) -> Category {
                match self { $($(Self::$name)|+ => Category::$category,)+ }
            }
        }
    };
}

/// The chapters of help, in order.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum::EnumIter, strum::Display,
)]
pub enum Category {
    /// Moving the cursor.
    Motion,
    /// Choosing and arranging panes.
    Panes,
    /// Marking leaks.
    Marks,
    /// Narrowing and ordering.
    Filter,
    /// What is kept of that, columns, and pictures.
    Views,
    /// Changing leaks.
    Change,
    /// The overlay that shows a plan.
    Plan,
    /// What was changed together.
    Jobs,
    /// Getting things out.
    Output,
    /// Secrets.
    Secrets,
    /// The program itself.
    Program,
}

actions! {
    Motion {
        /// Move down.
        Down,
        /// Move up.
        Up,
        /// Go to the first row.
        Top,
        /// Go to the last row.
        Bottom,
        /// Move down half a page.
        HalfPageDown,
        /// Move up half a page.
        HalfPageUp,
        /// Move down a page.
        PageDown,
        /// Move up a page.
        PageUp,
    }
    Panes {
        /// Focus the next pane.
        NextPane,
        /// Focus the previous pane.
        PreviousPane,
        /// Focus the pane to the left.
        PaneLeft,
        /// Focus the pane to the right.
        PaneRight,
        /// Focus the domains.
        FocusDomains,
        /// Focus the users.
        FocusUsers,
        /// Focus the leaks.
        FocusLeaks,
        /// Focus the connections.
        FocusConnections,
        /// Focus the jobs.
        FocusJobs,
        /// Drill down into the row: its leaks, its connections, its changes.
        Drill,
        /// Show everything that is known of the person or the connection, files and all.
        Inspect,
        /// Go back one step: overlay, prompt, range, load, filter, drill-down, marks.
        Back,
        /// Go to the earlier view.
        HistoryBack,
        /// Go to the later view.
        HistoryForward,
        /// Show or hide the detail.
        ToggleDetail,
        /// Give the pane the whole screen, or give it back.
        FullScreen,
    }
    Marks {
        /// Mark or unmark, and move down.
        ToggleMark,
        /// Mark a range: move, then press it again.
        RangeMark,
        /// Unmark a range: move, then press it again.
        RangeUnmark,
        /// Mark everything that the filter shows.
        MarkAll,
        /// Mark what is not, unmark what is, within the filter.
        InvertMarks,
        /// Mark what matches a filter that you type.
        MarkPattern,
        /// Unmark what matches a filter that you type.
        UnmarkPattern,
        /// Mark leaks with the same user.
        MarkSameUser,
        /// Mark leaks under the same domain.
        MarkSameDomain,
        /// Mark leaks of the same machine.
        MarkSameHost,
        /// Mark leaks with the same URL host.
        MarkSameUrl,
        /// Mark leaks with the same status.
        MarkSameStatus,
        /// Mark leaks of the same country.
        MarkSameCountry,
        /// Mark the last set of marks again.
        RemarkLast,
        /// Show marked leaks only, or all again.
        ShowMarked,
        /// Clear all marks.
        ClearMarks,
    }
    Filter {
        /// Narrow as you type.
        Filter,
        /// Clear the filter.
        ClearFilter,
        /// Sort by the date of the leak.
        SortSeen,
        /// Sort by the date it was added.
        SortAdded,
        /// Sort by login or name.
        SortLogin,
        /// Sort by domain.
        SortDomain,
        /// Sort by URL.
        SortUrl,
        /// Sort by status.
        SortStatus,
        /// Sort by host name.
        SortHost,
        /// Sort by country.
        SortCountry,
        /// Sort by risk.
        SortRisk,
        /// Sort by number of leaks.
        SortLeaks,
        /// Then by the date of the leak: a further sort key.
        ThenSeen,
        /// Then by the date it was added.
        ThenAdded,
        /// Then by login.
        ThenLogin,
        /// Then by domain.
        ThenDomain,
        /// Then by URL.
        ThenUrl,
        /// Then by status.
        ThenStatus,
        /// Then by host name.
        ThenHost,
        /// Then by country.
        ThenCountry,
        /// Then by risk.
        ThenRisk,
        /// Reverse the sort.
        ReverseSort,
        /// Gather the leaks by person.
        GroupUser,
        /// Gather the leaks by domain.
        GroupDomain,
        /// Gather the leaks by the host that the login is for.
        GroupHost,
        /// Gather the leaks by infected machine.
        GroupDevice,
        /// Gather the leaks by the machine's country.
        GroupCountry,
        /// Gather the leaks by provider.
        GroupSource,
        /// Gather the leaks by credential: the same login and password, wherever it was seen.
        GroupCredential,
        /// Show the leaks one by one again.
        GroupNone,
    }
    Views {
        /// Show the saved view before this one.
        PreviousView,
        /// Show the next saved view.
        NextView,
        /// List the saved views.
        Views,
        /// Show what the leaks in view have in common, and when they were seen.
        Facets,
        /// Choose the pane's columns, their order and their widths.
        Columns,
        /// Make a column narrower: in the list the one that it is sorted by, else the first.
        Narrower,
        /// Make it wider.
        Wider,
        /// Open the view; narrow to the value, or no longer; close the columns.
        Choose,
        /// Move the view or the column up.
        MoveUp,
        /// Move the view or the column down.
        MoveDown,
        /// Show the column, or hide it.
        ToggleColumn,
        /// Bring the columns back that there were at first.
        RestoreColumns,
        /// Delete the view; asks first.
        Remove,
    }
    Change {
        /// Mark fixed: opens the plan.
        MarkFixed,
        /// Reopen: opens the plan.
        Reopen,
        /// Set new: opens the plan.
        SetNew,
        /// Set investigating: opens the plan.
        SetInvestigating,
        /// Set fixed: opens the plan.
        SetFixed,
        /// Set false positive: opens the plan.
        SetFalsePositive,
        /// Claim for eight hours; again: give it back.
        Claim,
        /// Claim it also where another has claimed it.
        TakeOver,
        /// Forbid or allow writes in this console.
        ToggleWriteLock,
    }
    Plan {
        /// Apply the plan.
        PlanApply,
        /// Cancel the plan.
        PlanCancel,
        /// Drop what the filter hides from the plan.
        PlanVisibleOnly,
        /// Take in what is closed as something else, or leave it alone again.
        PlanIncludeClosed,
        /// Accept that a provider stores the status as another one.
        PlanAcceptLossy,
        /// Say the reason; it is kept with each leak.
        PlanReason,
        /// Leave a note; it is kept with each leak.
        PlanNote,
        /// Name the ticket; it is kept with each leak.
        PlanTicket,
    }
    Jobs {
        /// Pause the job, or let it go on.
        JobPause,
        /// Cancel what of the job was not sent.
        JobCancel,
        /// Try again what failed: opens the plan.
        JobRetry,
        /// Undo the job: opens the plan.
        JobUndo,
        /// Redo what was undone: opens the plan.
        JobRedo,
    }
    Output {
        /// Copy the id.
        CopyId,
        /// Copy the user.
        CopyUser,
        /// Copy the host.
        CopyHost,
        /// Copy the row, without its secret.
        CopyRow,
        /// Copy the keys of what is marked.
        CopyMarked,
        /// Copy the command line that does the same.
        CopyCommand,
        /// Copy the secret, where the policy allows it.
        CopySecret,
        /// Export the view or the marks to a file.
        Export,
        /// Write a bundle of evidence about the marks or the job.
        Evidence,
    }
    Secrets {
        /// Reveal this secret for ten seconds.
        Reveal,
        /// Mask every secret.
        MaskAll,
    }
    Program {
        /// Load this pane again.
        Refresh,
        /// Load everything again.
        RefreshAll,
        /// Draw the screen again.
        Redraw,
        /// Show what went wrong, in full.
        ShowError,
        /// Show what this session has sent to the terminal, by key.
        Bytes,
        /// Open the command palette.
        Palette,
        /// Show the keys that work here.
        Help,
        /// Suspend to the shell.
        Suspend,
        /// Cancel a prompt; twice at the top, quit.
        Interrupt,
        /// Quit, or close what lies above.
        Quit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator;

    #[test]
    fn every_action_has_a_sentence_and_reads_back_from_its_name() {
        for action in Action::iter() {
            assert!(action.help().ends_with('.'), "{action}");
            assert_eq!(action.to_string().parse::<Action>(), Ok(action));
        }
    }
}
