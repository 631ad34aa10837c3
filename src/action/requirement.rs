//! What an action needs: the rows that must be ready, where the operator must be, what it acts on, which rule may forbid
//! it, and whether it works while something lies above the panes.

/// What an action needs before it acts. Whether that is there now is for the console to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The rows of the leaks that must be ready.
    pub rows: Rows,
    /// Where the operator must be.
    pub focus: Focus,
    /// What there must be to act on.
    pub target: Target,
    /// The rule that may forbid it.
    pub rule: Rule,
    /// Whether it works while something lies above the panes.
    pub overlay_policy: OverlayPolicy,
}

impl Requirement {
    /// What an action needs whose row says nothing else: any pane, nothing above it, and all rows in order. That is the
    /// most that can be asked of the rows: a row that forgets to say less is slow, not wrong.
    pub const DEFAULT: Self = Self {
        rows: Rows::Ordered,
        focus: Focus::Pane,
        target: Target::None,
        rule: Rule::None,
        overlay_policy: OverlayPolicy::Never,
    };
}

/// The rows of the leaks that must be ready before an action acts, while a search or a sort of many is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// None: it looks at no leak.
    None,
    /// Those on the screen and around it, which always are.
    Screen,
    /// Those that were found so far, in order.
    Found,
    /// Every row that the filter takes, in any order.
    All,
    /// Every row that the filter takes, in order.
    Ordered,
}

/// Where the operator must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// Anywhere, also on the first-run screen, which has no panes.
    Anywhere,
    /// In any pane.
    Pane,
    /// In a pane whose rows are leaks or stand for leaks: not in the jobs.
    EntityPane,
    /// In a pane that is filtered and sorted: not in the jobs.
    FilteredPane,
    /// In a pane whose columns can be chosen: not in the jobs.
    ColumnsPane,
    /// In the leaks, grouped or not.
    LeaksPane,
    /// In the leaks, one by one.
    UngroupedLeaks,
    /// In the leaks, one by one: groups have one sort key.
    SortedLeaks,
    /// In any pane, or above it with a job.
    Job,
    /// Above the panes, with a plan.
    Plan,
    /// Above the panes, with a list that has a cursor: the views, the columns, the facets.
    List,
}

/// What there must be to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Nothing; or the action says itself that there is nothing.
    None,
    /// The leak under the cursor.
    Leak,
    /// The marked leaks; with none marked, those behind the cursor.
    Leaks,
    /// The job that is shown, the one under the cursor, else the newest one that it can be done with.
    Job,
}

/// The rule that may forbid an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// None.
    None,
    /// Changes at a provider or in the journal must be allowed. A refusal is audited.
    Write,
    /// The journal must be writable. A refusal is not audited: nothing was about to change.
    Journal,
    /// As [`Write`](Self::Write), but a job that runs can always be paused, and a refusal is not audited.
    JobControl,
    /// The policy must allow that passwords are shown. A refusal is audited.
    Reveal,
    /// The policy must allow that passwords are shown, and that they are copied. A refusal is audited.
    CopySecret,
}

/// Whether an action works while something lies above the panes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverlayPolicy {
    /// Not as it does in the panes. What lies above may have a use of its own for it.
    Never,
    /// It moves what lies above.
    Motion,
    /// Above everything that does not wait for an answer.
    Overlays,
    /// Above everything.
    Always,
}
