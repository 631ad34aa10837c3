//! The views that there are before anybody has saved one, and the one that is always there. Once the file is there it
//! alone counts.

use super::view::{SINCE_LEFT, View};
use crate::{
    app::{
        columns::{self, Column, VisibleColumn},
        model::{Context, Pane, newest_first},
    },
    filter,
    table::{SortField, SortKey},
};

/// Them; `user` is whose claims are called mine. What the filter language cannot say is left out.
pub fn default_views(user: Option<&str>) -> Vec<View> {
    let worst = [SortField::Risk, SortField::Seen].map(|field| SortKey {
        field,
        descending: true,
    });
    let newest = newest_first();
    let mine = user.filter(|user| !user.is_empty() && !user.contains(['"', '\\']));
    let mut views = vec![
        view("all", "", newest.clone()),
        view(
            "open and high risk",
            "status:open risk:high",
            worst.to_vec(),
        ),
        view("new in seven days", "age<7d status:open", newest.clone()),
    ];
    views.extend(mine.map(|user| view("mine", &format!("claimed:\"{user}\""), newest.clone())));
    views.push(view("fixed here", "is:local status:fixed", newest));
    views.retain(|view| filter::parse(&view.filter, &[]).is_ok());
    views
}

/// What is new since the operator left: what came back first, then what is disputed, turned up again, is new.
pub fn since_left() -> View {
    let keys = [(SortField::News, false), (SortField::Found, true)];
    let sort = keys.map(|(field, descending)| SortKey { field, descending });
    view(SINCE_LEFT, "is:news", sort.to_vec())
}

/// The columns of that view: what happened before those that are shown anyway, and when it was found behind the login.
pub(super) fn columns_of_news(context: Context<'_>) -> Vec<VisibleColumn> {
    let mut shown = columns::visible_columns(context, Pane::Leaks);
    shown.retain(|one| !matches!(one.column, Column::News | Column::Found));
    shown.insert(0, Column::News.into());
    let login = shown.iter().position(|one| one.column == Column::Login);
    shown.insert(login.map_or(1, |at| at + 1), Column::Found.into());
    shown
}

fn view(name: &str, filter: &str, sort: Vec<SortKey>) -> View {
    View {
        name: name.to_owned(),
        filter: filter.to_owned(),
        sort,
        group: None,
        columns: None,
        unknown: toml::Table::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::views::check_name;

    #[test]
    fn the_first_views_have_names_and_filters_that_can_be_read() {
        let views = default_views(Some("ada"));
        assert!(views.len() >= 4, "{views:?}");
        for view in &views {
            assert_eq!(check_name(&view.name), Ok(()));
            assert!(filter::parse(&view.filter, &[]).is_ok(), "{view:?}");
        }
        let of = |user| default_views(user).iter().any(|view| view.name == "mine");
        assert!(of(Some("ada")) && !of(None) && !of(Some("a\"b")));
    }
}
