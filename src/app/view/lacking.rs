//! What the filter of the leaks leaves out for want of a value.

use super::limits;
use crate::app::model::Context;

/// How many leaks the filter leaves out only because they have no value to compare: few of all are looked at for it.
pub(super) fn count_missing_values(context: Context<'_>) -> usize {
    if context.setup.headless || context.workspace.leaks.marked_only {
        return 0;
    }
    let filter = context
        .workspace
        .leaks
        .filter
        .filter
        .with_now(context.now.wall);
    let Some((without, open)) = filter.missing_value_filters() else {
        return 0;
    };
    let (table, scope) = (&context.data.table, context.workspace.scope_groups());
    let among = table.select(&without, &scope, None, &context.workspace.marks);
    // Texts of very many are not looked at for a number.
    if among.is_empty() || filter.is_expensive() && among.len() > limits::AT_ONCE {
        return 0;
    }
    table
        .select(&open, &scope, Some(&among), &context.workspace.marks)
        .len()
}
