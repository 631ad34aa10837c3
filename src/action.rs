//! Every bindable intent, one row each: its help, the word in the footer, and what it needs. A variant's doc comment is
//! its help text; `assets/keymap.toml` binds it. The help overlay, the footer, the palette and the guide's key table are
//! made from these two; whether an action can be done now, and which rows must be ready for it, from
//! its [`Requirement`].

mod requirement;

pub use requirement::{Focus, OverlayPolicy, Requirement, Rows, Rule, Target};

/// Declares [`Action`] so that each doc comment is help text too. A row without a label does not compile; what else it
/// leaves out is as in [`Requirement::DEFAULT`].
macro_rules! actions {
    ($($category:ident { $(#[doc = $help:literal] $name:ident = $label:literal $({ $($member:ident: $value:ident),* })?,)+ })+) => {
        /// What an operator can ask for with a key or from the palette.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum::EnumIter, strum::EnumString, strum::Display, strum::IntoStaticStr)]
        #[strum(serialize_all = "kebab-case")]
        pub enum Action { $($(#[doc = $help] $name,)+)+ }

        impl Action {
            /// One line of help.
            pub fn help(self) -> &'static str {
                match self { $($(Self::$name => $help.trim_ascii(),)+)+ }
            }

            /// The word in the footer, behind the key.
            pub fn label(self) -> &'static str {
                ROWS[self as usize].0
            }

            /// What it needs before it acts.
            pub fn requirement(self) -> Requirement {
                ROWS[self as usize].1
            }

            /// Where help lists it.
            pub fn category(self) -> Category {
                match self { $($(Self::$name)|+ => Category::$category,)+ }
            }
        }

        /// The label and the requirement of every action, in their order.
        const ROWS: &[(&str, Requirement)] = &[
            $($(($label, Requirement {
                $($($member: actions!(@$member $value),)*)?
                ..Requirement::DEFAULT
            }),)+)+
        ];
    };
    (@rows $value:ident) => { Rows::$value };
    (@focus $value:ident) => { Focus::$value };
    (@target $value:ident) => { Target::$value };
    (@rule $value:ident) => { Rule::$value };
    (@overlay_policy $value:ident) => { OverlayPolicy::$value };
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
        Down = "down" { rows: Screen, overlay_policy: Motion },
        /// Move up.
        Up = "up" { rows: Screen, overlay_policy: Motion },
        /// Go to the first row.
        Top = "top" { rows: Found, overlay_policy: Motion },
        /// Go to the last row.
        Bottom = "bottom" { overlay_policy: Motion },
        /// Move down half a page.
        HalfPageDown = "half a page down" { rows: Screen, overlay_policy: Motion },
        /// Move up half a page.
        HalfPageUp = "half a page up" { rows: Screen, overlay_policy: Motion },
        /// Move down a page.
        PageDown = "page down" { rows: Screen, overlay_policy: Motion },
        /// Move up a page.
        PageUp = "page up" { rows: Screen, overlay_policy: Motion },
    }
    Panes {
        /// Focus the next pane.
        NextPane = "next pane",
        /// Focus the previous pane.
        PreviousPane = "previous pane",
        /// Focus the pane to the left.
        PaneLeft = "pane to the left",
        /// Focus the pane to the right.
        PaneRight = "pane to the right",
        /// Focus the domains.
        FocusDomains = "domains",
        /// Focus the users.
        FocusUsers = "users",
        /// Focus the leaks.
        FocusLeaks = "leaks",
        /// Focus the connections of the leak; again: all connections.
        FocusConnections = "connections",
        /// Focus the jobs.
        FocusJobs = "jobs",
        /// Drill down into the row: its leaks, its connections, its changes.
        Drill = "drill",
        /// Show the record of the leak, the user or the connection, with its history.
        Inspect = "inspect",
        /// Go back one step: overlay, prompt, range, load, filter, drill-down, marks.
        Back = "back" { rows: Found, focus: Anywhere, overlay_policy: Overlays },
        /// Go to the earlier view.
        HistoryBack = "earlier view",
        /// Go to the later view.
        HistoryForward = "later view",
        /// Show or hide the detail.
        ToggleDetail = "detail" { rows: Screen },
        /// Give the pane the whole screen, or give it back.
        FullScreen = "full screen" { rows: Found },
        /// Scroll the detail with the keys that move; again, or any other key, gives the focus back.
        FocusDetail = "scroll the detail" { rows: Screen },
        /// Put a cursor on the columns of the leaks, or take it away.
        ColumnCursor = "column cursor" { rows: Screen, focus: UngroupedLeaks },
        /// Move the column cursor to the left.
        ColumnLeft = "column to the left" { rows: Screen, focus: UngroupedLeaks },
        /// Move the column cursor to the right.
        ColumnRight = "column to the right" { rows: Screen, focus: UngroupedLeaks },
    }
    Marks {
        /// Mark or unmark, and move down.
        ToggleMark = "mark" { rows: All, focus: EntityPane },
        /// Mark a range: move, then press it again.
        RangeMark = "mark a range" { focus: UngroupedLeaks },
        /// Unmark a range: move, then press it again.
        RangeUnmark = "unmark a range" { focus: UngroupedLeaks },
        /// Mark everything that the filter shows.
        MarkAll = "mark all" { rows: All, focus: EntityPane },
        /// Mark what is not, unmark what is, within the filter.
        InvertMarks = "invert marks" { rows: All, focus: EntityPane },
        /// Mark what matches a filter that you type.
        MarkPattern = "mark by filter" { focus: EntityPane },
        /// Unmark what matches a filter that you type.
        UnmarkPattern = "unmark by filter" { focus: EntityPane },
        /// Mark leaks with the same user.
        MarkSameUser = "same user" { focus: UngroupedLeaks },
        /// Mark leaks under the same domain.
        MarkSameDomain = "same domain" { focus: UngroupedLeaks },
        /// Mark leaks of the same machine.
        MarkSameHost = "same machine" { focus: UngroupedLeaks },
        /// Mark leaks for the same site.
        MarkSameUrl = "same site" { focus: UngroupedLeaks },
        /// Mark leaks with the same status.
        MarkSameStatus = "same status" { focus: UngroupedLeaks },
        /// Mark leaks of the same country.
        MarkSameCountry = "same country" { focus: UngroupedLeaks },
        /// Mark leaks with the same as the cell under the column cursor.
        CellMark = "mark same" { rows: All, focus: UngroupedLeaks },
        /// Mark the last set of marks again.
        RemarkLast = "restore marks",
        /// Show marked leaks only, or all again.
        ShowMarked = "marked only",
        /// Clear all marks.
        ClearMarks = "clear marks",
    }
    Filter {
        /// Narrow as you type.
        Filter = "filter" { rows: Screen, focus: FilteredPane },
        /// Clear the filter.
        ClearFilter = "clear filter" { rows: Found, focus: FilteredPane },
        /// Show only leaks with the same as the cell under the column cursor.
        CellOnly = "only this" { rows: Screen, focus: UngroupedLeaks },
        /// Show no leak with the same as the cell under the column cursor.
        CellWithout = "without this" { rows: Screen, focus: UngroupedLeaks },
        /// Sort by the column under the column cursor; again: the other way round.
        CellSort = "sort by this" { rows: All, focus: UngroupedLeaks },
        /// Count the values of the column under the column cursor.
        CellCount = "count by this" { rows: All, focus: UngroupedLeaks },
        /// Sort by the date of the leak.
        SortSeen = "by date" { rows: All },
        /// Sort by the date it was added.
        SortAdded = "by date added" { rows: All },
        /// Sort by login or name.
        SortLogin = "by login" { rows: All },
        /// Sort by domain.
        SortDomain = "by domain" { rows: All },
        /// Sort by URL.
        SortUrl = "by URL" { rows: All },
        /// Sort by status.
        SortStatus = "by status" { rows: All },
        /// Sort by machine.
        SortHost = "by machine" { rows: All },
        /// Sort by country.
        SortCountry = "by country" { rows: All },
        /// Sort by risk.
        SortRisk = "by risk",
        /// Sort by number of leaks.
        SortLeaks = "by leaks",
        /// Then by the date of the leak: a further sort key.
        ThenSeen = "then by date" { focus: SortedLeaks },
        /// Then by the date it was added.
        ThenAdded = "then by date added" { focus: SortedLeaks },
        /// Then by login.
        ThenLogin = "then by login" { focus: SortedLeaks },
        /// Then by domain.
        ThenDomain = "then by domain" { focus: SortedLeaks },
        /// Then by URL.
        ThenUrl = "then by URL" { focus: SortedLeaks },
        /// Then by status.
        ThenStatus = "then by status" { focus: SortedLeaks },
        /// Then by machine.
        ThenHost = "then by machine" { focus: SortedLeaks },
        /// Then by country.
        ThenCountry = "then by country" { focus: SortedLeaks },
        /// Then by risk.
        ThenRisk = "then by risk" { focus: SortedLeaks },
        /// Reverse the sort.
        ReverseSort = "reverse" { rows: All, focus: FilteredPane },
        /// Group the leaks by user.
        GroupUser = "group by user" { focus: LeaksPane },
        /// Group the leaks by domain.
        GroupDomain = "group by domain" { focus: LeaksPane },
        /// Group the leaks by the site that the login is for.
        GroupHost = "group by site" { focus: LeaksPane },
        /// Group the leaks by infected machine.
        GroupDevice = "group by machine" { focus: LeaksPane },
        /// Group the leaks by the machine's country.
        GroupCountry = "group by country" { focus: LeaksPane },
        /// Group the leaks by provider.
        GroupSource = "group by provider" { focus: LeaksPane },
        /// Group the leaks by credential: the same login and password, wherever it was seen.
        GroupCredential = "group by credential" { focus: LeaksPane },
        /// Show the leaks one by one again.
        GroupNone = "one by one",
    }
    Views {
        /// Show the saved view before this one.
        PreviousView = "previous view",
        /// Show the next saved view.
        NextView = "next view",
        /// Show what is new since you left, what came back first; again: go back.
        SinceLeft = "since I left" { rows: All },
        /// Say that you have looked at all of it; :seen undo takes that back.
        NewsSeen = "all seen",
        /// List the saved views.
        Views = "views",
        /// Show what the leaks in view have in common, and when they were seen.
        Facets = "facets",
        /// Choose the pane's columns, their order and their widths.
        Columns = "columns" { focus: ColumnsPane },
        /// Make a column narrower: in the list the one that it is sorted by, else the first.
        Narrower = "narrower" { focus: ColumnsPane },
        /// Make it wider.
        Wider = "wider" { focus: ColumnsPane },
        /// Open the view; filter to the value, or no longer; close the columns.
        Choose = "open" { focus: List },
        /// Move the view or the column up.
        MoveUp = "move up" { focus: List },
        /// Move the view or the column down.
        MoveDown = "move down" { focus: List },
        /// Show the column, or hide it.
        ToggleColumn = "show, hide" { focus: List },
        /// Bring the columns back that there were at first.
        RestoreColumns = "reset columns" { focus: List },
        /// Delete the view; asks first.
        Remove = "delete" { focus: List },
    }
    Change {
        /// Mark fixed: opens the plan.
        MarkFixed = "fix" { rows: All, focus: EntityPane, target: Leaks, rule: Write },
        /// Reopen: opens the plan.
        Reopen = "reopen" { rows: All, focus: EntityPane, target: Leaks, rule: Write },
        /// Set new: opens the plan.
        SetNew = "set new" { rows: All, focus: EntityPane, target: Leaks, rule: Write },
        /// Set investigating: opens the plan.
        SetInvestigating = "investigate" { rows: All, focus: EntityPane, target: Leaks, rule: Write },
        /// Set fixed: opens the plan.
        SetFixed = "set fixed" { rows: All, focus: EntityPane, target: Leaks, rule: Write },
        /// Set false positive: opens the plan.
        SetFalsePositive = "false positive" { rows: All, focus: EntityPane, target: Leaks, rule: Write },
        /// Do the last change again, on what is marked now: opens the plan.
        RepeatLast = "repeat" { rows: All, focus: EntityPane, target: Leaks, rule: Write },
        /// Claim for eight hours; again: give it back.
        Claim = "claim" { focus: EntityPane, target: Leaks, rule: Journal },
        /// Claim it also where another has claimed it.
        TakeOver = "take over" { focus: EntityPane, target: Leaks, rule: Journal },
        /// Write a note on the leaks; no status changes.
        AddNote = "note" { focus: EntityPane, target: Leaks, rule: Journal },
        /// Forbid or allow writes in this console.
        ToggleWriteLock = "lock writes" { overlay_policy: Overlays },
    }
    Plan {
        /// Apply the plan.
        PlanApply = "apply" { rows: All, focus: Plan },
        /// Cancel the plan.
        PlanCancel = "cancel" { rows: All, focus: Plan },
        /// Drop what the filter hides from the plan.
        PlanVisibleOnly = "visible only" { rows: All, focus: Plan },
        /// Take in what is closed as something else, or leave it alone again.
        PlanIncludeClosed = "include closed" { rows: All, focus: Plan },
        /// Accept that a provider stores the status as another one.
        PlanAcceptLossy = "accept difference" { rows: All, focus: Plan },
        /// Say the reason; it is kept with each leak.
        PlanReason = "reason" { rows: All, focus: Plan },
        /// Leave a note; it is kept with each leak.
        PlanNote = "note" { rows: All, focus: Plan },
        /// Name the ticket; it is kept with each leak.
        PlanTicket = "ticket" { rows: All, focus: Plan },
    }
    Jobs {
        /// Pause the job, or let it go on.
        JobPause = "pause, resume" { focus: Job, target: Job, rule: JobControl },
        /// Cancel what of the job was not sent.
        JobCancel = "cancel" { focus: Job, target: Job, rule: JobControl },
        /// Try again what failed: opens the plan.
        JobRetry = "retry" { focus: Job, target: Job, rule: Write },
        /// Undo the job: opens the plan.
        JobUndo = "undo" { focus: Job, target: Job, rule: Write },
        /// Redo what was undone: opens the plan.
        JobRedo = "redo" { focus: Job, target: Job, rule: Write },
    }
    Output {
        /// Copy the id.
        CopyId = "copy id",
        /// Copy the user.
        CopyUser = "copy user",
        /// Copy the name of the machine.
        CopyHost = "copy machine",
        /// Copy the row, without its secret.
        CopyRow = "copy row" { focus: UngroupedLeaks },
        /// Copy the field under the cursor.
        CopyField = "copy field" { focus: List },
        /// Copy the cell under the column cursor.
        CopyCell = "copy cell" { focus: UngroupedLeaks },
        /// Copy the keys of what is marked.
        CopyMarked = "copy keys",
        /// Copy the command line that does the same.
        CopyCommand = "copy command",
        /// Copy the secret, where the policy allows it.
        CopySecret = "copy secret" { focus: UngroupedLeaks, target: Leak, rule: CopySecret },
        /// Give what is marked to a program, as JSON Lines without secrets.
        Pipe = "pipe" { focus: EntityPane, target: Leaks },
        /// Export the view or the marks to a file.
        Export = "export",
        /// Write a bundle of evidence about the marks or the job.
        Evidence = "evidence",
    }
    Secrets {
        /// Reveal this secret for ten seconds.
        Reveal = "reveal" { focus: UngroupedLeaks, target: Leak, rule: Reveal },
        /// Mask every secret.
        MaskAll = "mask" { rows: None, overlay_policy: Overlays },
    }
    Program {
        /// Load this pane again.
        Refresh = "reload",
        /// Load everything again.
        RefreshAll = "reload all",
        /// Draw the screen again.
        Redraw = "redraw" { rows: None, focus: Anywhere, overlay_policy: Always },
        /// Show what went wrong, in full.
        ShowError = "messages" { overlay_policy: Overlays },
        /// Show what this session has sent to the terminal, by key.
        Bytes = "bytes sent" { overlay_policy: Overlays },
        /// Open the command palette.
        Palette = "commands" { rows: None },
        /// Show the keys that work here.
        Help = "help" { rows: None, focus: Anywhere, overlay_policy: Always },
        /// Suspend to the shell.
        Suspend = "suspend" { rows: None, focus: Anywhere, overlay_policy: Always },
        /// Cancel a prompt; twice at the top, quit.
        Interrupt = "cancel" { rows: None, focus: Anywhere, overlay_policy: Always },
        /// Quit, or close what lies above.
        Quit = "quit" { rows: None, focus: Anywhere, overlay_policy: Overlays },
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
            assert!(!action.label().is_empty(), "{action}");
            assert_eq!(action.to_string().parse::<Action>(), Ok(action));
        }
    }
}
