//! The views that there are before anybody has saved one. Once the file is there it alone counts.

use super::View;
use crate::{
    app::model::newest_first,
    filter,
    table::{SortField, SortKey},
};

/// Them; `user` is whose claims are called mine. What the filter language cannot say is left out.
pub fn at_first(user: Option<&str>) -> Vec<View> {
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

fn view(name: &str, filter: &str, sort: Vec<SortKey>) -> View {
    View {
        name: name.to_owned(),
        filter: filter.to_owned(),
        sort,
        group: None,
        columns: None,
        rest: toml::Table::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::views::check_name;

    #[test]
    fn the_first_views_have_names_and_filters_that_can_be_read() {
        let views = at_first(Some("ada"));
        assert!(views.len() >= 4, "{views:?}");
        for view in &views {
            assert_eq!(check_name(&view.name), Ok(()));
            assert!(filter::parse(&view.filter, &[]).is_ok(), "{view:?}");
        }
        let of = |user| at_first(user).iter().any(|view| view.name == "mine");
        assert!(of(Some("ada")) && !of(None) && !of(Some("a\"b")));
    }
}
